"""Three versions of an invoice, part by part: no change of one side is lost without an owner or a question."""

from itertools import combinations, product

import pytest

from integrations.inbound import apply
from integrations.inbound.by_field import Merge, merge, owner_of, parts_in
from integrations.policies import OWNED, FieldOwner, Policies

SETS = [frozenset(some) for size in range(4) for some in combinations(sorted(OWNED), size)]
# Each part has each owner in one of these.
OWNERS = [
    {part: list(FieldOwner)[(place + turn) % 3] for place, part in enumerate(OWNED)}
    for turn in range(3)
]


@pytest.mark.parametrize(("owner", "both"), list(product(FieldOwner, [False, True])))
def test_one_part(owner: FieldOwner, both: bool) -> None:
    expected = {
        FieldOwner.OURS: Merge(send=frozenset({"notes_owner"})),
        FieldOwner.THEIRS: Merge(take=frozenset({"notes_owner"})),
        FieldOwner.ASK: Merge(ask=frozenset({"notes_owner"}))
        if both
        else Merge(take=frozenset({"notes_owner"})),
    }
    here = ["notes_owner"] if both else []
    assert merge(here=here, there=["notes_owner"], owner_of=lambda _: owner) == expected[owner]


def test_each_change_there_has_exactly_one_answer_and_only_conflicts_are_asked() -> None:
    for here, there, owners in product(SETS, SETS, OWNERS):
        found = merge(here=here, there=there, owner_of=owners.__getitem__)
        answers = [found.take, found.send, found.ask]
        assert frozenset().union(*answers) == there
        assert sum(map(len, answers)) == len(there)
        assert found.ask <= here & there


def test_changes_of_different_parts_go_together_whoever_is_asked_first() -> None:
    for one, other in product(SETS, SETS):
        if not one & other:
            for here, there in ((one, other), (other, one)):
                found = merge(here=here, there=there, owner_of=lambda _: FieldOwner.ASK)
                assert found == Merge(take=there)


def test_tax_belongs_to_the_lines() -> None:
    assert parts_in({"tax", "due_on", "term"}) == {"lines_owner", "due_date_owner"}


@pytest.mark.parametrize("name", sorted(apply.OURS))
def test_whatever_is_followed_here_belongs_to_a_part(name: str) -> None:
    assert len(parts_in({name})) == 1


@pytest.mark.parametrize("name", ["lines", "tax", "location", "exchange_rate"])
def test_what_they_alone_can_change_of_an_invoice_made_there_is_theirs(name: str) -> None:
    policies = Policies(lines_owner=FieldOwner.OURS)
    (part,) = parts_in({name})
    assert owner_of(part, policies, made_by_us=False) is FieldOwner.THEIRS
    assert owner_of(part, policies, made_by_us=True) is not FieldOwner.THEIRS
