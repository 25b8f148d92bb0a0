"""As which document a refund goes."""

from uuid import UUID

from billing.models import PostedAs, Refund
from integrations.documents import Kind


def kind_of_refund(refund: Refund) -> Kind:
    """An expense, also while it is not decided, unless it is a refund receipt."""
    is_receipt = refund.posting == PostedAs.REFUND_RECEIPT
    return Kind.REFUND_RECEIPT if is_receipt else Kind.EXPENSE


def posted_as(refund: Refund) -> tuple[Kind, UUID]:
    """The document that stands for it: itself, or its credit memo."""
    if refund.credit_memo_id is not None:
        return Kind.CREDIT_MEMO, refund.credit_memo_id
    return kind_of_refund(refund), refund.pk


def expense_number(refund: Refund) -> str:
    """The same for each try, and of no other refund: QuickBooks refuses a second expense of a number."""
    return f"RG{refund.pk.hex[:18]}"
