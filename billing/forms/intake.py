"""A customer as the customer's own people type it, on a page without log-in."""

from typing import Any, ClassVar

from django import forms

from billing.forms.customers import OF_THEMSELVES, CustomerForm


class IntakeForm(CustomerForm):
    """What somebody outside may say of themselves; how they are billed is for staff."""

    # People do not see it, programs fill it in.
    website = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    class Meta(CustomerForm.Meta):
        fields: ClassVar[list[str]] = OF_THEMSELVES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(CustomerForm, self).__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["contact_name"].label = "Your name"
        self.fields["notes"].label = "What can we do for you?"
        self.fields["notes"].help_text = ""

    @property
    def is_by_program(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def details(self) -> dict[str, Any]:
        """What is kept."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
