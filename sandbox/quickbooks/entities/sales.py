"""What invoices, credit memos, receipts and estimates share: lines, totals, numbers, postings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import ZERO, decimals, minor, money, trimmed
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import documents, settings, taxes
from sandbox.quickbooks.faults import Fault, business, missing
from sandbox.quickbooks.kinds import Body, Draft, Posting

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

LINE_TYPES = {"SalesItemLineDetail", "GroupLineDetail", "DescriptionOnly", "DiscountLineDetail",
              "SubTotalLineDetail"}  # fmt: skip
DETAIL = {"DescriptionOnly": "DescriptionLineDetail"}
LARGEST = Decimal("99999999999")
LONGEST_CUSTOM = 31
SPECIAL_ITEMS = {"SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"}
FILTERS_TEXT = "DocNumber TxnDate CustomerRef Balance TotalAmt"
SALES_READ_ONLY = frozenset(
    [
        "Balance",
        "TotalAmt",
        "HomeTotalAmt",
        "HomeBalance",
        "InvoiceLink",
        "InvoiceLinkSecurityCode",
        "InvoiceLinkExpiryDate",
        "EInvoiceStatus",
        "ECloudStatusTimeStamp",
        "invoiceStatus",
        "invoiceStatusLog",
        "callToAction",
        "DeliveryInfo",
        "RecurDataRef",
        "TxnSource",
        "RemainingCredit",
        "TaxExemptionRef",
        "TotalCostAmount",
        "HomeTotalCostAmount",
    ]
)


def complete(books: Books, draft: Draft, kind: str, *, customer_required: bool = True) -> None:
    """Everything that is the same on each sales form. Order matters: tax needs lines, total tax."""
    body = draft.body
    texts(books, body)
    custom_fields(books, body)
    documents.dates(books, draft)
    customer = party(books, draft, customer_required)
    documents.currency(books, draft, customer)
    documents.tracking(books, body)
    lines(books, draft)
    tax(books, draft)
    documents.number(books, draft, kind)
    total(books, draft)
    body.setdefault("PrintStatus", "NeedToPrint")
    emailing(books, draft)
    order(body)


def texts(books: Books, body: Body) -> None:
    validation.characters(
        books, {n: body.get(n) for n in ("PrivateNote", "CustomerMemo", "Line", "DocNumber")}
    )
    validation.lengths(body, {"DocNumber": 21, "PrivateNote": 4000, "PaymentRefNum": 100})
    if "CustomerMemo" in body:
        validation.length(body["CustomerMemo"].get("value", ""), 1000, "CustomerMemo")
    validation.address(body, "BillAddr", "ShipAddr")
    validation.email(body, "BillEmail", "BillEmailCc", "BillEmailBcc")


def custom_fields(books: Books, body: Body) -> None:
    """Up to three fields of text (reference, section 5.4), in the order of the company's; what is sent
    of others is not kept. The array is replaced as a whole, so a field that is left out is empty."""
    given: dict[str, str] = {}
    for field in body.get("CustomField", []):
        if "DefinitionId" not in field or len(field.get("StringValue", "")) > LONGEST_CUSTOM:
            raise Fault(3000, "Invalid Custom Field", element="CustomField")
        given[field["DefinitionId"]] = field.get("StringValue", "")
    body["CustomField"] = [
        {
            "DefinitionId": id,
            "Name": name,
            "Type": "StringType",
            **({"StringValue": given[id]} if given.get(id) else {}),
        }
        for id, name in settings.custom_fields(books.preferences)
    ]


def party(books: Books, draft: Draft, required: bool) -> Body | None:
    """The customer, active; addresses and e-mail are copied from there."""
    body = draft.body
    if not body.get("CustomerRef"):
        if required:
            raise missing("CustomerRef")
        return None
    customer = books.reference("Customer", body["CustomerRef"], "CustomerRef")
    assert customer is not None
    former_customer = ((draft.former or {}).get("CustomerRef") or {}).get("value")
    if draft.is_new or former_customer != customer["Id"]:
        for name in ("BillAddr", "ShipAddr"):
            if name not in draft.given and name in customer:
                body[name] = customer[name]
        if "BillEmail" not in draft.given and customer.get("PrimaryEmailAddr"):
            body["BillEmail"] = {"Address": customer["PrimaryEmailAddr"]["Address"]}
    validation.addresses_get_ids(books, body, "BillAddr", "ShipAddr")
    return customer


def lines(books: Books, draft: Draft) -> None:
    body = draft.body
    given = body.get("Line")
    if given is None:
        raise missing("Line")
    kept = [line for line in given if line.get("DetailType") != "SubTotalLineDetail"]
    if not kept:
        raise Fault(2250, "You must enter at least one split line.", element="Line")
    documents.check_line_count(kept)
    for line in kept:
        one_line(books, draft, line)
    if sum(line["DetailType"] == "DiscountLineDetail" for line in kept) > 1:
        raise business("Only one discount line is allowed")
    documents.number_lines(kept, draft.former)
    subtotal = sum((line["Amount"] for line in kept if counted(line)), ZERO)
    for line in kept:
        if line["DetailType"] == "DiscountLineDetail":
            discount(books, line, subtotal)
    body["Line"] = in_order(kept, subtotal)


def in_order(kept: list[Body], subtotal: Decimal) -> list[Body]:
    """The subtotal stands below what is sold and above the discount, as in Intuit's own samples
    and in the integration tests of python-quickbooks."""
    off = [line for line in kept if line["DetailType"] == "DiscountLineDetail"]
    sold = [line for line in kept if line["DetailType"] != "DiscountLineDetail"]
    total_line = {"Amount": subtotal, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    return [*sold, total_line, *off]


def counted(line: Body) -> bool:
    return line["DetailType"] in {"SalesItemLineDetail", "GroupLineDetail"} and "Amount" in line


def one_line(books: Books, draft: Draft, line: Body) -> None:
    kind = line.get("DetailType")
    if kind is None:
        raise missing("Line.DetailType")
    if kind not in LINE_TYPES:
        raise Fault(
            2170,
            f"Invalid Enumeration : DetailType {kind} is not possible here",
            element="DetailType",
        )
    validation.lengths(line, {"Description": 4000})
    name = DETAIL.get(kind, kind)
    other = next((k for k in line if k.endswith("LineDetail") and k != name), None)
    if other is not None:
        raise Fault(
            2600, f"Conflicting elements found in the request: {other} and {kind}", element=other
        )
    if kind == "DescriptionOnly":
        line.pop("Amount", None)
        line.setdefault("DescriptionLineDetail", {})
    elif kind == "SalesItemLineDetail":
        item_line(books, draft, line)
    elif kind == "GroupLineDetail":
        raise business("Group items are not set up in this company", "GroupLineDetail")


def item_line(books: Books, draft: Draft, line: Body) -> None:
    detail = line.setdefault("SalesItemLineDetail", {})
    if not detail.get("ItemRef"):
        memo_line(line)
        return
    if "Amount" not in line:
        raise missing("Line.Amount")
    item = None
    if detail["ItemRef"]["value"] not in SPECIAL_ITEMS:
        item = books.reference("Item", detail["ItemRef"], "ItemRef")
        assert item is not None
        if item["Type"] == "Category":
            raise Fault(2120, "Invalid Type : a category cannot be sold", element="ItemRef")
    amounts(line, detail)
    inclusive(books, draft, line, detail)
    if books.company.is_us:
        taxes.us_line_code(books, detail, item)
    else:
        taxes.check_code(books, detail)
    account = (item or {}).get("IncomeAccountRef")
    if "ItemAccountRef" in detail:
        books.reference("Account", detail["ItemAccountRef"], "ItemAccountRef")
    elif account:
        detail["ItemAccountRef"] = dict(account)
    books.reference("Class", detail.get("ClassRef"), "ClassRef")


def memo_line(line: Body) -> None:
    """A sales line without an item is a memo line; its amount is ignored."""
    for name in ("SalesItemLineDetail", "Amount"):
        line.pop(name, None)
    line["DetailType"] = "DescriptionOnly"
    line["DescriptionLineDetail"] = {}


def amounts(line: Body, detail: Body) -> None:
    """Amount must equal Qty × UnitPrice, rounded half-up to cents (6070)."""
    given = Decimal(line["Amount"])
    line["Amount"] = money(given)
    for name in ("Qty", "UnitPrice", "DiscountRate"):
        if name in detail:
            detail[name] = trimmed(Decimal(detail[name]))
    if "UnitPrice" in detail and decimals(detail["UnitPrice"]) > 7:
        raise Fault(2110, "Invalid Decimal : UnitPrice may have 7 decimals", element="UnitPrice")
    if "Qty" in detail and "UnitPrice" in detail:
        product = money(Decimal(detail["Qty"]) * Decimal(detail["UnitPrice"]))
        if product != line["Amount"]:
            raise Fault(
                6070,
                "Amount calculation incorrect in the request : Amount is not equal to "
                f"UnitPrice * Qty. Supplied value:{given:,.2f}",
                element="Line.Amount",
            )


def inclusive(books: Books, draft: Draft, line: Body, detail: Body) -> None:
    """TaxInclusive: the amount sent is the net one, TaxInclusiveAmt the gross one if given."""
    if draft.body.get("GlobalTaxCalculation") != "TaxInclusive" or books.company.is_us:
        return
    code = (detail.get("TaxCodeRef") or {}).get("value")
    if code and "TaxInclusiveAmt" in detail and "Qty" not in detail:
        line["Amount"] = taxes.net_of_inclusive(books, code, Decimal(detail["TaxInclusiveAmt"]))


def discount(books: Books, line: Body, subtotal: Decimal) -> None:
    if not books.preference("SalesFormsPrefs", "AllowDiscount", True):
        raise Fault(5030, "Feature Not Supported Error : discounts are switched off")
    detail = line.setdefault("DiscountLineDetail", {})
    if detail.get("PercentBased"):
        if "DiscountPercent" not in detail:
            raise Fault(
                6090, "A discount amount or percent is required.", element="DiscountLineDetail"
            )
        detail["DiscountPercent"] = trimmed(Decimal(detail["DiscountPercent"]))
        if not 0 <= detail["DiscountPercent"] <= 100:
            raise Fault(2150, "Invalid Percent : DiscountPercent", element="DiscountPercent")
        line["Amount"] = money(subtotal * Decimal(detail["DiscountPercent"]) / 100)
    elif "Amount" not in line:
        raise Fault(6090, "A discount amount or percent is required.", element="DiscountLineDetail")
    else:
        detail["PercentBased"] = False
        line["Amount"] = money(line["Amount"])
    if line["Amount"] < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="Amount"
        )
    if books.company.is_us and detail.get("TaxCodeRef"):
        detail.pop("TaxCodeRef")
    else:
        taxes.check_code(books, detail)
    if detail.get("DiscountAccountRef"):
        books.reference("Account", detail["DiscountAccountRef"], "DiscountAccountRef")
    else:
        detail["DiscountAccountRef"] = discount_account(books)


def discount_account(books: Books) -> Body:
    found = books.account_of("DiscountsRefundsGiven") or books.account_of("", "Income")
    if found is None:
        raise business("There is no account for discounts")
    return {"value": found["Id"], "name": found["FullyQualifiedName"]}


def tax(books: Books, draft: Draft) -> None:
    body, fresh = draft.body, "TxnTaxDetail" in draft.given
    if books.company.is_us:
        body.pop("GlobalTaxCalculation", None)
        body["ApplyTaxAfterDiscount"] = bool(body.get("ApplyTaxAfterDiscount", False))
        taxes.us_tax(books, draft, us_taxable(body), fresh)
    else:
        taxes.global_tax(books, draft, fresh)
    lines = [line for line in body["Line"] if line["DetailType"] != "SubTotalLineDetail"]
    documents.check_line_count(lines, taxed=bool(body["TxnTaxDetail"].get("TotalTax")))


def us_taxable(body: Body) -> Decimal:
    """Taxed amounts, less their share of the discount when tax comes after it."""
    sold = [line for line in body["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    taxed = sum((line["Amount"] for line in sold
                 if line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "TAX"), ZERO)  # fmt: skip
    all_sold = sum((line["Amount"] for line in sold), ZERO)
    off = discount_of(body)
    if body["ApplyTaxAfterDiscount"] and off and all_sold:
        taxed -= money(off * taxed / all_sold)
    return taxed


def discount_of(body: Body) -> Decimal:
    return sum(
        (line["Amount"] for line in body["Line"] if line["DetailType"] == "DiscountLineDetail"),
        ZERO,
    )


def total(books: Books, draft: Draft) -> None:
    body = draft.body
    subtotal = next(
        line["Amount"] for line in body["Line"] if line["DetailType"] == "SubTotalLineDetail"
    )
    amount = subtotal - discount_of(body) + body["TxnTaxDetail"]["TotalTax"]
    if amount < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    body["TotalAmt"] = money(amount)
    check_size(body)
    documents.home_total(books, body)


def check_size(body: Body) -> None:
    if body["TotalAmt"] > LARGEST:
        raise Fault(2140, "Invalid Amount : the total is too large", element="TotalAmt")


def emailing(books: Books, draft: Draft) -> None:
    """NeedToSend wants an address (6420). Only QuickBooks sets EmailSent."""
    body, former = draft.body, draft.former or {}
    status = body.get("EmailStatus") or former.get("EmailStatus") or "NotSet"
    if status == "EmailSent" and former.get("EmailStatus") != "EmailSent":
        status = former.get("EmailStatus", "NotSet")
    if status == "NeedToSend" and not body.get("BillEmail", {}).get("Address"):
        raise Fault(6420, "You must enter an e-mail address", element="BillEmail")
    body["EmailStatus"] = status


def order(body: Body) -> None:
    """Arrays that QuickBooks always shows."""
    body.setdefault("CustomField", [])


def postings(books: Books, body: Body, balancing: Posting, sign: int) -> list[Posting]:
    """Income, discount and tax of the form; `sign` 1 for sales, -1 for credits and refunds."""
    out = [balancing]
    customer = int(body["CustomerRef"]["value"]) if body.get("CustomerRef") else None
    for line in body["Line"]:
        detail = line.get(line["DetailType"], {})
        if line["DetailType"] == "SalesItemLineDetail":
            account = detail.get("ItemAccountRef") or income_account(books)
            out.append(Posting(int(account["value"]), -sign * minor(line["Amount"]), customer,
                               line.get("Description")))  # fmt: skip
            out.extend(cost(books, detail, sign))
        elif line["DetailType"] == "DiscountLineDetail":
            out.append(
                Posting(
                    int(detail["DiscountAccountRef"]["value"]),
                    sign * minor(line["Amount"]),
                    customer,
                )
            )
    if taxes.tax_minor(body):
        out.append(Posting(taxes.liability(books, None), -sign * taxes.tax_minor(body), customer))
    return out


def income_account(books: Books) -> Body:
    found = books.account_of("SalesOfProductIncome", "Income")
    assert found is not None
    return {"value": found["Id"]}


def cost(books: Books, detail: Body, sign: int) -> list[Posting]:
    """Goods leave the stock at their purchase cost."""
    item = books.find("Item", detail["ItemRef"]["value"]) if detail.get("ItemRef") else None
    if not item or item["Type"] != "Inventory" or not detail.get("Qty"):
        return []
    cents = sign * minor(money(Decimal(detail["Qty"]) * Decimal(item.get("PurchaseCost", 0))))
    return [Posting(int(item["ExpenseAccountRef"]["value"]), cents),
            Posting(int(item["AssetAccountRef"]["value"]), -cents)]  # fmt: skip
