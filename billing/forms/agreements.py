"""Recurring agreements as staff type them."""

from typing import Any

from django import forms
from django.forms import formset_factory

from billing import destinations
from billing.errors import IllegalStep
from billing.forms.draft import LineForm, Lines
from billing.forms.fields import DayField, NumberField, today_of
from billing.forms.work import open_customer_field, open_customers
from billing.models import Agreement, AgreementLine, Term
from billing.rules.agreements import LAST_BILLING_DAY, Interval, check_fee
from billing.rules.totals import PRICE_DECIMALS, QUANTITY_DECIMALS, WHOLE_DIGITS
from tenants.changed_meanwhile import Changing
from tenants.models import Organization

PREFIX = "lines"
ROWS = 6
ADVANCE, ARREARS = "advance", "arrears"


class AgreementEditForm(Changing, forms.Form):
    """What may change at any time."""

    name = forms.CharField(max_length=200, help_text="The customer reads it on each invoice.")
    ends_on = DayField(
        required=False, label="Last day", help_text="Empty: it goes on until somebody ends it."
    )
    terms: Any = forms.ModelChoiceField(
        queryset=None, required=False, label="Payment terms", empty_label="The customer's"
    )
    destinations = forms.MultipleChoiceField(
        required=False,
        label="Send to",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["terms"].queryset = Term.objects.order_by("due_days", "name")
        fields["destinations"].choices = [(each.key, each.label) for each in _offered()]


def _offered() -> list[destinations.Destination]:
    """Those that only e-mail an invoice are not among them: that a person asks for, once the invoice is there."""
    return [each for each in destinations.offered() if not each.email_button]


class AgreementForm(AgreementEditForm):
    """A new one, besides its lines."""

    customer: Any = open_customer_field()
    interval = forms.ChoiceField(
        label="Billed", choices=[(each.value, each.value.capitalize()) for each in Interval]
    )
    starts_on = DayField(label="First day")
    billing_day = forms.IntegerField(
        label="Billing day",
        min_value=1,
        max_value=LAST_BILLING_DAY,
        initial=1,
        help_text="A period begins on this day of a month.",
    )
    when = forms.ChoiceField(
        label="Invoice",
        choices=[
            (ADVANCE, "In advance, on its first day"),
            (ARREARS, "In arrears, after its last day"),
        ],
    )
    prorated = forms.BooleanField(
        required=False,
        initial=True,
        label="Bill parts of a period by the day",
        help_text="The first and last period, and seats that change. Products are never divided.",
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, organization=organization, **kwargs)
        fields: Any = self.fields
        fields["customer"].queryset = open_customers()
        fields["starts_on"].initial = today_of(organization)
        fields["destinations"].initial = [each.key for each in _offered() if each.available()]


class AgreementLineForm(LineForm):
    """A line that is billed in each period."""

    kind = forms.ChoiceField(
        choices=AgreementLine.Kind.choices, initial=AgreementLine.Kind.FIXED, label="Kind"
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == AgreementLine.Kind.FIXED and "quantity" in cleaned:
            try:
                check_fee(cleaned["quantity"])
            except IllegalStep as refusal:
                self.add_error("quantity", str(refusal))
        return cleaned


AgreementLineFormSet: Any = formset_factory(
    AgreementLineForm, formset=Lines, extra=ROWS, max_num=50, absolute_max=51, validate_max=True
)


class PriceForm(forms.Form):
    """From a period on a line costs so much."""

    priced_line: Any = forms.ModelChoiceField(queryset=None, empty_label=None, label="Line")
    unit_price = NumberField(
        label="New price",
        max_digits=WHOLE_DIGITS + PRICE_DECIMALS,
        decimal_places=PRICE_DECIMALS,
    )
    priced_from = DayField(label="From the period that begins then or later")

    def __init__(
        self, *args: Any, agreement: Agreement, organization: Organization, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["priced_line"].queryset = agreement.lines.select_related("agreement")
        fields["priced_from"].initial = today_of(organization)


class QuantityForm(forms.Form):
    """From a day on there are so many of a line."""

    line: Any = forms.ModelChoiceField(queryset=None, empty_label=None)
    quantity = NumberField(
        min_value=0,
        max_digits=WHOLE_DIGITS + QUANTITY_DECIMALS,
        decimal_places=QUANTITY_DECIMALS,
    )
    effective_on = DayField(label="From")

    def __init__(
        self, *args: Any, agreement: Agreement, organization: Organization, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["line"].queryset = agreement.lines.select_related("agreement").exclude(
            kind=AgreementLine.Kind.FIXED
        )
        fields["effective_on"].initial = today_of(organization)
