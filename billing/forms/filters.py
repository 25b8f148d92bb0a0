"""What lists can be narrowed to. Every filter is part of the address."""

from typing import Any, ClassVar

from django.db.models import F, Model, Q, QuerySet
from django.forms import CheckboxInput, DateInput
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    DateFilter,
    FilterSet,
    ModelChoiceFilter,
)

from billing import narrowings
from billing.forms.fields import DATE_FORMAT
from billing.models import (
    Allocation,
    CreditMemo,
    CreditUse,
    Customer,
    Invoice,
    Method,
    Payment,
    Service,
    TimeEntry,
)
from billing.narrowings import Narrowing
from regentra import clock

Rows = QuerySet[Any]

UNPAID = ("SENT", "PARTIAL")
STATES = (
    ("draft", "Draft"),
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("part_paid", "Part paid"),
    ("paid", "Paid"),
    ("void", "Void"),
    ("archived", "Archived"),
)


PAYMENT_STATES = (
    ("received", "Received"),
    ("unapplied", "Not fully applied"),
    ("void", "Void"),
)
CREDIT_STATES = (("open", "Open"), ("used", "Used up"), ("void", "Void"))


def _from(field: str, label: str) -> DateFilter:
    return _day(field, "gte", label)


def _until(field: str, label: str) -> DateFilter:
    return _day(field, "lte", label)


def _day(field: str, lookup: str, label: str) -> DateFilter:
    widget = DateInput(format=DATE_FORMAT, attrs={"type": "date"})
    return DateFilter(field_name=field, lookup_expr=lookup, label=label, widget=widget)


def _currency() -> CharFilter:
    return CharFilter(lookup_expr="iexact", label="Currency")


def _customers(_request: Any) -> Rows:
    return Customer.objects.order_by("name")


class ListFilter(FilterSet):
    """A search field and more; ``unchipped`` filters are shown by other means than a chip."""

    listed: ClassVar[type[Model]]
    unchipped: ClassVar[set[str]] = {"q", "status"}

    q = CharFilter(method="search", label="Search")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in narrowings.of(self.listed):
            self.filters[each.name] = self._added(each)

    @property
    def narrowed(self) -> bool:
        """Whether there is anything to filter by."""
        return any(name not in self.unchipped for name in self.filters)

    def _added(self, each: Narrowing) -> ChoiceFilter:
        def method(rows: Rows, _name: str, value: str) -> Rows:
            return each.rows(rows, value)

        added = ChoiceFilter(
            field_name=each.name,
            choices=each.choices,
            method=method,
            label=each.label,
            empty_label="Any",
        )
        added.parent, added.model = self, self.listed
        return added

    def search(self, rows: Rows, _name: str, words: str) -> Rows:
        return rows.filter(self.words(words.strip()))

    def words(self, words: str) -> Q:
        raise NotImplementedError


class InvoiceFilter(ListFilter):
    """Invoices by state, customer and dates."""

    listed = Invoice

    status = ChoiceFilter(choices=STATES, method="in_state", label="Status")
    customer = ModelChoiceFilter(queryset=_customers, label="Customer", empty_label="Any customer")
    issued_from = _from("issued_on", "Issued from")
    issued_until = _until("issued_on", "Issued until")
    due_from = _from("due_on", "Due from")
    due_until = _until("due_on", "Due until")
    currency = _currency()

    def words(self, words: str) -> Q:
        return Q(number__icontains=words) | Q(customer__name__icontains=words)

    def in_state(self, rows: Rows, _name: str, state: str) -> Rows:
        return rows.filter(in_state(state, self.request.organization.timezone))

    def filter_queryset(self, queryset: Rows) -> Rows:
        """Archived ones stand apart while no state is asked for."""
        rows: Rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.filter(archived_at=None)


def in_state(state: str, timezone: str) -> Q:
    """Invoices of one of `STATES`, as a condition; archived ones stand apart, save for what is owed on them."""
    today = clock.today(timezone)
    kept = Q(archived_at=None)
    return {
        "draft": kept & Q(status="DRAFT"),
        "open": Q(status__in=UNPAID),
        "overdue": Q(status__in=UNPAID, due_on__lt=today),
        "part_paid": Q(status="PARTIAL"),
        "paid": kept & Q(status="PAID"),
        "void": kept & Q(status="VOID"),
        "archived": ~kept,
    }[state]


