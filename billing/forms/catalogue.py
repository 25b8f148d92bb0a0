"""Services, ledger accounts, payment terms and tax regions as staff type them."""

from typing import Any, ClassVar

from django import forms

from billing.forms.fields import NumberField
from billing.models import LedgerAccount, Location, Service, TaxRegion, Term
from billing.rules.totals import PRICE_DECIMALS, RATE_DECIMALS, WHOLE_DIGITS
from tenants.changed_meanwhile import Changing


class ServiceForm(Changing, forms.ModelForm):
    """Something that can be sold."""

    description = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Proposed as the text of the invoice line.",
    )
    unit_price = NumberField(
        label="Price per unit",
        max_digits=WHOLE_DIGITS + PRICE_DECIMALS,
        decimal_places=PRICE_DECIMALS,
    )
    taxable = forms.BooleanField(required=False, label="Taxable")
    parts = forms.CharField(
        required=False,
        max_length=4000,
        label="Parts of the bundle",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on a line, such as “2 x Backup”. With parts it stands on invoices as these.",
    )

    class Meta:
        model = Service
        fields: ClassVar[list[str]] = [
            "name",
            "description",
            "unit_price",
            "taxable",
            "ledger_account",
        ]
        labels: ClassVar[dict[str, str]] = {"ledger_account": "Ledger account"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts: Any = self.fields["ledger_account"]
        accounts.queryset = LedgerAccount.objects.order_by("code")
        accounts.empty_label = "The default one"
        accounts.required = False
        if not accounts.queryset.exists():
            del self.fields["ledger_account"]
        self.fields["name"].widget.attrs["autofocus"] = True


class LedgerAccountForm(Changing, forms.ModelForm):
    """An account of the organization's own chart."""

    class Meta:
        model = LedgerAccount
        fields: ClassVar[list[str]] = ["code", "name", "kind"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class TermForm(forms.ModelForm):
    """When an invoice is due."""

    due_days = forms.IntegerField(
        label="Days until due", min_value=0, max_value=365, help_text="0 is due on receipt."
    )
    day_of_month = forms.IntegerField(
        label="Or on this day of the month",
        min_value=1,
        max_value=31,
        required=False,
        help_text="Counts instead of the days; 31 is the last day of every month.",
    )
    next_month_days = forms.IntegerField(
        label="Next month when that is closer than, in days",
        min_value=0,
        max_value=999,
        required=False,
    )

    class Meta:
        model = Term
        fields: ClassVar[list[str]] = ["name", "due_days", "day_of_month", "next_month_days"]

    def clean_next_month_days(self) -> int:
        return self.cleaned_data["next_month_days"] or 0


class LocationForm(forms.ModelForm):
    """A place or branch."""

    class Meta:
        model = Location
        fields: ClassVar[list[str]] = ["name"]


class TaxRegionForm(forms.ModelForm):
    """Where a customer is taxed, and how much."""

    rate_percent = NumberField(
        label="Rate in percent",
        min_value=0,
        max_value=100,
        max_digits=3 + RATE_DECIMALS,
        decimal_places=RATE_DECIMALS,
    )

    class Meta:
        model = TaxRegion
        fields: ClassVar[list[str]] = ["name", "rate_percent"]
