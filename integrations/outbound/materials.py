"""What the documents of several jobs are built from, read together: a few queries for a whole round.

Runs inside ``within()``; what it brings can be used after it, because nothing of it asks the database again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from billing.models import (
    Allocation,
    CreditMemo,
    CreditMemoLine,
    CreditUse,
    Customer,
    Invoice,
    InvoiceLine,
    LedgerAccount,
    Payment,
    Refund,
    Service,
    Status,
)
from integrations.documents import Application, Kind, PaymentDocument
from integrations.job_states import JobState
from integrations.models import (
    Connection,
    Discrepancy,
    Intent,
    IntentState,
    Link,
    SyncJob,
    policies_in_force,
)
from integrations.outbound import customer_match, due, number_taken, pay_now
from integrations.outbound.beyond import shares
from integrations.outbound.coming_first import coming_first, credited_by, paid_back_by
from integrations.outbound.entered_again import Lost
from integrations.outbound.mirror import Mirror
from integrations.outbound.paid_from_above import payers
from integrations.outbound.pay_now import Ways
from integrations.outbound.prerequisites import Missing, Need
from integrations.outbound.recognise import plain_words
from integrations.outbound.settled import (
    NO_ROOM,
    Local,
    settled_by,
    settled_elsewhere,
    to_come_after,
    without_room,
)
from integrations.policies import IncomeAccountUse, Policies

Owned = Invoice | CreditMemo | Payment | Refund


@dataclass(frozen=True, slots=True)
class Materials:
    """The rows behind some jobs of one connection, by their ids.

    ``coming_first`` is what has to arrive before a credit memo or refund, ``links`` holds those of the documents
    themselves and of all they refer to, ``questions`` what a person has to
    answer about a customer first, ``ways`` how invoices may be paid online, ``holders`` the payments that still settle
    a voided invoice over there, more of a lowered one than here, or use a voided credit memo, ``unfinished`` the
    invoices to be e-mailed that are not there yet as they stand here, ``elsewhere`` the company that a payment, what it
    touches, or the invoice of a credit memo, is in when that is another one than this, ``without_room`` how much of a
    payment's part has no room there, or is not to look for it before others have it,
    ``payers`` who paid over there, see `paid_from_above`,
    ``settled_elsewhere`` what it puts on invoices that are only there, see `settled`, ``ours_by_answer`` the parts of
    an invoice that go as ours are, as somebody has decided, ``number_asked`` the invoices that wait for an answer about
    one of theirs with their number, ``paid_there_unread`` those that were linked to one which was there before, where
    what was paid on it is yet to be read, ``asked_if_same`` the payments that may be one of theirs, ``lost`` what a
    restore has forgotten here, see `entered_again`.
    """

    connection: Connection
    policies: Policies
    mirror: Mirror
    ways: Ways
    customers: dict[UUID, Customer]
    services: dict[UUID, Service]
    accounts: dict[UUID, LedgerAccount]
    invoices: dict[UUID, Invoice]
    credit_memos: dict[UUID, CreditMemo]
    payments: dict[UUID, Payment]
    refunds: dict[UUID, Refund]
    links: dict[Local, Link]
    open_intents: dict[UUID, Intent]
    questions: dict[UUID, list[Missing]]
    holders: dict[UUID, list[UUID]]
    unfinished: set[UUID]
    elsewhere: dict[Local, str]
    coming_first: dict[UUID, list[Missing]]
    without_room: dict[tuple[UUID, Local], int]
    payers: dict[UUID, str]
    settled_elsewhere: dict[UUID, tuple[Application, ...]]
    ours_by_answer: dict[UUID, list[str]]
    number_asked: set[UUID]
    paid_there_unread: set[UUID]
    asked_if_same: set[UUID]
    lost: Lost
    default_account: LedgerAccount | None = None

    def remote_id(self, kind: Kind, local_id: UUID) -> str:
        """The other side's id of our document, or "" while it has none there."""
        link = self.links.get((kind, local_id))
        return link.remote_id if link else ""

    def born_at(self, kind: Kind, local_id: UUID) -> datetime | None:
        """Since when our document exists; None while its row is not here."""
        rows: dict[Kind, Mapping[UUID, Customer | Invoice | CreditMemo | Payment | Refund]] = {
            Kind.CUSTOMER: self.customers,
            Kind.INVOICE: self.invoices,
            Kind.CREDIT_MEMO: self.credit_memos,
            Kind.PAYMENT: self.payments,
            Kind.EXPENSE: self.refunds,
            Kind.REFUND_RECEIPT: self.refunds,
        }
        if kind is Kind.MAIL:
            invoice = self.invoices.get(local_id)
            return invoice.email_asked_at if invoice else None
        row = rows.get(kind, {}).get(local_id)
        return row.created_at if row else None


