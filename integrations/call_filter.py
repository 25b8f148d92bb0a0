"""What the list of calls can be narrowed to. Every filter is part of the address."""

from typing import ClassVar

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet

from billing.models import Customer, Invoice
from integrations.calls_of_month import Month, month_named, months, this_month
from integrations.labels import NAMES
from integrations.models import ApiCall, CallLane

Rows = QuerySet[ApiCall]
NO_DOCUMENT = "none"


def _months() -> list[tuple[str, str]]:
    return [(month.key, month.name) for month in months()]


def _kinds() -> list[tuple[str, str]]:
    return [
        *((kind.value, name) for kind, name in NAMES.items()),
        (NO_DOCUMENT, "Not a single one"),
    ]


class CallFilter(FilterSet):
    """Calls by month, document, lane, meter and outcome. Without a month it is the present one."""

    unchipped: ClassVar[set[str]] = {"q"}

    q = CharFilter(method="search", label="Search")
    month = ChoiceFilter(
        choices=_months, method="in_month", label="Month", empty_label="This month"
    )
    kind = ChoiceFilter(
        choices=_kinds, method="of_kind", label="Document", empty_label="Any document"
    )
    lane = ChoiceFilter(choices=CallLane.choices, label="How", empty_label="Any way")
    metered = ChoiceFilter(
        choices=[("1", "Metered"), ("0", "Not metered")],
        label="Meter",
        empty_label="Metered or not",
    )
    outcome = ChoiceFilter(
        choices=[("ok", "Went well"), ("failed", "Failed")],
        method="with_outcome",
        label="Outcome",
        empty_label="Any outcome",
    )

    @property
    def chosen(self) -> Month:
        """The month that is shown."""
        self.is_valid()  # fills what is clean, whatever else is wrong
        asked = self.form.cleaned_data.get("month")
        return (month_named(asked) if asked else None) or this_month()

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows: Rows = super().filter_queryset(self.chosen.calls())
        return rows

    def search(self, rows: Rows, _name: str, words: str) -> Rows:
        """A reference of Intuit's, a request id of ours, an invoice's number or a customer's name."""
        return rows.filter(
            Q(reference__iexact=words)
            | Q(request_id__iexact=words)
            | Q(local_id__in=Invoice.objects.filter(number__iexact=words).values("pk"))
            | Q(local_id__in=Customer.objects.filter(name__icontains=words).values("pk"))
        )

    def in_month(self, rows: Rows, _name: str, _key: str) -> Rows:
        """They are of the chosen month already."""
        return rows

    def of_kind(self, rows: Rows, _name: str, kind: str) -> Rows:
        return rows.filter(kind="" if kind == NO_DOCUMENT else kind)

    def with_outcome(self, rows: Rows, _name: str, outcome: str) -> Rows:
        return rows.filter(outcome="ok") if outcome == "ok" else rows.exclude(outcome="ok")
