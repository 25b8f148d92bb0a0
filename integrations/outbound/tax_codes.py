"""Which tax codes an invoice bears over there."""

from collections.abc import Iterable
from dataclasses import dataclass

from billing.models import CreditMemo, CreditMemoLine, Invoice, InvoiceLine
from integrations.documents import Company
from integrations.outbound.mirror import Mirror
from integrations.policies import TaxMode

UNITED_STATES = "US"


@dataclass(frozen=True, slots=True)
class TaxCodes:
    """``document`` is for the taxed lines, or for all when none is taxed; ``untaxed_line`` for a line beside them.

    ``missing_for`` names what no code was found for, empty when all is there. ``any_taxed`` is false where no line is
    taxed, whatever the lines say of themselves: outside the US there is no tax without a region.
    """

    document: str
    untaxed_line: str = ""
    missing_for: str = ""
    any_taxed: bool = True


def of(
    company: Company,
    mode: TaxMode,
    mirror: Mirror,
    invoice: Invoice | CreditMemo,
    lines: Iterable[InvoiceLine | CreditMemoLine],
) -> TaxCodes:
    """The codes of an invoice or credit memo. In the US a line says only whether it is taxed (reference 5.5)."""
    taxed = {line.taxable and invoice.tax_region is not None for line in lines}
    if company.country == UNITED_STATES:
        return _in_us(company, mode, mirror, invoice, is_taxed=True in taxed)
    for_region = mirror.tax_code(invoice.tax_region) if True in taxed else None
    for_untaxed = mirror.tax_code(None) if False in taxed else None
    if True in taxed and for_region is None:
        return TaxCodes("", missing_for=str(invoice.tax_region))
    if False in taxed and for_untaxed is None:
        return TaxCodes("", missing_for="lines without tax")
    if for_region is None:
        return TaxCodes(for_untaxed or "", any_taxed=False)
    return TaxCodes(for_region, for_untaxed or "")


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
