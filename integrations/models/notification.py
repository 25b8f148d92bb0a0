"""What people are told, once for each cause."""

from typing import ClassVar

from django.db import models

from regentra import clock
from tenants.tables import TenantModel


class NoticeKind(models.TextChoices):
    """What can happen that somebody should know of."""

    CONSENT_ENDED = "consent_ended", "Reconnect needed"
    CONSENT_EXPIRES = "consent_expires", "Consent expires"
    SENDING_STOPPED = "sending_stopped", "Sending stopped"
    DOCUMENTS_REFUSED = "documents_refused", "Documents refused"
    WORK_LATE = "work_late", "Work is late"
    RULES_PROPOSED = "rules_proposed", "Change of the sync rules proposed"


class Severity(models.TextChoices):
    """How soon a person has to do something. Only ACT_NOW is mailed."""

    ACT_NOW = "act_now", "Act now"
    SOON = "soon", "Soon"


class Notification(TenantModel):
    """One cause that people are told of; open until it is gone, then closed by itself.

    ``key`` tells one cause of a kind from another, mostly a connection's id. ``read_at`` is when somebody took note,
    for the whole organization; ``rung`` is how often it was new to it. ``counted`` is how many things it is about,
    where that is told.
    """

    kind = models.CharField(max_length=30, choices=NoticeKind.choices)
    key = models.CharField(max_length=80)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=120)
    sentence = models.TextField()
    opened_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    counted = models.PositiveIntegerField(null=True)
    rung = models.PositiveIntegerField(default=1, db_default=1)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "kind", "key"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_notice",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "-opened_at"], name="notices_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ring(self) -> str:
        """Stands for this notice as it rang last; once it rings anew, for nothing."""
        return f"{self.pk} {self.rung}"
