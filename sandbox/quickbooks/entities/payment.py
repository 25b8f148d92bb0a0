"""Customer payments: money received and how it is applied."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.money import ZERO, major, minor, money
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import documents, exchange, held
from sandbox.quickbooks.faults import Fault, business, deleted, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, Posting, Relation, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

CREDITS = {"CreditMemo"}
DEBITS = {"Invoice", "Expense"}
# Check and CreditCardCredit may be linked by people only.
LINKABLE = CREDITS | DEBITS | {"JournalEntry"}
BY_PEOPLE = {"Check", "CreditCardCredit"}


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, {n: body.get(n) for n in ("PrivateNote", "PaymentRefNum")})
    validation.lengths(body, {"PrivateNote": 4000, "PaymentRefNum": 21})
    if body.get("TotalAmt") is None:
        raise business("You must set a transaction amount.", "TotalAmt")
    body["TotalAmt"] = money(body["TotalAmt"])
    if body["TotalAmt"] < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="TotalAmt"
        )
    if not body.get("CustomerRef"):
        raise missing("CustomerRef")
    documents.dates(books, draft)
    customer = books.reference("Customer", body["CustomerRef"], "CustomerRef")
    documents.currency(books, draft, customer)
    documents.tracking(books, body)
    held.deposit_account(books, body)
    body["DepositToAccountRef"] = {"value": body["DepositToAccountRef"]["value"]}
    if body.get("ARAccountRef"):
        documents.account(books, body, "ARAccountRef", {"Accounts Receivable"})
    lines(books, draft)
    body["UnappliedAmt"] = unapplied(body)
    body.setdefault("ProcessPayment", False)
    body.setdefault("LinkedTxn", (draft.former or {}).get("LinkedTxn", []))
    card(draft)


def card(draft: Draft) -> None:
    """Raw card numbers are refused; what is QuickBooks' own of a payment stays as it was."""
    info = draft.body.get("CreditCardPayment", {}).get("CreditChargeInfo", {})
    if len("".join(c for c in info.get("Number", "") if c.isdigit())) > 4:
        raise Fault(6530, "Raw card numbers are not accepted", element="CreditChargeInfo.Number")


def lines(books: Books, draft: Draft) -> None:
    """All or none: the lines sent are the whole application of the payment."""
    body = draft.body
    if draft.hidden.get("void"):
        body["Line"] = []
        return
    kept = [line for line in body.get("Line", []) if line.get("LinkedTxn") or line.get("Amount")]
    body["Line"] = [found for line in kept if (found := one_line(books, draft, line)) is not None]
    twice = [link_of(line) for line in body["Line"]]
    if len(twice) != len(set(twice)):
        raise business("A transaction is linked twice in this payment", "LinkedTxn")
    if unapplied(body) < 0:
        raise business(
            "The amount applied is greater than the amount of the payment and its credits", "Line"
        )


def link_of(line: Body) -> tuple[str, str]:
    link = line["LinkedTxn"][0]
    return link["TxnType"], link["TxnId"]


def one_line(books: Books, draft: Draft, line: Body) -> Body | None:
    links = line.get("LinkedTxn", [])
    if len(links) != 1 or not links[0].get("TxnId") or not links[0].get("TxnType"):
        raise Fault(
            2020, "Required parameter LinkedTxn is missing in the request", element="LinkedTxn"
        )
    if "Amount" not in line:
        raise missing("Line.Amount")
    kind, id, amount = links[0]["TxnType"], links[0]["TxnId"], money(line["Amount"])
    if amount < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="Amount"
        )
    target = target_of(books, draft, kind, id)
    if not same_customer(books, draft.body, target):
        if books.switches.foreign_customer_application == "unapplied":
            return None
        raise business(f"Transaction {id} belongs to another customer", "LinkedTxn")
    left = open_amount(books, target, kind, (draft.former or {}).get("Id"))
    if amount > left:
        if books.switches.over_application != "unapplied":
            raise business(
                f"The amount applied is greater than the open balance of transaction {id}", "Line"
            )
        amount = left
    shown = {"Amount": amount, "LinkedTxn": [{"TxnId": id, "TxnType": kind}]}
    shown["LineEx"] = extras(id, left, target.get("DocNumber"))
    return shown


def extras(id: str, left: Decimal, number: str | None) -> Body:
    """Name/value pairs that answers add to each applied line."""
    pairs = [("txnId", id), ("txnOpenBalance", f"{left:f}"), ("txnReferenceNumber", number)]
    return {"any": [{
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value}, "nil": False, "globalScope": True,
        "typeSubstituted": False,
    } for name, value in pairs if value is not None]}  # fmt: skip


