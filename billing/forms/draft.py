"""An invoice being put together: its head, its free lines and the work ticked, before anything is saved."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.forms import BaseFormSet, formset_factory

from billing import destinations
from billing.forms.fields import (
    DayField,
    NumberField,
    any_amount_field,
    memo_field,
    notes_field,
    po_number_field,
    today_of,
    too_precise,
    without_commas,
)
from billing.forms.work import RETIRED, active_services, open_customer_field, open_customers
from billing.models import Invoice, InvoiceSource, Service, Term, TimeEntry
from billing.rules.totals import (
    PRICE_DECIMALS,
    QUANTITY_DECIMALS,
    RATE_DECIMALS,
    WHOLE_DIGITS,
)
from tenants.models import Organization

# A form of this length still answers at once; work that was logged is ticked and not counted here.
MOST_LINES = 200
PREFIX = "lines"


@dataclass(frozen=True)
class Discount:
    """What was typed: so many percent, or an amount."""

    number: Decimal
    is_percent: bool


def discount_of(text: str) -> Discount | None:
    """None for an empty field. Raises ValidationError for what is neither an amount nor a percentage."""
    if not text.strip():
        return None
    try:
        number = Decimal(without_commas(text.strip().removesuffix("%").strip()))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number <= 0 or number.adjusted() > WHOLE_DIGITS:
        raise forms.ValidationError("Enter an amount such as 25, or a percentage such as 10 %.")
    return Discount(number, is_percent=text.strip().endswith("%"))


class BelowTheLines(forms.Form):
    """What is taken off or added once the lines are summed up."""

    discount = forms.CharField(
        required=False, max_length=20, help_text="An amount, or a percentage such as 10\u00a0%."
    )
    after_it_tax = forms.BooleanField(required=False, label="Tax is computed after the discount")
    adjustment = any_amount_field(
        required=False,
        label="Write-off or rounding",
        help_text="Added as another line; below zero it is taken off.",
    )

    def clean_discount(self) -> Discount | None:
        return discount_of(self.cleaned_data["discount"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        off, amounts = cleaned.get("discount"), {"adjustment": cleaned.get("adjustment")}
        if off and not off.is_percent:
            amounts["discount"] = off.number
        for name, amount in amounts.items():
            if amount is not None and (sentence := too_precise(amount, self.currency)):
                self.add_error(name, sentence)
        return cleaned

    @property
    def currency(self) -> str:
        """Of the invoice."""
        raise NotImplementedError


class DraftForm(BelowTheLines):
    """For whom, when, on which terms, and where it should go."""

    customer: Any = open_customer_field()
    issued_on = DayField(label="Invoice date")
    terms: Any = forms.ModelChoiceField(
        queryset=None, required=False, label="Payment terms", empty_label="Due on receipt"
    )
    source = forms.ChoiceField(
        required=False, choices=InvoiceSource.choices, label="Written for", initial="work"
    )
    due_on = DayField(required=False, label="Due date", help_text="Empty: by the terms.")
    po_number = po_number_field()
    notes = notes_field("invoice")
    memo = memo_field()
    time_entries: Any = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        label="Unbilled work",
        error_messages={
            "invalid_choice": "Some of the chosen work does not exist any more. Press the button once "
            "more to bill what is ticked now."
        },
    )
    destinations = forms.MultipleChoiceField(required=False, label="Send to")
    branch = forms.ChoiceField(required=False, label="Company")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = organization.currency
        fields: Any = self.fields
        fields["customer"].queryset = open_customers()
        fields["terms"].queryset = Term.objects.order_by("due_days", "name")
        fields["issued_on"].initial = today_of(organization)
        # What somebody else has billed meanwhile is refused by name when it is claimed.
        fields["time_entries"].queryset = TimeEntry.objects.all()
        fields["branch"].choices = [
            branch
            for each in destinations.offered()
            if each.available()
            for branch in each.branches()
        ]
        fields["destinations"].choices = [
            (each.key, each.label) for each in destinations.offered() if each.available()
        ]

    @property
    def currency(self) -> str:
        """That of the customer, once one is chosen."""
        customer = self.cleaned_data.get("customer")
        return (customer and customer.currency) or self.home


class LineForm(forms.Form):
    """One free line. Empty ones are left out."""

    service: Any = forms.ModelChoiceField(queryset=None, required=False, empty_label="No service")
    description = forms.CharField(required=False, max_length=4000)
    quantity = NumberField(
        initial=1, max_digits=WHOLE_DIGITS + QUANTITY_DECIMALS, decimal_places=QUANTITY_DECIMALS
    )
    unit_price = NumberField(
        label="Price", max_digits=WHOLE_DIGITS + PRICE_DECIMALS, decimal_places=PRICE_DECIMALS
    )
    discount_percent = NumberField(
        required=False,
        label="% off",
        min_value=0,
        max_value=100,
        max_digits=3 + RATE_DECIMALS,
        decimal_places=RATE_DECIMALS,
    )
    taxable = forms.BooleanField(required=False, label="Taxable")

    def __init__(self, *args: Any, services: Iterable[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = ServiceField(services)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("description") and not cleaned.get("service"):
            self.add_error("description", "Say what this line is for, or choose a service.")
        return cleaned


class KeptLineForm(LineForm):
    """One line of an invoice that exists; ``line_id`` is empty for a new one."""

    line_id = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ServiceField(forms.ChoiceField):
    """A service out of a list that was read once for all lines."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.by_id = {str(service.pk): service for service in services}
        choices = [("", "No service"), *((key, each.name) for key, each in self.by_id.items())]
        super().__init__(
            choices=choices,
            required=False,
            label="Service",
            error_messages={"invalid_choice": RETIRED},
        )

    def clean(self, value: Any) -> Any:
        return self.by_id.get(super().clean(value) or "")


