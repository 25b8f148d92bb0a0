"""The body of every write, built before anything is sent (`integrations.ports.Bodies`)."""

from dataclasses import dataclass
from typing import Any

from integrations.documents import (
    AccountDocument,
    Company,
    CreditMemoDocument,
    CustomerDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    Kind,
    MailDocument,
    PaymentDocument,
    RefundReceiptDocument,
    always_said,
)
from integrations.errors import Refused
from integrations.quickbooks_online import jsontext
from integrations.quickbooks_online.mapping import (
    account,
    credit_memo,
    customer,
    expense,
    invoice,
    item,
    notes,
    payment,
    refund_receipt,
)
from integrations.quickbooks_online.mapping.fields import without_blanks
from integrations.quickbooks_online.mapping.held import WITH_A_TOTAL
from integrations.quickbooks_online.mapping.text import TextRules

Parts = dict[str, dict[str, Any]]

# What is new is in use.
_UNSAID_OF_NEW = frozenset({"active"})
# A sparse update keeps these whatever it says; an update of everything empties them by leaving them out
# (Intuit's support in intuit/QuickBooks-V3-DotNET-SDK, issue 113; reference 2.4).
_EMPTIED_BY_OMISSION = {
    "term": "SalesTermRef",
    "location": "DepartmentRef",
}
# Of these no sparse update is documented (reference 2.5).
_ALWAYS_WHOLE = AccountDocument | ItemDocument | ExpenseDocument
# How many pieces there are changes with every sale, and what is written of it counts from then on.
_TRACKED = "TrackQtyOnHand"


@dataclass(frozen=True, slots=True)
class QuickBooksBodies:
    """Writes for one company; its settings decide about tax, numbers, currency and alphabet."""

    company: Company

    def create(self, document: Document, *, marker: str, label: str) -> dict[str, Any]:
        """All that the document says; what it leaves open is QuickBooks' to fill."""
        parts = self._parts(document, marker, label)
        return without_blanks(_joined(parts, frozenset(parts) - _UNSAID_OF_NEW))

    def update(
        self,
        document: Document,
        *,
        id: str,
        version: str,
        changed: frozenset[str],
        marker: str,
        label: str,
        whole: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The changed fields, emptied ones as empty, and what is always said; QuickBooks keeps the others."""
        parts = self._parts(document, marker, label)
        said = _joined(parts, changed | always_said(document))
        if whole is None or whole.get(_TRACKED) or not self.needs_whole(document, changed):
            return {"Id": id, "SyncToken": version, "sparse": True, **said}
        left_out = _emptied(document, changed)
        if "Line" in said or (
            self.company.automated_tax and getattr(document, "tax", None) is None
        ):
            # The tax of before would override what QuickBooks computes.
            left_out |= {"TxnTaxDetail"}
        kept = {name: value for name, value in whole.items() if name not in left_out}
        return {**kept, **said, "Id": id, "SyncToken": version, "sparse": False}

    def needs_whole(self, document: Document, changed: frozenset[str]) -> bool:
        """Whether a reference is emptied, or the kind knows no update of a part."""
        if isinstance(document, _ALWAYS_WHOLE):
            return bool(changed)
        return bool(_emptied(document, changed))

    def void(self, kind: Kind, *, id: str, version: str) -> dict[str, Any]:
        """Payments are voided by an update, invoices by an operation, all else is deleted (reference 2.6)."""
        if kind not in WITH_A_TOTAL:
            raise Refused("QuickBooks can only void what has an amount.", code="incomplete")
        sparse = {"sparse": True} if kind is Kind.PAYMENT else {}
        return {"Id": id, "SyncToken": version, **sparse}

    def send(self, *, id: str) -> dict[str, Any]:
        """The request itself has no body (reference 2.7); this is what it is about."""
        return {"Id": id}

    def text(self, body: dict[str, Any]) -> str:
        """The body as it is sent."""
        return jsontext.written(body)

    def _parts(self, document: Document, marker: str, label: str) -> Parts:
        rules = TextRules.of(self.company)
        match document:
            case CustomerDocument():
                return customer.parts(document, rules)
            case AccountDocument():
                return account.parts(document, rules)
            case ItemDocument():
                return item.parts(document, rules)
            case InvoiceDocument():
                note = notes.written(document.memo.strip(), marker=marker, label=label)
                return invoice.parts(document, self.company, rules, note)
            case ExpenseDocument():
                note = notes.written(document.memo.strip(), marker=marker, label=label)
                return expense.parts(document, self.company, rules, note)
            case RefundReceiptDocument():
                note = notes.written(document.memo.strip(), marker=marker, label=label)
                return refund_receipt.parts(document, self.company, rules, note)
            case CreditMemoDocument():
                note = notes.written(document.memo.strip(), marker=marker, label=label)
                return credit_memo.parts(document, self.company, rules, note)
            case PaymentDocument():
                note = notes.written(payment.noted(document), marker=marker, label=label)
                return payment.parts(document, self.company, rules, note)
            case MailDocument():
                raise TypeError("An e-mail is sent and holds nothing")


def _joined(parts: Parts, names: frozenset[str]) -> dict[str, Any]:
    """In the order of the parts, so that the same change is always the same text."""
    said: dict[str, Any] = {}
    for name, part in parts.items():
        if name in names:
            said |= part
    return said


def _emptied(document: Document, changed: frozenset[str]) -> set[str]:
    """Their names of the references that were emptied."""
    names = changed & frozenset(_EMPTIED_BY_OMISSION)
    return {_EMPTIED_BY_OMISSION[name] for name in names if not getattr(document, name)}
