"""Hours as staff type them."""

from typing import Any

from django import forms

from billing.forms.fields import DayField, NumberField, today_of
from billing.models import Customer, Service
from billing.rules.totals import PRICE_DECIMALS, WHOLE_DIGITS
from tenants.models import Organization

ARCHIVED = "This customer is archived. Take it back first, or choose another."
RETIRED = "This service is retired; choose another."


def open_customer_field() -> Any:
    """A customer that can be billed; one may be put away while the form is open."""
    return forms.ModelChoiceField(
        queryset=None, empty_label="Choose a customer", error_messages={"invalid_choice": ARCHIVED}
    )


class TimeEntryForm(forms.Form):
    """Work done for a customer; without a rate the service's price is taken."""

    customer: Any = open_customer_field()
    service: Any = forms.ModelChoiceField(
        queryset=None, empty_label="Choose a service", error_messages={"invalid_choice": RETIRED}
    )
    worked_on = DayField(label="Date")
    hours = NumberField(
        min_value=0, max_digits=6, decimal_places=2, help_text="1.25 is 1 h 15 min."
    )
    rate = NumberField(
        required=False,
        label="Rate per hour",
        max_digits=WHOLE_DIGITS + PRICE_DECIMALS,
        decimal_places=PRICE_DECIMALS,
        help_text="In the currency of the customer. Empty: the price in the catalogue.",
    )
    description = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = open_customers()  # type: ignore[attr-defined]
        self.fields["service"].queryset = active_services()  # type: ignore[attr-defined]
        self.fields["worked_on"].initial = today_of(organization)


def open_customers() -> Any:
    """Customers that can be billed, by name."""
    return Customer.objects.filter(archived_at=None).order_by("name")


def active_services() -> Any:
    """What can be sold now, by name."""
    return Service.objects.filter(active=True).order_by("name")
