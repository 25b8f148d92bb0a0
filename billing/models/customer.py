"""Whom an organization bills."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from billing.models.catalogue import Location, TaxRegion, Term
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Source(models.TextChoices):
    """How a customer came to be."""

    STAFF = "staff", "Staff"
    INTAKE_FORM = "intake_form", "Intake form"
    STOREFRONT = "storefront", "Storefront"
    QUICKBOOKS = "quickbooks", "QuickBooks"


class Customer(TenantModel):
    """A company that is billed, with its primary contact."""

    name = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    line1 = models.CharField(max_length=200, blank=True)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=30, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code")
    notes = models.TextField(blank=True)
    terms = TenantForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+")
    tax_region = TenantForeignKey(
        TaxRegion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    location = TenantForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    currency = models.CharField(
        max_length=3, blank=True, help_text="ISO 4217 code; empty: the organization's"
    )
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.STAFF)
    external_id = models.CharField(
        max_length=40,
        blank=True,
        help_text="its id in the books of record, where somebody knows it",
    )
    parent = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "name", "id"], name="customer_by_name"),
            models.Index("organization", Lower("email"), name="customer_by_email"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(name=""), name="customer_has_name"),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="customer_is_not_its_own_parent",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=Source.values), name="customer_source_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def address_lines(self) -> list[str]:
        """The billing address as it stands on a letter, without empty lines."""
        town = " ".join(filter(None, [self.city, self.region, self.postal_code]))
        return [line for line in (self.line1, self.line2, town, self.country) if line]
