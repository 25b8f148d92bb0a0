"""Invoices of theirs, and ours that they changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from billing.errors import BillingError
from billing.models import (
    Invoice,
    Location,
    Status,
    TaxRegion,
)
from billing.rules.elsewhere import InvoiceElsewhere
from billing.services import (
    invoices,
    taking_over,
)
from billing.services.taking_over import Prepared
from integrations import wordings
from integrations.documents import (
    Held,
    InvoiceDocument,
    Kind,
    changed_fields,
)
from integrations.inbound.apply.refusals import GIVEN_AWAY, CannotApply, was_given_away
from integrations.models import (
    Connection,
    Link,
    Mapping,
    MappingSubject,
    policies_in_force,
)
from integrations.outbound import as_ours, custom_fields, links, tax_codes
from integrations.outbound.invoice_words import words_of
from integrations.policies import WORDED
from tenants.models import User

MAX_PO_NUMBER = 31
# What of their invoice is ours to follow, and what we call it; the tax goes with the lines.
OURS = {
    "due_on": "due_on",
    "issued_on": "issued_on",
    "customer_memo": "notes",
    "memo": "memo",
    "email": "email",
    "location": "location_id",
    "exchange_rate": "exchange_rate",
    "lines": "lines",
    "tax": "lines",
    "custom_fields": "po_number",
}
# What of their invoice cannot be followed: to whom it was given away, and money on it without a payment.
REFUSED = frozenset({"customer", "deposit"})
# What is never sent of an invoice that was made over there.
THEIRS_ALONE = frozenset({"number", "location_id", "exchange_rate", "lines"})


@dataclass(frozen=True, slots=True)
class Ready:
    """An invoice of theirs that can be booked: as they hold it, as we do, and the rows."""

    held: Held
    ours: InvoiceDocument
    prepared: Prepared


def prepared_invoice(
    connection: Connection, held: Held, customer_id: UUID, services: as_ours.Services
) -> Ready:
    """An invoice that was made over there, as it would stand here. Raises `CannotApply`. Stores nothing."""
    require_no_deposit(_invoice_of(held))
    ours = as_ours.adding_up(_invoice_of(held), held.total)
    words = _in_our_words(connection, ours, services, region=None, called=held.id)
    try:
        prepared = taking_over.prepared(words, customer_id=customer_id, origin=connection.origin)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    return Ready(held, ours, prepared)


def take_over_invoices(connection: Connection, ready: Sequence[Ready]) -> None:
    """Books them and links them."""
    taking_over.invoices([one.prepared for one in ready], origin=connection.origin)
    pairs = [(one.prepared.row.pk, one.ours, one.held) for one in ready]
    links.taken_over(connection, Kind.INVOICE, pairs)


def follow_invoice(
    connection: Connection, held: Held, local_id: UUID, *, actor: User | None = None
) -> None:
    """Makes an invoice that was made over there what it is there now. Raises `CannotApply`."""
    document = _invoice_of(held)
    if was_given_away(connection, held, local_id):
        raise CannotApply(GIVEN_AWAY)
    _require_deposit_as_agreed(connection, held, local_id)
    invoice = Invoice.objects.get(pk=local_id)
    take_fields(connection, invoice, held, frozenset(OURS.values()) | {"number"}, actor=actor)
    ours = as_ours.adding_up(document, held.total)
    links.agree(connection, Kind.INVOICE, local_id, ours=ours, held=held)


def require_no_deposit(theirs: InvoiceDocument) -> None:
    """Raises `CannotApply` for an invoice with money on it that is no payment."""
    if theirs.deposit is not None:
        raise CannotApply(
            f"It has a deposit of {theirs.deposit} in QuickBooks, which cannot be booked here. Take the deposit out of "
            "the invoice there and record a payment of it instead."
        )


def take_their_part(
    connection: Connection, local_id: UUID, held: Held, *, actor: User | None
) -> None:
    """Of an invoice that was made over there what only they can change; the rest stays ours. Raises `CannotApply`."""
    if was_given_away(connection, held, local_id):
        raise CannotApply(GIVEN_AWAY)
    invoice = Invoice.objects.get(pk=local_id)
    take_fields(connection, invoice, held, THEIRS_ALONE, actor=actor)
    ours = as_ours.adding_up(_invoice_of(held), held.total)
    links.agree(connection, Kind.INVOICE, local_id, ours=ours, held=held)


def take_invoice(
    connection: Connection, invoice: Invoice, held: Held, *, actor: User | None
) -> None:
    """Makes our invoice what theirs is, in what they changed. Raises `CannotApply`."""
    _require_deposit_as_agreed(connection, held, invoice.pk)
    changed = changed_there(_link_of_invoice(connection, invoice.pk), held)
    fields = frozenset(OURS[one] for one in changed & OURS.keys())
    take_fields(connection, invoice, held, fields, actor=actor)


def changed_there(link: Link, held: Held) -> frozenset[str]:
    """What of an invoice they have changed since both sides agreed; all of it while nothing of theirs was known."""
    before, document = link.their_document(), held.document
    return changed_fields(before, document) if before and document else frozenset(OURS)


def take_fields(
    connection: Connection,
    invoice: Invoice,
    held: Held,
    fields: frozenset[str],
    *,
    actor: User | None = None,
) -> None:
    """Makes these fields of our invoice what theirs are; voids it when theirs is void or gone. Raises `CannotApply`."""
    document, origin = held.document, connection.origin
    try:
        if isinstance(document, InvoiceDocument) and not document.voided:
            whole = as_ours.adding_up(document, held.total)
            services = services_for_items(connection)
            region = invoice.tax_region
            now = _in_our_words(connection, whole, services, region=region, called=held.id)
            if _link_of_invoice(connection, invoice.pk).made_by_us:
                now = _without_wording(invoice, now)
            known = fields if _po_number_field(connection) else fields - {"po_number"}
            taking_over.follow(invoice=invoice, now=now, fields=known, origin=origin, actor=actor)
        elif invoice.standing is not Status.VOID:
            invoices.void(invoice=invoice, origin=origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def renumber(invoice: Invoice, *, actor: User) -> None:
    """Its number is another document's over there, so ours gets the next one. Raises `CannotApply`."""
    try:
        invoices.renumber(invoice=invoice, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def put_away(connection: Connection, invoice: Invoice, *, actor: User | None) -> None:
    """Takes an invoice off the lists. Raises `CannotApply`."""
    try:
        invoices.archive(invoice=invoice, origin=connection.origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def services_for_items(connection: Connection) -> dict[str, UUID]:
    """Our service for each of their items that one was chosen for."""
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.SERVICE)
    return {item: UUID(key) for key, item in rows.values_list("local_key", "remote_id")}


def _require_deposit_as_agreed(connection: Connection, held: Held, local_id: UUID) -> None:
    """One that staff have left there is no news."""
    if "deposit" in changed_there(_link_of_invoice(connection, local_id), held):
        require_no_deposit(_invoice_of(held))


def _link_of_invoice(connection: Connection, local_id: UUID) -> Link:
    return Link.objects.get(connection=connection, kind=Kind.INVOICE, local_id=local_id)


def _in_our_words(
    connection: Connection,
    document: InvoiceDocument,
    services: as_ours.Services,
    *,
    region: TaxRegion | None,
    called: str,
) -> InvoiceElsewhere:
    taxed = tax_codes.as_taxed_here(connection, region, document)
    words = as_ours.invoice(taxed, services, called=called)
    field = _po_number_field(connection)
    po_number = next((one.value for one in document.custom_fields if one.id == field), "")
    return replace(
        words,
        location_id=_location(connection, document.location),
        po_number=po_number.strip()[:MAX_PO_NUMBER].strip(),
    )


def _without_wording(invoice: Invoice, now: InvoiceElsewhere) -> InvoiceElsewhere:
    """The texts alone; their wording is put around them whenever they are sent."""
    policies, words = policies_in_force(), words_of(invoice)
    texts: dict[str, Any] = {
        own: wordings.taken_out(getattr(policies, rule), own, getattr(now, own), words)
        for rule, own in WORDED.items()
    }
    return replace(now, **texts)


def _po_number_field(connection: Connection) -> str:
    """The custom field of theirs that holds our PO numbers; empty where none was chosen."""
    filled = custom_fields.filled_here(connection)
    return next((id_ for id_, key in filled.items() if key == custom_fields.PO_NUMBER), "")


def _location(connection: Connection, remote_id: str) -> UUID | None:
    """Ours that stands for one of theirs; none where there is none."""
    mapped = Mapping.objects.filter(
        connection=connection, subject=MappingSubject.LOCATION, remote_id=remote_id
    )
    keys = mapped.values_list("local_key", flat=True)
    found = Location.objects.filter(pk__in=list(keys)) if remote_id else Location.objects.none()
    return found.values_list("pk", flat=True).first()


def _invoice_of(held: Held) -> InvoiceDocument:
    assert isinstance(held.document, InvoiceDocument)
    return held.document
