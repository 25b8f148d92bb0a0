"""Invoices (reference quickbooks 5.4)."""

from typing import Any

from integrations.documents import Company, InvoiceDocument
from integrations.quickbooks_online.mapping import custom_fields, lines, notes
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    currency_of,
    day_of,
    flag_of,
    number_of,
    rate_of,
    rate_part,
    ref,
    ref_of,
    some_money,
    text_of,
)
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Invoice"
NUMBER_LENGTH = 21
NOTE_LENGTH = 4000


def parts(
    document: InvoiceDocument, company: Company, rules: TextRules, note: str
) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours; a deposit is never ours to say. ``note`` is the memo with our marker.

    A due date goes with whatever QuickBooks would derive it from. The number is left to QuickBooks
    where it counts for itself; it then stands in the note alone.
    """
    due = {"DueDate": document.due_on.isoformat()}
    all_lines = lines.payload(document, company, rules)
    return {
        "number": number(document.number, rules) if company.custom_numbers else {},
        "customer": {"CustomerRef": ref(document.customer)},
        "currency": {"CurrencyRef": ref(document.currency)} if company.multicurrency else {},
        "exchange_rate": rate_part(document.exchange_rate, document.currency, company),
        "issued_on": {"TxnDate": document.issued_on.isoformat(), **due},
        "due_on": due,
        "term": {"SalesTermRef": ref(document.term), **due} if document.term else {},
        "tracking_class": named("ClassRef", document.tracking_class),
        "location": named("DepartmentRef", document.location),
        "lines": all_lines,
        "tax": all_lines,
        "tax_code": all_lines,
        "customer_memo": customer_memo(document.customer_memo, rules),
        "memo": {"PrivateNote": rules.prose(note, "internal memo", NOTE_LENGTH)},
        "email": {"BillEmail": {"Address": rules.line(document.email, "e-mail address", 100)}},
        "custom_fields": custom_fields.payload(document, company, rules),
        "pay_by_card": {"AllowOnlineCreditCardPayment": document.pay_by_card},
        "pay_by_bank": {"AllowOnlineACHPayment": document.pay_by_bank},
    }


def read(payload: Payload, company: Company) -> InvoiceDocument:
    """An invoice of theirs. A voided one keeps its lines at zero over there, and none here."""
    currency, voided = currency_of(payload, company), is_voided(payload)
    issued_on = day_of(payload["TxnDate"])
    note = note_of(payload)
    deposit = None if voided else some_money(payload.get("Deposit"), currency) or None
    return InvoiceDocument(
        number=number_of_ours(payload, company, note),
        customer=ref_of(payload, "CustomerRef"),
        issued_on=issued_on,
        due_on=day_of(payload.get("DueDate") or issued_on),
        currency=currency,
        lines=() if voided else lines.lines_of(payload, company, currency),
        tax=None if voided else lines.tax_of(payload, currency),
        tax_code="" if voided else lines.tax_code_of(payload, company),
        customer_memo=text_of(payload, "CustomerMemo", "value"),
        memo=note.memo,
        email=text_of(payload, "BillEmail", "Address"),
        term=ref_of(payload, "SalesTermRef"),
        tracking_class=ref_of(payload, "ClassRef"),
        location=ref_of(payload, "DepartmentRef"),
        pay_by_card=flag_of(payload, "AllowOnlineCreditCardPayment"),
        pay_by_bank=flag_of(payload, "AllowOnlineACHPayment"),
        voided=voided,
        exchange_rate=rate_of(payload, currency, company),
        custom_fields=custom_fields.read(payload),
        deposit=deposit,
        deposit_account=ref_of(payload, "DepositToAccountRef") if deposit else "",
    )


def note_of(payload: Payload) -> notes.Note:
    """The memo and our marker."""
    return notes.read(text_of(payload, "PrivateNote"), voided=is_voided(payload))


def is_voided(payload: Payload) -> bool:
    """There is no field for it: everything is zero, quantities as well, and the note says so (reference 2.6)."""
    all_lines = list(lines.flat(payload))
    details = [line.get("SalesItemLineDetail") or {} for line in all_lines]
    numbers = [
        payload.get("TotalAmt"),
        *(line.get("Amount") for line in all_lines),
        *(detail.get("Qty") for detail in details),
    ]
    zero = not any(number_of(value) for value in numbers)
    return zero and notes.says_voided(text_of(payload, "PrivateNote"))


def number(text: str, rules: TextRules) -> dict[str, str]:
    """The number of a sales document."""
    return {"DocNumber": rules.line(text, "number", NUMBER_LENGTH)}


def number_of_ours(payload: Payload, company: Company, note: notes.Note) -> str:
    """Where QuickBooks counts for itself, the number of a document of ours stands in the note."""
    if note.marker and not company.custom_numbers:
        return note.label
    return text_of(payload, "DocNumber")


def named(field: str, remote_id: str) -> dict[str, Any]:
    """A reference where there is something to refer to."""
    return {field: ref(remote_id)} if remote_id else {}


def customer_memo(memo: str, rules: TextRules) -> dict[str, Any]:
    """What the customer reads on a sales document."""
    return {"CustomerMemo": {"value": rules.prose(memo, "customer notes", 1000)}}
