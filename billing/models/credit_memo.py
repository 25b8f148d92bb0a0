"""Credit memos: what a customer is owed back, and the payments that use it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from billing.models.catalogue import PriceField, Service, TaxRegion
from billing.models.customer import Customer
from billing.models.invoice import Invoice, InvoiceLine
from billing.models.payment import Payment
from billing.money import Money
from billing.rules.numbering import LONGEST
from billing.rules.totals import QUANTITY_DECIMALS, RATE_DECIMALS, WHOLE_DIGITS, net_of
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class CreditMemo(TenantModel):
    """What a customer is owed back. Amounts are in minor units of `currency`; `issued_on` is a local date.

    `invoice` is the one it takes something off; one that was made elsewhere may name none.
    """

    number = models.CharField(max_length=LONGEST)
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="credit_memos")
    invoice = TenantForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="credit_memos"
    )
    issued_on = models.DateField()
    currency = models.CharField(max_length=3)
    tax_region = TenantForeignKey(
        TaxRegion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tax_rate_percent = models.DecimalField(
        max_digits=3 + RATE_DECIMALS, decimal_places=RATE_DECIMALS, default=0
    )
    prices_include_tax = models.BooleanField(
        default=False, help_text="the lines then come to the total, not to the subtotal"
    )
    notes = models.TextField(blank=True, help_text="the customer reads this")
    memo = models.TextField(blank=True, help_text="only staff read this")
    subtotal_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    applied_minor = models.BigIntegerField(default=0, help_text="sum of its uses")
    elsewhere_minor = models.BigIntegerField(
        default=0, help_text="used elsewhere, by what is not here"
    )
    origin = models.CharField(max_length=200, blank=True, help_text="empty: issued here")
    voided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "-issued_on", "-number"], name="credit_memo_newest"
            )
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="credit_memo_number_once"
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("subtotal_minor") + F("tax_minor"), total_minor__gt=0),
                name="credit_memo_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    applied_minor__gte=0,
                    elsewhere_minor__gte=0,
                    applied_minor__lte=F("total_minor") - F("elsewhere_minor"),
                ),
                name="credit_memo_not_overused",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(applied_minor=0, elsewhere_minor=0),
                name="credit_memo_void_unused",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def applied(self) -> Money:
        return Money(self.applied_minor, self.currency)

    @property
    def elsewhere(self) -> Money:
        return Money(self.elsewhere_minor, self.currency)

    @property
    def used(self) -> Money:
        """By invoices here and by documents that are not here."""
        return self.applied + self.elsewhere

    @property
    def remaining(self) -> Money:
        """What nothing has used; nothing once void."""
        return Money.zero(self.currency) if self.is_void else self.total - self.used


class CreditMemoLine(TenantModel):
    """One line: quantity times unit price. `invoice_line` is the one it takes something off."""

    credit_memo = TenantForeignKey(CreditMemo, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    invoice_line = TenantForeignKey(
        InvoiceLine, models.PROTECT, null=True, blank=True, related_name="credits"
    )
    service = TenantForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    description = models.TextField()
    quantity = models.DecimalField(
        max_digits=WHOLE_DIGITS + 1 + QUANTITY_DECIMALS, decimal_places=QUANTITY_DECIMALS
    )
    unit_price = PriceField()
    amount_minor = models.BigIntegerField(help_text="in minor units of the credit memo's currency")
    taxable = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["credit_memo", "position"], name="credit_memo_line_position_once"
            )
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def amount(self) -> Money:
        """In the credit memo's currency; load the credit memo with the line."""
        return Money(self.amount_minor, self.credit_memo.currency)

    @property
    def net(self) -> Money:
        """Without the tax that its price may include; load the credit memo with the line."""
        if self.credit_memo.prices_include_tax and self.taxable:
            return net_of(self.amount, self.credit_memo.tax_rate_percent)
        return self.amount


class CreditUse(TenantModel):
    """The part of a credit memo that a payment puts on invoices, in minor units of both their currency.

    A payment that only does this is over nothing. A deferred trigger keeps `CreditMemo.applied_minor` and
    `Payment.credit_minor` equal to these.
    """

    payment = TenantForeignKey(Payment, models.PROTECT, related_name="credit_uses")
    credit_memo = TenantForeignKey(CreditMemo, models.PROTECT, related_name="uses")
    amount_minor = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["payment", "credit_memo"], name="credit_use_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="credit_use_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of {self.credit_memo_id} by {self.payment_id}"

    @property
    def amount(self) -> Money:
        """In the credit memo's currency; load the credit memo with the use."""
        return Money(self.amount_minor, self.credit_memo.currency)
