"""What the history can be narrowed to."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.forms import DateInput
from django_filters import ChoiceFilter, DateFilter, ModelChoiceFilter

from billing.forms.fields import DATE_FORMAT
from billing.forms.filters import ListFilter, Rows
from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from tenants.models import AuditEntry, User

# The documents that a line is about, by what the audit log calls them.
KINDS = {
    "invoice": "Invoices",
    "payment": "Payments",
    "creditmemo": "Credit memos",
    "refund": "Refunds",
    "customer": "Customers",
}


def _members(request: Any) -> Rows:
    return User.objects.filter(memberships__organization=request.organization).order_by("email")


def _day(lookup: str, label: str) -> DateFilter:
    widget = DateInput(format=DATE_FORMAT, attrs={"type": "date"})
    return DateFilter(method=f"days_{lookup}", label=label, widget=widget)


class HistoryFilter(ListFilter):
    """By kind of document, person and day of the organization; ``search`` finds numbers and names of customers."""

    listed = AuditEntry

    status = ChoiceFilter(choices=tuple(KINDS.items()), field_name="object_kind", label="Documents")
    actor = ModelChoiceFilter(queryset=_members, label="Person", empty_label="Anybody")
    since = _day("from", "From")
    until = _day("until", "Until")

    def words(self, words: str) -> Q:
        named = Q(customer__name__icontains=words)
        numbered = Q(number__icontains=words)
        return (
            _about(Customer.objects.filter(name__icontains=words))
            | _about(Payment.objects.filter(named | Q(reference__icontains=words)))
            | _about(Invoice.objects.filter(named | numbered))
            | _about(CreditMemo.objects.filter(named | numbered))
            | _about(Refund.objects.filter(named | numbered))
        )

    def days_from(self, rows: Rows, _name: str, day: date) -> Rows:
        return rows.filter(at__gte=self._moment(day, time.min))

    def days_until(self, rows: Rows, _name: str, day: date) -> Rows:
        return rows.filter(at__lte=self._moment(day, time.max))

    def _moment(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, ZoneInfo(self.request.organization.timezone))


def _about(documents: Rows) -> Q:
    keys = documents.annotate(key=Cast("pk", CharField())).values("key")
    return Q(object_kind=documents.model._meta.model_name, object_id__in=keys)
