from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import IllegalStep
from billing.money import Money
from billing.rules.lifecycle import (
    LABELS,
    STEPS,
    Status,
    Step,
    refusal,
    require,
    require_voidable,
    standing,
)

ALLOWED = {
    Step.EDIT_LINES: {"DRAFT", "SENT"},  # once something is applied, what was agreed on stays
    Step.EDIT_DATES: {"DRAFT", "SENT", "PARTIAL"},
    Step.EDIT_NOTES: {"DRAFT", "SENT", "PARTIAL", "PAID"},
    Step.RENUMBER: {"DRAFT", "SENT", "PARTIAL", "PAID"},
    Step.SEND: {"DRAFT"},
    Step.EMAIL: {"DRAFT", "SENT", "PARTIAL", "PAID"},  # who has paid gets a receipt
    Step.PAY: {"DRAFT", "SENT", "PARTIAL"},  # a payment finalises a draft
    Step.VOID: {"DRAFT", "SENT"},
    Step.CREDIT: {"PAID", "VOID"},
    Step.TAKE_TAX: {Status.DRAFT, Status.SENT, Status.PARTIAL, Status.PAID},
}
EVERY_PAIR = list(product(Step, Status))


@pytest.mark.parametrize(("step", "status"), EVERY_PAIR)
def test_each_step_is_allowed_or_refused_with_a_sentence(step: Step, status: Status) -> None:
    sentence = refusal(step, status, number="INV-1042")
    assert (sentence is None) == (status in ALLOWED[step])
    if sentence:
        assert sentence.startswith("INV-1042 ")
        assert sentence.endswith(".")
        with pytest.raises(IllegalStep, match="INV-1042"):
            require(step, status, number="INV-1042")


def test_the_table_is_complete_and_every_status_has_a_word() -> None:
    assert set(STEPS) == set(EVERY_PAIR)
    assert set(LABELS) == set(Status)


@pytest.mark.parametrize(
    ("applied", "status"),
    [(0, Status.SENT), (1, Status.PARTIAL), (9999, Status.PARTIAL), (10000, Status.PAID)],
)
def test_standing_follows_from_what_is_applied(applied: int, status: Status) -> None:
    assert standing(total=Money(10000, "USD"), applied=Money(applied, "USD")) is status


def test_an_invoice_worth_nothing_is_paid_once_sent_and_may_be_voided() -> None:
    nothing = Money.zero("USD")
    assert standing(total=nothing, applied=nothing) is Status.PAID
    require_voidable(Status.PAID, applied=nothing, number="INV-1")


@pytest.mark.parametrize("status", [Status.PARTIAL, Status.PAID])
def test_an_invoice_with_payments_is_not_voided(status: Status) -> None:
    with pytest.raises(IllegalStep, match="payments applied"):
        require_voidable(status, applied=Money(1, "USD"), number="INV-1")


@given(st.integers(1, 10**9), st.data())
def test_only_a_settled_invoice_is_paid(total: int, data: st.DataObject) -> None:
    applied = data.draw(st.integers(0, total))
    status = standing(total=Money(total, "USD"), applied=Money(applied, "USD"))
    assert (status is Status.PAID) == (applied == total)
