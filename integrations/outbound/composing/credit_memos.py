"""A credit memo: made here, or made there and void here."""

from collections.abc import Iterator
from dataclasses import replace

from billing.models import CreditMemo, CreditMemoLine
from integrations.documents import CreditMemoDocument, Kind
from integrations.models import Link
from integrations.outbound import line_items, referred, tax_codes, tracking
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.composing.lines import line_document
from integrations.outbound.composing.unsaid import left_as_agreed
from integrations.outbound.line_items import LineItems
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import (
    InvoiceFacts,
    of_invoice,
    of_kind_that_stays,
    of_void,
    waits_for,
)
from integrations.outbound.referred import Referred
from integrations.outbound.tax_codes import TaxCodes
from integrations.outbound.tracking import Tracking
from integrations.policies import TaxMode


def compose_credit_memo(materials: Materials, memo: CreditMemo) -> Composition:
    """One that was made there stays as it is; one that is not there yet goes where the sync rules let it."""
    link = materials.links.get((Kind.CREDIT_MEMO, memo.pk))
    if link is not None and not link.made_by_us:
        return _credit_made_there(materials, memo, link)
    if link is None and not materials.policies.credit_memos_direction.goes:
        return of_kind_that_stays("credit memos")
    if link is None and memo.pk in materials.coming_first:
        return materials.coming_first[memo.pk]
    return _complete_credit_memo(materials, memo)


def _credit_made_there(materials: Materials, memo: CreditMemo, link: Link) -> Composition:
    """It stays as it is there but for a void, which is all that can be done to it here."""
    theirs = link.our_document()
    assert isinstance(theirs, CreditMemoDocument)
    missing = of_void(_used_there_by(materials, memo))
    if missing:
        return missing
    void = replace(theirs, voided=True, lines=(), tax=None, tax_code="")
    return Composed(void if memo.is_void else theirs, memo.number)


def _used_there_by(materials: Materials, memo: CreditMemo) -> tuple[str, ...]:
    holders = materials.holders.get(memo.id, ())
    return tuple(waits_for(Kind.PAYMENT, one) for one in holders)


def _complete_credit_memo(materials: Materials, memo: CreditMemo) -> Composition:
    company = materials.connection.company_settings()
    customer = materials.remote_id(Kind.CUSTOMER, memo.customer_id)
    lines = list(memo.lines.all())
    items = line_items.of(materials.policies, materials.mirror, materials.default_account, lines)
    codes = tax_codes.of(company, materials.policies.tax_mode, materials.mirror, memo, lines)
    link = materials.links.get((Kind.CREDIT_MEMO, memo.pk))
    agreed = link.our_document() if link else None
    tracked = tracking.of(company, materials.mirror, memo, lines, agreed)
    resting_on = () if memo.is_void else _credited(lines, items, codes, tracked)
    missing = of_invoice(
        InvoiceFacts(
            what="credit memo",
            lists_read=materials.connection.lists_read_at is not None,
            customer_name=memo.customer.name,
            customer_waits_for=waits_for(Kind.CUSTOMER, memo.customer_id),
            customer_linked=bool(customer),
            without_tax_code=codes.missing_for,
            currency=memo.currency,
            company_currency=company.currency,
            multicurrency=company.multicurrency,
            inactive=materials.mirror.gone(resting_on),
            paid_there_by=_used_there_by(materials, memo),
            items_missing=() if memo.is_void else items.missing,
        )
    )
    if missing:
        return missing
    document = left_as_agreed(
        materials,
        (Kind.CREDIT_MEMO, memo.pk),
        CreditMemoDocument(
            number=memo.number,
            customer=customer,
            issued_on=memo.issued_on,
            currency=memo.currency,
            lines=tuple(
                line_document(line, item, codes, tracking_class)
                for line, item, tracking_class in zip(
                    lines, items.items, tracked.of_lines, strict=True
                )
            ),
            tax=None if materials.policies.tax_mode is TaxMode.DELEGATED else memo.tax,
            tax_code=codes.document,
            customer_memo=memo.notes,
            memo=memo.memo,
            email=memo.customer.email,
            tracking_class=tracked.of_document,
            location=tracked.location,
            voided=memo.is_void,
        ),
        tracked.unsaid,
    )
    return Composed(document, memo.number)


def _credited(
    lines: list[CreditMemoLine], items: LineItems, codes: TaxCodes, tracked: Tracking
) -> Iterator[Referred]:
    yield from referred.by_lines(lines)
    yield from items.rests_on
    yield from codes.rests_on
    yield from tracked.rests_on
