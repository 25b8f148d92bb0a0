"""Visits pages as a member of an organization does."""

import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants.models import Organization, User

HTMX = {"HX-Request": "true"}


class Browser:
    """A logged-in client that knows its organization."""

    def __init__(self, organization: Organization, person: User) -> None:
        self.organization = organization
        self.client = Client()
        self.client.force_login(person)

    def address(self, name: str, /, *arguments: Any) -> str:
        return reverse(name, args=[self.organization.slug, *arguments])

    def open(self, name: str, /, *arguments: Any, htmx: bool = False, **query: Any) -> Any:
        """The page; ``query`` is what stands behind the question mark."""
        headers = HTMX if htmx else {}
        return self.client.get(self.address(name, *arguments), query, headers=headers)

    def read(self, name: str, /, *arguments: Any, **query: Any) -> str:
        """The page's HTML. Fails unless it is there."""
        response = self.open(name, *arguments, **query)
        assert response.status_code == 200, response.status_code
        return response.getvalue().decode()

    def send(self, name: str, /, *arguments: Any, **fields: Any) -> Any:
        """Sends a form, with a fresh form token unless one is given."""
        fields.setdefault("form_token", str(uuid.uuid4()))
        return self.client.post(self.address(name, *arguments), fields)

    def said(self, response: Any) -> str:
        """The page that the answer leads to; a refusal's own page."""
        if response.status_code == 302:
            response = self.client.get(response.headers["Location"])
        assert response.status_code == 200, response.status_code
        return response.content.decode()


def line(
    place: int, description: str, price: str, quantity: str = "1", **more: str
) -> dict[str, str]:
    """One free line of the form that generates an invoice."""
    typed = {"description": description, "unit_price": price, "quantity": quantity, **more}
    return {f"lines-{place}-{name}": value for name, value in typed.items()}


def draft_form(customer: Any, *lines: dict[str, str], **fields: Any) -> dict[str, Any]:
    """What the form that generates an invoice sends."""
    typed: dict[str, Any] = {
        "customer": customer.pk,
        "issued_on": "2026-03-16",
        "lines-TOTAL_FORMS": len(lines),
        "lines-INITIAL_FORMS": 0,
    }
    for each in lines:
        typed |= each
    return {**typed, **fields}
