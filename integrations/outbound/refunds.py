"""As which kind of document a refund goes."""

from billing.models import PostedAs, Refund
from integrations.documents import Kind


def kind_of_refund(refund: Refund) -> Kind:
    """An expense, also while it is not decided, unless it is a refund receipt."""
    is_receipt = refund.posting == PostedAs.REFUND_RECEIPT
    return Kind.REFUND_RECEIPT if is_receipt else Kind.EXPENSE


def expense_number(refund: Refund) -> str:
    """The same for each try, and of no other refund: QuickBooks refuses a second expense of a number."""
    return f"RG{refund.pk.hex[:18]}"
