"""Forms as nobody fills them in, and documents of others: answered in words or not found, and nothing is kept."""

import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import CreditMemo, Refund
from billing.services import payments
from tenants.models import Organization
from tenants.scope import within
from tests import factories
from tests.features.forms import Form
from tests.features.pages import Visitor
from tests.features.reading import parse
from tests.integrations.shown import chosen_of_those_shown
from tests.integrations.world import World
from tests.ui.access_rows import ROWS
from tests.ui.addresses import of_an_organization

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# Those that end what the others are tried on.
ENDING = {"integrations:disconnect", "integrations:connect", "tenants:remove_member"}
SENT = sorted(name for name, row in ROWS.items() if row.post and name not in ENDING)
VALUES = ["NaN", "-5", "1e999999", "9" * 40, "a\0b", "💥" * 300, "9999-12-31", ""]
NOBODY_THERE = "No active customer in QuickBooks has this in its name or e-mail address."
AMOUNTS = ["-5", "0", "NaN", "Infinity", "1e999999", "100.01", "0.001", "9" * 30, "ten", "a\0"]


def forms_of(client: Client, path: str, sent: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The address and the fields of each form on the page; what a caller would send where there is no page."""
    page = client.get(path)
    if page.status_code != 200:
        yield path, sent
        return
    tree = parse(page.content.decode())
    for element in tree.all("form"):
        form = Form(element, tree)
        action = element["action"] or path
        buttons = [one for one in element.all("button") if "disabled" not in one.attributes]
        if element["method"] == "post" and buttons and "logout" not in action:
            yield action, {**form.sent(buttons[0], {}), **sent}


def ids_of(organization: Organization) -> list[str]:
    with within(organization):
        payment = factories.payment(invoice := factories.invoice())
        return [str(one.pk) for one in (invoice, payment, invoice.customer, factories.service())]


@pytest.mark.parametrize("begin", ["billing", "tenants", "integrations"])
def test_whatever_a_form_says_it_is_answered_in_words(
    world: World, alice: Visitor, begin: str
) -> None:
    values = [*VALUES, *ids_of(factories.organization("elsewhere"))]
    client, routes = Client(), of_an_organization()
    client.force_login(world.owner)
    for name in (one for one in SENT if one.startswith(begin)):
        route, _ = routes[name]
        with within(world.organization):
            made = {**ROWS[name].make(), "organization": world.organization.slug}
        path = reverse(name, kwargs={key: made[key] for key in re.findall(r"<\w+:(\w+)>", route)})
        path += world.connection.query if begin == "integrations" else ""
        for action, fields in forms_of(client, path, dict(ROWS[name].sent)):
            assert client.post(action).status_code < 500
            for value in values:
                wrong = {key: value for key in fields if key != "csrfmiddlewaretoken"}
                answer = client.post(action, {**wrong, "form_token": str(uuid.uuid4())})
                assert answer.status_code in (200, 302, 404), (name, value)


@pytest.mark.parametrize("amount", AMOUNTS)
def test_amounts_that_are_none_are_neither_refunded_nor_credited(
    world: World, alice: Visitor, amount: str
) -> None:
    with within(world.organization):
        invoice = factories.invoice(lines=[factories.line("100")])
        payment = factories.payment(invoice, "100")
        (line,) = invoice.lines.all()
    alice.go(f"payments/{payment.pk}/refund/")
    assert "RF-" not in alice.press("Record refund", {"Amount in USD": amount}).text
    page = alice.go(f"invoices/{invoice.pk}/credit/")
    (field,) = [one["name"] for one in page.tree.all("input") if one["name"].endswith(str(line.pk))]
    assert "CM-" not in alice.press("Issue credit memo", {field: amount}).text
    with within(world.organization):
        assert not Refund.objects.exists() and not CreditMemo.objects.exists()


def test_amounts_as_large_as_a_document_can_bear_are_added_up_on_every_page(
    world: World, alice: Visitor
) -> None:
    most = factories.usd("9999999999999.99")
    with world.inside():
        adatum = factories.customer()
        for _ in range(2):
            factories.invoice(adatum, lines=[factories.line("99999999999.9999", "99")])
            payments.record(customer=adatum, amount=most, allocations={})
            factories.time_entry(adatum, hours="1000", rate=Decimal("99999999999"))
    for path in ("", "customers/", f"customers/{adatum.pk}/"):
        assert "$19,799,999,999,999.98" in alice.go(path).text
    assert "$19,999,999,999,999.98" in alice.go("").text, "received"
    assert "$199,999,999,998,000.00" in alice.go("time/").text
    for path in ("invoices/", "payments/", "invoices/generate/", "search/?q=Customer"):
        alice.go(path)


def test_customer_there_is_looked_for_and_chosen_by_readable_words_alone(
    world: World, alice: Visitor
) -> None:
    for words in ("a%00b", "%00", "Adatum" * 1000):
        found = alice.go(f"sync/customer/search/?find_customer={words}").text
        assert found == ("" if words == "%00" else NOBODY_THERE)
    customer, of_company = world.customer(), world.connection.query
    client, sync = Client(), f"/o/{world.organization.slug}/sync"
    client.force_login(world.owner)
    accept = f"{sync}/customers/accept/{of_company}"
    pair = client.post(accept, {"pair": f"{customer.pk}:a\0b"}, follow=True)
    assert "This customer is not in QuickBooks any more." in pair.content.decode()
    chosen = chosen_of_those_shown(world, customer, "a\0b")
    choose = f"{sync}/customer/{customer.pk}/choose/{of_company}"
    answer = client.post(choose, chosen, follow=True)
    assert "This customer is not in QuickBooks any more." in answer.content.decode()


def test_documents_of_another_organization_are_nowhere(world: World, alice: Visitor) -> None:
    invoice, payment, customer, service = ids_of(factories.organization("elsewhere"))
    for path in (
        f"invoices/{invoice}/credit/",
        f"payments/{payment}/refund/",
        f"payments/{payment}/apply/",
        f"sync/customer/{customer}/link/",
        f"settings/integrations/quickbooks/mapping/item/{service}/",
    ):
        alice.go(path, status=404)
        answer = alice.client.post(
            f"/o/{world.organization.slug}/{path}", {"form_token": str(uuid.uuid4())}
        )
        assert answer.status_code in (403, 404)