def gather(connection: Connection, jobs: Sequence[SyncJob]) -> Materials:
    """Everything that composing these jobs' documents needs."""
    customers = _customers(_of_kind(jobs, Kind.CUSTOMER))
    mailed = _of_kind(jobs, Kind.MAIL)
    invoices = _invoices([*_of_kind(jobs, Kind.INVOICE), *mailed])
    credit_memos = _credit_memos(_of_kind(jobs, Kind.CREDIT_MEMO))
    payments = _payments(_of_kind(jobs, Kind.PAYMENT))
    refunds = _refunds(_of_kind(jobs, Kind.EXPENSE, Kind.REFUND_RECEIPT))
    owners: list[Owned] = [
        *refunds.values(),
        *(one.payment for one in refunds.values()),
        *invoices.values(),
        *credit_memos.values(),
        *payments.values(),
    ]
    paid = [*payments.values(), *(one.payment for one in refunds.values())]
    credited = credited_by(credit_memos.values())
    wanted = _locals(jobs, owners, paid) | credited | paid_back_by(refunds.values())
    wanted |= {(Kind.CUSTOMER, one.parent_id) for one in customers.values() if one.parent_id}
    settled = {local for one in paid for local in settled_by(one)}
    links = _links(connection, wanted)
    kept = settled_elsewhere(connection, payments.values(), links)
    policies = policies_in_force()
    elsewhere = {
        **_elsewhere(connection, (settled | credited) - links.keys()),
        **_booked_elsewhere(connection, paid, links),
    }
    return Materials(
        connection=connection,
        policies=policies,
        mirror=Mirror.of(connection),
        ways=pay_now.ways(connection),
        customers=customers,
        services=Service.objects.in_bulk(_of_kind(jobs, Kind.ITEM)),
        # An item may be made for a ledger account, too.
        accounts=LedgerAccount.objects.in_bulk(_of_kind(jobs, Kind.ACCOUNT, Kind.ITEM)),
        invoices=invoices,
        credit_memos=credit_memos,
        payments=payments,
        refunds=refunds,
        links=links,
        open_intents=_open_intents(jobs),
        questions={
            one.id: customer_match.open_questions(connection, one, policies)
            for one in customers.values()
            if (Kind.CUSTOMER, one.id) not in links
        },
        holders={
            **_holders(connection, _voided(invoices.values(), credit_memos.values()), links),
            **_letting_go(connection, _lowered(invoices.values(), links)),
        },
        default_account=_default_account(policies) if invoices or credit_memos or refunds else None,
        unfinished=_unfinished(connection, mailed),
        elsewhere=elsewhere,
        coming_first=coming_first(
            connection, policies, credit_memos.values(), refunds.values(), links, elsewhere
        ),
        without_room={
            **without_room(payments.values(), links),
            **to_come_after(_crowded(jobs, payments), links, kept),
        },
        payers=payers(connection, payments.values(), links),
        settled_elsewhere=kept,
        ours_by_answer={
            job.local_id: job.ours_by_answer for job in jobs if job.kind == Kind.INVOICE
        },
        number_asked=_number_asked(connection, invoices, links),
        paid_there_unread=_paid_there_unread(connection, payments.values(), links),
        asked_if_same=_asked_if_same(connection, payments.values(), links),
        lost=Lost.among(
            connection, (one for one in jobs if (Kind(one.kind), one.local_id) not in links)
        ),
    )


def _crowded(jobs: Iterable[SyncJob], payments: Mapping[UUID, Payment]) -> list[Payment]:
    """The payments that found no room when they went last, and go again by themselves.

    Credit alone is left out: nothing would be left of a payment that lets all of it go.
    """
    refused = [job.local_id for job in jobs if job.reason_code in NO_ROOM]
    found = [payments[one] for one in refused if one in payments]
    return [payment for payment in found if not payment.is_credit_only]


def _paid_there_unread(
    connection: Connection, payments: Iterable[Payment], links: Mapping[Local, Link]
) -> set[UUID]:
    """While the look that was asked for as they were linked has not passed."""
    new = [one for one in payments if (Kind.PAYMENT, one.pk) not in links]
    paid = {part.invoice_id for one in new for part in one.allocations.all()}
    there = [links[Kind.INVOICE, one] for one in paid if (Kind.INVOICE, one) in links]
    if not there or not due.is_look_asked(connection.pk):
        return set()
    pairs = [(one.remote_id, one.local_id) for one in there]
    return {one for _, one in number_taken.linked_late(connection, pairs)}


