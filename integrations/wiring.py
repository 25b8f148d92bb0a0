"""Ties sync to what billing and the tokens announce. Called once, when Django has loaded the apps."""

from uuid import UUID

from billing import (
    archiving,
    customer_parts,
    destinations,
    elsewhere,
    narrowings,
    outbox,
    pricing,
    refund_posting,
)
from billing.models import CreditMemo, Customer, Invoice, Payment
from integrations import causes, customer_counts, line_changes, sync_filter, tokens, waking
from integrations.documents import UNITED_STATES, Kind
from integrations.models import (
    QUICKBOOKS,
    QUICKBOOKS_EMAIL,
    companies_in_use,
    company_in_use,
    live_connection,
    policies_in_force,
)
from integrations.outbound import jobs
from integrations.policies import ArchiveEffect, PriceBasis, PushWhen
from integrations.views import customer_part

# The lists that are narrowed to how their documents stand.
SYNC_FILTERED = {
    Invoice: Kind.INVOICE,
    Payment: Kind.PAYMENT,
    CreditMemo: Kind.CREDIT_MEMO,
}


def connect() -> None:
    """Registers what others call back."""
    outbox.on_recorded(_something_happened)
    tokens.when_consent_ends(jobs.disconnected)
    tokens.when_consent_ends(causes.consent_ended)
    archiving.register(_archiving_voids)
    elsewhere.register(line_changes.known_of)
    pricing.register(_prices_include_tax)
    customer_parts.register(customer_part.part)
    narrowings.add(Customer, customer_counts.LINKED)
    for model, kind in SYNC_FILTERED.items():
        narrowings.add(model, sync_filter.of(kind))
    refund_posting.register(_posting_of_refunds)
    destinations.register(
        QUICKBOOKS,
        "QuickBooks",
        available=lambda: not _why_not(),
        reason_unavailable=_why_not,
        branches=_companies,
    )
    destinations.register(
        QUICKBOOKS_EMAIL,
        "Send via QuickBooks e-mail",
        available=lambda: not _why_no_email(),
        reason_unavailable=_why_no_email,
        email_button="Email via QuickBooks",
    )


def _companies() -> list[destinations.Branch]:
    """The companies among which an invoice may name one, the default first; none where there is only one."""
    live = [each for each in companies_in_use() if each.is_connected]
    return [(each.destination, str(each)) for each in live] if len(live) > 1 else []


def _posting_of_refunds() -> str:
    return policies_in_force().payment_refund_posting.value


def _why_not() -> str:
    """Why a new invoice cannot be ticked for QuickBooks; empty when it can."""
    if company_in_use() is None:
        if companies_in_use():
            return "Choose the default company first, under Settings → Integrations."
        return "Connect QuickBooks first, under Settings → Integrations."
    match policies_in_force().push_when:
        case PushWhen.BUTTON:
            return "The sync rules send an invoice only by its button."
        case PushWhen.NEVER:
            return "The sync rules send no invoice."
        case _:
            return ""


def _why_no_email() -> str:
    """Asking for the e-mail is pressing a button, so only a rule that sends nothing forbids it."""
    if policies_in_force().push_when is PushWhen.NEVER or company_in_use() is None:
        return _why_not()
    return ""


def _prices_include_tax() -> bool:
    """Where the rules say so; in the United States nobody can say an amount with its tax."""
    if policies_in_force().price_basis is not PriceBasis.WITH_TAX:
        return False
    live = live_connection()
    return live is not None and live.company_settings().country != UNITED_STATES


def _archiving_voids() -> bool:
    return policies_in_force().archive_effect is ArchiveEffect.VOID


def _something_happened(organization_id: UUID) -> None:
    waking.wake()
