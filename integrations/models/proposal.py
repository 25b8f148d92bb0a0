"""Changes of the sync rules and the mapping that wait for a second person."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from integrations.models.connection import Connection
from regentra import clock
from tenants.models import User
from tenants.tables import TenantForeignKey, TenantModel


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    WAITING = "waiting", "Waits for approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class RuleProposal(TenantModel):
    """What one person wants changed, and what another one said to it.

    ``rules`` holds old and new value by the name of the rule. ``mapping`` holds, by the name of the choice, its label
    and both values as id and name; ``connection`` is the company that it is about.
    """

    connection = TenantForeignKey(Connection, models.CASCADE, null=True, related_name="+")
    rules = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state=ProposalState.WAITING, decided_by=None, decided_at=None)
                | ~Q(state=ProposalState.WAITING)
                & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.APPROVED, decided_by=F("proposed_by")),
                name="proposal_is_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal of {self.proposed_by_id}, {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.WAITING

    def as_detail(self) -> dict[str, Any]:
        """Old and new of each change, as the audit log says it."""
        mapped = {
            one["label"]: f"{one['old_name']} → {one['new_name']}" for one in self.mapping.values()
        }
        return {**{name: f"{old} → {new}" for name, (old, new) in self.rules.items()}, **mapped}
