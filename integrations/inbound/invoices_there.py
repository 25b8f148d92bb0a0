"""Invoices that were made over there and are new here, brought in with their customers. Runs inside ``within()``.

Row and link are made in one transaction, so that none of them ever goes back as a new one.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from billing.models import Invoice, Status
from integrations.documents import Held, InvoiceDocument, Kind, ListKind
from integrations.inbound import apply, customers_there, drift
from integrations.inbound.marks import Marks
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    Intent,
    Link,
    MirrorEntry,
    SyncJob,
)
from integrations.outbound import number_taken
from regentra import clock

# What keeps an invoice from being brought in.
REASONS = (drift.CUSTOMER_OPEN, drift.CANNOT_BRING_IN, drift.CANNOT_APPLY)


def are_new(connection: Connection, documents: Sequence[Held], marks: Marks) -> list[Held]:
    """Those that bear no mark of this organization and are linked to nothing here."""
    invoices = [one for one in documents if isinstance(one.document, InvoiceDocument)]
    known = Link.objects.filter(
        connection=connection, kind=Kind.INVOICE, remote_id__in=[one.id for one in invoices]
    )
    linked = set(known.values_list("remote_id", flat=True))
    unlinked = [one for one in invoices if one.id not in linked]
    marked = {one.marker for one in unlinked if one.marker}
    written = Intent.objects.filter(connection=connection, kind=Kind.INVOICE, marker__in=marked)
    ours = set(written.values_list("marker", flat=True))
    return [
        one
        for one in unlinked
        if not one.marker or (one.marker not in ours and marks.is_foreign(one))
    ]


def is_wanted(connection: Connection, held: Held) -> bool:
    """Whether this one was to come in before, and waits for an answer or for another try."""
    asked = Discrepancy.objects.filter(connection=connection, kind=held.kind, remote_id=held.id)
    open_still = Q(reason_code__in=REASONS, closed_at=None)
    return asked.filter(open_still | Q(keeps_out=True)).exists()


def bring_in(connection: Connection, documents: Sequence[Held]) -> int:
    """How many came in; each of the others is a question."""
    customers = customers_there.ours(connection, {_document(one).customer for one in documents})
    alike = _alike(connection, documents, customers)
    services = apply.services_for_items(connection)
    ready: list[apply.Ready] = []
    for held in documents:
        customer = customers.get(_document(held).customer)
        if customer is None:
            _ask_who(connection, held)
            continue
        if held.id in alike:
            number_taken.keep_out(connection, alike[held.id], held)
            continue
        try:
            ready.append(apply.prepared_invoice(connection, held, customer, services))
        except apply.CannotApply as refusal:
            _ask(
                connection,
                held,
                drift.CANNOT_BRING_IN,
                f"It cannot stand in the books here. {refusal}",
            )
    apply.take_over_invoices(connection, ready)
    _bring_back(connection, ready)
    _answered(connection, [one.held for one in ready])
    return len(ready)


def bring_in_late(connection: Connection, held: Held) -> None:
    """One by itself; what was paid on it before is looked at next."""
    if bring_in(connection, [held]):
        for payment in held.settled_by:
            Doorbell.ring_again(connection, Kind.PAYMENT, payment)


def _alike(
    connection: Connection, documents: Sequence[Held], customers: customers_there.Ours
) -> dict[str, Invoice]:
    """By the id of theirs the one of ours that may be the same sale (`same_number.advise`), kept by hand on both sides:
    it was made here, is in no company, and is for that customer under that number.
    """
    alive = [one for one in documents if not _document(one).voided]
    made_here = Invoice.objects.filter(origin="", number__in={one.number for one in alive})
    mine = {"kind": Kind.INVOICE, "local_id": OuterRef("pk")}
    free = made_here.filter(
        ~Exists(Link.objects.filter(**mine)),
        ~Exists(SyncJob.objects.filter(**mine).exclude(connection=connection)),
    ).exclude(status=Status.VOID)
    ours = {(one.number, one.customer_id, one.currency): one for one in free}
    said = {
        one.id: (one.number, customers.get(_document(one).customer), _document(one).currency)
        for one in alive
    }
    return {remote_id: ours[each] for remote_id, each in said.items() if each in ours}


def _bring_back(connection: Connection, ready: Sequence[apply.Ready]) -> None:
    """Who is in use there and owes something is in use here, though archived before."""
    owing = {
        _document(one.held).customer: one.prepared.row.customer_id
        for one in ready
        if one.held.balance
    }
    if not owing:
        return
    listed = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER, active=True)
    in_use = listed.filter(remote_id__in=owing).values_list("remote_id", flat=True)
    apply.bring_back_customers(connection, [owing[each] for each in in_use])


_NOT_LISTED = "Its customer is not known here yet; it is tried again by itself."
_WHO = "A customer here may be the one it was made for; choose on that customer's page, then try again."


def _ask_who(connection: Connection, held: Held) -> None:
    """Whose it is: for staff to say, or for the next reading of the company's lists."""
    listed = MirrorEntry.objects.filter(
        connection=connection, kind=ListKind.CUSTOMER, remote_id=_document(held).customer
    )
    if listed.exists():
        _ask(connection, held, drift.CUSTOMER_OPEN, _WHO)
    else:
        _ask(connection, held, drift.CANNOT_APPLY, _NOT_LISTED)


def _ask(connection: Connection, held: Held, code: str, sentence: str) -> None:
    number = _document(held).number or f"#{held.id}"
    said = f"Invoice {number} was made in QuickBooks. {sentence}"
    drift.open_one(connection, held, code=code, sentence=said)


def _answered(connection: Connection, documents: Sequence[Held]) -> None:
    asked = Discrepancy.objects.filter(
        connection=connection, kind=Kind.INVOICE, remote_id__in=[one.id for one in documents]
    )
    asked.filter(closed_at=None, local_id=None).update(closed_at=clock.now())


def _document(held: Held) -> InvoiceDocument:
    assert isinstance(held.document, InvoiceDocument)
    return held.document
