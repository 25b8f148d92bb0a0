"""What sync says before the lines of an invoice change here: whether it is over there, and whose it is there."""

from uuid import UUID

from billing.elsewhere import Elsewhere
from integrations.documents import Kind
from integrations.models import Link, policies_in_force
from integrations.policies import SignChange

MADE_THERE = (
    "This invoice was made in QuickBooks. Change its lines there; they follow here by themselves."
)


def known_of(invoice_id: UUID) -> Elsewhere:
    """For `billing.elsewhere`, within the organization."""
    links = Link.objects.filter(kind=Kind.INVOICE, local_id=invoice_id)
    made_by_us = list(links.values_list("made_by_us", flat=True))
    if not made_by_us:
        return Elsewhere()
    return Elsewhere(
        is_there=True,
        lines_held="" if all(made_by_us) else MADE_THERE,
        converts=policies_in_force().sign_change is SignChange.CONVERT,
    )
