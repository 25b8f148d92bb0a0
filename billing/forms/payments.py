"""A payment as staff record it, with the invoices it settles."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms

from billing.forms.fields import (
    DayField,
    amount_field,
    any_amount_field,
    keys_of_filled,
    memo_field,
    reference_field,
    today_of,
    too_precise,
)
from billing.models import Customer, Invoice, Method
from billing.money import Money
from tenants.changed_meanwhile import Changing
from tenants.models import Organization


class PaymentForm(forms.Form):
    """From whom, how much, when and how."""

    customer: Any = forms.ModelChoiceField(queryset=None, empty_label="Choose a customer")
    received_on = DayField(label="Received on")
    method = forms.ChoiceField(choices=Method.choices, initial=Method.CHECK)
    reference = reference_field()
    memo = memo_field()

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = organization.currency
        self.fields["amount"] = any_amount_field(label=f"Amount in {self.home}")
        if Customer.objects.exclude(currency="").exists():
            self.fields["amount"].label = "Amount"
            self.fields["amount"].help_text = "In the currency of the customer."
        self.fields["customer"].queryset = Customer.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["received_on"].initial = today_of(organization)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = cleaned.get("amount")
        if typed is not None and (sentence := too_precise(typed, self.currency)):
            self.add_error("amount", sentence)
        return cleaned

    @property
    def currency(self) -> str:
        """That of the customer, once one is chosen."""
        customer = getattr(self, "cleaned_data", {}).get("customer")
        return (customer and customer.currency) or self.home

    @property
    def amount(self) -> Money | None:
        """What was typed, once it is an amount, in the currency of the customer."""
        typed = getattr(self, "cleaned_data", {}).get("amount")
        return None if typed is None else Money.of(typed, self.currency)


class AllocationForm(Changing, forms.Form):
    """How much each open invoice takes; an empty field takes nothing."""

    prefix = "apply"

    def __init__(
        self, *args: Any, invoices: Iterable[Invoice], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = list(invoices)
        self.currency = currency
        for invoice in self.invoices:
            label = f"Applied to {invoice.number}"
            self.fields[str(invoice.pk)] = amount_field(
                currency, required=False, min_value=0, label=label
            )

    @classmethod
    def named(cls, posted: Mapping[str, str]) -> set[UUID]:
        """The invoices that a page sends an amount for; some may be paid or void since it was opened."""
        return keys_of_filled(posted, prefix=cls.prefix)

    def called(self, name: str) -> str:
        return "allocations"

    @property
    def rows(self) -> list[tuple[Invoice, Any]]:
        return [(invoice, self[str(invoice.pk)]) for invoice in self.invoices]

    @property
    def allocations(self) -> dict[UUID, Money]:
        """What was typed, without the zeros."""
        typed = getattr(self, "cleaned_data", {})
        return {
            invoice.pk: Money.of(typed[str(invoice.pk)], self.currency)
            for invoice in self.invoices
            if typed.get(str(invoice.pk))
        }
