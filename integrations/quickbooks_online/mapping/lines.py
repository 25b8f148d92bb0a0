"""The lines of invoices and credit memos and their tax (reference quickbooks 5.4, 5.5 and 5.7)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from billing.money import EXACT, Money
from integrations.documents import (
    Company,
    CreditMemoDocument,
    InvoiceDocument,
    LineDocument,
    RefundReceiptDocument,
)
from integrations.errors import Refused
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    amount,
    flag_of,
    in_us,
    money_of,
    number_of,
    part_of,
    ref,
    ref_of,
    some_money,
    text_of,
)
from integrations.quickbooks_online.mapping.text import TextRules

SalesDocument = InvoiceDocument | CreditMemoDocument | RefundReceiptDocument

TAXED, UNTAXED = "TAX", "NON"
FACTOR_DECIMALS = 7
DESCRIPTION_LENGTH = 4000


def payload(document: SalesDocument, company: Company, rules: TextRules) -> dict[str, Any]:
    """All lines with what their tax needs; QuickBooks replaces lines whole or not at all."""
    lines = [
        _line(line, f"description of line {number}", document, company, rules)
        for number, line in enumerate(document.lines, start=1)
    ]
    return {
        "Line": lines,
        **_tax_of_document(document, company),
        **_tax_after_discount(document, company),
    }


def lines_of(invoice: Payload, company: Company, currency: str) -> tuple[LineDocument, ...]:
    """The lines of an invoice of theirs; groups are taken apart, computed subtotals left out."""
    return tuple(_lines_in(invoice, company, currency))


def tax_of(invoice: Payload, currency: str) -> Money | None:
    """The tax QuickBooks computed or was told."""
    return some_money(part_of(invoice, "TxnTaxDetail", "TotalTax"), currency)


def tax_code_of(invoice: Payload, company: Company) -> str:
    """The tax code of the whole document: in US companies that of its head, else its first line's.

    With automated sales tax the code is QuickBooks' own and nothing anybody chose.
    """
    if in_us(company):
        head = text_of(invoice, "TxnTaxDetail", "TxnTaxCodeRef", "value")
        return "" if company.automated_tax else head
    codes = (_tax_code_of_line(line) for line in flat(invoice))
    return next(filter(None, codes), "")


def _line(
    line: LineDocument, field: str, document: SalesDocument, company: Company, rules: TextRules
) -> dict[str, Any]:
    description = rules.prose(line.description, field, DESCRIPTION_LENGTH)
    if line.discount:
        return _off(line, description, document, company)
    if not line.item:
        return _words_only(line, description)
    detail = {
        "ItemRef": ref(line.item),
        **_tax_of_line(line, document, company),
        **_gross(line, document, company),
        **_factors(line),
        **({"ClassRef": ref(line.tracking_class)} if line.tracking_class else {}),
    }
    return {
        "Amount": amount(line.amount),
        **({"Description": description} if description else {}),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _gross(line: LineDocument, document: SalesDocument, company: Company) -> dict[str, Decimal]:
    """Outside the US an amount may be said with its tax as well."""
    is_said = line.gross is not None and _is_inclusive(document, company)
    return {"TaxInclusiveAmt": amount(line.gross)} if line.gross is not None and is_said else {}


def _is_inclusive(document: SalesDocument, company: Company) -> bool:
    coded = any(_code_of(line, document) for line in _sold(document))
    return coded and not in_us(company) and any(line.gross is not None for line in document.lines)


def _off(
    line: LineDocument, description: str, document: SalesDocument, company: Company
) -> dict[str, Any]:
    """A positive number takes away from the total; of a percentage QuickBooks computes it itself."""
    how = (
        {"PercentBased": False}
        if line.percent is None
        else {"PercentBased": True, "DiscountPercent": line.percent}
    )
    code = "" if in_us(company) else _code_of(line, document)
    return {
        "Amount": amount(-line.amount),
        **({"Description": description} if description else {}),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {
            **how,
            **({"TaxCodeRef": ref(code)} if code else {}),
        },
    }


def _tax_after_discount(document: SalesDocument, company: Company) -> dict[str, bool]:
    """US companies say for the whole document which comes first."""
    off = [line for line in document.lines if line.discount]
    return {"ApplyTaxAfterDiscount": off[0].taxable} if off and in_us(company) else {}


def _words_only(line: LineDocument, description: str) -> dict[str, Any]:
    """QuickBooks would take a line without an item as a remark and ignore its amount."""
    if line.amount:
        raise Refused(
            f"The line “{description[:60]}” has an amount but no item.",
            code="incomplete",
            hint="Choose an item for the line, then send again.",
        )
    return {
        "DetailType": "DescriptionOnly",
        "Description": description,
        "DescriptionLineDetail": {},
    }


def _factors(line: LineDocument) -> dict[str, Decimal]:
    """Quantity and price, only when their product is the amount to the last digit (fault 6070)."""
    if line.quantity is None or line.unit_price is None:
        return {}
    return (
        {"Qty": line.quantity, "UnitPrice": line.unit_price}
        if factors_fit(line.quantity, line.unit_price, line.amount)
        else {}
    )


def factors_fit(quantity: Decimal, unit_price: Decimal, product: Money) -> bool:
    """Whether QuickBooks can hold both factors beside their product."""
    exact = EXACT.multiply(quantity, unit_price) == product.amount
    return exact and all(_decimals(factor) <= FACTOR_DECIMALS for factor in (quantity, unit_price))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize(EXACT).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _tax_of_line(
    line: LineDocument, document: SalesDocument, company: Company
) -> dict[str, dict[str, str]]:
    """US companies know two codes and tax what has none; the others have codes of their own."""
    if in_us(company):
        return {"TaxCodeRef": ref(TAXED if line.taxable else UNTAXED)}
    code = _code_of(line, document)
    return {"TaxCodeRef": ref(code)} if code else {}


def _code_of(line: LineDocument, document: SalesDocument) -> str:
    """A line that is not taxed among ones that are never gets their code."""
    bears_documents = line.taxable or not any(other.taxable for other in _sold(document))
    return line.tax_code or (document.tax_code if bears_documents else "")


def _sold(document: SalesDocument) -> list[LineDocument]:
    return [line for line in document.lines if not line.discount]


def _tax_of_document(document: SalesDocument, company: Company) -> dict[str, Any]:
    if not in_us(company):
        if _is_inclusive(document, company):
            return {"GlobalTaxCalculation": "TaxInclusive"}
        coded = any(_code_of(line, document) for line in _sold(document))
        return {"GlobalTaxCalculation": "TaxExcluded" if coded else "NotApplicable"}
    if not any(line.taxable for line in _sold(document)):
        return {}
    code = {"TxnTaxCodeRef": ref(document.tax_code)} if document.tax_code else {}
    total = {"TotalTax": amount(document.tax)} if document.tax is not None else {}
    return {"TxnTaxDetail": {**code, **total}} if code or total else {}


def _lines_in(invoice: Payload, company: Company, currency: str) -> Iterator[LineDocument]:
    code = tax_code_of(invoice, company)
    for line in flat(invoice):
        match line.get("DetailType"):
            case "SubTotalLineDetail":
                continue
            case "DiscountLineDetail":
                yield _discount(line, invoice, company, currency)
            case _:
                yield _line_of(line, company, currency, code)


def flat(invoice: Payload) -> Iterator[Payload]:
    """Its lines as theirs, with those of a bundle in the place of the bundle."""
    for line in invoice.get("Line") or ():
        if line.get("DetailType") == "GroupLineDetail":
            yield from flat(line.get("GroupLineDetail") or {})
        else:
            yield line


def _discount(line: Payload, invoice: Payload, company: Company, currency: str) -> LineDocument:
    """A positive number over there that takes away from the total."""
    detail = part_of(line, "DiscountLineDetail") or {}
    percent = number_of(detail.get("DiscountPercent")) if flag_of(detail, "PercentBased") else None
    code, own = tax_code_of(invoice, company), ref_of(detail, "TaxCodeRef")
    after_it_tax = (
        flag_of(invoice, "ApplyTaxAfterDiscount") if in_us(company) else bool(own) and own == code
    )
    return LineDocument(
        item="",
        description=text_of(line, "Description") or "Discount",
        amount=-money_of(line.get("Amount"), currency),
        taxable=after_it_tax,
        tax_code="" if in_us(company) or own == code else own,
        discount=True,
        percent=percent,
    )


def _line_of(line: Payload, company: Company, currency: str, code: str) -> LineDocument:
    detail = part_of(line, "SalesItemLineDetail") or {}
    total = money_of(line.get("Amount"), currency)
    quantity, unit_price = number_of(detail.get("Qty")), number_of(detail.get("UnitPrice"))
    fit = (
        quantity is not None and unit_price is not None and factors_fit(quantity, unit_price, total)
    )
    line_code = _tax_code_of_line(line)
    return LineDocument(
        item=ref_of(detail, "ItemRef"),
        description=text_of(line, "Description"),
        amount=total,
        quantity=quantity if fit else None,
        unit_price=unit_price if fit else None,
        taxable=_taxable(line_code, company, code),
        tax_code="" if in_us(company) or line_code == code else line_code,
        tracking_class=ref_of(detail, "ClassRef"),
    )


def _taxable(line_code: str, company: Company, code: str) -> bool:
    """In US companies with automated tax a line without a code is taxed (reference 5.5)."""
    if in_us(company):
        return line_code == TAXED or (not line_code and company.automated_tax)
    return bool(line_code) and line_code == code


def _tax_code_of_line(line: Payload) -> str:
    return text_of(line, "SalesItemLineDetail", "TaxCodeRef", "value")
