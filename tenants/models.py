"""Who uses Regentra and what they may do; the one table that finds a tenant before it is known."""

import hashlib
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper

from regentra import clock
from tenants.scope import ask_always
from tenants.tables import TenantLog, TenantModel


class Organization(models.Model):
    """A managed service provider that keeps its billing here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    currency = models.CharField(max_length=3, default="USD", help_text="ISO 4217 home currency")
    country = models.CharField(max_length=2, default="US", help_text="ISO 3166 code")
    timezone = models.CharField(
        max_length=64, default="UTC", help_text="IANA name, for dates on documents"
    )
    features = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="what the operator has switched on, such as quickbooks",
    )
    edition = models.CharField(
        max_length=40, blank=True, help_text="what the operator sold it, such as Enterprise"
    )
    environment = models.CharField(
        max_length=12,
        blank=True,
        help_text="production or sandbox where the operator fixed it; else as is connected",
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        ask_always()

    def has(self, feature: str) -> bool:
        """Whether the operator has switched this feature on."""
        return feature in self.features


class UserManager(BaseUserManager["User"]):
    """Makes users whose name is their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who logs in with an e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Upper("email"), name="user_email_unique_in_any_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What a member may do, from everything to looking only."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    STAFF = "staff", "Staff"
    READ_ONLY = "read_only", "Read only"

    def allows(self, needed: "Role") -> bool:
        """Whether this role includes all that the needed one may do."""
        order = list(Role)
        return order.index(self) <= order.index(needed)


class Membership(models.Model):
    """A user's place in an organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.STAFF)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "user"], name="member_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="member_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}"

    def allows(self, needed: Role) -> bool:
        """Whether this member may do what the needed role may do."""
        return Role(self.role).allows(needed)


class Invitation(TenantModel):
    """A link that lets the person with this address join, once and for a while. Its token is kept as a hash."""

    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Role.choices)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has used or withdrawn it."""
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def is_over(self) -> bool:
        """Whether its time has passed."""
        return self.expires_at <= clock.now()

    @property
    def role_name(self) -> str:
        return Role(self.role).label


class Route(models.Model):
    """Finds the organization behind something from outside: a connected company, a token in a link.

    Holds hashes only. One key of a kind leads to one organization.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    key_hash = models.CharField(max_length=64)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    object_id = models.UUIDField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "key_hash"], name="route_leads_to_one_place")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.organization_id}"

    @staticmethod
    def hash_of(key: str) -> str:
        """The form in which an outside key is stored and looked up."""
        return hashlib.sha256(key.encode()).hexdigest()


class AuditEntry(TenantLog):
    """Who did what to which object, and when. Never changed, never removed."""

    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta(TenantLog.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "object_kind", "object_id", "id"], name="audit_by_object"
            )
        ]


class Submission(TenantLog):
    """A form that was sent and made something, so that sending it again makes nothing. See `tenants.submissions`."""

    token = models.UUIDField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent")
    location = models.CharField(max_length=500, help_text="where the first answer led")
    at = models.DateTimeField(default=clock.now)

    class Meta(TenantLog.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "token"], name="submission_once")
        ]
