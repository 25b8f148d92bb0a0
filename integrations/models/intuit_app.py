"""The app at Intuit that an organization registered itself, where it does not use the platform's (C-10)."""

from typing import ClassVar

from django.db import models

from integrations import sealed
from regentra import clock
from tenants.models import User
from tenants.tables import TenantModel


class IntuitApp(TenantModel):
    """The keys of an organization's own app at Intuit; they are written by people and never shown again.

    ``client_hash`` names the app in connections and budgets without telling its id. ``webhook_token`` is the random
    part of the address that Intuit posts to for this app. ``kept_by`` says who looks after the app at Intuit.
    """

    client_id_sealed = models.TextField(blank=True)
    client_secret_sealed = models.TextField(blank=True)
    verifier_sealed = models.TextField(blank=True)
    webhook_token_sealed = models.TextField(blank=True)
    client_hash = models.CharField(max_length=64, blank=True)
    kept_by = models.CharField(max_length=200, blank=True)
    saved_at = models.DateTimeField(default=clock.now)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization"], name="one_intuit_app_of_its_own")
        ]

    def __str__(self) -> str:
        return "own Intuit app"

    @property
    def is_ready(self) -> bool:
        """Whether a company can be connected through it."""
        return self.keeps("client_id") and self.keeps("client_secret")

    def keeps(self, name: str) -> bool:
        """Whether this key is there and can be opened."""
        return bool(sealed.readable(self, name))


def own_app() -> IntuitApp | None:
    """The app of the organization in force, complete or not."""
    return IntuitApp.objects.first()
