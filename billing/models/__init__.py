"""The tables of billing, one file for each noun."""

from billing.models.agreement import (
    Agreement,
    AgreementLine,
    BilledPart,
    BilledPeriod,
    PriceChange,
    QuantityChange,
)
from billing.models.catalogue import BundlePart, LedgerAccount, Location, Service, TaxRegion, Term
from billing.models.credit_memo import CreditMemo, CreditMemoLine, CreditUse
from billing.models.customer import Customer, Source
from billing.models.invoice import (
    Approval,
    Invoice,
    InvoiceLine,
    InvoiceSource,
    LineKind,
    NumberSequence,
)
from billing.models.outbox import OutboxEvent, Wake
from billing.models.payment import Allocation, Method, Payment
from billing.models.refund import PostedAs, Refund
from billing.models.work import TimeEntry
from billing.rules.lifecycle import Status

__all__ = [
    "Agreement",
    "AgreementLine",
    "Allocation",
    "Approval",
    "BilledPart",
    "BilledPeriod",
    "BundlePart",
    "CreditMemo",
    "CreditMemoLine",
    "CreditUse",
    "Customer",
    "Invoice",
    "InvoiceLine",
    "InvoiceSource",
    "LedgerAccount",
    "LineKind",
    "Location",
    "Method",
    "NumberSequence",
    "OutboxEvent",
    "Payment",
    "PostedAs",
    "PriceChange",
    "QuantityChange",
    "Refund",
    "Service",
    "Source",
    "Status",
    "TaxRegion",
    "Term",
    "TimeEntry",
    "Wake",
]
