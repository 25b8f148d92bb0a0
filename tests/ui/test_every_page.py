"""What holds for each page: hostile names are text, nothing is inline or from elsewhere, errors are words."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.services import catalogue, credit_memos
from regentra.paths import BASE
from tenants.models import Membership, Organization, Role, User
from tenants.scope import within
from tests import factories
from tests.features.reading import Element, parse
from tests.ui.access_rows import ROWS
from tests.ui.addresses import of_an_organization
from tests.ui.browsing import Browser

PAGES = sorted(name for name in of_an_organization() if ROWS[name].get)
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.in_script = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_script and data.strip():
            self.inline.append(data)

    def values(self, *names: str) -> list[str]:
        return [
            value for _, has in self.tags for name, value in has.items() if name in names and value
        ]


@pytest.fixture
def hostile(northwind: Organization) -> Organization:
    """An organization in which every text is markup."""
    Organization.objects.filter(pk=northwind.pk).update(name=HOSTILE)
    with within(northwind):
        account = catalogue.create_ledger_account(code=HOSTILE[:20], name=HOSTILE)
        service = factories.service(HOSTILE, description=HOSTILE, ledger_account=account)
        region = factories.tax_region(HOSTILE)
        terms = factories.term(HOSTILE[:31])
        texts = {"contact_name": HOSTILE, "line1": HOSTILE, "city": HOSTILE, "notes": HOSTILE}
        customer = factories.customer(HOSTILE, terms=terms, tax_region=region, **texts)
        factories.time_entry(customer, service=service, description=HOSTILE)
        invoice = factories.invoice(
            customer,
            notes=HOSTILE,
            memo=HOSTILE,
            lines=[factories.line(description=HOSTILE, service=service)],
        )
        payment = factories.payment(invoice, "10", reference=HOSTILE, memo=HOSTILE)
        factories.agreement(customer, name=HOSTILE)
        factories.refund(payment, "5", reference=HOSTILE, memo=HOSTILE)
        credit_memos.record(
            customer=customer,
            currency="USD",
            lines=[factories.line(description=HOSTILE, service=service)],
            issued_on=factories.TODAY,
            tax=factories.usd(0),
            notes=HOSTILE,
            memo=HOSTILE,
        )
    return northwind


def objects(organization: Organization) -> dict[str, Any]:
    from billing.models import (
        Agreement,
        CreditMemo,
        Customer,
        Invoice,
        LedgerAccount,
        Payment,
        Refund,
        Service,
    )

    with within(organization):
        invoice = Invoice.objects.get()
        return {
            "invoice_id": invoice.pk,
            "customer_id": Customer.objects.get().pk,
            "payment_id": Payment.objects.get().pk,
            "credit_memo_id": CreditMemo.objects.get().pk,
            "refund_id": Refund.objects.get().pk,
            "service_id": Service.objects.get(name=HOSTILE).pk,
            "source_id": Service.objects.get(name=HOSTILE).pk,
            "account_id": LedgerAccount.objects.get(name=HOSTILE).pk,
            "agreement_id": Agreement.objects.get().pk,
            "membership_id": Membership.objects.get(organization=organization).pk,
            "through": "quickbooks_email",
            "name": f"service_{Service.objects.get(name=HOSTILE).pk}",
            "kind": "invoice",
            "local_id": invoice.pk,
            # There is no company here whose lists could hold one.
            "entry_id": invoice.pk,
        }


@pytest.fixture
def owner(northwind: Organization) -> User:
    return factories.member(northwind, role=Role.OWNER, name=HOSTILE)


def page_of(name: str, organization: Organization, person: User) -> str:
    """The page; empty for one that needs a connection and says so elsewhere."""
    known = objects(organization)
    route, _ = of_an_organization()[name]
    wanted = {key: known[key] for key in re.findall(r"<\w+:(\w+)>", route) if key != "organization"}
    client = Client()
    client.force_login(person)
    response = client.get(reverse(name, kwargs={"organization": organization.slug, **wanted}))
    assert response.status_code in ROWS[name].answers
    return response.content.decode() if response.status_code == 200 else ""


def read(name: str, organization: Organization, person: User) -> Reader:
    return Reader(page_of(name, organization, person))


@pytest.mark.parametrize("name", PAGES)
def test_hostile_names_are_text_and_nothing_is_inline(
    name: str, hostile: Organization, owner: User
) -> None:
    reader = read(name, hostile, owner)
    assert "onerror" not in {key for _, attributes in reader.tags for key in attributes}
    assert reader.inline == []
    _check_policy(reader)


def _check_policy(reader: Reader) -> None:
    """Nothing that the content security policy would stop."""
    attributes = {key for _, has in reader.tags for key in has}
    assert not {key for key in attributes if key.startswith("on") or key == "style"}
    for address in reader.values("src", "action", "hx-get", "hx-post"):
        assert address.startswith(("/", "?")), address


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_every_label_a_field(
    name: str, hostile: Organization, owner: User
) -> None:
    reader = read(name, hostile, owner)
    fields = [has for tag, has in reader.tags if tag in ("input", "select", "textarea")]
    shown = [has for has in fields if has.get("type") not in ("hidden", "submit")]
    labelled = set(reader.values("for"))
    unlabelled = [
        has for has in shown if not (has.get("id") in labelled or "data-check-all" in has)
    ]
    assert unlabelled == []
    ids = reader.values("id")
    assert len(ids) == len(set(ids)), "an id stands once on a page"


@pytest.mark.parametrize("name", PAGES)
def test_what_can_be_pressed_is_called_as_it_reads(
    name: str, hostile: Organization, owner: User
) -> None:
    """Who speaks to the browser says what they see, and so does whoever listens to it."""
    tree = parse(page_of(name, hostile, owner))
    for each in tree.all("a", "button", "summary"):
        assert each.text or each["aria-label"] or each["title"] or list(each.all("title"))
        if each["aria-label"] and len(each.text) > 1:
            assert set(each.text.lower().split()) <= set(spoken(each)), (each.text, spoken(each))


def spoken(element: Element) -> list[str]:
    return element["aria-label"].lower().replace(":", "").split()


def test_templates_take_no_colour_of_bootstraps_own() -> None:
    """Those do not change in the dark, where its dark text was dark on dark."""
    own = re.compile(r"\b(text|bg|border)-(body|muted|dark|light|white|black|primary|danger)\b")
    pages = list((BASE / "templates").rglob("*.html"))
    assert pages
    assert [page.name for page in pages if own.search(page.read_text())] == []


def test_pages_carry_a_strict_policy_and_are_not_kept(browser: Browser) -> None:
    headers = browser.open("billing:invoices").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/nowhere/", "/o/nowhere/", "/o/northwind/invoices/nothing/"])
def test_what_is_not_there_is_said_in_words(browser: Browser, path: str) -> None:
    response = browser.client.get(path)
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_what_a_role_may_not_do_is_said_in_words(northwind: Organization) -> None:
    reader = Browser(northwind, factories.member(northwind, role=Role.READ_ONLY))
    response = reader.open("billing:generate")
    assert response.status_code == 403
    assert "Your role does not allow this" in response.content.decode()
    assert "This needs the role Staff or higher." in response.content.decode()


def test_a_form_without_its_cookie_is_refused_in_words(northwind: Organization, bob: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    response = strict.post("/o/northwind/customers/new/", {"name": "Harbor"})
    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


def test_an_error_of_ours_is_said_in_words(client: Any) -> None:
    from django.views.defaults import bad_request, server_error

    request = client.get("/healthz").wsgi_request
    assert "Something went wrong on our side" in server_error(request).content.decode()
    page = bad_request(request, exception=ValueError()).content.decode()
    assert "could not be understood" in page