def target_of(books: Books, draft: Draft, kind: str, id: str) -> Body:
    if kind in BY_PEOPLE and draft.options.get("by") == "person":
        kind = "Expense"
    if kind not in LINKABLE:
        raise Fault(
            620, f"Transaction {id} of type {kind[:40]} can't be linked", element="LinkedTxn"
        )
    stored = "Purchase" if kind == "Expense" else kind
    found = books.find(stored, id) if id.isascii() and id.isdigit() else None
    if found is None:
        raise deleted() if books.row(stored, id) else Fault(
            620, f"Transaction {id} can't be linked", element="LinkedTxn")  # fmt: skip
    return found


def same_customer(books: Books, body: Body, target: Body) -> bool:
    """Own documents, those of journal lines naming the customer, and of jobs billed to the parent."""
    payer = body["CustomerRef"]["value"]
    owner = (target.get("CustomerRef") or target.get("EntityRef") or {}).get("value")
    if owner == payer:
        return True
    if owner is None:
        return any(
            (line.get("JournalEntryLineDetail", {}).get("Entity", {}).get("EntityRef") or {}).get(
                "value"
            )
            == payer
            for line in target.get("Line", [])
        )
    child = books.find("Customer", owner) or {}
    return (
        bool(child.get("BillWithParent")) and (child.get("ParentRef") or {}).get("value") == payer
    )


def open_amount(books: Books, target: Body, kind: str, own_id: str | None) -> Decimal:
    """What can still be applied, this payment's own part left out."""
    stored = "Purchase" if kind == "Expense" else kind
    used = sum(
        cents for by_kind, by_id, _, cents in books.applied_to(stored, target["Id"])
        if by_kind == "Payment" and str(by_id) != own_id
    )  # fmt: skip
    return major(gross(books, target, stored) - used)


def gross(books: Books, target: Body, stored: str) -> int:
    if stored in {"Invoice", "CreditMemo"}:
        return minor(target["TotalAmt"]) - minor(target.get("Deposit", 0))
    from sandbox.quickbooks.kinds import KINDS

    personal = [
        p for p in KINDS[stored].post(books, target) if books.core.is_personal(books, p.account)
    ]
    cents = sum(p.own for p in personal)
    return cents if stored == "Purchase" else -cents


def unapplied(body: Body) -> Decimal:
    """TotalAmt − what goes to invoices + what comes from credits."""
    left = Decimal(body["TotalAmt"])
    for line in body.get("Line", []):
        debit = line["LinkedTxn"][0]["TxnType"] in DEBITS
        left += -line["Amount"] if debit else line["Amount"]
    return money(left) if left else ZERO


def relate(books: Books, body: Body) -> list[Relation]:
    out = []
    for number, line in enumerate(body.get("Line", [])):
        kind, id = link_of(line)
        out.append(
            Relation(
                "Purchase" if kind in {"Expense", *BY_PEOPLE} else kind,
                int(id),
                minor(line["Amount"]),
                number,
            )
        )
    return out


def post(books: Books, body: Body) -> list[Posting]:
    customer, cents = int(body["CustomerRef"]["value"]), minor(body["TotalAmt"])
    receivable = (body.get("ARAccountRef") or {}).get("value") or documents.receivable(
        books, body["CurrencyRef"]["value"]
    )
    place = Posting(int(body["DepositToAccountRef"]["value"]), cents)
    differences = exchange.differences(books, body, int(receivable), customer, 1)
    return [place, Posting(int(receivable), -cents, customer), *differences]


def guard(books: Books, former: Body, operation: str) -> None:
    """Deposited payments are locked (6540); those of QuickBooks Payments belong to Intuit."""
    mas = books.hidden("Payment", former["Id"]).get("mas")
    if mas and operation != "auto":
        code = {"update": 6110, "delete": 6120, "void": 6450}[operation]
        raise Fault(code)
    if any(by_kind == "Deposit" for by_kind, _, _, _ in books.applied_to("Payment", former["Id"])):
        raise Fault(6540, "The transaction has been deposited. If you want to change or delete it, you "
                          "must edit the deposit it appears on and remove it first.")  # fmt: skip


def refresh(books: Books, body: Body) -> None:
    """The deposit a payment lies in is shown on it."""
    rows: list[Any] = books.applied_to("Payment", body["Id"])
    body["LinkedTxn"] = [{"TxnId": str(by_id), "TxnType": by_kind} for by_kind, by_id, _, _ in rows]


KIND = register(Kind(
    "Payment", "txn", complete, post, relate, refresh, guard, is_transaction=True, deletable=True,
    void="include", sendable=True, pdf=True,
    read_only=words("UnappliedAmt LinkedTxn TxnSource TotalCostAmount HomeTotalCostAmount RecurDataRef"),
    events=events("Create Update Delete Void Emailed"),
    filters=words("TxnDate CustomerRef TotalAmt PaymentRefNum UnappliedAmt DepositToAccountRef PaymentMethodRef"),
    sorts=words("TxnDate TotalAmt PaymentRefNum"),
))  # fmt: skip
