"""What a customer pays for again and again: agreements, their lines, and what was billed of them."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from billing.models.catalogue import PriceField, Service, Term
from billing.models.credit_memo import CreditMemo
from billing.models.customer import Customer
from billing.models.invoice import Invoice, Status
from billing.rules.agreements import LAST_BILLING_DAY, Interval, Plan
from billing.rules.totals import QUANTITY_DECIMALS, WHOLE_DIGITS
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Agreement(TenantModel):
    """One agreement with one customer. ``next_on`` is the day of its next invoice; None when all is billed, or what is
    left somebody has to ask for: a credit memo, or what a void closing invoice held.

    ``refusal`` says why the timetable could not make that invoice.
    """

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="agreements")
    name = models.CharField(max_length=200)
    interval = models.CharField(
        max_length=9,
        choices=[(each.value, each.value.capitalize()) for each in Interval],
        default=Interval.MONTHLY.value,
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    billing_day = models.PositiveSmallIntegerField(default=1)
    in_advance = models.BooleanField(default=True)
    prorated = models.BooleanField(default=True)
    terms = TenantForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+")
    destinations = models.JSONField(default=list)
    next_on = models.DateField(null=True, blank=True)
    refusal = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "next_on"],
                name="agreements_to_bill",
                condition=Q(next_on__isnull=False),
            )
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(billing_day__gte=1, billing_day__lte=LAST_BILLING_DAY),
                name="billing_day_in_each_month",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="agreement_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def plan(self) -> Plan:
        """When it is billed, as the rules know it."""
        return Plan(
            self.starts_on,
            self.ends_on,
            Interval(self.interval),
            self.billing_day,
            self.in_advance,
        )


class AgreementLine(TenantModel):
    """One thing that is paid for in each period, at a price for a whole one."""

    class Kind(models.TextChoices):
        FIXED = "fixed", "Fixed fee"
        SEAT = "seat", "Per seat"
        PRODUCT = "product", "Product"

    agreement = TenantForeignKey(Agreement, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.FIXED)
    service = TenantForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    description = models.TextField()
    unit_price = PriceField(help_text="for a whole period")
    taxable = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["position"]

    def __str__(self) -> str:
        return self.description

    def price_on(self, first: date) -> Decimal:
        """What it costs in the period that begins on this day."""
        known = [one.unit_price for one in self.prices.all() if one.effective_on <= first]
        return known[-1] if known else self.unit_price

    @property
    def by_day(self) -> bool:
        """Whether a part of a period costs a part of its price; what is sold by the piece does not."""
        return self.agreement.prorated and self.kind != self.Kind.PRODUCT


class QuantityChange(TenantModel):
    """From this day on there are so many of a line."""

    line = TenantForeignKey(AgreementLine, models.CASCADE, related_name="quantities")
    effective_on = models.DateField()
    quantity = models.DecimalField(
        max_digits=WHOLE_DIGITS + 1 + QUANTITY_DECIMALS, decimal_places=QUANTITY_DECIMALS
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["effective_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "line", "effective_on"], name="one_quantity_a_day"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="quantity_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} from {self.effective_on}"


class PriceChange(TenantModel):
    """From the first period on that begins on this day or later, a line costs so much for a whole one."""

    line = TenantForeignKey(AgreementLine, models.CASCADE, related_name="prices")
    effective_on = models.DateField()
    unit_price = PriceField(help_text="for a whole period")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["effective_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "line", "effective_on"], name="one_price_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price} from {self.effective_on}"


class BilledPeriod(TenantModel):
    """A period of an agreement and the invoice it is on: there is one, however often it is asked for. In the place of a
    void one another can be made.
    """

    agreement = TenantForeignKey(Agreement, models.PROTECT, related_name="billed")
    first = models.DateField()
    last = models.DateField()
    invoice = TenantForeignKey(Invoice, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["first"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "agreement", "first"], name="a_period_is_billed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def is_void(self) -> bool:
        return self.invoice is not None and self.invoice.standing is Status.VOID


class BilledPart(TenantModel):
    """What was billed of one line for one period, at which price: at first, or later when its quantity changed.

    ``invoice`` and ``credit_memo`` are of a closing one, which has no period of its own. Once that is void nothing was
    billed by it.
    """

    period = TenantForeignKey(BilledPeriod, models.PROTECT, related_name="parts")
    invoice = TenantForeignKey(Invoice, models.PROTECT, null=True, related_name="+")
    credit_memo = TenantForeignKey(CreditMemo, models.PROTECT, null=True, related_name="+")
    line_key = models.UUIDField(help_text="of the line, which may be gone by now")
    unit_price = PriceField()
    amount_minor = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "period"], name="parts_of_period")
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of {self.line_key}"

    @property
    def is_void(self) -> bool:
        on = self.invoice or self.credit_memo
        return on is not None and on.voided_at is not None
