"""What can be typed about an invoice that exists."""

from typing import Any

from django import forms

from billing import destinations
from billing.forms.fields import (
    DayField,
    memo_field,
    notes_field,
    po_number_field,
    rate_field,
    reference_field,
    today_of,
)
from billing.models import Invoice, Location, Method
from billing.rules.lifecycle import Step, refusal
from tenants.changed_meanwhile import SHOWN, Changing
from tenants.models import Organization


class InvoiceEditForm(Changing, forms.Form):
    """Notes, address and due date; which of them, the invoice's standing decides."""

    due_on = DayField(label="Due date")
    email = forms.CharField(required=False, max_length=254, label="E-mail address")
    po_number = po_number_field()
    notes = notes_field("invoice")
    memo = memo_field()

    location: Any = forms.ModelChoiceField(queryset=None, required=False, empty_label="None")

    def __init__(self, *args: Any, invoice: Invoice, home: str, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "location": invoice.location_id,
            "due_on": invoice.due_on,
            "email": invoice.email,
            "po_number": invoice.po_number,
            "notes": invoice.notes,
            "memo": invoice.memo,
            "exchange_rate": invoice.exchange_rate,
        }
        super().__init__(*args, changing=invoice, **kwargs)
        fields: Any = self.fields
        fields["location"].queryset = Location.objects.order_by("name")
        fields["email"].help_text = _address_used(invoice)
        if invoice.currency != home:
            fields["exchange_rate"] = rate_field(invoice.currency, home)
        if sentence := refusal(Step.EDIT_DATES, invoice.standing, number=invoice.number):
            for name in fields.keys() & {"due_on", "location", "exchange_rate"}:
                self.close(name, sentence)


class SendForm(forms.Form):
    """Who e-mails the invoice to the customer, if anybody."""

    through = forms.MultipleChoiceField(required=False, label="E-mail")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["through"].choices = [(each.key, each.label) for each in destinations.mailers()]


class EmailForm(Changing, forms.Form):
    """Where the invoice goes from now on. A mail cannot be taken back, so it goes to no address that was not shown."""

    agrees_to_all = True

    to = forms.CharField(required=False, max_length=254, label="E-mail address")

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        kwargs["initial"] = {"to": invoice.address}
        whose = invoice if invoice.email else invoice.customer
        super().__init__(*args, changing=whose, **kwargs)
        self.fields["to"].help_text = _address_used(invoice)

    def called(self, name: str) -> str:
        return "email"


def _address_used(invoice: Invoice) -> str:
    customers = invoice.customer.email
    return f"Empty: the customer's, {customers}." if customers else "The customer has none."


class MarkPaidForm(forms.Form):
    """All came in that the page said is open; what is open by now may be something else, which is said then."""

    # What was open, hidden in the page as `Money.code`; an old page sends nothing.
    shown = f"{SHOWN}balance"

    received_on = DayField(label="Received on")
    method = forms.ChoiceField(choices=Method.choices, initial=Method.CHECK)
    reference = reference_field()

    def __init__(
        self, *args: Any, invoice: Invoice, organization: Organization, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice
        if invoice.currency != organization.currency:
            self.fields["exchange_rate"] = rate_field(invoice.currency, organization.currency)
        self.fields["received_on"].initial = today_of(organization)

    def clean(self) -> None:
        now = self.invoice.balance
        if now and self.data.get(self.shown, now.code) != now.code:
            raise forms.ValidationError(
                f"{now} is open by now, not what this page showed. Press the button once more to record that."
            )
