"""An invoice, and the e-mail that it goes out with."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from billing.models import Invoice, InvoiceLine, Status
from billing.money import Money
from integrations import wordings
from integrations.documents import Document, InvoiceDocument, Kind, MailDocument
from integrations.models import Link
from integrations.outbound import (
    as_ours,
    as_taken,
    custom_fields,
    held_back,
    line_items,
    number_taken,
    referred,
    tax_codes,
    tracking,
)
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.composing.customers import currency_missing
from integrations.outbound.composing.lines import line_document
from integrations.outbound.composing.unsaid import left_as_agreed
from integrations.outbound.custom_fields import Fields
from integrations.outbound.invoice_words import words_of
from integrations.outbound.line_items import LineItems
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import (
    InvoiceFacts,
    MailFacts,
    Missing,
    of_invoice,
    of_mail,
    of_void,
    waits_for,
)
from integrations.outbound.referred import Referred
from integrations.outbound.tax_codes import TaxCodes
from integrations.outbound.tracking import Tracking
from integrations.policies import OWNED, WORDED, TaxMode

# What of an invoice only they can say: no write of ours speaks of it, so it stays there as it is.
ONLY_THEIRS = frozenset({"deposit"})


def compose_invoice(materials: Materials, invoice: Invoice) -> Composition:
    """What the sync rules hold back is missing its release; what QuickBooks holds stays as agreed."""
    link = materials.links.get((Kind.INVOICE, invoice.pk))
    if link is not None and not link.made_by_us:
        return _made_there(materials, invoice, link)
    if invoice.pk in materials.number_asked:
        return _asked_about(materials, invoice)
    is_there = bool(materials.remote_id(Kind.INVOICE, invoice.pk))
    held = held_back.by_rules(materials.policies, invoice, is_there=is_there)
    composed = held or complete_invoice(materials, invoice)
    if link is None or not isinstance(composed, Composed):
        return composed
    assert isinstance(composed.document, InvoiceDocument)
    agreed = link.our_document()
    here = _as_taken(invoice, composed.document, agreed, link.taken)
    held_there = _held_there(materials, invoice)
    owned = _as_owned(held_there, here, agreed)
    withheld = _is_withheld(held_there, here, agreed)
    return replace(composed, document=owned, withheld=withheld)


def _asked_about(materials: Materials, invoice: Invoice) -> Composition:
    """Both can be compared once ours is complete, whatever the sync rules hold back."""
    complete = complete_invoice(materials, invoice)
    if isinstance(complete, Composed) and invoice.standing is not Status.VOID:
        return [number_taken.missing(invoice)]
    return complete


def _made_there(materials: Materials, invoice: Invoice, link: Link) -> Composition:
    """What was made over there keeps there what only they know, such as the item of each line."""
    theirs = link.our_document()
    assert isinstance(theirs, InvoiceDocument)
    missing = of_void(_paid_there_by(materials, invoice))
    if missing:
        return missing
    here = as_ours.kept_there(theirs, _changeable(invoice))
    if not here.voided:
        company = materials.connection.company_settings()
        fields = custom_fields.with_po_number(company, materials.mirror, invoice, theirs)
        here = replace(here, custom_fields=fields)
    held = _held_there(materials, invoice)
    owned, withheld = _as_owned(held, here, theirs), _is_withheld(held, here, theirs)
    return Composed(owned, invoice.number, withheld=withheld)


def _as_taken(
    invoice: Invoice, here: InvoiceDocument, agreed: Document | None, taken: as_taken.Taken
) -> InvoiceDocument:
    """What was taken from there is nobody's change here; a void goes all the same."""
    if not isinstance(agreed, InvoiceDocument) or here.voided or agreed.voided:
        return here
    return as_taken.kept(invoice, ours=here, agreed=agreed, taken=taken)


def _held_there(materials: Materials, invoice: Invoice) -> frozenset[str]:
    """The fields that QuickBooks holds by the sync rules, but for those that a person has decided are ours."""
    decided = materials.ours_by_answer.get(invoice.pk, [])
    ours = frozenset(name for part in decided for name in OWNED.get(part, ()))
    return materials.policies.fields_held_there - ours


def _as_owned(
    held: frozenset[str], here: InvoiceDocument, agreed: Document | None
) -> InvoiceDocument:
    """What QuickBooks holds by the sync rules stays as agreed (C-04); a void goes all the same.

    Lines and a tax that amount to something else go too: they cannot be changed here once they are held there, so
    these were changed before, or while the invoice was on its way.
    """
    if not isinstance(agreed, InvoiceDocument) or here.voided or agreed.voided:
        return here
    if _comes_to_something_else(here, agreed):
        held -= frozenset(OWNED["lines_owner"])
    owned = replace(here, **{name: getattr(agreed, name) for name in held})
    if owned.issued_on == here.issued_on or "due_on" in held or owned.due_on == agreed.due_on:
        return owned
    # Under a later date than it has here, such as the first open day, it is not due before that.
    return replace(owned, due_on=max(owned.due_on, owned.issued_on))


def _is_withheld(held: frozenset[str], here: InvoiceDocument, agreed: Document | None) -> bool:
    """Whether it is another here in what QuickBooks holds. Lines are none of it: they go, or bear what is theirs."""
    if not isinstance(agreed, InvoiceDocument) or here.voided:
        return False
    told_apart = held - frozenset(OWNED["lines_owner"])
    return any(getattr(here, name) != getattr(agreed, name) for name in told_apart)


def _comes_to_something_else(here: InvoiceDocument, agreed: InvoiceDocument) -> bool:
    """By its lines or by its tax, which is not compared where either side leaves it to QuickBooks."""
    taxes = {here.tax, agreed.tax}
    return _amounts(here) != _amounts(agreed) or (None not in taxes and len(taxes) > 1)


