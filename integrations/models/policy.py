"""What an organization chose about its sync. No row, or a rule left out of it, means the default."""

from typing import ClassVar

from django.db import models

from integrations.policies import Policies
from tenants.scope import ask_always, asked_once
from tenants.tables import TenantModel


class SyncRules(TenantModel):
    """The choices by the name of their rule, see `integrations.policies`. One row for each organization."""

    choices = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization"], name="one_set_of_sync_rules")
        ]


@asked_once
def policies_in_force() -> Policies:
    """The choices of the organization in force."""
    row = SyncRules.objects.first()
    return Policies.of(row.choices) if row else Policies()


def set_policies(policies: Policies) -> None:
    """Stores the choices of the organization in force."""
    SyncRules.objects.update_or_create(defaults={"choices": policies.to_choices()})
    ask_always()
