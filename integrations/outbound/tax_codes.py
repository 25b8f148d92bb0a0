"""Which tax codes a document bears over there, and which lines of theirs are taxed by the codes they bear."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from billing.models import CreditMemo, CreditMemoLine, Invoice, InvoiceLine, TaxRegion
from integrations.documents import (
    UNITED_STATES,
    Company,
    CreditMemoDocument,
    InvoiceDocument,
    LineDocument,
)
from integrations.models import Connection
from integrations.outbound import referred
from integrations.outbound.mirror import Mirror
from integrations.outbound.referred import Referred
from integrations.policies import TaxMode

Sold = TypeVar("Sold", InvoiceDocument, CreditMemoDocument)


@dataclass(frozen=True, slots=True)
class TaxCodes:
    """``document`` is for the taxed lines, or for all when none is taxed; ``untaxed_line`` for a line beside them.

    ``missing_for`` names what no code was found for, empty when all is there. ``any_taxed`` is false where no line is
    taxed, whatever the lines say of themselves: outside the US there is no tax without a region. ``rests_on`` are the
    choices that the codes are taken from.
    """

    document: str
    untaxed_line: str = ""
    missing_for: str = ""
    any_taxed: bool = True
    rests_on: tuple[Referred, ...] = ()


def of(
    company: Company,
    mode: TaxMode,
    mirror: Mirror,
    invoice: Invoice | CreditMemo,
    lines: Iterable[InvoiceLine | CreditMemoLine],
) -> TaxCodes:
    """The codes of an invoice or credit memo. In the US a line says only whether it is taxed (reference 5.5)."""
    taxed = {line.taxable and invoice.tax_region is not None for line in lines}
    rests_on = tuple(_rests_on(company, invoice.tax_region, taxed))
    if company.country == UNITED_STATES:
        codes = _in_us(company, mode, mirror, invoice, is_taxed=True in taxed)
    else:
        codes = _by_line(mirror, invoice, taxed)
    return replace(codes, rests_on=rests_on)


def of_untaxed(company: Company) -> tuple[Referred, ...]:
    """What a line without tax rests on; in the US it needs no code."""
    return () if company.country == UNITED_STATES else (referred.UNTAXED,)


def as_taxed_here(connection: Connection, region: TaxRegion | None, theirs: Sold) -> Sold:
    """Their document with the lines taxed that bear the code of the region, else the first that is one of taxed lines.

    Outside the US they say of no line whether it is taxed: the first line's code, which stands for that of the
    document, may be the one for lines without tax.
    """
    if connection.company_settings().country == UNITED_STATES:
        return theirs
    mirror = Mirror.of(connection)
    codes = [_borne(line, theirs) for line in theirs.lines]
    of_region = mirror.tax_code(region) if region is not None else None
    others = (code for code in codes if code and code != mirror.tax_code(None))
    taxed = of_region if of_region in codes else next(others, None)
    pairs = zip(theirs.lines, codes, strict=True)
    return replace(
        theirs, lines=tuple(replace(line, taxable=code == taxed) for line, code in pairs)
    )


def are_chosen(company: Company) -> bool:
    """Whether codes mean anything: automated sales tax, which is for the US alone, ignores them."""
    return not company.automated_tax


def _in_us(
    company: Company,
    mode: TaxMode,
    mirror: Mirror,
    invoice: Invoice | CreditMemo,
    *,
    is_taxed: bool,
) -> TaxCodes:
    code = mirror.tax_code(invoice.tax_region) if invoice.tax_region else None
    if code is None and is_taxed and mode is not TaxMode.LOCAL and are_chosen(company):
        return TaxCodes("", missing_for=str(invoice.tax_region))
    return TaxCodes(code or "")


def _by_line(mirror: Mirror, invoice: Invoice | CreditMemo, taxed: set[bool]) -> TaxCodes:
    for_region = mirror.tax_code(invoice.tax_region) if True in taxed else None
    for_untaxed = mirror.tax_code(None) if False in taxed else None
    if True in taxed and for_region is None:
        return TaxCodes("", missing_for=str(invoice.tax_region))
    if False in taxed and for_untaxed is None:
        return TaxCodes("", missing_for="lines without tax")
    if for_region is None:
        return TaxCodes(for_untaxed or "", any_taxed=False)
    return TaxCodes(for_region, for_untaxed or "")


def _rests_on(company: Company, region: TaxRegion | None, taxed: set[bool]) -> Iterable[Referred]:
    if region is not None and True in taxed:
        yield referred.by_region(region)
    if False in taxed:
        yield from of_untaxed(company)


def _borne(line: LineDocument, document: Sold) -> str:
    """The code of a line; one that is said to be taxed bears the document's."""
    return line.tax_code or (document.tax_code if line.taxable else "")
