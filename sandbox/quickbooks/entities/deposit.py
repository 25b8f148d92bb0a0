"""Bank deposits: payments taken out of Undeposited Funds, and lines of their own (fees)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import ZERO, major, minor, money
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import documents, taxes
from sandbox.quickbooks.faults import Fault, business, deleted, missing
from sandbox.quickbooks.kinds import (
    KINDS,
    Body,
    Draft,
    Kind,
    Posting,
    Relation,
    events,
    register,
    words,
)

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

LINKABLE = {"Payment", "SalesReceipt", "JournalEntry", "Transfer"}
PLACES = {"Bank", "Other Current Asset"}
PARTIES = ("Customer", "Vendor", "Employee")


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, {n: body.get(n) for n in ("PrivateNote", "Line")})
    validation.lengths(body, {"PrivateNote": 4000})
    if not body.get("DepositToAccountRef"):
        raise missing("DepositToAccountRef")
    documents.dates(books, draft)
    place = documents.account(books, body, "DepositToAccountRef", PLACES)
    deposit_currency(books, draft, place)
    documents.tracking(books, body)
    if body.get("Line") is None:
        raise missing("Line")
    if not body["Line"]:
        raise Fault(2250, "You must enter at least one split line.", element="Line")
    documents.check_line_count(body["Line"])
    body["Line"] = [one_line(books, draft, line) for line in body["Line"]]
    once(body)
    documents.number_lines(body["Line"], draft.former)
    total(books, body)


def deposit_currency(books: Books, draft: Draft, place: Body | None) -> None:
    """The currency of the account the money goes to."""
    holder = {"CurrencyRef": place["CurrencyRef"]} if place and books.multicurrency else None
    documents.currency(books, draft, holder)


def one_line(books: Books, draft: Draft, line: Body) -> Body:
    validation.lengths(line, {"Description": 4000})
    if line.get("LinkedTxn"):
        return linked_line(books, draft, line)
    if line.get("DetailType") != "DepositLineDetail":
        raise (
            missing("Line.DetailType")
            if not line.get("DetailType")
            else Fault(
                2170,
                f"Invalid Enumeration : DetailType {line['DetailType']} is not possible here",
                element="DetailType",
            )
        )
    return direct_line(books, line)


def linked_line(books: Books, draft: Draft, line: Body) -> Body:
    """A transaction that lies whole in Undeposited Funds and in no other deposit."""
    links = line["LinkedTxn"]
    if len(links) != 1 or not links[0].get("TxnId") or not links[0].get("TxnType"):
        raise missing("LinkedTxn")
    link = links[0]
    if "TxnLineId" not in link:
        raise missing("LinkedTxn.TxnLineId")
    target = target_of(books, link["TxnType"], link["TxnId"])
    check_free(books, draft, link)
    held = funds_held(books, link["TxnType"], target)
    if not held:
        raise business(
            f"Transaction {link['TxnId']} has not been posted to Undeposited Funds", "LinkedTxn"
        )
    if "Amount" in line and minor(line["Amount"]) != held:
        raise business(f"The amount of transaction {link['TxnId']} is {major(held)}", "Amount")
    kept = {k: v for k, v in line.items() if k in {"Id", "Description"}}
    if line.get("DetailType") == "DepositLineDetail" and line.get("DepositLineDetail"):
        kept |= {"DetailType": "DepositLineDetail", "DepositLineDetail": line["DepositLineDetail"]}
    return {**kept, "Amount": major(held), "LinkedTxn": [link]}


def target_of(books: Books, kind: str, id_: str) -> Body:
    allowed = LINKABLE | (
        {"RefundReceipt"} if books.switches.deposit_links_refund_receipt else set()
    )
    if kind not in allowed or not id_.isascii() or not id_.isdigit():
        raise Fault(
            620, f"Transaction {id_[:40]} of type {kind[:40]} can't be linked", element="LinkedTxn"
        )
    found = books.find(kind, id_)
    if found is None:
        raise (
            deleted()
            if books.row(kind, id_)
            else Fault(620, f"Transaction {id_} can't be linked", element="LinkedTxn")
        )
    return found


def check_free(books: Books, draft: Draft, link: Body) -> None:
    own = (draft.former or {}).get("Id")
    for by_kind, by_id, _, _ in books.applied_to(link["TxnType"], link["TxnId"]):
        if by_kind == "Deposit" and str(by_id) != own:
            raise business(f"Transaction {link['TxnId']} has already been deposited", "LinkedTxn")


def funds_held(books: Books, kind: str, target: Body) -> int:
    """Cents that a transaction put into Undeposited Funds."""
    funds = books.account_of("UndepositedFunds")
    if funds is None:
        return 0
    return sum(p.own for p in KINDS[kind].post(books, target) if p.account == int(funds["Id"]))


def direct_line(books: Books, line: Body) -> Body:
    """Negative amounts work: that is how fees leave a deposit."""
    detail = line.get("DepositLineDetail") or {}
    if "Amount" not in line:
        raise missing("Line.Amount")
    if not detail.get("AccountRef"):
        raise missing("DepositLineDetail.AccountRef")
    account = books.reference("Account", detail["AccountRef"], "AccountRef")
    entity(books, detail)
    wanted = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}.get(
        (account or {}).get("AccountType", "")
    )
    if wanted and (detail.get("Entity") or {}).get("type", "").title() != wanted:
        raise business(f"A deposit line on {account['AccountType']} needs a {wanted.lower()}")  # type: ignore[index]
    books.reference("PaymentMethod", detail.get("PaymentMethodRef"), "PaymentMethodRef")
    books.reference("Class", detail.get("ClassRef"), "ClassRef")
    if not books.company.is_us:
        taxes.check_code(books, detail)
    return {**line, "Amount": money(line["Amount"]), "DepositLineDetail": detail}


def entity(books: Books, detail: Body) -> None:
    ref = detail.get("Entity")
    if not ref:
        return
    kind = (ref.get("type") or "Customer").title()
    if kind not in PARTIES:
        raise Fault(
            2170,
            f"Invalid Enumeration : Entity.type. Supplied value:{ref.get('type')}",
            element="Entity",
        )
    books.reference(kind, ref, "Entity")
    ref["type"] = kind.upper()


def once(body: Body) -> None:
    links = [
        (line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"])
        for line in body["Line"]
        if line.get("LinkedTxn")
    ]
    if len(links) != len(set(links)):
        raise business("A transaction is linked twice in this deposit", "LinkedTxn")


def total(books: Books, body: Body) -> None:
    amount = sum((line["Amount"] for line in body["Line"]), ZERO) - cash_back(books, body)
    if amount < 0 and not books.switches.negative_deposit_allowed:
        raise business("The total of a deposit must not be negative.", "TotalAmt")
    body["TotalAmt"] = money(amount)
    documents.home_total(books, body)


def cash_back(books: Books, body: Body) -> Decimal:
    back = body.get("CashBack")
    if not back or not back.get("Amount"):
        body.pop("CashBack", None)
        return ZERO
    if not back.get("AccountRef"):
        raise missing("CashBack.AccountRef")
    books.reference("Account", back["AccountRef"], "AccountRef")
    back["Amount"] = money(back["Amount"])
    if back["Amount"] < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="CashBack"
        )
    return Decimal(back["Amount"])


def relate(books: Books, body: Body) -> list[Relation]:
    return [
        Relation(
            line["LinkedTxn"][0]["TxnType"],
            int(line["LinkedTxn"][0]["TxnId"]),
            minor(line["Amount"]),
            n,
        )
        for n, line in enumerate(body["Line"])
        if line.get("LinkedTxn")
    ]


def post(books: Books, body: Body) -> list[Posting]:
    out = [Posting(int(body["DepositToAccountRef"]["value"]), minor(body["TotalAmt"]))]
    funds = books.account_of("UndepositedFunds")
    for line in body["Line"]:
        if line.get("LinkedTxn"):
            assert funds is not None
            out.append(Posting(int(funds["Id"]), -minor(line["Amount"])))
            continue
        detail = line["DepositLineDetail"]
        party = int(detail["Entity"]["value"]) if detail.get("Entity") else None
        out.append(
            Posting(
                int(detail["AccountRef"]["value"]),
                -minor(line["Amount"]),
                party,
                line.get("Description"),
            )
        )
    if body.get("CashBack"):
        out.append(
            Posting(int(body["CashBack"]["AccountRef"]["value"]), minor(body["CashBack"]["Amount"]))
        )
    return out


def guard(books: Books, former: Body, operation: str) -> None:
    """Deposits that QuickBooks Payments made belong to Intuit."""
    if books.hidden("Deposit", former["Id"]).get("mas"):
        raise Fault(6120 if operation == "delete" else 6110)


KIND = register(
    Kind(
        "Deposit",
        "txn",
        complete,
        post,
        relate,
        guard=guard,
        is_transaction=True,
        deletable=True,
        read_only=words(
            "TotalAmt HomeTotalAmt LinkedTxn DocNumber TotalCostAmount HomeTotalCostAmount"
        ),
        events=events("Create Update Delete"),
        filters=words("TxnDate TotalAmt DepositToAccountRef"),
        sorts=words("TxnDate TotalAmt"),
    )
)
