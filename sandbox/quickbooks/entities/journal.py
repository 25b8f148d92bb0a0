"""Journal entries, transfers and payments of a credit card's balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.money import minor, money
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import documents, held, sales
from sandbox.quickbooks.faults import Fault, business, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, Posting, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

PARTIES = ("Customer", "Vendor", "Employee")
NEEDS = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, {n: body.get(n) for n in ("PrivateNote", "DocNumber", "Line")})
    validation.lengths(body, {"DocNumber": 21, "PrivateNote": 4000})
    documents.dates(books, draft)
    documents.currency(books, draft, None)
    if body.get("Line") is None:
        raise missing("Line")
    posted = [line for line in body["Line"] if line.get("DetailType") != "DescriptionOnly"]
    if len(posted) < 2:
        raise Fault(2250, "You must enter at least two split lines.", element="Line")
    documents.check_line_count(body["Line"])
    for line in posted:
        one_line(books, line)
    documents.number_lines(body["Line"], draft.former)
    debits = sum(
        minor(li["Amount"])
        for li in posted
        if li["JournalEntryLineDetail"]["PostingType"] == "Debit"
    )
    credits = sum(minor(li["Amount"]) for li in posted) - debits
    if debits != credits:
        raise Fault(
            2300,
            "Amount on debits not equal to credits : the journal entry does not balance",
            element="Line",
        )
    body.setdefault("Adjustment", False)
    check_used(books, draft)
    sales.check_size({"TotalAmt": debits / 100})


def one_line(books: Books, line: Body) -> None:
    if line.get("DetailType") != "JournalEntryLineDetail":
        raise (
            missing("Line.DetailType")
            if not line.get("DetailType")
            else Fault(
                2170,
                f"Invalid Enumeration : DetailType {line['DetailType']} is not possible here",
                element="DetailType",
            )
        )
    validation.lengths(line, {"Description": 4000})
    detail = line.get("JournalEntryLineDetail") or {}
    if "Amount" not in line:
        raise missing("Line.Amount")
    if line["Amount"] < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="Amount"
        )
    if not detail.get("PostingType"):
        raise Fault(
            2260,
            "A posting type is required. Valid values are Credit or Debit.",
            element="PostingType",
        )
    if not detail.get("AccountRef"):
        raise missing("AccountRef")
    account = books.reference("Account", detail["AccountRef"], "AccountRef")
    assert account is not None
    line["Amount"] = money(line["Amount"])
    entity(books, detail, account)
    for name, kind in (("ClassRef", "Class"), ("DepartmentRef", "Department")):
        books.reference(kind, detail.get(name), name)


def entity(books: Books, detail: Body, account: Body) -> None:
    """A/R lines name a customer, A/P lines a vendor."""
    given = detail.get("Entity") or {}
    if given.get("EntityRef"):
        kind = given.get("Type") or "Customer"
        if kind not in PARTIES:
            raise Fault(
                2170, f"Invalid Enumeration : Entity.Type. Supplied value:{kind}", element="Entity"
            )
        books.reference(kind, given["EntityRef"], "EntityRef")
        detail["Entity"] = {"Type": kind, "EntityRef": given["EntityRef"]}
    else:
        detail.pop("Entity", None)
    wanted = NEEDS.get(account["AccountType"])
    if wanted and detail.get("Entity", {}).get("Type") != wanted:
        raise business(
            f"When you use {account['AccountType']}, you must choose a {wanted.lower()} in the Name field."
        )


def check_used(books: Books, draft: Draft) -> None:
    """Credits of an entry that payments have used cannot be taken away."""
    if draft.former is None:
        return
    used = sum(
        r[3] for r in books.applied_to("JournalEntry", draft.former["Id"]) if r[0] == "Payment"
    )
    credit = -sum(
        p.own for p in post(books, draft.body) if books.core.is_personal(books, p.account)
    )
    if used > max(credit, 0):
        raise business("The amount is less than what has been applied from this journal entry")


def post(books: Books, body: Body) -> list[Posting]:
    out = []
    for line in body["Line"]:
        detail = line.get("JournalEntryLineDetail")
        if not detail:
            continue
        sign = 1 if detail["PostingType"] == "Debit" else -1
        ref = detail.get("Entity", {}).get("EntityRef")
        out.append(
            Posting(
                int(detail["AccountRef"]["value"]),
                sign * minor(line["Amount"]),
                int(ref["value"]) if ref else None,
                line.get("Description"),
            )
        )
    return out


# -- transfers -------------------------------------------------------------------------------------------

BALANCE_SHEET = {"Asset", "Liability", "Equity"}


def complete_transfer(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, body.get("PrivateNote"))
    validation.lengths(body, {"PrivateNote": 4000})
    amount(body)
    for name in ("FromAccountRef", "ToAccountRef"):
        if not body.get(name):
            raise missing(name)
        account = books.reference("Account", body[name], name)
        if account and (
            account["Classification"] not in BALANCE_SHEET or account["AccountType"] in NEEDS
        ):
            raise Fault(
                6430,
                f"Invalid account type used : {name} is of type {account['AccountType']}",
                element=name,
            )
    if body["FromAccountRef"]["value"] == body["ToAccountRef"]["value"]:
        raise business("The accounts of a transfer must differ")
    documents.dates(books, draft)
    documents.currency(books, draft, None)


def amount(body: Body) -> None:
    if body.get("Amount") is None:
        raise missing("Amount")
    body["Amount"] = money(body["Amount"])
    if body["Amount"] < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="Amount"
        )


def post_transfer(books: Books, body: Body) -> list[Posting]:
    cents = minor(body["Amount"])
    return [
        Posting(int(body["ToAccountRef"]["value"]), cents),
        Posting(int(body["FromAccountRef"]["value"]), -cents),
    ]


# -- credit card payments ---------------------------------------------------------------------------------


def complete_card(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.lengths(body, {"PrivateNote": 4000})
    amount(body)
    for name, types in (("BankAccountRef", {"Bank"}), ("CreditCardAccountRef", {"Credit Card"})):
        if not body.get(name):
            raise missing(name)
        documents.account(books, body, name, types)
    books.reference("Vendor", body.get("VendorRef"), "VendorRef")
    documents.dates(books, draft)
    documents.currency(books, draft, None)


def post_card(books: Books, body: Body) -> list[Posting]:
    cents = minor(body["Amount"])
    return [
        Posting(int(body["CreditCardAccountRef"]["value"]), cents),
        Posting(int(body["BankAccountRef"]["value"]), -cents),
    ]


register(
    Kind(
        "JournalEntry",
        "txn",
        complete,
        post,
        refresh=held.refresh_for("JournalEntry"),
        guard=held.guard_for("JournalEntry"),
        is_transaction=True,
        deletable=True,
        read_only=words("TotalAmt HomeTotalAmt LinkedTxn TotalCostAmount HomeTotalCostAmount"),
        events=events("Create Update Delete"),
        filters=words("TxnDate DocNumber"),
        sorts=words("TxnDate"),
    )
)
register(
    Kind(
        "Transfer",
        "txn",
        complete_transfer,
        post_transfer,
        refresh=held.refresh_for("Transfer"),
        guard=held.guard_for("Transfer"),
        is_transaction=True,
        deletable=True,
        read_only=words("LinkedTxn"),
        events=events("Create Update Delete Void"),
        filters=words("TxnDate FromAccountRef ToAccountRef"),
        sorts=words("TxnDate"),
    )
)
register(
    Kind(
        "CreditCardPayment",
        "txn",
        complete_card,
        post_card,
        is_transaction=True,
        deletable=True,
        json_name="CreditCardPaymentTxn",
        read_only=words("LinkedTxn"),
        filters=words("TxnDate"),
        sorts=words("TxnDate"),
    )
)
