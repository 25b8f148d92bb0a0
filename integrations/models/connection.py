"""A connected company, the keys to it, and the single-use ticket that connecting takes."""

import uuid
from datetime import date
from itertools import takewhile
from typing import Any, ClassVar

from django.db import models

from integrations.documents import Company
from regentra import clock
from tenants.models import Organization, User
from tenants.scope import ask_always, asked_once
from tenants.tables import TenantForeignKey, TenantModel

QUICKBOOKS = "quickbooks_online"
# Billing's word for QuickBooks where it is to e-mail an invoice.
QUICKBOOKS_EMAIL = "quickbooks_email"


class ConnectionStatus(models.TextChoices):
    """Whether a company may be spoken to."""

    CONNECTED = "connected", "Connected"
    NEEDS_CONSENT = "needs_consent", "Reconnect needed"
    DISCONNECTED = "disconnected", "Disconnected"


class Environment(models.TextChoices):
    """Whose books these are: real ones or a vendor's test company."""

    PRODUCTION = "production", "Production"
    SANDBOX = "sandbox", "Sandbox"


class PayNow(models.TextChoices):
    """Whether customers may pay invoices online in QuickBooks (C-21)."""

    AUTO = "auto", "Automatic"
    ON = "on", "On"
    OFF = "off", "Off"


def live_connection() -> "Connection | None":
    """The default QuickBooks company of the organization in force, connected or in need of consent."""
    return live_connections().filter(is_default=True).select_related("connected_by").first()


@asked_once
def companies_in_use() -> "list[Connection]":
    """`live_connections` as they were when a page first asked; who waits for somebody else's change asks for those."""
    return list(live_connections().select_related("connected_by"))


def company_in_use() -> "Connection | None":
    """The default one of these."""
    return next((one for one in companies_in_use() if one.is_default), None)


def latest_connection() -> "Connection | None":
    """The default company or, when it is not connected, the one that was; what is meant for it waits for it."""
    known = Connection.objects.filter(vendor=QUICKBOOKS)
    return live_connection() or known.order_by("-is_default", "-connected_at").first()


def live_connections() -> "models.QuerySet[Connection]":
    """All that are not disconnected, the default one first."""
    found = Connection.objects.filter(vendor=QUICKBOOKS).order_by("-is_default", "connected_at")
    return found.exclude(status=ConnectionStatus.DISCONNECTED)


def companies_that_count() -> "list[Connection]":
    """The default one, also while it is disconnected, then those connected in the order in which they were."""
    counts = ~models.Q(status=ConnectionStatus.DISCONNECTED) | models.Q(is_default=True)
    known = Connection.objects.filter(counts, vendor=QUICKBOOKS)
    return list(known.order_by("-is_default", "connected_at", "pk"))


def companies_before(connection: "Connection") -> "list[Connection]":
    """Those whose word counts before this one's where only one can be followed."""
    return list(takewhile(lambda one: one.pk != connection.pk, companies_that_count()))


def is_for_quickbooks(destination: str) -> bool:
    """Whether a destination that staff ticked is the default company or one that was named."""
    return destination.partition(":")[0] == QUICKBOOKS


def company_for(destination: str) -> "Connection | None":
    """The company that a destination means, connected or not."""
    _, _, named = destination.partition(":")
    return Connection.objects.filter(pk=named).first() if named else latest_connection()


