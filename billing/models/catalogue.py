"""What an organization sells and on which conditions."""

from datetime import date
from typing import ClassVar

from django.db import models

from billing.rules.dates import due_by_month, due_date
from billing.rules.totals import PRICE_DECIMALS, RATE_DECIMALS, WHOLE_DIGITS
from tenants.tables import TenantForeignKey, TenantModel


class PriceField(models.DecimalField):
    """A price per unit in major units of the document's currency."""

    def __init__(self, **kwargs: object) -> None:
        kwargs["max_digits"] = WHOLE_DIGITS + 1 + PRICE_DECIMALS
        kwargs["decimal_places"] = PRICE_DECIMALS
        super().__init__(**kwargs)  # type: ignore[arg-type]


class Term(TenantModel):
    """When an invoice is due: so many days after its date, or on a day of the month.

    With ``day_of_month`` it is due on that day, of the next month when that is fewer than ``next_month_days`` days off.
    """

    name = models.CharField(max_length=31)
    due_days = models.PositiveSmallIntegerField(help_text="days after the invoice date")
    day_of_month = models.PositiveSmallIntegerField(null=True, blank=True)
    next_month_days = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="term_name_once"),
            models.CheckConstraint(
                condition=models.Q(day_of_month=None)
                | models.Q(day_of_month__gte=1, day_of_month__lte=31),
                name="term_day_is_one_of_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def due_on(self, issued_on: date) -> date:
        """When an invoice of this day is due. Raises `DatesRefused` for a day that cannot be meant."""
        if self.day_of_month is None:
            return due_date(issued_on=issued_on, due_days=self.due_days)
        return due_by_month(
            issued_on=issued_on, day=self.day_of_month, at_least_days=self.next_month_days
        )


class TaxRegion(TenantModel):
    """Where a customer is taxed, and how much."""

    name = models.CharField(max_length=100)
    rate_percent = models.DecimalField(max_digits=3 + RATE_DECIMALS, decimal_places=RATE_DECIMALS)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="tax_region_name_once"),
            models.CheckConstraint(
                condition=models.Q(rate_percent__gte=0, rate_percent__lte=100),
                name="tax_rate_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Location(TenantModel):
    """A place or branch of the organization that customers and invoices belong to."""

    name = models.CharField(max_length=100)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="location_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class LedgerAccount(TenantModel):
    """An account of the organization's own chart; the default one is that of what names none."""

    class Kind(models.TextChoices):
        INCOME = "income", "Income"
        EXPENSE = "expense", "Expense"
        ASSET = "asset", "Asset"
        LIABILITY = "liability", "Liability"
        EQUITY = "equity", "Equity"

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INCOME)
    is_default = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "code"], name="ledger_code_once"),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(is_default=True),
                name="one_default_ledger_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class BundlePart(TenantModel):
    """What one of a bundle consists of; a service with parts is a bundle, and its parts are none."""

    bundle = TenantForeignKey("billing.Service", models.CASCADE, related_name="parts")
    part = TenantForeignKey("billing.Service", models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=9, decimal_places=2)
    position = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["bundle", "part"], name="bundle_part_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="bundle_part_is_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} x {self.part}"


class Service(TenantModel):
    """Something in the catalogue that can be put on an invoice."""

    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    unit_price = PriceField()
    taxable = models.BooleanField(default=False)
    ledger_account = TenantForeignKey(
        LedgerAccount, models.PROTECT, null=True, blank=True, related_name="+"
    )
    active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="service_name_once")
        ]

    def __str__(self) -> str:
        return self.name
