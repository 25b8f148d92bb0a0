"""A customer as staff type it."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import EmailValidator

from billing.models import Customer, Location, TaxRegion, Term
from tenants.changed_meanwhile import Changing

# What a customer may say of itself as well; the rest is for staff.
OF_THEMSELVES = [
    "name",
    "contact_name",
    "email",
    "phone",
    "line1",
    "line2",
    "city",
    "region",
    "postal_code",
    "country",
    "notes",
]
WELL_FORMED = EmailValidator("Enter one e-mail address, such as ap@example.com.")


class CustomerForm(Changing, forms.ModelForm):
    """Checks shapes only and is never saved: `services.customers` does that."""

    email = forms.CharField(required=False, max_length=254, label="E-mail", widget=forms.EmailInput)
    parent = forms.CharField(
        required=False,
        max_length=200,
        label="Part of",
        help_text="The name of the customer it belongs to, if it is a branch or a project of one.",
    )
    notes = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only staff read this.",
    )

    class Meta:
        model = Customer
        fields: ClassVar[list[str]] = [
            *OF_THEMSELVES,
            "terms",
            "tax_region",
            "location",
            "currency",
            "external_id",
        ]
        labels: ClassVar[dict[str, str]] = {
            "name": "Company name",
            "contact_name": "Primary contact",
            "line1": "Street",
            "line2": "Street, second line",
            "region": "State or region",
            "postal_code": "Postal code",
            "terms": "Payment terms",
            "tax_region": "Tax region",
            "external_id": "Id in the accounting system",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "country": "Two letters, such as US.",
            "currency": "Three letters, such as EUR; empty for your own. Stays once anything is priced in it.",
            "external_id": "If you know it; it may find the customer there.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["terms"], Term.objects.order_by("due_days", "name"), "Due on receipt")
        _choose(self.fields["tax_region"], TaxRegion.objects.order_by("name"), "Not taxed")
        _choose(self.fields["location"], Location.objects.order_by("name"), "None")
        self.fields["name"].widget.attrs["autofocus"] = True

    def clean_parent(self) -> Customer | None:
        """By its name, which staff know; there may be too many customers to choose from."""
        name = str(self.cleaned_data["parent"]).strip()
        if not name:
            return None
        found = list(Customer.objects.filter(name__iexact=name, archived_at=None)[:2])
        if len(found) != 1:
            none_or_several = "Several customers are" if found else "No customer is"
            raise forms.ValidationError(f"{none_or_several} called {name}.")
        return found[0]

    def clean_email(self) -> str:
        """One that came in stays as it is: QuickBooks takes some that hardly anybody would mean to type."""
        address = str(self.cleaned_data["email"])
        if address and address != self.initial.get("email"):
            WELL_FORMED(address)
        return address

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise forms.ValidationError("A country is two letters, such as US.")
        return country


def _choose(field: Any, queryset: Any, nothing: str) -> None:
    field.queryset = queryset
    field.empty_label = nothing