class Lines(BaseFormSet):
    """The free lines; a form of 1,000 lines reads the catalogue once."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        **BaseFormSet.default_error_messages,
        "missing_management_form": "The lines were not sent completely. Please send the form again.",
        "too_many_forms": f"An invoice takes at most {MOST_LINES:,} free lines.",
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # The line that every new form opens with counts as given, and may stay empty all the same.
        more = {"services": self.services, "empty_permitted": True}
        return {**super().get_form_kwargs(index), **more}

    @property
    def services(self) -> list[Service]:
        if not hasattr(self, "_services"):
            self._services = list(active_services())
        return self._services

    @property
    def filled(self) -> list[dict[str, Any]]:
        """The cleaned lines that say something."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data]


LineFormSet: Any = formset_factory(
    LineForm,
    formset=Lines,
    extra=0,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES + 1,
    validate_max=True,
)


class KeptLines(Lines):
    """The lines of an invoice that exists, without its discount; one may bear a service that is sold no more."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        **Lines.default_error_messages,
        "too_many_forms": f"On a page an invoice takes at most {MOST_LINES:,} lines.",
    }

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        self.invoice = invoice
        super().__init__(*args, **kwargs)

    @property
    def services(self) -> list[Service]:
        if not hasattr(self, "_services"):
            sold = Service.objects.filter(pk__in=self.invoice.lines.values("service_id"))
            self._services = list((active_services() | sold).distinct())
        return self._services


KeptLineFormSet: Any = formset_factory(
    KeptLineForm,
    formset=KeptLines,
    extra=0,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES + 1,
    validate_max=True,
)


class LinesForm(BelowTheLines):
    """What stands below the lines of an invoice that exists, and which state of it was looked at."""

    seen = forms.DateTimeField(widget=forms.HiddenInput)
    # Whether it only waits for somebody to say that a credit memo takes the invoice's place.
    may_convert = False

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice

    @property
    def currency(self) -> str:
        return self.invoice.currency

    def look_again(self, invoice: Invoice) -> None:
        """Whoever sends it from now on has been told of the invoice as it stands."""
        sent: Any = copy(self.data)
        sent["seen"] = invoice.updated_at.isoformat()
        self.data = sent


def blank_lines() -> Any:
    """One empty line to begin with."""
    return LineFormSet(initial=[{}], prefix=PREFIX)