def _asked_if_same(
    connection: Connection, payments: Iterable[Payment], links: Mapping[Local, Link]
) -> set[UUID]:
    """While staff are asked about one of theirs of that reference, on any of the same invoices."""
    new = [one for one in payments if (Kind.PAYMENT, one.pk) not in links]
    asked = Discrepancy.objects.filter(connection=connection, closed_at=None)
    rows = asked.filter(reason_code=Need.SAME_PAYMENT) if new else ()
    about = {
        (plain_words(theirs.reference), part.invoice)
        for theirs in (row.held().document for row in rows)
        if isinstance(theirs, PaymentDocument)
        for part in theirs.applications
    }
    return {
        one.pk
        for one in new
        for part in one.allocations.all()
        if (link := links.get((Kind.INVOICE, part.invoice_id)))
        and (plain_words(one.reference), link.remote_id) in about
    }


def _number_asked(
    connection: Connection, invoices: Iterable[UUID], links: Mapping[Local, Link]
) -> set[UUID]:
    new = [one for one in invoices if (Kind.INVOICE, one) not in links]
    return number_taken.held_for_answer(connection, new) if new else set()


def _default_account(policies: Policies) -> LedgerAccount | None:
    """That of lines without a service, where the sync rules book by ledger accounts."""
    if policies.income_account_use is IncomeAccountUse.REFERENCE:
        return None
    return LedgerAccount.objects.filter(is_default=True).first()


def _of_kind(jobs: Iterable[SyncJob], *kinds: Kind) -> list[UUID]:
    return [job.local_id for job in jobs if job.kind in kinds]


def _customers(ids: list[UUID]) -> dict[UUID, Customer]:
    return Customer.objects.select_related("parent").in_bulk(ids) if ids else {}


def _invoices(ids: list[UUID]) -> dict[UUID, Invoice]:
    if not ids:
        return {}
    rows = Invoice.objects.select_related("customer", "tax_region", "terms", "location")
    lines = Prefetch(
        "lines", InvoiceLine.objects.select_related("service__ledger_account").order_by("position")
    )
    return rows.prefetch_related(lines).in_bulk(ids)


def _credit_memos(ids: list[UUID]) -> dict[UUID, CreditMemo]:
    if not ids:
        return {}
    rows = CreditMemo.objects.select_related("customer", "tax_region", "invoice__location")
    lines = CreditMemoLine.objects.select_related("service__ledger_account", "credit_memo")
    refunds = Refund.objects.filter(voided_at=None).select_related("payment")
    return rows.prefetch_related(
        Prefetch("lines", lines.order_by("position")), Prefetch("refunds", refunds)
    ).in_bulk(ids)


def _refunds(ids: list[UUID]) -> dict[UUID, Refund]:
    if not ids:
        return {}
    rows = Refund.objects.select_related("payment", "customer")
    touched = ("payment__allocations__invoice__location", "payment__credit_uses")
    return rows.prefetch_related(*touched).in_bulk(ids)


def _payments(ids: list[UUID]) -> dict[UUID, Payment]:
    if not ids:
        return {}
    parts = Allocation.objects.select_related("invoice").order_by("invoice__number")
    used = CreditUse.objects.select_related("credit_memo").order_by("credit_memo__number")
    rows = Payment.objects.select_related("customer")
    return rows.prefetch_related(
        Prefetch("allocations", parts), Prefetch("credit_uses", used)
    ).in_bulk(ids)


def _locals(
    jobs: Iterable[SyncJob],
    owners: Iterable[Owned],
    payments: Iterable[Payment],
) -> set[Local]:
    customers = {one.customer_id for one in owners}
    return {
        *((Kind(job.kind), job.local_id) for job in jobs),
        *((Kind.INVOICE, job.local_id) for job in jobs if job.kind == Kind.MAIL),
        *((Kind.CUSTOMER, one) for one in customers),
        *(local for one in payments for local in settled_by(one)),
    }


def _elsewhere(connection: Connection, missing: set[Local]) -> dict[Local, str]:
    """Which other company holds what is not in this one, or is owed it while this one is not."""
    if not missing:
        return {}
    about = {"kind__in": {kind for kind, _ in missing}, "local_id__in": {one for _, one in missing}}
    owed = SyncJob.objects.filter(**about)
    here = {(Kind(kind), one) for kind, one in _of(connection, owed)}
    found: dict[Local, str] = {}
    for rows in (owed, Link.objects.filter(**about)):
        for row in rows.exclude(connection=connection).select_related("connection"):
            found[Kind(row.kind), row.local_id] = str(row.connection)
    return {local: name for local, name in found.items() if local in missing - here}


