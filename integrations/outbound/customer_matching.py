"""All customers that are not linked yet beside all that are not taken there, compared at once.

Two queries and a table in memory, so that a page over thousands answers at once. What it proposes is looked at once
more, one by one, when it is linked. Runs inside ``within()``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from rapidfuzz import fuzz, process

from billing.models import Customer
from integrations.documents import Kind, ListKind
from integrations.models import Connection, Link, Mapping, MappingSubject, MirrorEntry
from integrations.outbound.customer_match import keys_of, mark_of_pair
from integrations.policies import DisplayName, MatchKey

# Names that differ in a word such as Inc, or in spelling, stay above; other companies mostly below.
CLOSE_ENOUGH = 82
_THEIRS = ("remote_id", "name", "name_key", "email_key", "phone_key")
# Staff have said something about these, so nothing is proposed as certain.
_ASKED = (
    MappingSubject.OWN_CUSTOMER,
    MappingSubject.LOST_CUSTOMER,
    MappingSubject.UNLINKED_CUSTOMER,
)


@dataclass(frozen=True, slots=True)
class Theirs:
    """An active customer there that nobody here is linked to."""

    remote_id: str
    name: str
    name_key: str
    email_key: str
    phone_key: str

    def key(self, key: str) -> str:
        """What it is compared by."""
        columns = {
            MatchKey.EMAIL: self.email_key,
            MatchKey.NAME: self.name_key,
            MatchKey.PHONE: self.phone_key,
            MatchKey.ID: self.remote_id,
        }
        return columns[MatchKey(key)]


@dataclass(frozen=True, slots=True)
class Pair:
    """A customer of ours and the one there that it is, or may be; None when nobody is alike."""

    customer: Customer
    theirs: Theirs | None

    @property
    def mark(self) -> str:
        """Of the two as they are shown beside each other."""
        one = self.theirs
        if one is None:
            return ""
        return mark_of_pair(
            self.customer, remote_id=one.remote_id, name=one.name, email=one.email_key
        )


def unlinked(connection: Connection) -> QuerySet[Customer]:
    """The customers in use that are linked to nobody there, by name."""
    linked = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER).values("local_id")
    found = Customer.objects.filter(archived_at=None).exclude(pk__in=linked)
    return found.order_by("name", "pk")


def exact(connection: Connection, keys: Iterable[str], rule: DisplayName) -> list[Pair]:
    """Those that one and only one there equals in the first of these keys that finds anybody."""
    ours = list(unlinked(connection))
    return list(_Table(connection, rule).certain(ours, list(keys)))


def close(connection: Connection, customers: Iterable[Customer], rule: DisplayName) -> list[Pair]:
    """Each of these with the one there that it is most like."""
    table = _Table(connection, rule)
    return [Pair(customer, table.nearest(customer)) for customer in customers]


class _Table:
    """What is free there."""

    def __init__(self, connection: Connection, rule: DisplayName) -> None:
        self.rule = rule
        taken = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER)
        rows = MirrorEntry.objects.filter(
            connection=connection, kind=ListKind.CUSTOMER, active=True
        )
        asked = Mapping.objects.filter(connection=connection, subject__in=_ASKED)
        self.taken = set(taken.values_list("remote_id", flat=True))
        self.asked = set(asked.values_list("local_key", flat=True))
        self.all = [Theirs(*row) for row in rows.values_list(*_THEIRS)]
        self.free = [one for one in self.all if one.remote_id not in self.taken]

    def certain(self, ours: list[Customer], keys: list[str]) -> Iterator[Pair]:
        by_key = {key: self._by(key) for key in keys}
        rivals = Counter(pair for one in ours for pair in keys_of(one, self.rule).items())
        for customer in ours:
            mine = keys_of(customer, self.rule)
            if str(customer.pk) in self.asked:
                continue
            same = next(
                (
                    (key, found)
                    for key in keys
                    if key in mine and (found := by_key[key].get(mine[key]))
                ),
                None,
            )
            if same is None or rivals[same[0], mine[same[0]]] > 1 or len(same[1]) > 1:
                continue
            if same[1][0].remote_id not in self.taken:
                yield Pair(customer, same[1][0])

    def nearest(self, customer: Customer) -> Theirs | None:
        name = keys_of(customer, self.rule).get(MatchKey.NAME, "")
        best = process.extractOne(
            name, self._names, scorer=fuzz.token_sort_ratio, score_cutoff=CLOSE_ENOUGH
        )
        return self.free[best[2]] if best else None

    @cached_property
    def _names(self) -> list[str]:
        return [one.name_key for one in self.free]

    def _by(self, key: str) -> dict[str, list[Theirs]]:
        found: dict[str, list[Theirs]] = defaultdict(list)
        for one in self.all:
            if value := one.key(key):
                found[value].append(one)
        return found
