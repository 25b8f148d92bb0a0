"""How the next invoice numbers look, as an admin types it."""

from typing import Any

from django import forms

from billing.models import NumberSequence
from billing.rules.numbering import LONGEST
from tenants.changed_meanwhile import Changing

# The fields by the names of their columns, which browsers would fill in by themselves.
COLUMNS = {"begins_with": "prefix", "next_value": "next_value", "ends_with": "suffix"}


class NumberingForm(Changing, forms.Form):
    """Around the count stand a prefix and a suffix, so that nobody else's numbers clash with ours."""

    begins_with = forms.CharField(
        required=False,
        label="Prefix",
        max_length=LONGEST,
        strip=False,
        help_text="Such as INV- or NW-.",
    )
    next_value = forms.IntegerField(
        label="Next number",
        min_value=1,
        help_text="Above every number that was used, so none comes twice.",
    )
    ends_with = forms.CharField(
        required=False,
        label="Suffix",
        max_length=LONGEST,
        strip=False,
        help_text="Such as -RG; without digits.",
    )

    def __init__(self, *args: Any, sequence: NumberSequence, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(sequence, column) for name, column in COLUMNS.items()}
        super().__init__(*args, changing=sequence, **kwargs)

    def called(self, name: str) -> str:
        return COLUMNS[name]
