"""Money that came in, and the invoices it was applied to."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from billing.models.customer import Customer
from billing.models.invoice import Invoice
from billing.money import Money
from billing.rules.exchange import EXCHANGE_DECIMALS, RATE_DIGITS
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Method(models.TextChoices):
    """How a customer paid."""

    CASH = "cash", "Cash"
    CHECK = "check", "Check"
    CARD = "card", "Card"
    BANK_TRANSFER = "bank_transfer", "Bank transfer"
    OTHER = "other", "Other"


class Payment(TenantModel):
    """A customer's payment. Amounts in minor units of `currency`; `received_on` is a local date.

    One over nothing only puts credit on invoices. `outside_minor` is what documents that are not here have taken. What
    was paid back may stand on invoices still, which staff left paid; no other one can get it.
    """

    customer = TenantForeignKey(Customer, models.PROTECT, related_name="payments")
    received_on = models.DateField()
    currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(
        max_digits=RATE_DIGITS,
        decimal_places=EXCHANGE_DECIMALS,
        null=True,
        blank=True,
        help_text="of the organization's currency for one of its own; None until it is known",
    )
    amount_minor = models.BigIntegerField()
    allocated_minor = models.BigIntegerField(default=0, help_text="sum of its allocations")
    credit_minor = models.BigIntegerField(default=0, help_text="sum of the credit it uses")
    outside_minor = models.BigIntegerField(default=0)
    paid_back_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="sum of its live refunds"
    )
    method = models.CharField(max_length=13, choices=Method.choices, default=Method.OTHER)
    reference = models.CharField(max_length=100, blank=True, help_text="check number and the like")
    memo = models.TextField(blank=True)
    origin = models.CharField(max_length=200, blank=True, help_text="empty: recorded here")
    voided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "-received_on", "-id"], name="payment_newest"),
            models.Index(
                fields=["organization"],
                name="payment_taken_outside",
                condition=Q(outside_minor__gt=0),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, credit_minor__gte=0, outside_minor__gte=0)
                & (Q(amount_minor__gt=0) | Q(credit_minor__gt=0) | Q(voided_at__isnull=False)),
                name="payment_of_something",
            ),
            models.CheckConstraint(
                condition=Q(
                    allocated_minor__gte=0,
                    allocated_minor__lte=F("amount_minor") + F("credit_minor") - F("outside_minor"),
                ),
                name="payment_not_over_allocated",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(allocated_minor=0, credit_minor=0, outside_minor=0),
                name="payment_void_applies_none",
            ),
            models.CheckConstraint(
                condition=Q(paid_back_minor__gte=0), name="payment_paid_back_not_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(method__in=Method.values), name="payment_method_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.received_on}"

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def allocated(self) -> Money:
        return Money(self.allocated_minor, self.currency)

    @property
    def credit(self) -> Money:
        return Money(self.credit_minor, self.currency)

    @property
    def outside(self) -> Money:
        return Money(self.outside_minor, self.currency)

    @property
    def paid_back(self) -> Money:
        """What live refunds took of the money that came in."""
        return Money(self.paid_back_minor, self.currency)

    @property
    def is_credit_only(self) -> bool:
        """Whether no money came in: it only puts credit on invoices."""
        return self.amount_minor == 0

    @property
    def paid_by(self) -> str:
        """The method, in words; no money came in for credit that is used."""
        return "Credit memo" if self.is_credit_only else self.get_method_display()

    @property
    def unapplied(self) -> Money:
        """What no invoice has taken and nobody got back; nothing once void."""
        nothing = Money.zero(self.currency)
        if self.is_void:
            return nothing
        left = self.amount + self.credit - self.allocated - self.outside - self.paid_back
        return max(nothing, left)


class Allocation(TenantModel):
    """The part of a payment that an invoice took, in minor units of both their currency.

    A deferred trigger keeps `Invoice.applied_minor` and `Payment.allocated_minor` equal to these.
    """

    payment = TenantForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="allocations")
    amount_minor = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="allocation_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="allocation_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of {self.payment_id} to {self.invoice_id}"

    @property
    def amount(self) -> Money:
        """In the payment's currency; load the payment with the allocation."""
        return Money(self.amount_minor, self.payment.currency)
