"""How sync shows beside a document and in lists, and the button that sends it."""

from collections import Counter
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory

from billing.models import Invoice
from billing.services import invoices
from integrations import tokens
from integrations.models import Discrepancy, Link, SyncJob
from tenants.models import Membership, Role
from tests import factories
from tests.integrations.connect.desk import bob_of
from tests.integrations.world import World
from tests.statements import statements

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def panel(world: World, browser: Client, row: Any) -> str:
    kind = type(row).__name__.lower()
    answer = browser.get(f"/o/{world.organization.slug}/sync/{kind}/{row.pk}/panel/")
    assert answer.status_code == 200
    return answer.content.decode()


def press_send(world: World, browser: Client, row: Any) -> Any:
    kind = type(row).__name__.lower()
    return browser.post(f"/o/{world.organization.slug}/sync/{kind}/{row.pk}/send/")


def unsent(world: World) -> Invoice:
    """An invoice generated without QuickBooks ticked."""
    customer = world.customer()
    with world.inside():
        return factories.draft(customer)


def test_what_was_never_sent_says_so_and_offers_to(world: World, browser: Client) -> None:
    shown = panel(world, browser, unsent(world))
    assert "Not synced" in shown
    assert "Send to QuickBooks" in shown
    assert "data-moving" not in shown


def test_the_button_sends_and_the_panel_follows_by_itself(world: World, browser: Client) -> None:
    invoice = unsent(world)
    assert press_send(world, browser, invoice).status_code == 302
    waiting = panel(world, browser, invoice)
    assert "Pending" in waiting
    assert "data-moving" in waiting
    assert "Send to QuickBooks" not in waiting
    world.work()
    shown = panel(world, browser, invoice)
    assert "Synced" in shown
    assert "data-moving" not in shown
    assert invoice.number in shown
    assert len(world.held("Invoice")) == 1


def test_a_synced_invoice_shows_what_it_cost_and_where_it_is(world: World, browser: Client) -> None:
    customer = world.customer()
    world.invoice(customer)
    world.work()
    invoice = world.invoice(customer)
    world.work()
    shown = panel(world, browser, invoice)
    assert "1 call, 0 metered" in shown
    assert (
        f"{world.box.url}/app/invoice?txnId={world.link(invoice).remote_id}&amp;companyId={world.realm}"
        in shown
    )
    assert "$100.00" in shown


