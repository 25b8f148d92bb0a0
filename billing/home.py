"""The organization in force, as billing needs it: its currency and its calendar."""

from datetime import date

from regentra import clock
from tenants import days
from tenants.models import Organization
from tenants.scope import asked_once, current_organization_id


@asked_once
def organization() -> Organization:
    """The organization in force. Raises `OutsideOrganization` when there is none."""
    return Organization.objects.get(pk=current_organization_id())


def local_today() -> date:
    """The calendar day where the organization is; dates on documents are its dates."""
    return clock.today(organization().timezone)


def day_in_words(day: date) -> str:
    """A day as the organization in force writes it."""
    return days.in_words(day, organization().country)
