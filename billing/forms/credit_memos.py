"""What is credited of an invoice, line by line."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from billing.forms.fields import (
    DayField,
    amount_field,
    keys_of_filled,
    memo_field,
    notes_field,
    today_of,
)
from billing.models import Invoice, InvoiceLine
from billing.money import Money
from tenants.models import Organization


class CreditMemoForm(forms.Form):
    """The date and texts of a credit memo."""

    issued_on = DayField(label="Date")
    notes = notes_field("credit memo")
    memo = memo_field()

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_on"].initial = today_of(organization)


class CreditedLinesForm(forms.Form):
    """How much of each line is credited, with tax where prices include it; an empty field credits nothing of it.

    A line of which nothing is left stays when an open page sends an amount for it, so that it is refused by name.
    """

    prefix = "credit"

    def __init__(
        self, *args: Any, invoice: Invoice, left: Mapping[UUID, Money], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = invoice.currency
        self.left = left
        lines = InvoiceLine.objects.filter(invoice=invoice).select_related("service", "invoice")
        self.named = keys_of_filled(self.data, prefix=self.prefix)
        self.lines = [
            line
            for line in lines.order_by("position")
            if line.pk in left and (left[line.pk] or line.pk in self.named)
        ]
        for line in self.lines:
            self.fields[str(line.pk)] = amount_field(
                self.currency,
                required=False,
                label=f"Credit for {line.description[:60]}",
                initial=f"{left[line.pk].amount:f}",
            )

    def clean(self) -> dict[str, Any]:
        if self.named.difference(line.pk for line in self.lines):
            raise forms.ValidationError(
                "A line that you credited does not exist any more. Press the button once more to "
                "credit the others."
            )
        return super().clean() or {}

    @property
    def rows(self) -> list[tuple[InvoiceLine, Money, Any]]:
        return [(line, self.left[line.pk], self[str(line.pk)]) for line in self.lines]

    @property
    def amounts(self) -> dict[UUID, Money]:
        """What was typed, without the zeros."""
        typed = getattr(self, "cleaned_data", {})
        return {
            line.pk: Money.of(typed[str(line.pk)], self.currency)
            for line in self.lines
            if typed.get(str(line.pk))
        }
