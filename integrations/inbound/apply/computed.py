"""What they computed for a document of ours: its tax, the rate it was booked at."""

from decimal import Decimal
from uuid import UUID

from billing.errors import BillingError
from billing.models import (
    CreditMemo,
    Invoice,
    Payment,
)
from billing.money import Money
from billing.services import (
    credit_memos,
    invoices,
    payments,
)
from integrations.documents import (
    Kind,
)
from integrations.inbound.apply.refusals import CannotApply
from integrations.models import (
    Connection,
)


def take_tax(connection: Connection, kind: Kind, local_id: UUID, tax: Money) -> None:
    """The tax of our invoice or credit memo becomes what they have computed. Raises `CannotApply`."""
    origin = connection.origin
    try:
        if kind is Kind.CREDIT_MEMO:
            memo = CreditMemo.objects.get(pk=local_id)
            credit_memos.take_tax(credit_memo=memo, tax=tax, origin=origin)
        else:
            invoice = Invoice.objects.get(pk=local_id)
            invoices.take_tax(invoice=invoice, tax=tax, origin=origin)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def take_rate(connection: Connection, document: Invoice | Payment, rate: Decimal) -> None:
    """The exchange rate of a document that went out without one becomes the one it was booked at."""
    if isinstance(document, Invoice):
        invoices.take_rate(invoice=document, rate=rate, origin=connection.origin)
    else:
        payments.take_rate(payment=document, rate=rate, origin=connection.origin)
