"""The switches for paying online in QuickBooks."""

from typing import Any

from django import forms

from integrations.models import Connection, PayNow
from integrations.outbound import pay_now
from tenants.changed_meanwhile import Changing

MASTER = [
    (PayNow.AUTO, "Automatic: on unless another integration takes payments as well"),
    (PayNow.ON, "On"),
    (PayNow.OFF, "Off"),
]
# None is named after what a browser would fill in by itself.
COLUMNS = {"pay_now": "pay_now", "by_credit": "pay_by_card", "by_bank": "pay_by_bank"}


class PayNowForm(Changing, forms.Form):
    """The master switch, and one for each way of paying that Intuit offers in the company's country."""

    pay_now = forms.ChoiceField(label="Pay Now", choices=MASTER)
    by_credit = forms.BooleanField(label="Credit card", required=False)
    by_bank = forms.BooleanField(label="Bank transfer (ACH)", required=False)

    def __init__(self, data: Any = None, *, connection: Connection) -> None:
        initial = {name: getattr(connection, column) for name, column in COLUMNS.items()}
        super().__init__(data, initial=initial, changing=connection)
        self.connection = connection
        if not pay_now.offers_bank(connection):
            del self.fields["by_bank"]

    def save(self) -> dict[str, Any]:
        """Stores the switches; says where they stand now."""
        changes = {COLUMNS[name]: value for name, value in self.changes.items()}
        for column, value in changes.items():
            setattr(self.connection, column, value)
        self.connection.save(update_fields=list(changes))
        return {COLUMNS[name]: value for name, value in self.cleaned_data.items()}
