"""A refund as staff record it."""

from typing import Any

from django import forms

from billing.forms.fields import DayField, amount_field, memo_field, reference_field, today_of
from billing.models import Method, Payment
from billing.money import Money
from tenants.models import Organization


class RefundForm(forms.Form):
    """How much was paid back, when and how; and whether the invoices are open again by it."""

    refunded_on = DayField(label="Paid back on")
    method = forms.ChoiceField(choices=Method.choices)
    reference = reference_field()
    memo = memo_field()
    reopen = forms.BooleanField(
        required=False,
        label="Open the invoices again by this amount",
        help_text="Only when the customer still owes it, and has to pay it anew.",
    )

    def __init__(
        self,
        *args: Any,
        organization: Organization,
        payment: Payment,
        left: Money,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = payment.currency
        self.fields["amount"] = amount_field(
            self.currency, label=f"Amount in {self.currency}", initial=f"{left.amount:f}"
        )
        self.fields["refunded_on"].initial = today_of(organization)
        self.fields["method"].initial = payment.method

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        typed = dict(self.cleaned_data)
        return {**typed, "amount": Money.of(typed["amount"], self.currency)}
