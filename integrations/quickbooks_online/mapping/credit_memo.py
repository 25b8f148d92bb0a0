"""Credit memos (reference quickbooks 5.7): the lines of an invoice, in the customer's favour."""

from typing import Any

from integrations.documents import Company, CreditMemoDocument
from integrations.quickbooks_online.mapping import lines
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    currency_of,
    day_of,
    ref,
    ref_of,
    text_of,
)
from integrations.quickbooks_online.mapping.invoice import (
    NOTE_LENGTH,
    customer_memo,
    is_voided,
    named,
    note_of,
    number,
    number_of_ours,
)
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "CreditMemo"


def parts(
    document: CreditMemoDocument, company: Company, rules: TextRules, note: str
) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours. ``note`` is the memo with our marker."""
    all_lines = lines.payload(document, company, rules)
    return {
        "number": number(document.number, rules) if company.custom_numbers else {},
        "customer": {"CustomerRef": ref(document.customer)},
        "currency": {"CurrencyRef": ref(document.currency)} if company.multicurrency else {},
        "issued_on": {"TxnDate": document.issued_on.isoformat()},
        "tracking_class": named("ClassRef", document.tracking_class),
        "location": named("DepartmentRef", document.location),
        "lines": all_lines,
        "tax": all_lines,
        "tax_code": all_lines,
        "customer_memo": customer_memo(document.customer_memo, rules),
        "memo": {"PrivateNote": rules.prose(note, "internal memo", NOTE_LENGTH)},
        "email": {"BillEmail": {"Address": rules.line(document.email, "e-mail address", 100)}},
    }


def read(payload: Payload, company: Company) -> CreditMemoDocument:
    """A credit memo of theirs. One that a person voided keeps its lines at zero over there, and none here."""
    currency, voided = currency_of(payload, company), is_voided(payload)
    note = note_of(payload)
    return CreditMemoDocument(
        number=number_of_ours(payload, company, note),
        customer=ref_of(payload, "CustomerRef"),
        issued_on=day_of(payload["TxnDate"]),
        currency=currency,
        lines=() if voided else lines.lines_of(payload, company, currency),
        tax=None if voided else lines.tax_of(payload, currency),
        tax_code="" if voided else lines.tax_code_of(payload, company),
        customer_memo=text_of(payload, "CustomerMemo", "value"),
        memo=note.memo,
        email=text_of(payload, "BillEmail", "Address"),
        tracking_class=ref_of(payload, "ClassRef"),
        location=ref_of(payload, "DepartmentRef"),
        voided=voided,
    )