def test_a_total_that_differs_is_a_visible_variance(world: World, browser: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        Link.objects.filter(local_id=invoice.pk).update(variance_minor=101)
    shown = panel(world, browser, invoice)
    assert "Total differs" in shown
    assert "QuickBooks has $1.01 more than here." in " ".join(shown.split())


def test_K_32_a_document_that_waits_for_consent_leads_to_reconnecting(
    world: World, browser: Client
) -> None:
    invoice = unsent(world)
    press_send(world, browser, invoice)
    with world.inside():
        tokens.end_consent(world.connection)
    shown = panel(world, browser, invoice)
    assert "Needs QuickBooks reconnected" in shown
    address = (
        f"/o/{world.organization.slug}/settings/integrations/quickbooks/{world.connection.query}"
    )
    assert f'<a href="{address}">Reconnect QuickBooks</a>' in shown
    assert "Reconnect QuickBooks</button>" in browser.get(address).content.decode()
    assert "Needs QuickBooks reconnected" in exceptions(world, browser)


def test_a_document_that_waits_for_its_customer_leads_to_the_customer(
    world: World, browser: Client
) -> None:
    world.trouble("fault", code="6000", entity="Customer")
    customer = world.customer()
    invoice = world.invoice(customer)
    world.work()
    shown = panel(world, browser, invoice)
    assert "Needs its customer in QuickBooks" in shown
    assert (
        f'<a href="/o/{world.organization.slug}/customers/{customer.pk}/">Open the customer</a>'
        in shown
    )


def test_a_refused_document_shows_the_reason_and_offers_to_try_again(
    world: World, browser: Client
) -> None:
    world.trouble("fault", code="6000", entity="Invoice")
    invoice = world.invoice(world.customer())
    world.work()
    shown = panel(world, browser, invoice)
    assert "Errored" in shown
    assert world.job(invoice).reason.partition(".")[0] in shown
    assert "Try again" in shown
    press_send(world, browser, invoice)
    world.work()
    assert "Synced" in panel(world, browser, invoice)


def test_a_voided_invoice_shows_as_voided(world: World, browser: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.void(invoice=invoice, actor=world.owner)
    world.work()
    assert '<span class="struck">Voided</span>' in panel(world, browser, invoice)


def test_what_belongs_to_a_former_company_says_so(world: World, browser: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.connect(name="Other Books")
    shown = panel(world, browser, invoice)
    assert "which is no longer connected" in shown


def test_readers_see_the_panel_without_a_button(world: World) -> None:
    invoice = unsent(world)
    reader = bob_of(world.organization, Role.READ_ONLY)
    assert "Send to QuickBooks" not in panel(world, reader, invoice)
    assert press_send(world, reader, invoice).status_code == 403


def test_without_a_company_the_button_says_what_to_do_first(world: World, browser: Client) -> None:
    invoice = unsent(world)
    browser.post(
        f"/o/{world.organization.slug}/settings/integrations/quickbooks/disconnect/{world.connection.query}"
    )
    answer = press_send(world, browser, invoice)
    assert answer.headers["Location"] == f"/o/{world.organization.slug}/invoices/{invoice.pk}/"
    with world.inside():
        assert not SyncJob.objects.filter(local_id=invoice.pk).exists()
    assert "Connect QuickBooks" in panel(world, browser, invoice)


@pytest.mark.parametrize("kind", ["term", "class", "nothing"])
def test_a_kind_that_is_none_is_not_found(world: World, browser: Client, kind: str) -> None:
    invoice = unsent(world)
    assert (
        browser.get(f"/o/{world.organization.slug}/sync/{kind}/{invoice.pk}/panel/").status_code
        == 404
    )


def test_names_with_markup_are_shown_as_text(world: World, browser: Client) -> None:
    with world.inside():
        job = SyncJob.objects.create(
            connection=world.connection,
            kind="customer",
            local_id=(customer := factories.customer("<b>Bold & Sons</b>")).pk,
            rank=0,
            state="errored",
            reason="<script>alert(1)</script>",
        )
    for shown in (panel(world, browser, customer), exceptions(world, browser)):
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "&lt;b&gt;Bold &amp; Sons&lt;/b&gt;" in exceptions(world, browser)
    assert job.state == "errored"


def exceptions(world: World, browser: Client, query: str = "") -> str:
    return browser.get(f"/o/{world.organization.slug}/exceptions/{query}").content.decode()


def test_a_page_of_badges_asks_once_for_all(world: World) -> None:
    customer = world.customer()
    with world.inside():
        documents = [factories.draft(customer) for _ in range(20)]
    template = Template(
        "{% load sync %}{% for each in rows %}{% sync_badge each rows %}{% endfor %}"
    )
    request: Any = RequestFactory().get("/")
    request.organization = world.organization
    request.membership = Membership.objects.get(user=world.owner)
    with world.inside(), statements() as queries:
        shown = template.render(Context({"request": request, "rows": documents}))
    assert shown.count("Not synced") == 20
    assert len(queries) == 4


@pytest.mark.parametrize(
    "page",
    [
        "",
        "invoices/",
        "invoices/{invoice}/",
        "customers/",
        "invoices/generate/",
        "exceptions/",
        "settings/integrations/quickbooks/",
    ],
)
def test_no_page_asks_the_same_twice(world: World, browser: Client, page: str) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    address = f"/o/{world.organization.slug}/{page.format(invoice=invoice.pk)}"
    with statements() as queries:
        assert browser.get(address).status_code == 200
    asked = Counter(sql for sql in queries if sql.startswith("SELECT"))
    assert [sql for sql, times in asked.items() if times > 1] == []


def test_the_time_line_tells_what_sync_did(world: World, browser: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    shown = browser.get(f"/o/{world.organization.slug}/invoices/{invoice.pk}/").content.decode()
    assert "Created in QuickBooks" in shown
    assert "Invoice generated" in shown


def test_nothing_needs_anybody_at_first(world: World, browser: Client) -> None:
    assert "Nothing needs you" in exceptions(world, browser)


def test_exceptions_list_what_was_refused_with_reason_and_way_out(
    world: World, browser: Client
) -> None:
    world.trouble("fault", code="6000", entity="Invoice")
    invoice = world.invoice(world.customer())
    world.work()
    shown = exceptions(world, browser)
    assert f"Invoice {invoice.number}" in shown
    assert f'href="/o/{world.organization.slug}/invoices/{invoice.pk}/"' in shown
    assert world.job(invoice).reason.partition(".")[0] in shown
    assert invoice.number not in exceptions(world, browser, "?state=pending")
    assert "Customer Adatum" in exceptions(world, browser, "?state=synced")


def test_a_difference_is_listed_until_it_is_closed(world: World, browser: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        gap = Discrepancy.objects.create(
            connection=world.connection, kind="invoice", local_id=invoice.pk, remote_id="1",
            reason_code="changed_there", sentence="It was changed in QuickBooks after we sent it.",
        )  # fmt: skip
    assert "It was changed in QuickBooks" in exceptions(world, browser)
    with world.inside():
        Discrepancy.objects.filter(pk=gap.pk).update(closed_at=gap.opened_at)
    assert "It was changed in QuickBooks" not in exceptions(world, browser)


def test_every_difference_can_be_reached(world: World, browser: Client) -> None:
    with world.inside():
        Discrepancy.objects.bulk_create(
            Discrepancy(
                connection=world.connection, kind="payment", remote_id=str(number),
                reason_code="cannot_apply", sentence=f"Payment {number} could not be booked here.",
            )
            for number in range(101, 153)
        )  # fmt: skip
    first, rest = exceptions(world, browser), exceptions(world, browser, "?differences=2")
    assert "1–50 of 52" in first
    shown = [number for number in range(101, 153) if f"Payment {number} could" in first + rest]
    assert len(shown) == 52
    assert rest.count("Leave it") == 2


def test_the_health_strip_counts_by_state_and_leads_to_the_lists(
    world: World, browser: Client
) -> None:
    world.trouble("fault", code="6000", entity="Invoice")
    world.invoice(world.customer())
    world.work()
    shown = browser.get(
        f"/o/{world.organization.slug}/settings/integrations/quickbooks/"
    ).content.decode()
    for state in ("errored", "blocked", "pending", "synced"):
        assert f"/exceptions/?state={state}" in shown
    assert '<span class="figure-value d-block tone-red">1</span>' in shown


def test_the_page_of_the_company_looks_again_while_something_moves(
    world: World, browser: Client
) -> None:
    address = f"/o/{world.organization.slug}/settings/integrations/quickbooks/company/"
    assert "data-moving" not in browser.get(address).content.decode()
    press_send(world, browser, unsent(world))
    assert "data-moving" in browser.get(address).content.decode()
    world.work()
    assert "data-moving" not in browser.get(address).content.decode()


def test_the_first_steps_follow_what_is_done(world: World, browser: Client) -> None:
    assert steps(world, browser) == [True, False, False]
    browser.post(
        f"/o/{world.organization.slug}/settings/integrations/quickbooks/mapping/{world.connection.query}"
    )
    world.invoice(world.customer())
    world.work()
    assert steps(world, browser) == [True, True, True]
    world.disconnect()
    assert steps(world, browser) == [False, True, True], "what was done stays done"


def test_staff_see_the_steps_that_are_theirs(world: World) -> None:
    assert steps(world, bob_of(world.organization)) == [False]


def steps(world: World, browser: Client) -> list[bool]:
    template = Template("{% load sync %}{% setup_steps as steps %}")
    request: Any = browser.get(f"/o/{world.organization.slug}/").wsgi_request
    request.organization = world.organization
    request.membership = Membership.objects.get(user=request.user)
    context = Context({"request": request})
    with world.inside():
        template.render(context)
    return [step["is_done"] for step in context["steps"]]
