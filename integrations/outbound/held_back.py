"""Whether the sync rules hold an invoice or payment back. What is there already is kept equal whatever they say."""

from billing.models import Approval, Invoice, Payment, Status
from integrations import policies as policy
from integrations.outbound.prerequisites import (
    Missing,
    of_approval,
    of_kind_that_stays,
    of_old_payment,
    of_rules,
)
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


def payment_by_rules(
    policies: Policies, payment: Payment, *, country: str, is_there: bool
) -> list[Missing]:
    """Why this payment does not go; empty when it may, as when it is void. Days are written as in this country."""
    if is_there or payment.is_void:
        return []
    if not policies.payments_direction.goes:
        return of_kind_that_stays("payments")
    since = policies.payments_since
    if since.day is not None and since.leaves_out(payment.received_on):
        return of_old_payment(payment.received_on, since.day, country)
    return []
