"""Money that goes out: purchases, bills, vendor credits, purchase orders; their lines and postings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import ZERO, major, minor, money
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import documents, sales, stock, taxes
from sandbox.quickbooks.faults import Fault, business, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, Posting, Relation, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

LINE_TYPES = {"AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail", "DescriptionOnly"}
EXPENSE_READ_ONLY = words(
    "TotalAmt Balance HomeBalance LinkedTxn TotalCostAmount HomeTotalCostAmount RecurDataRef"
)


def lines(books: Books, draft: Draft, *, negative: bool = True) -> None:
    """Expense lines; the total is their sum and the tax."""
    body = draft.body
    if body.get("Line") is None:
        raise missing("Line")
    if not body["Line"]:
        raise Fault(2250, "You must enter at least one split line.", element="Line")
    documents.check_line_count(body["Line"])
    for line in body["Line"]:
        one_line(books, body, line)
        if not negative and line.get("Amount", 0) < 0:
            raise Fault(
                2290, "Negative amounts aren't supported on transaction lines.", element="Amount"
            )
    documents.number_lines(body["Line"], draft.former)
    tax(books, draft)
    amount = sum((line.get("Amount", ZERO) for line in body["Line"]), ZERO)
    body["TotalAmt"] = money(amount + body.get("TxnTaxDetail", {}).get("TotalTax", 0))
    if body["TotalAmt"] < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    sales.check_size(body)


def one_line(books: Books, body: Body, line: Body) -> None:
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
    if kind == "DescriptionOnly":
        line.pop("Amount", None)
        return
    if "Amount" not in line:
        raise missing("Line.Amount")
    line["Amount"] = money(line["Amount"])
    detail = line.get(kind)
    if not detail:
        raise missing(kind)
    if kind.startswith("Account"):
        account_line(books, body, detail)
    else:
        item_line(books, line, detail)
    tax_code(books, detail)
    inclusive(books, body, line, detail)
    billable(books, detail)
    books.reference("Class", detail.get("ClassRef"), "ClassRef")


def account_line(books: Books, body: Body, detail: Body) -> None:
    if not detail.get("AccountRef"):
        raise Fault(6440, "A line needs an item or an account.", element="AccountRef")
    account = books.reference("Account", detail["AccountRef"], "AccountRef")
    assert account is not None
    personal(books, body, account)


def personal(books: Books, body: Body, account: Body) -> None:
    """A line on A/R needs a customer in the name field, one on A/P a vendor."""
    wanted = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}.get(
        account["AccountType"]
    )
    given = body.get("EntityRef") or body.get("VendorRef")
    if wanted and (given is None or books.find(wanted, given["value"]) is None):
        raise business(
            f"When you use {account['AccountType']}, you must choose a {wanted.lower()} in the Name field."
        )


def item_line(books: Books, line: Body, detail: Body) -> None:
    if not detail.get("ItemRef"):
        raise Fault(6440, "A line needs an item or an account.", element="ItemRef")
    item = books.reference("Item", detail["ItemRef"], "ItemRef")
    assert item is not None
    if not (item.get("ExpenseAccountRef") or item.get("AssetAccountRef")):
        raise business(f"The item {item['Name']} has no expense account", "ItemRef")
    sales.amounts(line, detail)


def tax_code(books: Books, detail: Body) -> None:
    if books.company.is_us:
        given = (detail.get("TaxCodeRef") or {}).get("value", "NON")
        if given not in taxes.PSEUDO:
            raise Fault(
                6100,
                f"Invalid Line TaxCode in the request : For US, specify TAX or NON. Supplied value:{given}",
                element="TaxCodeRef",
            )
        detail["TaxCodeRef"] = {"value": given}
    else:
        taxes.check_code(books, detail)


def inclusive(books: Books, body: Body, line: Body, detail: Body) -> None:
    """As on sales: with TaxInclusive the gross amount decides where it is given."""
    code = (detail.get("TaxCodeRef") or {}).get("value")
    holds_tax = body.get("GlobalTaxCalculation") == "TaxInclusive" and not books.company.is_us
    if holds_tax and code and "TaxInclusiveAmt" in detail:
        gross = Decimal(detail["TaxInclusiveAmt"])
        line["Amount"] = taxes.net_of_inclusive(books, code, gross, taxes.PURCHASES)


def billable(books: Books, detail: Body) -> None:
    detail.setdefault("BillableStatus", "NotBillable")
    books.reference("Customer", detail.get("CustomerRef"), "CustomerRef")
    if detail["BillableStatus"] == "Billable" and not detail.get("CustomerRef"):
        raise Fault(
            6310, "A customer is required if the transaction is billable.", element="CustomerRef"
        )


def tax(books: Books, draft: Draft) -> None:
    """No sales tax on US purchases; elsewhere by code when the form says how."""
    body = draft.body
    if books.company.is_us:
        body.pop("GlobalTaxCalculation", None)
        body.pop("TxnTaxDetail", None)
        return
    body.setdefault("GlobalTaxCalculation", "NotApplicable")
    taxes.global_tax(books, draft, "TxnTaxDetail" in draft.given, taxes.PURCHASES)


def common(books: Books, draft: Draft, party: Body | None) -> None:
    body = draft.body
    validation.characters(books, {n: body.get(n) for n in ("PrivateNote", "DocNumber", "Line")})
    validation.lengths(body, {"DocNumber": 21, "PrivateNote": 4000})
    documents.dates(books, draft)
    documents.currency(books, draft, party)
    documents.tracking(books, body)


def postings(
    books: Books, body: Body, balancing: Posting, sign: int, party: int | None
) -> list[Posting]:
    out = [balancing]
    for line in body["Line"]:
        detail = line.get(line["DetailType"], {})
        if line["DetailType"] == "AccountBasedExpenseLineDetail":
            account = int(detail["AccountRef"]["value"])
        elif line["DetailType"] == "ItemBasedExpenseLineDetail":
            account = item_account(books, detail)
        else:
            continue
        out.append(Posting(account, sign * minor(line["Amount"]), party, line.get("Description")))
    if taxes.tax_minor(body):
        out.append(Posting(taxes.liability(books, None), sign * taxes.tax_minor(body), party))
    return out


def item_account(books: Books, detail: Body) -> int:
    item = books.find("Item", detail["ItemRef"]["value"]) or {}
    stock = item.get("Type") == "Inventory"
    ref = item.get("AssetAccountRef" if stock else "ExpenseAccountRef") or item.get(
        "ExpenseAccountRef"
    )
    return int((ref or item["AssetAccountRef"])["value"])


# -- purchases ---------------------------------------------------------------------------------------

PLACES = {"Cash": {"Bank"}, "Check": {"Bank"}, "CreditCard": {"Credit Card"}}
PARTIES = ("Customer", "Vendor", "Employee")


def complete_purchase(books: Books, draft: Draft) -> None:
    body = draft.body
    if not body.get("PaymentType"):
        raise missing("PaymentType")
    if body["PaymentType"] not in PLACES:
        raise Fault(
            2170,
            f"Invalid Enumeration : PaymentType. Supplied value:{body['PaymentType']}",
            element="PaymentType",
        )
    if not body.get("AccountRef"):
        raise missing("AccountRef")
    paid_from = documents.account(books, body, "AccountRef", PLACES[body["PaymentType"]])
    entity(books, body)
    if body.get("Credit") and body["PaymentType"] != "CreditCard":
        raise business("Credit is possible for the payment type CreditCard only", "Credit")
    common(books, draft, None)
    documents.fits_currency(books, body, "AccountRef", paid_from)
    lines(books, draft)
    body.setdefault("Credit", False)
    if body["PaymentType"] != "CreditCard":
        del body["Credit"]
    if (
        body["PaymentType"] != "Check"
        and body.get("DocNumber") != (draft.former or {}).get("DocNumber")
        and body.get("DocNumber")
    ):
        documents.unique_number(books, draft, "Purchase")
    check_used(books, draft)
    body.setdefault("LinkedTxn", (draft.former or {}).get("LinkedTxn", []))


def entity(books: Books, body: Body) -> None:
    """EntityRef with its type; the record must exist and be active."""
    ref = body.get("EntityRef")
    if not ref:
        return
    kind = (ref.get("type") or "").title() or next(
        (k for k in PARTIES if books.find(k, ref["value"])), "Vendor"
    )
    if kind not in PARTIES:
        raise Fault(
            2170,
            f"Invalid Enumeration : EntityRef.type. Supplied value:{ref['type'][:40]}",
            element="EntityRef",
        )
    books.reference(kind, ref, "EntityRef")
    ref["type"] = kind


def check_used(books: Books, draft: Draft) -> None:
    """What payments have settled with a purchase (a refunded credit) cannot shrink below that."""
    if draft.former is None:
        return
    used = sum(row[3] for row in books.applied_to("Purchase", draft.former["Id"]))
    receivable = sum(
        p.own for p in post_purchase(books, draft.body) if books.core.is_personal(books, p.account)
    )
    if used > receivable:
        raise business("The amount is less than what has been applied from this transaction")


def post_purchase(books: Books, body: Body) -> list[Posting]:
    sign = -1 if body.get("Credit") else 1
    party = int(body["EntityRef"]["value"]) if body.get("EntityRef") else None
    place = Posting(int(body["AccountRef"]["value"]), -sign * minor(body["TotalAmt"]), party)
    return postings(books, body, place, sign, party)


def refresh_purchase(books: Books, body: Body) -> None:
    rows = books.applied_to("Purchase", body["Id"])
    body["LinkedTxn"] = [{"TxnId": str(by_id), "TxnType": by_kind} for by_kind, by_id, _, _ in rows]


def bought(books: Books, body: Body) -> list[Relation]:
    return stock.moved(books, body, 1 if body.get("Credit") else -1)


def sent_back(books: Books, body: Body) -> list[Relation]:
    return stock.moved(books, body, 1)


# -- bills and vendor credits ----------------------------------------------------------------------------


def vendor_of(books: Books, body: Body) -> Body:
    if not body.get("VendorRef"):
        raise missing("VendorRef")
    found = books.reference("Vendor", body["VendorRef"], "VendorRef")
    assert found is not None
    return found


def complete_bill(books: Books, draft: Draft) -> None:
    complete_payable(books, draft)
    documents.due_date(books, draft)


def complete_payable(books: Books, draft: Draft) -> None:
    body = draft.body
    vendor = vendor_of(books, body)
    common(books, draft, vendor)
    lines(books, draft)
    if not body.get("APAccountRef"):
        body["APAccountRef"] = {"value": str(documents.payable(books))}
    documents.account(books, body, "APAccountRef", {"Accounts Payable"})
    body["Balance"] = payable_balance(books, draft)
    if body["Balance"] < 0:
        raise business("The amount is less than the payments that are applied to it")
    body.setdefault("LinkedTxn", (draft.former or {}).get("LinkedTxn", []))


def payable_balance(books: Books, draft: Draft) -> Decimal:
    if draft.former is None:
        return Decimal(draft.body["TotalAmt"])
    used = sum(sum(r[3] for r in books.applied_to(k, draft.former["Id"])) for k in ("Bill", "VendorCredit")
               if books.find(k, draft.former["Id"]) is draft.former)  # fmt: skip
    return major(minor(draft.body["TotalAmt"]) - used)


def refresh_payable(kind: str, books: Books, body: Body) -> None:
    rows = books.applied_to(kind, body["Id"])
    body["Balance"] = major(minor(body["TotalAmt"]) - sum(row[3] for row in rows))
    body["LinkedTxn"] = [{"TxnId": str(by_id), "TxnType": by_kind} for by_kind, by_id, _, _ in rows]


def refresh_bill(books: Books, body: Body) -> None:
    refresh_payable("Bill", books, body)


def refresh_credit(books: Books, body: Body) -> None:
    refresh_payable("VendorCredit", books, body)


def post_bill(books: Books, body: Body) -> list[Posting]:
    vendor = int(body["VendorRef"]["value"])
    owed = Posting(int(body["APAccountRef"]["value"]), -minor(body["TotalAmt"]), vendor)
    return postings(books, body, owed, 1, vendor)


def post_vendor_credit(books: Books, body: Body) -> list[Posting]:
    vendor = int(body["VendorRef"]["value"])
    owed = Posting(int(body["APAccountRef"]["value"]), minor(body["TotalAmt"]), vendor)
    return postings(books, body, owed, -1, vendor)


def complete_order(books: Books, draft: Draft) -> None:
    """A purchase order promises and posts nothing."""
    body, owed_on = draft.body, draft.body.pop("APAccountRef", None)
    complete_payable(books, draft)
    body.pop("Balance")
    body.setdefault("POStatus", "Open")
    validation.email(body, "BillEmail", "POEmail", "ReplyEmail")
    if body.get("EmailStatus") == "NeedToSend" and not body.get("BillEmail"):
        raise Fault(6420, "You must enter an e-mail address", element="BillEmail")
    if owed_on:  # nothing is posted, so any account will do
        books.reference("Account", owed_on, "APAccountRef")
        body["APAccountRef"] = owed_on


register(Kind(
    "Purchase", "txn", complete_purchase, post_purchase, bought, refresh_purchase, is_transaction=True,
    deletable=True, read_only=EXPENSE_READ_ONLY, events=events("Create Update Delete Void"),
    filters=words("TxnDate PaymentType TotalAmt DocNumber EntityRef AccountRef"),
    sorts=words("TxnDate TotalAmt PaymentType"),
))  # fmt: skip
register(Kind(
    "Bill", "txn", complete_bill, post_bill, bought, refresh_bill, is_transaction=True, deletable=True,
    read_only=EXPENSE_READ_ONLY, events=events("Create Update Delete"),
    filters=words("TxnDate DueDate DocNumber VendorRef TotalAmt Balance APAccountRef SalesTermRef"),
    sorts=words("TxnDate DueDate DocNumber TotalAmt Balance"),
))  # fmt: skip
register(Kind(
    "VendorCredit", "txn", complete_payable, post_vendor_credit, sent_back, refresh_credit, is_transaction=True,
    deletable=True, read_only=EXPENSE_READ_ONLY, events=events("Create Update Delete"),
    filters=words("TxnDate DocNumber VendorRef TotalAmt"), sorts=words("TxnDate DocNumber TotalAmt"),
))  # fmt: skip
register(Kind(
    "PurchaseOrder", "txn", complete_order, is_transaction=True, deletable=True, sendable=True,
    read_only=EXPENSE_READ_ONLY, events=events("Create Update Delete Emailed"), edition="Plus",
    filters=words("TxnDate DocNumber VendorRef TotalAmt POStatus"), sorts=words("TxnDate DocNumber TotalAmt"),
))  # fmt: skip
