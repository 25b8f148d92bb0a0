"""Tax codes, rates and agencies, and the tax of a sales document."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.money import ZERO, major, minor, money, trimmed
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

PSEUDO = ("TAX", "NON")
# Which rates of a code count: those of what is sold, or those of what is bought.
SALES, PURCHASES = "SalesTaxRateList", "PurchaseTaxRateList"
# General sales tax of the states used by automated sales tax; where none is given: no tax.
STATE_RATES = {
    "CA": "8", "NY": "8.875", "TX": "8.25", "FL": "7", "WA": "10.1", "AZ": "8.6", "IL": "10.25",
    "NV": "8.375", "CO": "8.81", "GA": "8.9", "MA": "6.25", "NJ": "6.625", "PA": "8", "OH": "7.5",
}  # fmt: skip


def rate_value(books: Books, id: str) -> Decimal:
    found = books.find("TaxRate", id)
    return Decimal(found["RateValue"]) if found else Decimal(0)


def rates_of(books: Books, code_id: str, side: str = SALES) -> list[tuple[str, Decimal]]:
    """(rate id, percent) of every rate of a tax code."""
    code = books.find("TaxCode", code_id) or {}
    details = code.get(side, {}).get("TaxRateDetail", [])
    return [
        (d["TaxRateRef"]["value"], rate_value(books, d["TaxRateRef"]["value"])) for d in details
    ]


def tax_lines(
    books: Books, taxable: dict[str, Decimal], side: str = SALES
) -> tuple[Decimal, list[Body]]:
    """(tax, TaxLine list) for net amounts by tax code; rounded half-up for each rate."""
    nets: dict[str, Decimal] = {}
    for code_id, net in taxable.items():
        for rate_id, _ in rates_of(books, code_id, side):
            nets[rate_id] = nets.get(rate_id, ZERO) + net
    lines, total = [], ZERO
    for rate_id, net in nets.items():
        percent = rate_value(books, rate_id)
        amount = money(net * percent / 100)
        total += amount
        lines.append(tax_line(rate_id, percent, net, amount))
    return total, lines


def held_lines(
    books: Books, held: list[tuple[str, Decimal, Decimal]], side: str = SALES
) -> tuple[Decimal, list[Body]]:
    """(tax, TaxLine list) of lines whose amounts hold their tax, each (code, net, tax): rounded line by
    line, so splitting a line may change the tax (reference, section 5.5)."""
    amounts: dict[str, Decimal] = {}
    nets: dict[str, Decimal] = {}
    for code_id, net, tax in held:
        left, rates = tax, rates_of(books, code_id, side)
        for place, (rate_id, percent) in enumerate(rates, start=1):
            part = left if place == len(rates) else money(net * percent / 100)
            left -= part
            amounts[rate_id] = amounts.get(rate_id, ZERO) + part
            nets[rate_id] = nets.get(rate_id, ZERO) + net
    lines = [
        tax_line(rate_id, rate_value(books, rate_id), nets[rate_id], amount)
        for rate_id, amount in amounts.items()
    ]
    return sum((tax for _, _, tax in held), ZERO), lines


def tax_line(rate_id: str, percent: Decimal, net: Decimal, amount: Decimal) -> Body:
    detail = {"TaxRateRef": {"value": rate_id}, "PercentBased": True,
              "TaxPercent": trimmed(percent), "NetAmountTaxable": net}  # fmt: skip
    return {"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}


def us_line_code(books: Books, detail: Body, item: Body | None) -> None:
    """TAX or NON, nothing else (6100). Missing: taxed under AST, else as the item says."""
    ast = books.preference("TaxPrefs", "PartnerTaxEnabled")
    given = (detail.get("TaxCodeRef") or {}).get("value")
    if given == "CustomSalesTax":
        raise Fault(
            6160, "Invalid TaxCodeRef Error : CustomSalesTax cannot be used", element="TaxCodeRef"
        )
    if given is not None and given not in PSEUDO:
        raise Fault(6100, "Invalid Line TaxCode in the request : For US, specify TAX or NON. "
                          f"Supplied value:{given}", element="TaxCodeRef")  # fmt: skip
    default = "TAX" if ast or (item or {}).get("Taxable") else "NON"
    detail["TaxCodeRef"] = {"value": given or default}


def us_tax(books: Books, draft: Draft, net: Decimal, is_new_tax: bool) -> None:
    """Sets TxnTaxDetail of a US document; `net` is the taxable amount after discount."""
    body = draft.body
    given = body.get("TxnTaxDetail", {}) if is_new_tax else {}
    if books.preference("TaxPrefs", "PartnerTaxEnabled"):
        body["TxnTaxDetail"] = automated(books, body, net, given)
        return
    code = (
        given.get("TxnTaxCodeRef") or body.get("TxnTaxDetail", {}).get("TxnTaxCodeRef") or {}
    ).get("value")
    if code in {"CustomSalesTax"}:
        raise Fault(
            6160 if draft.is_new else 6230, "Invalid TaxCodeRef Error", element="TxnTaxCodeRef"
        )
    if not code or code in PSEUDO or not books.preference("TaxPrefs", "UsingSalesTax"):
        body["TxnTaxDetail"] = {"TotalTax": 0}
        return
    found = books.reference("TaxCode", {"value": code}, "TxnTaxCodeRef")
    assert found is not None
    total, lines = tax_lines(books, {code: net})
    body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": code}, "TotalTax": total, "TaxLine": lines}


def automated(books: Books, body: Body, net: Decimal, given: Body) -> Body:
    """Automated sales tax: by address, the given code is ignored, a given TotalTax overrides."""
    if "TotalTax" in given and given.get("UseAutomatedSalesTax") is not True:
        percent, tax, review = Decimal(0), money(given["TotalTax"]), "AST_TAX_OVERRIDE"
        percent = trimmed_percent(tax, net)
    else:
        percent = Decimal(STATE_RATES.get(state(books, body), "0"))
        tax = money(net * percent / 100)
        if tax:
            tax += major(books.switches.ast_adjustment_cents)
        review = None
    code = next((c for c in books.where("TaxCode") if c["Id"] not in PSEUDO), None)
    rates = rates_of(books, code["Id"]) if code else []
    detail: Body = {"TotalTax": tax}
    if code and (tax or review):
        detail = {"TxnTaxCodeRef": {"value": code["Id"]}, **detail}
        detail["TaxLine"] = [tax_line(rates[0][0], percent, net, tax)] if rates else []
    if review:
        detail["TaxReviewStatus"] = review
    return detail


def trimmed_percent(tax: Decimal, net: Decimal) -> Decimal:
    return (tax * 100 / net).quantize(Decimal("0.0001")) if net else Decimal(0)


def state(books: Books, body: Body) -> str:
    """Ship-to, else bill-to, else the company's own address."""
    for name in ("ShipAddr", "BillAddr"):
        code = body.get(name, {}).get("CountrySubDivisionCode")
        if code:
            return str(code).upper()
    info = books.find("CompanyInfo", "1") or {}
    return str(info.get("CompanyAddr", {}).get("CountrySubDivisionCode", ""))


