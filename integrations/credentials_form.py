"""What people type about their own Intuit app. Keys are written only: none is ever put back into a page."""

import re
from typing import Any

from django import forms

# Printable without spaces; a key that was copied with more around it would fail at Intuit without a reason.
KEY = re.compile(r"[!-~]+")


class KeyField(forms.CharField):
    """A key of Intuit's, as it was copied from the developer portal."""

    def __init__(self, label: str, help_text: str) -> None:
        hidden = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        super().__init__(
            label=label, help_text=help_text, max_length=200, required=False, widget=hidden
        )

    def clean(self, value: Any) -> str:
        key = str(super().clean(value))
        if key and not KEY.fullmatch(key):
            raise forms.ValidationError(
                f"The {self.label} holds a space or another character that no key of Intuit's has."
            )
        return key


class CredentialsForm(forms.Form):
    """Client ID, client secret, verifier token, and who looks after the app. What is left empty stays as it is."""

    client_id = KeyField("Client ID", "From the app's Keys & credentials at Intuit.")
    client_secret = KeyField("Client secret", "Stands beside the client ID.")
    verifier = KeyField(
        "Webhook verifier token", "Intuit shows it once the webhook address is saved there."
    )
    kept_by = forms.CharField(
        label="Who looks after this app at Intuit",
        help_text="A person or a mailbox, so that somebody can be found when the keys are changed.",
        max_length=200,
        required=False,
    )

    def keys(self) -> dict[str, str]:
        """The keys that were typed."""
        names = ("client_id", "client_secret", "verifier")
        return {name: self.cleaned_data[name] for name in names}

    def words(self) -> str:
        """Everything that is wrong, in a row."""
        return " ".join(str(said) for errors in self.errors.values() for said in errors)