def _booked_elsewhere(
    connection: Connection, payments: Iterable[Payment], links: dict[Local, Link]
) -> dict[Local, str]:
    """Which other company has a payment that this one has not, or may be about to book it."""
    unknown = [
        one.pk for one in payments if not one.is_void and (Kind.PAYMENT, one.pk) not in links
    ]
    if not unknown:
        return {}
    about = {"kind": Kind.PAYMENT, "local_id__in": unknown}
    booked = Link.objects.filter(**about).exclude(ours__voided=True)
    on_its_way = Intent.objects.filter(**about, state=IntentState.OPEN)
    theirs, to_be_theirs = (
        rows.exclude(connection=connection).values_list("local_id", "connection")
        for rows in (booked, on_its_way)
    )
    found = dict(theirs.union(to_be_theirs))
    names = Connection.objects.in_bulk(found.values()) if found else {}
    return {(Kind.PAYMENT, payment): str(names[one]) for payment, one in found.items()}


def _of(connection: Connection, owed: QuerySet[SyncJob]) -> list[tuple[str, UUID]]:
    return list(owed.filter(connection=connection).values_list("kind", "local_id"))


def _links(connection: Connection, wanted: set[Local]) -> dict[Local, Link]:
    rows = Link.objects.filter(
        connection=connection,
        kind__in={kind for kind, _ in wanted},
        local_id__in={local_id for _, local_id in wanted},
    )
    return {(Kind(row.kind), row.local_id): row for row in rows}


def _open_intents(jobs: Iterable[SyncJob]) -> dict[UUID, Intent]:
    rows = Intent.objects.filter(job__in=[job.id for job in jobs], state=IntentState.OPEN)
    return {row.job_id: row for row in rows}


def _unfinished(connection: Connection, invoices: list[UUID]) -> set[UUID]:
    if not invoices:
        return set()
    rows = SyncJob.objects.filter(connection=connection, kind=Kind.INVOICE, local_id__in=invoices)
    return set(rows.exclude(state=JobState.SYNCED).values_list("local_id", flat=True))


def _voided(
    invoices: Iterable[Invoice], credit_memos: Iterable[CreditMemo]
) -> Iterator[tuple[Kind, UUID]]:
    yield from ((Kind.INVOICE, one.id) for one in invoices if one.standing is Status.VOID)
    yield from ((Kind.CREDIT_MEMO, one.id) for one in credit_memos if one.is_void)


def _holders(
    connection: Connection, voided: Iterable[Local], links: dict[Local, Link]
) -> dict[UUID, list[UUID]]:
    """Payments of what is void whose own change has not arrived: the void would change them under our hands."""
    there = {local: links[local].remote_id for local in voided if local in links}
    return {
        local_id: [link.local_id for link in _holding(connection, kind, remote)]
        for (kind, local_id), remote in there.items()
    }


def _lowered(invoices: Iterable[Invoice], links: dict[Local, Link]) -> Iterator[Link]:
    """The links of the invoices that come to less here than when both sides agreed."""
    for invoice in invoices:
        link = links.get((Kind.INVOICE, invoice.pk))
        if link is None or link.their_total_minor is None or invoice.standing is Status.VOID:
            continue
        if invoice.total.minor < link.their_total_minor - link.variance_minor:
            yield link


def _letting_go(connection: Connection, lowered: Iterable[Link]) -> dict[UUID, list[UUID]]:
    """Payments that settle more of these there than here, as their own change has not arrived: an invoice cannot come
    to less than is paid on it.
    """
    found = {}
    for invoice in lowered:
        remote = (Kind.INVOICE, invoice.remote_id)
        there = {
            link.local_id: shares(link.our_document())[remote]
            for link in _holding(connection, *remote)
        }
        parts = Allocation.objects.filter(invoice=invoice.local_id, payment__in=there)
        here = dict(parts.values_list("payment", "amount_minor"))
        found[invoice.local_id] = [
            one for one, amount in there.items() if amount > here.get(one, 0)
        ]
    return found


# Where a payment's half of a link names what it settles or uses.
_NAMED_IN = {
    Kind.INVOICE: ("applications", "invoice"),
    Kind.CREDIT_MEMO: ("credits", "credit_memo"),
}


def _holding(connection: Connection, kind: Kind, remote_id: str) -> QuerySet[Link]:
    parts, name = _NAMED_IN[kind]
    unsettled = SyncJob.objects.filter(connection=connection, kind=Kind.PAYMENT)
    return Link.objects.filter(
        connection=connection,
        kind=Kind.PAYMENT,
        local_id__in=unsettled.exclude(state=JobState.SYNCED).values("local_id"),
        **{f"ours__{parts}__contains": [{name: remote_id}]},
    )