class CustomerFilter(ListFilter):
    """Customers, archived ones apart."""

    listed = Customer

    status = ChoiceFilter(
        choices=[("archived", "Archived"), ("all", "All")], method="in_state", label="Status"
    )

    def words(self, words: str) -> Q:
        fields = ("name", "contact_name", "email", "phone", "city")
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": words})
        return found

    def in_state(self, rows: Rows, _name: str, state: str) -> Rows:
        return rows if state == "all" else rows.exclude(archived_at=None)

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows: Rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.filter(archived_at=None)


class PaymentFilter(ListFilter):
    """Payments by how far they are applied, customer, method and date."""

    listed = Payment

    status = ChoiceFilter(
        choices=PAYMENT_STATES,
        method="in_state",
        label="Status",
    )
    customer = ModelChoiceFilter(
        queryset=_customers, method="of_customer", label="Customer", empty_label="Any customer"
    )
    method = ChoiceFilter(choices=Method.choices, label="Method", empty_label="Any method")
    received_from = _from("received_on", "Received from")
    received_until = _until("received_on", "Received until")
    currency = _currency()

    def words(self, words: str) -> Q:
        return (
            Q(reference__icontains=words)
            | Q(customer__name__icontains=words)
            | Q(allocations__invoice__number__iexact=words)
        )

    def search(self, rows: Rows, name: str, words: str) -> Rows:
        return super().search(rows, name, words).distinct()

    def of_customer(self, rows: Rows, _name: str, customer: Customer) -> Rows:
        return rows.filter(concerning(customer))

    def in_state(self, rows: Rows, _name: str, state: str) -> Rows:
        return rows.filter(payment_in_state(state))


def concerning(customer: Customer) -> Q:
    """Payments by this customer, and those by another one that settle its invoices or use its credit."""
    settling = Allocation.objects.filter(invoice__customer=customer).values("payment")
    using = CreditUse.objects.filter(credit_memo__customer=customer).values("payment")
    return Q(customer=customer) | Q(pk__in=settling) | Q(pk__in=using)


def payment_in_state(state: str) -> Q:
    """Payments of one of `PAYMENT_STATES`, as a condition; credit that is only applied is no money received."""
    here = F("amount_minor") + F("credit_minor") - F("outside_minor") - F("paid_back_minor")
    return {
        "received": Q(voided_at=None, amount_minor__gt=0),
        "unapplied": Q(voided_at=None, allocated_minor__lt=here),
        "void": Q(voided_at__isnull=False),
    }[state]


class CreditMemoFilter(ListFilter):
    """Credit memos by what is left of them, customer and date."""

    listed = CreditMemo

    status = ChoiceFilter(choices=CREDIT_STATES, method="in_state", label="Status")
    customer = ModelChoiceFilter(queryset=_customers, label="Customer", empty_label="Any customer")
    issued_from = _from("issued_on", "Issued from")
    issued_until = _until("issued_on", "Issued until")

    def words(self, words: str) -> Q:
        return (
            Q(number__icontains=words)
            | Q(customer__name__icontains=words)
            | Q(invoice__number__iexact=words)
        )

    def in_state(self, rows: Rows, _name: str, state: str) -> Rows:
        return rows.filter(credit_in_state(state))


def credit_in_state(state: str) -> Q:
    """Credit memos of one of `CREDIT_STATES`, as a condition."""
    return {
        "open": Q(voided_at=None, applied_minor__lt=F("total_minor") - F("elsewhere_minor")),
        "used": Q(voided_at=None, applied_minor=F("total_minor") - F("elsewhere_minor")),
        "void": Q(voided_at__isnull=False),
    }[state]


class WorkFilter(ListFilter):
    """Time entries, billed or not."""

    listed = TimeEntry

    status = ChoiceFilter(
        choices=[("unbilled", "Unbilled"), ("billed", "Billed")], method="in_state", label="Status"
    )
    customer = ModelChoiceFilter(queryset=_customers, label="Customer", empty_label="Any customer")
    worked_from = _from("worked_on", "Worked from")
    worked_until = _until("worked_on", "Worked until")

    def words(self, words: str) -> Q:
        return (
            Q(description__icontains=words)
            | Q(customer__name__icontains=words)
            | Q(service__name__icontains=words)
        )

    def in_state(self, rows: Rows, _name: str, state: str) -> Rows:
        return rows.filter(invoice_line__isnull=state == "unbilled")


class ServiceFilter(ListFilter):
    """The catalogue; what is not sold any more is shown on request."""

    listed = Service

    retired = BooleanFilter(method="with_retired", label="Retired too", widget=CheckboxInput)

    def words(self, words: str) -> Q:
        return Q(name__icontains=words) | Q(description__icontains=words)

    def with_retired(self, rows: Rows, _name: str, _value: bool) -> Rows:
        return rows

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows: Rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("retired") else rows.filter(active=True)