def _amounts(invoice: InvoiceDocument) -> list[Money]:
    return [line.amount for line in invoice.lines if line.amount]


def _changeable(invoice: Invoice) -> as_ours.Changeable:
    return as_ours.Changeable(
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        notes=invoice.notes,
        memo=invoice.memo,
        email=invoice.email,
        is_void=invoice.standing is Status.VOID,
    )


def _paid_there_by(materials: Materials, invoice: Invoice) -> tuple[str, ...]:
    holders = materials.holders.get(invoice.id, ())
    return tuple(waits_for(Kind.PAYMENT, one) for one in holders)


def complete_invoice(materials: Materials, invoice: Invoice) -> Composition:
    company = materials.connection.company_settings()
    customer = materials.remote_id(Kind.CUSTOMER, invoice.customer_id)
    lines = list(invoice.lines.all())
    items = line_items.of(materials.policies, materials.mirror, materials.default_account, lines)
    codes = tax_codes.of(company, materials.policies.tax_mode, materials.mirror, invoice, lines)
    link = materials.links.get((Kind.INVOICE, invoice.pk))
    agreed = link.our_document() if link else None
    theirs = link.their_document() if link else None
    tracked = tracking.of(company, materials.mirror, invoice, lines, agreed)
    fields = custom_fields.of(company, materials.mirror, invoice, theirs)
    wording = _wording(materials, invoice)
    missing = of_invoice(
        InvoiceFacts(
            lists_read=materials.connection.lists_read_at is not None,
            customer_name=invoice.customer.name,
            customer_waits_for=waits_for(Kind.CUSTOMER, invoice.customer_id),
            customer_linked=bool(customer),
            without_tax_code=codes.missing_for,
            currency=invoice.currency,
            company_currency=company.currency,
            multicurrency=company.multicurrency,
            inactive=materials.mirror.gone(
                _referred(invoice, lines, items, codes, tracked, fields)
            ),
            paid_there_by=_paid_there_by(materials, invoice),
            items_missing=(
                *currency_missing(materials, invoice.customer_id, invoice.currency),
                *_items_missing(invoice, items),
            ),
        )
    )
    if missing:
        return missing
    term = materials.mirror.term(invoice.terms)
    no_term = frozenset({"term"}) if invoice.terms and not term else frozenset()
    document = left_as_agreed(
        materials,
        (Kind.INVOICE, invoice.pk),
        InvoiceDocument(
            number=invoice.number,
            customer=customer,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            currency=invoice.currency,
            lines=tuple(
                line_document(line, item, codes, tracking_class)
                for line, item, tracking_class in zip(
                    lines, items.items, tracked.of_lines, strict=True
                )
            ),
            tax=None if materials.policies.tax_mode is TaxMode.DELEGATED else invoice.tax,
            tax_code=codes.document,
            customer_memo=wording("message_wording", invoice.notes),
            memo=wording("memo_wording", invoice.memo),
            email=invoice.address,
            term=term or "",
            tracking_class=tracked.of_document,
            location=tracked.location,
            pay_by_card=materials.ways.card,
            pay_by_bank=materials.ways.bank,
            voided=invoice.standing is Status.VOID,
            exchange_rate=invoice.exchange_rate,
            custom_fields=fields.values,
        ),
        tracked.unsaid | no_term | ONLY_THEIRS,
    )
    return Composed(document, invoice.number)


def _wording(materials: Materials, invoice: Invoice) -> Callable[[str, str], str]:
    """A text of the invoice as the sync rule of this name words it."""
    words = words_of(invoice)

    def worded(rule: str, text: str) -> str:
        template, own = getattr(materials.policies, rule), WORDED[rule]
        return wordings.filled(template, own, text, words)

    return worded


def _referred(
    invoice: Invoice,
    lines: list[InvoiceLine],
    items: LineItems,
    codes: TaxCodes,
    tracked: Tracking,
    fields: Fields,
) -> Iterator[Referred]:
    """What a void needs is none of the mapping's business."""
    if invoice.standing is Status.VOID:
        return
    yield from referred.by_invoice(invoice, lines)
    yield from items.rests_on
    yield from codes.rests_on
    yield from tracked.rests_on
    yield from fields.rests_on


def _items_missing(invoice: Invoice, items: LineItems) -> tuple[Missing, ...]:
    """A void goes all the same."""
    return () if invoice.standing is Status.VOID else items.missing


def compose_mail(materials: Materials, invoice: Invoice) -> Composition:
    """The e-mail that was asked for last; none of an invoice that is void."""
    if invoice.email_asked_at is None or invoice.standing is Status.VOID:
        return Composed(None, invoice.number)
    remote = materials.remote_id(Kind.INVOICE, invoice.pk)
    address = invoice.address or _their_address(materials, invoice)
    missing = of_mail(
        MailFacts(
            customer_name=invoice.customer.name,
            address=address,
            number=invoice.number,
            invoice_waits_for=waits_for(Kind.INVOICE, invoice.pk),
            up_to_date=bool(remote) and invoice.pk not in materials.unfinished,
        )
    )
    return missing or Composed(
        MailDocument(remote, invoice.email_asked_at, sent_to=address), invoice.number
    )


def _their_address(materials: Materials, invoice: Invoice) -> str:
    """QuickBooks fills in the address that it knows of the customer."""
    link = materials.links.get((Kind.INVOICE, invoice.pk))
    theirs = link.their_document() if link else None
    return theirs.email if isinstance(theirs, InvoiceDocument) else ""