def global_tax(books: Books, draft: Draft, is_new_tax: bool, side: str = SALES) -> None:
    """Tax of a non-US document: a code on each line, exclusive, inclusive or none."""
    body = draft.body
    mode = body.get("GlobalTaxCalculation")
    if mode is None:
        if books.switches.global_tax_calculation_required:
            raise missing("GlobalTaxCalculation")
        mode = body["GlobalTaxCalculation"] = "TaxExcluded"
    if mode == "NotApplicable":
        if is_new_tax and body.get("TxnTaxDetail", {}).get("TotalTax"):
            raise Fault(6170, "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable",
                        element="TxnTaxDetail")  # fmt: skip
        body["TxnTaxDetail"] = {"TotalTax": 0}
        return
    nets: dict[str, Decimal] = {}
    held: list[tuple[str, Decimal, Decimal]] = []
    for line in body["Line"]:
        detail = line.get(line["DetailType"], {})
        if line["DetailType"] not in TAXED or not line.get("Amount"):
            continue
        code = (detail.get("TaxCodeRef") or {}).get("value")
        if not code:
            raise Fault(6000, "Business Validation Error: Make sure all your transactions have a "
                              f"{'VAT' if books.company.country in {'GB', 'FR'} else 'GST'} rate before "
                              "you save.", element="TaxCodeRef")  # fmt: skip
        net = line["Amount"]
        if line["DetailType"] == "DiscountLineDetail":
            net = -net
        if mode == "TaxInclusive" and "TaxInclusiveAmt" in detail:
            held.append((code, net, money(detail["TaxInclusiveAmt"]) - net))
            continue
        nets[code] = nets.get(code, ZERO) + net
    total, lines = tax_lines(books, nets, side)
    inside, within = held_lines(books, held, side)
    body["TxnTaxDetail"] = {"TotalTax": total + inside, "TaxLine": [*lines, *within]}


TAXED = {"SalesItemLineDetail", "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail",
         "DiscountLineDetail"}  # fmt: skip


def net_of_inclusive(books: Books, code_id: str, gross: Decimal, side: str = SALES) -> Decimal:
    """Net of an amount that holds its tax; rounded for the line, as QuickBooks does."""
    percent = sum((p for _, p in rates_of(books, code_id, side)), Decimal(0))
    return money(gross * 100 / (100 + percent))


def check_code(books: Books, detail: Body) -> None:
    if detail.get("TaxCodeRef"):
        books.reference("TaxCode", detail["TaxCodeRef"], "TaxCodeRef")
        detail["TaxCodeRef"] = {"value": detail["TaxCodeRef"]["value"]}


def liability(books: Books, rate_id: str | None) -> int:
    """The account a rate's tax is owed on."""
    found: Any = books.account_of("GlobalTaxPayable") or books.account_of("SalesTaxPayable")
    return int(found["Id"])


def tax_minor(body: Body) -> int:
    return minor(body.get("TxnTaxDetail", {}).get("TotalTax", 0))


register(Kind("TaxCode", "taxcode", name_field="Name", plural="TaxCodes", creatable=False,
              writable=False, in_change_feed=False, filters=words("Name Active"), sorts=words("Name")))  # fmt: skip
register(Kind("TaxRate", "taxrate", name_field="Name", plural="TaxRates", creatable=False,
              writable=False, in_change_feed=False, filters=words("Name Active"), sorts=words("Name")))  # fmt: skip


def complete_agency(books: Books, draft: Draft) -> None:
    body = draft.body
    if not body.get("DisplayName"):
        raise missing("DisplayName")
    if any(
        a["DisplayName"].casefold() == body["DisplayName"].casefold()
        for a in books.where("TaxAgency")
    ):
        raise Fault(6240, "The name supplied already exists. : null")
    body.setdefault("TaxTrackedOnPurchases", False)
    body.setdefault("TaxTrackedOnSales", True)


register(Kind("TaxAgency", "taxagency", complete_agency, plural="TaxAgencies", writable=False,
              in_change_feed=False, events=events("Create Update"), filters=words("DisplayName")))  # fmt: skip
