"""What sync says before the lines of an invoice change here: whether it is over there, and whose it is there."""

from uuid import UUID

from billing.elsewhere import Elsewhere
from integrations.documents import Kind
from integrations.models import Link, policies_in_force
from integrations.policies import Policies, SignChange

MADE_THERE = (
    "This invoice was made in QuickBooks. Change its lines there; they follow here by themselves."
)

HELD_THERE = "By the sync rules the lines of an invoice that is in QuickBooks are changed there. They then follow here."


def known_of(invoice_id: UUID) -> Elsewhere:
    """For `billing.elsewhere`, within the organization."""
    links = Link.objects.filter(kind=Kind.INVOICE, local_id=invoice_id)
    made_by_us = list(links.values_list("made_by_us", flat=True))
    if not made_by_us:
        return Elsewhere()
    policies = policies_in_force()
    return Elsewhere(
        is_there=True,
        lines_held=_held(policies) if all(made_by_us) else MADE_THERE,
        converts=policies.sign_change is SignChange.CONVERT,
    )


def _held(policies: Policies) -> str:
    return HELD_THERE if "lines" in policies.fields_held_there else ""
