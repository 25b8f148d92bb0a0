"""Fields that several forms share."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from billing.money import MOST_DECIMALS, decimals_of, is_exact
from billing.rules.exchange import EXCHANGE_DECIMALS, RATE_DIGITS
from billing.rules.totals import WHOLE_DIGITS
from regentra import clock
from tenants.models import Organization

DATE_FORMAT = "%Y-%m-%d"
WITH_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
COMMA_MISPLACED = (
    "Write decimals with a point, as in 12.50; a comma only separates thousands, as in 1,250."
)


class DayField(forms.DateField):
    """A calendar day, with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.DateInput(format=DATE_FORMAT, attrs={"type": "date"})
        super().__init__(**kwargs)


def without_commas(text: str) -> str:
    """A number as it was typed, without what separates its thousands. Raises ValidationError for any other comma.

    In many countries it stands before the decimals: "12,50" is never taken for 1,250.
    """
    if "," in text and not WITH_COMMAS.fullmatch(text):
        raise forms.ValidationError(COMMA_MISPLACED)
    return text.replace(",", "")


class NumberField(forms.DecimalField):
    """A number as people type it: with thousands commas, a currency sign or blanks around it.

    One that is stored shows without the zeros beyond its cents that the database adds.
    """

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = without_commas(value.strip().lstrip("$€£¥ ")) if isinstance(value, str) else value
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal) or not value.is_finite():
            return value
        text = f"{value:f}"
        whole, point, decimals = text.partition(".")
        return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}" if point else text


def po_number_field() -> forms.CharField:
    """The number of the customer's own order; as long as QuickBooks keeps of it."""
    return forms.CharField(
        required=False,
        max_length=31,
        label="PO number",
        help_text="The customer's order, if there is one.",
    )


def notes_field(document: str) -> forms.CharField:
    """What the customer reads on a document."""
    return _text_field(help_text=f"The customer reads this on the {document}.")


def memo_field() -> forms.CharField:
    """What staff alone read of a document."""
    return _text_field(label="Internal memo", help_text="Only staff read this.")


def _text_field(**kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(required=False, max_length=4000, widget=widget, **kwargs)


def reference_field() -> forms.CharField:
    """What a payment is called by the bank or the payer."""
    return forms.CharField(
        required=False, max_length=100, help_text="Check number, transfer reference and the like."
    )


def rate_field(currency: str, home: str) -> NumberField:
    """What one unit of a document's currency is worth."""
    return NumberField(
        required=False,
        label="Exchange rate",
        max_digits=RATE_DIGITS,
        decimal_places=EXCHANGE_DECIMALS,
        help_text=f"{home} for 1 {currency}; empty for the one that QuickBooks has.",
    )


def amount_field(currency: str, **kwargs: Any) -> NumberField:
    """An amount of money in major units, with no more decimals than the currency has."""
    decimals = decimals_of(currency)
    return NumberField(max_digits=WHOLE_DIGITS + decimals, decimal_places=decimals, **kwargs)


def keys_of_filled(posted: Mapping[str, str], *, prefix: str) -> set[UUID]:
    """The rows whose field of a form, named for their id, was sent with something in it, be they offered now or not."""
    named = (name.removeprefix(f"{prefix}-") for name, typed in posted.items() if typed.strip())
    return {UUID(name) for name in named if _is_key(name)}


def _is_key(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def any_amount_field(**kwargs: Any) -> NumberField:
    """Likewise in a currency that is told only by the rest of the form, which then asks `too_precise`."""
    return NumberField(
        max_digits=WHOLE_DIGITS + MOST_DECIMALS, decimal_places=MOST_DECIMALS, **kwargs
    )


def too_precise(amount: Decimal, currency: str) -> str:
    """Why the currency has no such amount; empty where it has. What people type is never rounded unseen."""
    if is_exact(amount, currency):
        return ""
    decimals = decimals_of(currency)
    most = f"at most {decimals} decimals" if decimals else "no decimals"
    return f"An amount in {currency} has {most}."


def today_of(organization: Organization) -> Any:
    """The organization's own calendar day."""
    return clock.today(organization.timezone)
