"""Whether the sync rules hold an invoice back. What is over there already is kept equal whatever they say."""

from billing.models import Approval, Invoice, Status
from integrations import policies as policy
from integrations.outbound.prerequisites import Missing, of_approval, of_rules
from integrations.policies import Policies


def by_rules(policies: Policies, invoice: Invoice, *, is_there: bool) -> list[Missing]:
    """Why this invoice does not go now; empty when it may. A voided one was never to be held: nothing goes of it."""
    standing = invoice.standing
    if is_there or standing is Status.VOID:
        return []
    return [
        *of_rules(policies.push_when, draft=standing is Status.DRAFT, paid=standing is Status.PAID),
        *of_approval(
            needed=policies.approval is policy.Approval.NEEDED,
            held=invoice.approval == Approval.HELD,
            approved=invoice.approval == Approval.APPROVED,
        ),
    ]
