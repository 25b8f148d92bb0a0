"""Refund receipts (reference quickbooks 5.8)."""

from typing import Any

from integrations.documents import Company, RefundReceiptDocument
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
    is_voided,
    named,
    note_of,
    number,
    number_of_ours,
)
from integrations.quickbooks_online.mapping.payment import REFERENCE_LENGTH
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "RefundReceipt"


def parts(
    document: RefundReceiptDocument, company: Company, rules: TextRules, note: str
) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours. ``note`` is the memo with our marker.

    Money that leaves a checking account needs a number of its own; without one it is the refund's.
    """
    method, all_lines = document.method, lines.payload(document, company, rules)
    reference = rules.line(document.reference or document.number, "reference", NOTE_LENGTH)
    return {
        "number": number(document.number, rules) if company.custom_numbers else {},
        "customer": {"CustomerRef": ref(document.customer)},
        "paid_on": {"TxnDate": document.paid_on.isoformat()},
        "currency": {"CurrencyRef": ref(document.currency)} if company.multicurrency else {},
        "lines": all_lines,
        "tax": all_lines,
        "tax_code": all_lines,
        "account": {"DepositToAccountRef": ref(document.account)},
        "method": {"PaymentMethodRef": ref(method)} if method else {},
        "tracking_class": named("ClassRef", document.tracking_class),
        "location": named("DepartmentRef", document.location),
        "reference": {"PaymentRefNum": reference[:REFERENCE_LENGTH].rstrip()},
        "memo": {"PrivateNote": rules.prose(note, "internal memo", NOTE_LENGTH)},
    }


def read(payload: Payload, company: Company) -> RefundReceiptDocument:
    """A refund receipt of theirs."""
    currency, voided = currency_of(payload, company), is_voided(payload)
    note = note_of(payload)
    return RefundReceiptDocument(
        number=number_of_ours(payload, company, note),
        customer=ref_of(payload, "CustomerRef"),
        paid_on=day_of(payload["TxnDate"]),
        currency=currency,
        lines=() if voided else lines.lines_of(payload, company, currency),
        tax=None if voided else lines.tax_of(payload, currency),
        tax_code="" if voided else lines.tax_code_of(payload, company),
        account=ref_of(payload, "DepositToAccountRef"),
        method=ref_of(payload, "PaymentMethodRef"),
        reference=text_of(payload, "PaymentRefNum"),
        memo=note.memo,
        tracking_class=ref_of(payload, "ClassRef"),
        location=ref_of(payload, "DepartmentRef"),
        voided=voided,
    )