class Connection(TenantModel):
    """One account of one vendor, connected to one organization.

    ``is_default`` marks the one that documents go to when no other is named; it keeps the mark while disconnected, so
    that they wait instead of going elsewhere. ``epoch`` rises with every connect and disconnect; work of an old epoch
    never sends. ``held`` keeps a company that took the place of another one from being written to until an admin says
    so. ``catch_up`` lets what is owed travel in batches, which are metered, until nothing is left but what is kept for
    the night. ``stopped_at`` is when a check of our own rows failed: nothing is sent until a person resumes;
    ``stopped_for`` says what the checks found last, empty when all holds again.
    ``lists_asked_at`` is since when a person wants the lists read again; what is sent meanwhile goes by the old ones.
    ``lists_form`` is how much was kept of them when they were read last (`integrations/inbound/lists.py`).
    ``client_hash`` names the organization's own Intuit app that it was connected through, empty for the platform's.
    ``paused_at`` is when an owner or admin paused sending, ``pause_after_batch`` that it pauses after the next batch.
    ``company_asked_at`` is from when on the company's settings are to be read again, ``try_again_at`` from when on
    one that takes nothing is sent to again.
    ``customers_linked_at`` is when all customers here were last looked for there.
    ``forgotten_since`` is since when it may have been connected already, which a restore of a backup has forgotten.
    ``pay_by_card`` and ``pay_by_bank`` count only while ``pay_now`` comes to on.
    """

    vendor = models.CharField(max_length=40, default=QUICKBOOKS)
    account_sealed = models.TextField()
    account_hash = models.CharField(max_length=64)
    client_hash = models.CharField(max_length=64, blank=True)
    environment = models.CharField(max_length=12, choices=Environment.choices)
    status = models.CharField(max_length=16, choices=ConnectionStatus.choices)
    is_default = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    catch_up = models.BooleanField(default=False)
    pay_now = models.CharField(max_length=4, choices=PayNow.choices, default=PayNow.AUTO)
    pay_by_card = models.BooleanField(default=True)
    pay_by_bank = models.BooleanField(default=True)
    paused_at = models.DateTimeField(null=True)
    pause_after_batch = models.BooleanField(default=False)
    stopped_at = models.DateTimeField(null=True)
    stopped_for = models.TextField(blank=True)
    epoch = models.PositiveIntegerField(default=1)
    company_name = models.CharField(max_length=1024, blank=True)
    company = models.JSONField(default=dict)
    company_read_at = models.DateTimeField(null=True)
    company_asked_at = models.DateTimeField(null=True)
    try_again_at = models.DateTimeField(null=True)
    changes_since = models.DateTimeField(null=True)
    lists_read_at = models.DateTimeField(null=True)
    lists_asked_at = models.DateTimeField(null=True)
    lists_form = models.PositiveSmallIntegerField(default=0, db_default=0)
    customers_linked_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(default=clock.now)
    connected_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    disconnected_at = models.DateTimeField(null=True)
    forgotten_since = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "vendor", "account_hash", "environment"],
                name="connection_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["organization", "vendor"],
                condition=models.Q(is_default=True),
                name="one_default_company_per_vendor",
            ),
        ]

    def __str__(self) -> str:
        return self.company_name or self.vendor

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        ask_always()

    @property
    def is_connected(self) -> bool:
        return self.status == ConnectionStatus.CONNECTED

    @property
    def destination(self) -> str:
        """How a document names this company when it is to go here, whichever is the default."""
        return f"{self.vendor}:{self.id}"

    @property
    def query(self) -> str:
        """What an address ends with that is about this company, and stays so when another one is the default."""
        return f"?company={self.id}"

    @property
    def is_reading_lists(self) -> bool:
        """Whether the company's lists are to be read, for the first time or again."""
        return self.lists_read_at is None or self.lists_asked_at is not None

    @property
    def origin(self) -> str:
        """How events name this connection when a change came from it."""
        return f"{self.vendor}:{self.id}"

    def company_settings(self) -> Company:
        """What was read of the company when it was connected or last refreshed."""
        return company_from_json(self.company)


class Credential(TenantModel):
    """The sealed tokens of a connection. Its row is the lock under which they are refreshed."""

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="credentials")
    access_sealed = models.TextField(blank=True)
    access_expires_at = models.DateTimeField()
    refresh_sealed = models.TextField(blank=True)
    previous_refresh_sealed = models.TextField(blank=True)
    refresh_expires_at = models.DateTimeField()
    hard_expires_at = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(default=1)
    refreshed_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection"], name="one_credential_per_connection"
            )
        ]


class OAuthState(models.Model):
    """A single-use ticket for one attempt to connect, bound to session, user, organization and vendor.

    ``beside`` adds a company to those that are connected. Else the company chosen takes the place of the connection
    that ``replaces`` names; where it names none, no default company was connected.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    vendor = models.CharField(max_length=40)
    beside = models.BooleanField(default=False)
    replaces = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.vendor} ticket of {self.user_id}"


def company_to_json(company: Company) -> dict[str, Any]:
    """A company's settings as stored on its connection."""
    closed = company.books_closed_on
    values = {name: getattr(company, name) for name in Company.__slots__}
    return {**values, "books_closed_on": closed.isoformat() if closed else None}


def company_from_json(stored: dict[str, Any]) -> Company:
    """The settings that `company_to_json` wrote."""
    closed = stored.get("books_closed_on")
    return Company(
        **{
            **stored,
            "books_closed_on": date.fromisoformat(closed) if closed else None,
            "custom_fields": tuple((id_, name) for id_, name in stored.get("custom_fields", ())),
        }
    )
