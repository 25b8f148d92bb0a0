"""Money paid back to a customer as an expense (reference quickbooks 5.9)."""

from typing import Any

from billing.money import Money
from integrations.documents import Company, ExpenseDocument
from integrations.quickbooks_online.mapping import notes
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    amount,
    currency_of,
    day_of,
    money_of,
    number_of,
    part_of,
    ref,
    ref_of,
    text_of,
)
from integrations.quickbooks_online.mapping.invoice import NOTE_LENGTH, number
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Purchase"
_DETAIL = "AccountBasedExpenseLineDetail"


def parts(
    document: ExpenseDocument, company: Company, rules: TextRules, note: str
) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours. ``note`` is the memo with our marker. Its one line goes with its amount."""
    currency = document.amount.currency
    line = {
        "Amount": amount(document.amount),
        "DetailType": _DETAIL,
        _DETAIL: {"AccountRef": ref(document.expense_account)},
    }
    return {
        "number": number(document.number, rules),
        "customer": {"EntityRef": {"value": document.customer, "type": "Customer"}},
        "paid_on": {"TxnDate": document.paid_on.isoformat()},
        "currency": {"CurrencyRef": ref(currency)} if company.multicurrency else {},
        "amount": {"Line": [line]},
        "expense_account": {"Line": [line]},
        "account": {"AccountRef": ref(document.account), "PaymentType": "Cash"},
        "memo": {"PrivateNote": rules.prose(note, "internal memo", NOTE_LENGTH)},
    }


def read(payload: Payload, company: Company) -> ExpenseDocument:
    """An expense of theirs; of those that are not ours most are paid to others, for other things."""
    currency, voided = currency_of(payload, company), is_voided(payload)
    accounts = [text_of(line, _DETAIL, "AccountRef", "value") for line in payload.get("Line") or ()]
    to_customer = part_of(payload, "EntityRef", "type") == "Customer"
    return ExpenseDocument(
        number=text_of(payload, "DocNumber"),
        customer=ref_of(payload, "EntityRef") if to_customer else "",
        paid_on=day_of(payload["TxnDate"]),
        amount=Money.zero(currency) if voided else money_of(payload.get("TotalAmt"), currency),
        account=ref_of(payload, "AccountRef"),
        expense_account=next(filter(None, accounts), ""),
        memo=note_of(payload).memo,
        voided=voided,
    )


def note_of(payload: Payload) -> notes.Note:
    """The memo and our marker."""
    return notes.read(text_of(payload, "PrivateNote"), voided=is_voided(payload))


def is_voided(payload: Payload) -> bool:
    """Nothing paid, and the note says so (reference 2.6)."""
    empty = not number_of(payload.get("TotalAmt"))
    return empty and notes.says_voided(text_of(payload, "PrivateNote"))
