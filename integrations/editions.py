"""Which organizations QuickBooks belongs to, where the operator sells it with an edition (C-20)."""

from django.conf import settings

from tenants.models import Organization


def needed() -> str:
    """The edition that QuickBooks belongs to; empty where it is open to all."""
    return str(settings.QUICKBOOKS_EDITION)


def includes_quickbooks(organization: Organization) -> bool:
    """Whether the organization's edition has QuickBooks."""
    return not needed() or organization.edition.casefold() == needed().casefold()
