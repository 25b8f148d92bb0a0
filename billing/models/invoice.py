"""Invoices, their lines and their numbers."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from billing.models.catalogue import Location, PriceField, Service, TaxRegion, Term
from billing.models.customer import Customer
from billing.money import Money
from billing.rules.exchange import EXCHANGE_DECIMALS, RATE_DIGITS
from billing.rules.lifecycle import LABELS, Status
from billing.rules.numbering import FIRST, LONGEST
from billing.rules.totals import QUANTITY_DECIMALS, RATE_DECIMALS, WHOLE_DIGITS, net_of
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel

# What the database itself knows of each status; `rules.lifecycle` has the steps between them.
CONSISTENT = (
    Q(status=Status.DRAFT, applied_minor=0, sent_at=None, voided_at=None)
    | Q(status=Status.SENT, applied_minor=0, total_minor__gt=0, sent_at__isnull=False)
    | Q(status=Status.PARTIAL, applied_minor__gt=0, sent_at__isnull=False)
    & Q(applied_minor__lt=F("total_minor"))
    | Q(status=Status.PAID, applied_minor=F("total_minor"), sent_at__isnull=False)
    | Q(status=Status.VOID, applied_minor=0, voided_at__isnull=False)
)


class InvoiceSource(models.TextChoices):
    """What an invoice was written for; all are treated alike."""

    WORK = "work", "Work and free lines"
    ORDER = "order", "Order"
    QUICK_SALE = "quick_sale", "Quick sale"
    WORK_ORDER = "work_order", "Internal work order"
    SERVICE_ORDER = "service_order", "Service order"


class Approval(models.TextChoices):
    """Whether somebody has looked at an invoice before it goes anywhere else."""

    NOT_ASKED = "", "Not asked"
    HELD = "held", "On hold"
    APPROVED = "approved", "Approved"


class Invoice(TenantModel):
    """What a customer owes for. Amounts are in minor units of `currency`; dates are local dates."""

    number = models.CharField(max_length=LONGEST)
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="invoices")
    status = models.CharField(
        max_length=7,
        choices=[(each.value, LABELS[each]) for each in Status],
        default=Status.DRAFT.value,
    )
    issued_on = models.DateField()
    due_on = models.DateField()
    terms = TenantForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+")
    currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(
        max_digits=RATE_DIGITS,
        decimal_places=EXCHANGE_DECIMALS,
        null=True,
        blank=True,
        help_text="of the organization's currency for one of its own; None until it is known",
    )
    tax_region = TenantForeignKey(
        TaxRegion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tax_rate_percent = models.DecimalField(
        max_digits=3 + RATE_DECIMALS, decimal_places=RATE_DECIMALS, default=0
    )
    prices_include_tax = models.BooleanField(
        default=False, help_text="the lines then come to the total, not to the subtotal"
    )
    location = TenantForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    approval = models.CharField(max_length=8, choices=Approval.choices, blank=True)
    po_number = models.CharField(max_length=31, blank=True, help_text="the customer's order")
    notes = models.TextField(blank=True, help_text="the customer reads this")
    memo = models.TextField(blank=True, help_text="only staff read this")
    email = models.CharField(max_length=254, blank=True, help_text="empty: the customer's")
    email_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="when staff last had a destination e-mail it"
    )
    subtotal_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    applied_minor = models.BigIntegerField(default=0, help_text="sum of its allocations")
    sent_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(
        max_length=20, choices=InvoiceSource.choices, default=InvoiceSource.WORK
    )
    origin = models.CharField(max_length=200, blank=True, help_text="empty: generated here")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "-issued_on", "-number"], name="invoice_newest"),
            models.Index(fields=["organization", "status", "due_on"], name="invoice_by_status"),
            models.Index(fields=["organization", "number"], name="invoice_by_number"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Elsewhere several may bear one number; what is taken over keeps its own.
            models.UniqueConstraint(
                fields=["organization", "number"],
                condition=Q(origin=""),
                name="invoice_number_once",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="invoice_has_number"),
            models.CheckConstraint(
                condition=Q(source__in=InvoiceSource.values), name="invoice_source_known"
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("subtotal_minor") + F("tax_minor")),
                name="invoice_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(applied_minor__gte=0, applied_minor__lte=F("total_minor")),
                name="invoice_not_overpaid",
            ),
            models.CheckConstraint(condition=CONSISTENT, name="invoice_status_consistent"),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(status=Status.VOID), name="invoice_voided_is_void"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("issued_on")), name="invoice_due_after_issue"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def standing(self) -> Status:
        """The status as the rules know it."""
        return Status(self.status)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

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
    def balance(self) -> Money:
        """What is still to be paid; nothing once void."""
        if self.standing is Status.VOID:
            return Money.zero(self.currency)
        return self.total - self.applied

    @property
    def address(self) -> str:
        """The e-mail address it goes to; load the customer with it."""
        return self.email or self.customer.email

    def is_overdue_on(self, today: date) -> bool:
        """Whether it should have been paid by this local date."""
        return self.standing in (Status.SENT, Status.PARTIAL) and self.due_on < today


class LineKind(models.TextChoices):
    """What a line is: something sold, the discount on all of it, or what makes the sum come out."""

    SALE = "sale", "Sale"
    DISCOUNT = "discount", "Discount"
    ADJUSTMENT = "adjustment", "Write-off or rounding"


class InvoiceLine(TenantModel):
    """One line: quantity times unit price, rounded half-up. Both may be negative. `discount_percent` is off it alone.

    A discount is one of minus its amount; when ``taxable``, tax is computed after it.
    """

    invoice = TenantForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    service = TenantForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    description = models.TextField()
    quantity = models.DecimalField(
        max_digits=WHOLE_DIGITS + 1 + QUANTITY_DECIMALS, decimal_places=QUANTITY_DECIMALS
    )
    unit_price = PriceField()
    amount_minor = models.BigIntegerField(help_text="in minor units of the invoice's currency")
    taxable = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=LineKind.choices, default=LineKind.SALE)
    discount_percent = models.DecimalField(
        max_digits=3 + RATE_DECIMALS, decimal_places=RATE_DECIMALS, null=True, blank=True
    )

    class Meta(TenantModel.Meta):
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Deferred, so that lines may change places within a transaction.
            models.UniqueConstraint(
                fields=["invoice", "position"],
                name="invoice_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(kind="discount"), name="invoice_one_discount"
            ),
            models.CheckConstraint(
                condition=~Q(kind="discount") | Q(amount_minor__lte=0),
                name="invoice_discount_takes_off",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def is_discount(self) -> bool:
        return self.kind == LineKind.DISCOUNT

    @property
    def percent_off(self) -> Decimal:
        """What is off this line alone."""
        return Decimal(0) if self.is_discount else self.discount_percent or Decimal(0)

    @property
    def amount(self) -> Money:
        """In the invoice's currency; load the invoice with the line."""
        return Money(self.amount_minor, self.invoice.currency)

    @property
    def net(self) -> Money:
        """Without the tax that its price may include; load the invoice with the line."""
        if self.invoice.prices_include_tax and self.taxable:
            return net_of(self.amount, self.invoice.tax_rate_percent)
        return self.amount


class NumberSequence(TenantModel):
    """The next number of a kind of document. Taken under a row lock, so without gaps or races."""

    kind = models.CharField(max_length=20, default="invoice")
    prefix = models.CharField(max_length=LONGEST, blank=True, default="INV-")
    suffix = models.CharField(max_length=LONGEST, blank=True)
    next_value = models.PositiveBigIntegerField(default=FIRST)
    last_given = models.PositiveBigIntegerField(default=0, db_default=0, help_text="0: none yet")

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "kind"], name="number_sequence_once")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.next_value}{self.suffix}"
