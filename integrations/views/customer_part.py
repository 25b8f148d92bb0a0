"""What the form of a customer asks about QuickBooks: whether to make it there, or which customer there it is."""

from typing import Any

from django import forms

from billing.errors import PartRefused
from billing.models import Customer
from integrations.documents import Kind
from integrations.models import (
    Connection,
    Link,
    companies_in_use,
    company_in_use,
    policies_in_force,
)
from integrations.outbound import customer_choice, customer_search, wishes
from integrations.outbound.customer_choice import CannotChoose
from integrations.outbound.customer_search import Found
from integrations.policies import CustomerCreate
from integrations.waking import wake
from tenants.models import User


def part(sent: Any, customer: Customer | None) -> "CustomerPart | None":
    """The part for this customer; None while nothing is connected, and for one that is linked.

    What was sent is about the company that its page showed, whichever is the default one by now.
    """
    connection = _shown(sent) or company_in_use()
    if connection is None or (customer and _is_linked(connection, customer)):
        return None
    return CustomerPart(sent, connection=connection, is_new=customer is None)


def _shown(sent: Any) -> Connection | None:
    named = sent.get("quickbooks_company") if sent else None
    return next((one for one in companies_in_use() if str(one.id) == named), None)


class CustomerPart(forms.Form):
    """The switch, where the sync rules have one, and the list of customers there, for when it is off (T-03, T-22)."""

    template = "integrations/customer_part.html"

    create_there = forms.BooleanField(required=False, label="Create New Customer in QuickBooks")
    find_customer = forms.CharField(required=False, max_length=200, label="Select Existing")
    existing_customer = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    quickbooks_company = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, sent: Any = None, *, connection: Connection, is_new: bool) -> None:
        rule = policies_in_force().customer_create_policy
        is_on = is_new and rule is CustomerCreate.TOGGLE_ON
        super().__init__(sent, initial={"create_there": is_on})
        self.connection = connection
        self.found: list[Found] = []
        if not rule.has_toggle:
            del self.fields["create_there"]

    def clean(self) -> dict[str, Any]:
        """The switch goes before the list, which it hides. Words alone are enough when they are a whole name."""
        cleaned = self.cleaned_data
        words = cleaned.get("find_customer", "").strip()
        if self._is_of_another_company(cleaned):
            field = "create_there" if cleaned.get("create_there") else "find_customer"
            self.add_error(
                field, f"This page was about another company. Choose anew, in {self.connection}."
            )
        elif cleaned.get("create_there"):
            cleaned["existing_customer"] = ""
        elif words and not cleaned.get("existing_customer"):
            cleaned["existing_customer"] = self._named(words)
        return cleaned

    def _is_of_another_company(self, cleaned: dict[str, Any]) -> bool:
        """Whether something is asked of a company that is not connected any more."""
        asked = (
            cleaned.get(name) for name in ("create_there", "find_customer", "existing_customer")
        )
        return any(asked) and cleaned.get("quickbooks_company") != str(self.connection.id)

    def _named(self, words: str) -> str:
        """The one that is called so; else those that were found are shown, to be chosen without a script, too."""
        self.found = customer_search.search(self.connection, words)
        same = customer_search.named(self.found, words)
        if same is None:
            self.add_error("find_customer", _none_chosen(words, self.found))
        return same.remote_id if same else ""

    def keep(self, customer: Customer, *, actor: User) -> None:
        """Links to the one chosen, or has it made at once. Raises `PartRefused`."""
        if existing := self.cleaned_data.get("existing_customer"):
            try:
                customer_choice.link(self.connection, customer, existing, actor=actor)
            except CannotChoose as refusal:
                raise PartRefused(str(refusal)) from refusal
        elif self.cleaned_data.get("create_there"):
            wishes.send_to(self.connection, Kind.CUSTOMER, customer.pk)
        wake()


def _none_chosen(words: str, found: list[Found]) -> str:
    if found:
        return "Choose one of the customers below, or empty this field."
    return f"QuickBooks has no active customer with “{words}” in its name or e-mail address."


def _is_linked(connection: Connection, customer: Customer) -> bool:
    mine = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id=customer.pk)
    return mine.exists()
