"""When each organization is looked over again."""

from django.db import models

from tenants.models import Organization


class Round(models.Model):
    """The next look at one organization's own state: checks, notices, tokens that nobody uses.

    A platform table, because whose turn it is must be seen before a tenant is entered. It holds an id and a time.
    """

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"round of {self.organization_id}"
