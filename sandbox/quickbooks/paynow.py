"""QuickBooks Payments: the pay link of an invoice and what a customer's payment leaves behind."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import money
from sandbox.quickbooks import writing
from sandbox.quickbooks.faults import business
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

# Published US rates of QuickBooks Payments: 2.99 % for cards, 1 % for bank payments.
FEES = {"card": Decimal("0.0299"), "bank": Decimal("0.01")}
METHODS = {"card": "Credit Card", "bank": "ACH"}
FLAGS = {"card": "AllowOnlineCreditCardPayment", "bank": "AllowOnlineACHPayment"}


def secret(books: Books, id_: str) -> str:
    text = f"{books.core.chance.seed}:pay:{books.company.realm}:{id_}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def path(books: Books, id_: str) -> str:
    return f"/hosted/{books.company.realm}/{id_}/{secret(books, id_)}"


def payable(books: Books, body: Body) -> bool:
    """A link exists only with online payment allowed and an e-mail address of the customer."""
    return any(body.get(flag) for flag in FLAGS.values()) and bool(
        body.get("BillEmail", {}).get("Address")
    )


def with_link(books: Books, body: Body) -> Body:
    return (
        {**body, "InvoiceLink": books.core.url + path(books, body["Id"])}
        if payable(books, body)
        else body
    )


def pay(books: Books, invoice_id: str, how: str, amount: Decimal | None = None) -> Body:
    """The customer pays online: a Payment that only Intuit may change. Raises `Fault`."""
    invoice = books.must_find("Invoice", invoice_id)
    if how not in FEES or not invoice.get(FLAGS[how]):
        raise business("This invoice cannot be paid online in this way")
    due = Decimal(invoice["Balance"])
    wanted = money(amount) if amount is not None else due
    if not 0 < wanted <= due:
        raise business("The amount must be more than 0 and no more than what is due")
    body = payment_body(books, invoice, how, wanted)
    made = writing.create(books, KINDS["Payment"], body, {"by": "itself"})
    made = {**made, **marks(books, how, wanted)}
    books.update(KINDS["Payment"], made, {"mas": how}, bump=False)
    books.core.agenda.add(
        books.switches.paynow_deposit_hours * 3600,
        "deposit",
        realm=books.company.realm,
        payment=made["Id"],
    )
    return made


def payment_body(books: Books, invoice: Body, how: str, amount: Decimal) -> Body:
    method = next((m for m in books.where("PaymentMethod") if m["Name"] == METHODS[how]), None)
    body: Body = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount,
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
    }
    if method:
        body["PaymentMethodRef"] = {"value": method["Id"]}
    return body


def marks(books: Books, how: str, amount: Decimal) -> Body:
    """What tells such a payment apart. The exact shape is not confirmed."""
    number = books.core.chance.hex(12).upper()
    out: Body = {
        "TxnSource": books.switches.paynow_txn_source,
        "ProcessPayment": True,
        "PaymentRefNum": number,
    }
    if how == "card":
        out["CreditCardPayment"] = {
            "CreditChargeInfo": {"ProcessPayment": True, "Amount": amount, "CCTxnType": "Charge"},
            "CreditChargeResponse": {
                "Status": "Completed",
                "CCTransId": number,
                "AuthCode": number[:6],
                "TxnAuthorizationTime": books.stamp(books.now),
                "ReconBatchId": f"4242{int(books.now)}",
            },
        }
    return out


def deposit(books: Books, payment_id: str) -> Body:
    """Intuit pays out: a Deposit of the payment less its fee, locked like the payment."""
    payment = books.must_find("Payment", payment_id)
    how = books.hidden("Payment", payment_id)["mas"]
    fee = money(Decimal(payment["TotalAmt"]) * FEES[how])
    bank = books.account_of("Checking", "Bank")
    charges = books.account_of("BankCharges", "Expense")
    assert bank is not None
    assert charges is not None
    lines: list[Body] = [
        {
            "Amount": payment["TotalAmt"],
            "LinkedTxn": [{"TxnId": payment_id, "TxnType": "Payment", "TxnLineId": "0"}],
        }
    ]
    if fee:
        lines.append(
            {
                "Amount": -fee,
                "DetailType": "DepositLineDetail",
                "Description": "Fee",
                "DepositLineDetail": {"AccountRef": {"value": charges["Id"]}},
            }
        )
    made = writing.create(
        books,
        KINDS["Deposit"],
        {
            "DepositToAccountRef": {"value": bank["Id"]},
            "Line": lines,
            "PrivateNote": "System-recorded deposit for QuickBooks Payments",
        },
        {"by": "itself"},
    )
    return books.update(KINDS["Deposit"], made, {"mas": how}, bump=False)


def returned(books: Books, payment_id: str) -> None:
    """A bank debit comes back: QuickBooks voids its payment. Only before the pay-out."""
    payment = books.must_find("Payment", payment_id)
    if any(by_kind == "Deposit" for by_kind, _, _, _ in books.applied_to("Payment", payment_id)):
        raise business("The payment has been deposited already")
    books.update(KINDS["Payment"], payment, {}, bump=False)
    writing.cancel(books, KINDS["Payment"], payment)
    voided = books.must_find("Payment", payment_id)
    books.update(KINDS["Payment"], voided, {"mas": "bank", "void": True}, bump=False)
