"""The lines of invoices and credit memos."""

from decimal import Decimal

from billing.models import CreditMemoLine, InvoiceLine
from billing.money import EXACT
from integrations.documents import LineDocument
from integrations.outbound.tax_codes import TaxCodes


def line_document(
    line: InvoiceLine | CreditMemoLine, item: str, codes: TaxCodes, tracking_class: str = ""
) -> LineDocument:
    """One line, against this item; ``tracking_class`` only where classes are kept per line."""
    if isinstance(line, InvoiceLine) and line.is_discount:
        return _discount(line, codes)
    document = line.invoice if isinstance(line, InvoiceLine) else line.credit_memo
    if document.prices_include_tax:
        return _gross_line(line, item, codes, tracking_class)
    return LineDocument(
        item=item,
        description=_described(line),
        amount=line.amount,
        quantity=line.quantity,
        unit_price=_price(line),
        taxable=line.taxable and codes.any_taxed,
        tax_code="" if line.taxable else codes.untaxed_line,
        tracking_class=tracking_class,
    )


def _gross_line(
    line: InvoiceLine | CreditMemoLine, item: str, codes: TaxCodes, tracking_class: str
) -> LineDocument:
    """A price without tax would seldom have the net amount for its product, so none is said."""
    return LineDocument(
        item=item,
        description=_described(line),
        amount=line.net,
        taxable=line.taxable and codes.any_taxed,
        tax_code="" if line.taxable else codes.untaxed_line,
        tracking_class=tracking_class,
        gross=line.amount,
    )


def _discount(line: InvoiceLine, codes: TaxCodes) -> LineDocument:
    return LineDocument(
        item="",
        description=line.description,
        amount=line.amount,
        taxable=line.taxable and codes.any_taxed,
        tax_code="" if line.taxable else codes.untaxed_line,
        discount=True,
        percent=line.discount_percent,
    )


def _described(line: InvoiceLine | CreditMemoLine) -> str:
    """QuickBooks has no discount on a single line, so its words say what is off (reference quickbooks 5.4)."""
    if isinstance(line, CreditMemoLine) or not line.percent_off:
        return line.description
    price, off = line.unit_price.normalize(), line.percent_off.normalize()
    return f"{line.description} ({off:f} % off {price:f})".strip()


def _price(line: InvoiceLine | CreditMemoLine) -> Decimal | None:
    """The lower one where something is off the line; none where no price has the amount for its product."""
    if isinstance(line, CreditMemoLine) or not line.percent_off:
        return line.unit_price
    return EXACT.multiply(line.unit_price, (100 - line.percent_off).scaleb(-2))
