"""One vocabulary for both directions: what we would send and what they hold are the same values.

Drift is then the difference between two values, and an echo is an equal fingerprint. References from one document to
another are the other side's ids, resolved through links before a document is built. Nothing here knows a vendor.
"""

from integrations.documents.comparing import (
    always_said,
    changed_fields,
    changed_since,
    fingerprint,
    merged,
)
from integrations.documents.contents import (
    KIND_OF,
    AccountDocument,
    Address,
    Application,
    CreditMemoDocument,
    CustomerDocument,
    CustomField,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    LineDocument,
    MailDocument,
    OtherPart,
    PaymentDocument,
    RefundReceiptDocument,
    UsedCredit,
    called,
    currency_of,
    holder_of,
    kind_of,
)
from integrations.documents.held import (
    UNITED_STATES,
    Changes,
    Company,
    Held,
    Illegible,
    ListEntry,
)
from integrations.documents.kinds import LISTS, Kind, ListKind, Operation, Settings
from integrations.documents.stored import from_json, to_json

__all__ = [
    "KIND_OF",
    "LISTS",
    "UNITED_STATES",
    "AccountDocument",
    "Address",
    "Application",
    "Changes",
    "Company",
    "CreditMemoDocument",
    "CustomField",
    "CustomerDocument",
    "Document",
    "ExpenseDocument",
    "Held",
    "Illegible",
    "InvoiceDocument",
    "ItemDocument",
    "Kind",
    "LineDocument",
    "ListEntry",
    "ListKind",
    "MailDocument",
    "Operation",
    "OtherPart",
    "PaymentDocument",
    "RefundReceiptDocument",
    "Settings",
    "UsedCredit",
    "always_said",
    "called",
    "changed_fields",
    "changed_since",
    "currency_of",
    "fingerprint",
    "from_json",
    "holder_of",
    "kind_of",
    "merged",
    "to_json",
]
