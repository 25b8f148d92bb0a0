"""Work done for a customer."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from billing.models.catalogue import PriceField, Service
from billing.models.customer import Customer
from billing.models.invoice import InvoiceLine
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class TimeEntry(TenantModel):
    """Hours worked on a local date; unbilled until a line of an invoice takes it."""

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="time_entries")
    service = TenantForeignKey(Service, models.PROTECT, related_name="+")
    worked_on = models.DateField()
    hours = models.DecimalField(max_digits=6, decimal_places=2)
    rate = PriceField(help_text="per hour, in the currency of the customer")
    description = models.TextField(blank=True)
    invoice_line = TenantForeignKey(
        InvoiceLine, models.PROTECT, null=True, blank=True, related_name="time_entries"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "customer", "worked_on"],
                name="time_unbilled",
                condition=models.Q(invoice_line=None),
            )
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(hours__gt=0), name="time_hours_positive")
        ]

    def __str__(self) -> str:
        return f"{self.hours} h on {self.worked_on}"

    @property
    def is_billed(self) -> bool:
        return self.invoice_line_id is not None

    @property
    def value(self) -> Decimal:
        """What it is worth, unrounded, in major units of the currency of the customer."""
        return self.hours * self.rate
