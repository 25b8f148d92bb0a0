"""What an organization chose about its sync. No row, or a rule left out of it, means the default."""

import json
from functools import lru_cache
from typing import ClassVar

from django.db import connection as database
from django.db import models

from integrations.policies import Policies
from tenants.models import AuditEntry
from tenants.scope import ask_again, ask_always, asked_once, current_organization_id
from tenants.tables import TenantModel

# As the history calls a change of them; its detail names the rules that were changed.
RULES_CHANGED = "sync_rules.changed"


class SyncRules(TenantModel):
    """The choices by the name of their rule, see `integrations.policies`. One row for each organization."""

    choices = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization"], name="one_set_of_sync_rules")
        ]


# Asked in nearly every transaction, so it is spared the making of a query.
CHOICES = "SELECT choices FROM integrations_syncrules WHERE organization_id = %s"


@asked_once
def policies_in_force() -> Policies:
    """The choices of the organization in force."""
    with database.cursor() as cursor:
        cursor.execute(CHOICES, [current_organization_id()])
        row = cursor.fetchone()
    return _read(row[0]) if row else Policies()


@lru_cache(maxsize=1000)
def _read(choices: str) -> Policies:
    return Policies.of(json.loads(choices))


def hold_policies() -> None:
    """Until the transaction ends nobody else changes the choices of the organization in force; they are read anew."""
    SyncRules.objects.select_for_update().get_or_create()
    ask_again()


def set_policies(policies: Policies) -> None:
    """Stores the choices of the organization in force."""
    SyncRules.objects.update_or_create(defaults={"choices": policies.to_choices()})
    ask_always()


def changes_of(rule: str) -> "models.QuerySet[AuditEntry]":
    """When somebody has changed this rule, and who; the last one first."""
    # They name no object, and the history has an index by object: it has a line for each change of each document.
    lines = AuditEntry.objects.filter(object_kind="", object_id="", action=RULES_CHANGED)
    return lines.filter(detail__has_key=rule).order_by("-id")
