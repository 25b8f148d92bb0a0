"""Payment terms of customers follow QuickBooks where the sync rules say so (X-56). Runs inside ``within()``.

Read from the mirror of the company's lists, so it costs no call.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet

from billing.models import Customer, Term
from integrations.documents import Kind, ListKind
from integrations.inbound import apply, one_at_a_time
from integrations.inbound.free_names import free_name
from integrations.inbound.one_by_one import contained
from integrations.models import (
    Connection,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound.mirror import name_key
from integrations.policies import CustomerTerms

BY_DAY_OF_MONTH = "DATE_DRIVEN"
# Characters that the name of terms has at most.
LONGEST_NAME = 31


def follow(connection: Connection) -> None:
    """Customers that bear terms there have the same here, by the same rule; terms that are missing here are made."""
    rule = policies_in_force().customer_terms
    if rule is not CustomerTerms.QUICKBOOKS or not one_at_a_time.is_mine(connection):
        return
    wanted = dict(_wanted(connection))
    ours = _ours(connection, set(wanted.values()))
    customers = Customer.objects.in_bulk(list(wanted))
    for customer_id, term_id in wanted.items():
        term = ours.get(term_id)
        if term is not None and customers[customer_id].terms_id != term.pk:
            apply.take_terms(connection, customers[customer_id], term)


def _wanted(connection: Connection) -> Iterator[tuple[UUID, str]]:
    """The id of their terms for each linked customer of ours that bears some there."""
    links = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    linked = dict(links.values_list("remote_id", "local_id"))
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    bearing = entries.filter(detail__has_key="term", remote_id__in=list(linked))
    for remote_id, term_id in bearing.values_list("remote_id", "detail__term"):
        yield linked[remote_id], term_id


def _ours(connection: Connection, remote_ids: set[str]) -> dict[str, Term]:
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.TERM)
    known, named = _mapped(connection), _unmapped(connection)
    found = {}
    # Of two of one name the one in use has ours.
    for entry in entries.filter(remote_id__in=remote_ids).order_by("-active", "pk"):
        with contained(entry):
            term = known.get(entry.remote_id) or named.pop(entry.name_key, None)
            name = term.name if term else free_name(Term, entry, longest=LONGEST_NAME)
            found[entry.remote_id] = apply.follow_terms(term, name, _rule(entry))
            if entry.remote_id not in known:
                _map(connection, found[entry.remote_id], entry)
    return found


def _choices(connection: Connection) -> QuerySet[Mapping]:
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.TERM)
    return rows.order_by("pk")


def _mapped(connection: Connection) -> dict[str, Term]:
    keys = dict(_choices(connection).values_list("remote_id", "local_key"))
    terms = {str(term.pk): term for term in Term.objects.all()}
    return {remote_id: terms[key] for remote_id, key in keys.items() if key in terms}


def _unmapped(connection: Connection) -> dict[str, Term]:
    """By their names those that stand for none of theirs: no two of theirs share one here, as each has its own rule."""
    keys = [UUID(key) for key in _choices(connection).values_list("local_key", flat=True)]
    return {name_key(term.name): term for term in Term.objects.exclude(pk__in=keys)}


def _map(connection: Connection, term: Term, entry: MirrorEntry) -> None:
    """So that invoices bear them there, also once they are called otherwise. What was chosen stays."""
    Mapping.objects.get_or_create(
        connection=connection,
        subject=MappingSubject.TERM,
        local_key=str(term.pk),
        defaults={"remote_id": entry.remote_id, "remote_name": entry.name},
    )


def _rule(entry: MirrorEntry) -> apply.TermRule:
    detail = entry.detail
    if detail.get("type") == BY_DAY_OF_MONTH:
        return apply.TermRule(
            due_days=0,
            day_of_month=int(detail.get("day_of_month_due", 0)),
            next_month_days=int(detail.get("due_next_month_days", 0)),
        )
    return apply.TermRule(
        due_days=int(detail.get("due_days", 0)), day_of_month=None, next_month_days=0
    )
