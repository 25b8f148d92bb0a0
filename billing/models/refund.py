"""Money that was paid back to a customer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from billing.models.credit_memo import CreditMemo
from billing.models.customer import Customer
from billing.models.payment import Method, Payment
from billing.money import Money
from billing.rules.numbering import LONGEST
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class PostedAs(models.TextChoices):
    """How a refund stands in the books; each refund stands there in one way only."""

    ASKED = "exception", "Not decided yet"
    CREDIT_MEMO = "credit_memo", "Credit memo"
    EXPENSE = "expense", "Expense"
    REFUND_RECEIPT = "refund_receipt", "Refund receipt"


class Refund(TenantModel):
    """A part of a payment that was paid back. Amounts in minor units of `currency`; `refunded_on` is a local date.

    The payment and its invoices stay as they are.
    """

    number = models.CharField(max_length=LONGEST)
    payment = TenantForeignKey(Payment, models.PROTECT, related_name="refunds")
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="refunds")
    refunded_on = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    method = models.CharField(max_length=13, choices=Method.choices, default=Method.OTHER)
    reference = models.CharField(max_length=100, blank=True, help_text="check number and the like")
    memo = models.TextField(blank=True)
    posting = models.CharField(max_length=14, choices=PostedAs.choices)
    credit_memo = TenantForeignKey(
        CreditMemo, models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    origin = models.CharField(max_length=200, blank=True, help_text="empty: recorded here")
    voided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "number"], name="refund_number_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(posting=PostedAs.CREDIT_MEMO) | Q(credit_memo=None),
                name="refund_posted_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
