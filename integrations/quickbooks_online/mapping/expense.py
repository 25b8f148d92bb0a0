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
    in_us,
    money_of,
    number_of,
    part_of,
    ref,
    ref_of,
    text_of,
)
from integrations.quickbooks_online.mapping.invoice import NOTE_LENGTH, number
from integrations.quickbooks_online.mapping.lines import tax_of
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Purchase"
_DETAIL = "AccountBasedExpenseLineDetail"


def parts(
    document: ExpenseDocument, company: Company, rules: TextRules, note: str
) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours. ``note`` is the memo with our marker. Its one line goes with its amount.

    Outside the US the amount may hold its tax: the line then is net, and says what it is with the tax (reference 5.4).
    """
    currency = document.amount.currency
    whole = _line(document, company)
    return {
        "number": number(document.number, rules),
        "customer": {"EntityRef": {"value": document.customer, "type": "Customer"}},
        "paid_on": {"TxnDate": document.paid_on.isoformat()},
        "currency": {"CurrencyRef": ref(currency)} if company.multicurrency else {},
        "amount": whole,
        "expense_account": whole,
        "tax_code": whole,
        "tax": whole,
        "account": {"AccountRef": ref(document.account), "PaymentType": "Cash"},
        "memo": {"PrivateNote": rules.prose(note, "internal memo", NOTE_LENGTH)},
    }


def _line(document: ExpenseDocument, company: Company) -> dict[str, Any]:
    detail: dict[str, Any] = {"AccountRef": ref(document.expense_account)}
    net, how = document.amount, {} if in_us(company) else {"GlobalTaxCalculation": "NotApplicable"}
    if document.tax_code and document.tax is not None:
        net, how = document.amount - document.tax, {"GlobalTaxCalculation": "TaxInclusive"}
        gross = amount(document.amount)
        detail |= {"TaxCodeRef": ref(document.tax_code), "TaxInclusiveAmt": gross}
    return {"Line": [{"Amount": amount(net), "DetailType": _DETAIL, _DETAIL: detail}], **how}


def read(payload: Payload, company: Company) -> ExpenseDocument:
    """An expense of theirs; of those that are not ours most are paid to others, for other things."""
    currency, voided = currency_of(payload, company), is_voided(payload)
    accounts = [text_of(line, _DETAIL, "AccountRef", "value") for line in payload.get("Line") or ()]
    to_customer = part_of(payload, "EntityRef", "type") == "Customer"
    tax_code = "" if voided or in_us(company) else _tax_code_of(payload)
    return ExpenseDocument(
        number=text_of(payload, "DocNumber"),
        customer=ref_of(payload, "EntityRef") if to_customer else "",
        paid_on=day_of(payload["TxnDate"]),
        amount=Money.zero(currency) if voided else money_of(payload.get("TotalAmt"), currency),
        account=ref_of(payload, "AccountRef"),
        expense_account=next(filter(None, accounts), ""),
        memo=note_of(payload).memo,
        tax_code=tax_code,
        tax=tax_of(payload, currency) if tax_code else None,
        voided=voided,
    )


def _tax_code_of(payload: Payload) -> str:
    if text_of(payload, "GlobalTaxCalculation") == "NotApplicable":
        return ""
    codes = (text_of(line, _DETAIL, "TaxCodeRef", "value") for line in payload.get("Line") or ())
    return next(filter(None, codes), "")


def note_of(payload: Payload) -> notes.Note:
    """The memo and our marker."""
    return notes.read(text_of(payload, "PrivateNote"), voided=is_voided(payload))


def is_voided(payload: Payload) -> bool:
    """Nothing paid, and the note says so (reference 2.6)."""
    empty = not number_of(payload.get("TotalAmt"))
    return empty and notes.says_voided(text_of(payload, "PrivateNote"))
