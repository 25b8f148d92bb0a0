"""What people may type about an organization and who belongs to it."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password

from tenants.changed_meanwhile import Changing
from tenants.models import Organization, Role, User


class OrganizationForm(Changing, forms.ModelForm):
    """The details that are safe to change at any time; the currency is not among them."""

    timezone = forms.ChoiceField(
        label="Time zone", help_text="Decides the date on documents and when one is overdue."
    )

    class Meta:
        model = Organization
        fields: ClassVar[list[str]] = ["name", "timezone"]
        labels: ClassVar[dict[str, str]] = {"name": "Name"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, changing=kwargs["instance"], **kwargs)
        zones = sorted(available_timezones() | {self.instance.timezone})
        self.fields["timezone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if "\0" in name:
            raise forms.ValidationError("The name contains a character that cannot be stored.")
        return name


class InvitationForm(forms.Form):
    """Whom to invite, and as what: nothing above one's own role."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(label="Role")

    def __init__(self, data: Any = None, *, most: Role) -> None:
        super().__init__(data, initial={"role": Role.STAFF})
        choices = [(role.value, role.label) for role in Role if most.allows(role)]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(choices=Role.choices)


class JoinForm(forms.Form):
    """What somebody without an account chooses when they take an invitation. The address is the invited one."""

    name = forms.CharField(label="Your name", max_length=200)
    password = forms.CharField(
        label="Choose a password",
        help_text="12 characters or more, and not one that others use.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, User(email=self.email, name=self.data.get("name", "")))
        return password

    def make(self) -> User:
        """The new account. Does not log in."""
        return User.objects.create_user(
            self.email, self.cleaned_data["password"], name=self.cleaned_data["name"]
        )
