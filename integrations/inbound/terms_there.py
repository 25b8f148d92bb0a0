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
    companies_before,
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
    wanted = _wanted(connection)
    ours = _ours(connection, set(wanted.values()))
    customers = Customer.objects.in_bulk(list(wanted))
    for customer_id, term_id in wanted.items():
        term = ours.get(term_id)
        if term is not None and customers[customer_id].terms_id != term.pk:
            apply.take_terms(connection, customers[customer_id], term)


def _wanted(connection: Connection) -> dict[UUID, str]:
    """The id of their terms for each customer of ours whose terms this company decides.

    Taken from each company, they would be others with every look.
    """
    decided = {customer for one in companies_before(connection) for customer, _ in _bearing(one)}
    return {
        customer: term_id for customer, term_id in _bearing(connection) if customer not in decided
    }


def _bearing(connection: Connection) -> Iterator[tuple[UUID, str]]:
    """The linked customers of ours that bear terms there, with their id."""
    links = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    linked = dict(links.values_list("remote_id", "local_id"))
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    bearing = entries.filter(detail__has_key="term", remote_id__in=list(linked))
    for remote_id, term_id in bearing.values_list("remote_id", "detail__term"):
        yield linked[remote_id], term_id


def _ours(connection: Connection, remote_ids: set[str]) -> dict[str, Term]:
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.TERM)
    known, named, led = _mapped(connection), _unmapped(connection), _led(connection)
    found = {}
    # Of two of one name the one in use has ours.
    for entry in entries.filter(remote_id__in=remote_ids).order_by("-active", "pk"):
        with contained(entry):
            rule = _rule(entry)
            alike = known.get(entry.remote_id, []) + named.get(entry.name_key, [])
            term = next((one for one in alike if one.pk not in led or _has(one, rule)), None)
            name = term.name if term else free_name(Term, entry, longest=LONGEST_NAME)
            found[entry.remote_id] = apply.follow_terms(term, name, rule)
            named.pop(name_key(name), None)
            _map(connection, found[entry.remote_id], entry)
    return found


def _led(connection: Connection) -> set[UUID]:
    """Those whose rule another company decides, as they stand for terms of its own."""
    rows = Mapping.objects.filter(
        connection__in=companies_before(connection), subject=MappingSubject.TERM
    )
    return {UUID(key) for key in rows.values_list("local_key", flat=True)}


def _has(term: Term, rule: apply.TermRule) -> bool:
    return all(getattr(term, name) == said for name, said in rule.items())


def _choices(connection: Connection) -> QuerySet[Mapping]:
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.TERM)
    return rows.order_by("-pk")


def _mapped(connection: Connection) -> dict[str, list[Term]]:
    terms = {str(term.pk): term for term in Term.objects.all()}
    found: dict[str, list[Term]] = {}
    for remote_id, key in _choices(connection).values_list("remote_id", "local_key"):
        if key in terms:
            found.setdefault(remote_id, []).append(terms[key])
    return found


def _unmapped(connection: Connection) -> dict[str, list[Term]]:
    """By its name each that stands for none of theirs: no two of theirs share one here, as each has its own rule."""
    keys = [UUID(key) for key in _choices(connection).values_list("local_key", flat=True)]
    return {name_key(term.name): [term] for term in Term.objects.exclude(pk__in=keys)}


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
