"""What goes wrong with one document must not become the trouble of another."""

import pytest
from django.test import Client

from billing.services import customers, invoices
from integrations.models import Connection, Intent, Link, MirrorEntry, SyncJob
from integrations.outbound import customer_choice
from integrations.outbound.customer_choice import CannotChoose
from tests.integrations.shown import chosen_of_those_shown
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def shared_mailbox(world: World, *names: str) -> list[str]:
    """Customers over there that all use ap@adatum.example; their ids."""
    made = [
        world.bookkeeper(
            "Customer",
            {"DisplayName": name, "PrimaryEmailAddr": {"Address": "ap@adatum.example"}},
        )
        for name in names
    ]
    world.due_now()
    world.work()
    return [one["Id"] for one in made]


def test_job_that_breaks_is_parked_alone(world: World) -> None:
    broken, fine = world.linked_customer(), world.customer("Contoso", email="ap@contoso.example")
    with world.inside():
        Link.objects.filter(local_id=broken.id).update(ours={"kind": "unheard of"})
        customers.update(customer=broken, phone="555 0100")
    invoice = world.invoice(fine)
    world.work()
    assert world.job(broken).state == "errored"
    assert world.job(invoice).state == "synced"


def test_T_20_ambiguous_customer_links_itself_to_nobody(world: World) -> None:
    shared_mailbox(world, "Adatum East", "Adatum West")
    invoice = world.invoice(world.customer())
    world.work()
    job = world.job(invoice.customer)
    assert (job.state, job.reason_code) == ("blocked", "customer_choice")
    assert "Adatum East, Adatum West" in job.reason
    assert world.job(invoice).state == "blocked"
    assert world.held("Invoice") == []


def test_chosen_customer_lets_its_invoices_go_on(world: World) -> None:
    _, west = shared_mailbox(world, "Adatum East", "Adatum West")
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        customer_choice.link(world.connection, invoice.customer, west, actor=world.owner)
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["CustomerRef"]["value"] == west


def test_customer_of_its_own_is_made_in_spite_of_a_shared_mailbox(world: World) -> None:
    shared_mailbox(world, "Adatum East", "Adatum West")
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        customer_choice.make_its_own(world.connection, invoice.customer, actor=world.owner)
    world.work()
    names = [one["DisplayName"] for one in world.held("Customer")]
    assert names == ["Adatum East", "Adatum West", "Adatum"]
    assert world.job(invoice).state == "synced"


def test_customer_over_there_is_linked_to_one_of_ours_only(world: World) -> None:
    (east,) = shared_mailbox(world, "Adatum East")
    first = world.linked_customer()
    second = world.customer("Adatum second")
    assert world.link(first).remote_id == east
    with world.inside(), pytest.raises(CannotChoose, match="linked to another"):
        customer_choice.link(world.connection, second, east, actor=world.owner)


def test_name_of_a_vendor_is_not_taken_for_a_customer(world: World) -> None:
    world.bookkeeper("Vendor", {"DisplayName": "Adatum"})
    world.due_now()
    world.work()
    customer = world.customer("Adatum")
    world.invoice(customer)
    world.work()
    job = world.job(customer)
    assert (job.state, job.reason_code) == ("blocked", "customer_choice")
    assert "vendor Adatum" in job.reason


def test_throttled_company_is_left_alone_for_a_minute(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("throttled")
    invoice = world.invoice(customer)
    world.work()
    world.forget_calls()
    world.work()
    assert world.journal() == []
    world.later(minutes=2)
    world.work()
    assert world.job(invoice).state == "synced"


def test_vendor_that_is_away_parks_nothing(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("request_dropped", times=None)
    invoice = world.invoice(customer)
    for _ in range(3):
        world.work()
        world.later(minutes=20)
    assert world.job(invoice).state == "pending"
    world.calm()
    world.later(minutes=20)
    world.work()
    world.later(minutes=20)
    world.work()
    assert world.job(invoice).state == "synced"
    assert len(world.held("Invoice")) == 1


def test_lists_are_read_once_and_kept_by_the_change_feed(world: World) -> None:
    with world.inside():
        before = MirrorEntry.objects.filter(kind="customer").count()
    world.bookkeeper("Customer", {"DisplayName": "Fabrikam"})
    world.due_now()
    world.forget_calls()
    world.work()
    assert [call["operation"] for call in world.journal()] == ["cdc"]
    with world.inside():
        assert MirrorEntry.objects.filter(kind="customer").count() == before + 1


def test_queue_is_empty_when_all_is_done(world: World) -> None:
    world.invoice(world.customer())
    world.work()
    with world.inside():
        assert not SyncJob.objects.exclude(state="synced").exists()
    assert world.due_in().total_seconds() > 600


def test_customer_is_chosen_on_its_page(world: World, client: Client) -> None:
    _, west = shared_mailbox(world, "Adatum East", "Adatum <b>West</b>")
    invoice = world.invoice(world.customer())
    world.work()
    client.force_login(world.owner)
    slug = world.organization.slug
    page = client.get(f"/o/{slug}/customers/{invoice.customer_id}/").content.decode()
    assert "Adatum East" in page
    assert "Adatum &lt;b&gt;West&lt;/b&gt;" in page
    answer = client.post(
        f"/o/{slug}/sync/customer/{invoice.customer_id}/choose/{world.connection.query}",
        chosen_of_those_shown(world, invoice.customer, west),
    )
    assert answer.status_code == 302
    world.work()
    assert world.held("Invoice")[0]["CustomerRef"]["value"] == west


def test_customer_of_another_name_list_cannot_be_chosen(world: World, client: Client) -> None:
    shared_mailbox(world, "Adatum East", "Adatum West")
    customer = world.invoice(world.customer()).customer
    world.work()
    client.force_login(world.owner)
    address = (
        f"/o/{world.organization.slug}/sync/customer/{customer.pk}/choose/{world.connection.query}"
    )
    answer = client.post(address, chosen_of_those_shown(world, customer, "99999"), follow=True)
    assert "not in QuickBooks any more" in answer.content.decode()
    assert world.job(customer).state == "blocked"


def test_replay_of_an_older_write_is_followed_by_the_difference(world: World) -> None:
    """Our rows are those of an older backup: the create goes out again and gets the old answer."""
    invoice = world.invoice(world.linked_customer(), notes="as sent before the restore")
    world.work()
    with world.inside():
        Link.objects.filter(local_id=invoice.id).delete()
        Intent.objects.filter(local_id=invoice.id).delete()
        invoices.edit(invoice=world.fresh(invoice), notes="edited after the restore")
    world.work()
    world.later(minutes=1)
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["CustomerMemo"]["value"] == "edited after the restore"
    assert world.job(invoice).state == "synced"


def test_turn_that_breaks_is_put_off_and_taken_again(world: World) -> None:
    invoice = world.invoice(world.customer())
    with world.inside():
        sound = world.connection.company
        Connection.objects.update(company={"unheard of": True})
    world.work()
    assert world.job(invoice).state == "pending"
    assert world.due_in().total_seconds() > 5, "not at once again"
    with world.inside():
        Connection.objects.update(company=sound)
    world.later(minutes=5)
    world.work()
    assert world.job(invoice).state == "synced"


def test_documents_for_an_unconfirmed_company_say_what_they_wait_for(world: World) -> None:
    world.connect(custom_numbers=True)
    invoice = world.invoice(world.customer())
    world.work()
    job = world.job(invoice)
    assert (job.state, job.reason_code) == ("blocked", "company_not_confirmed")
    world.use_company()
    world.work()
    assert world.job(invoice).state == "synced"


def test_answer_that_is_cut_off_while_we_look_for_a_change_is_no_refusal(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.trouble("request_dropped", entity="Invoice", method="POST")
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), notes="Thank you")
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    world.later(minutes=5)
    world.trouble("truncated", entity="Invoice", method="GET")
    world.work()
    assert [call["status"] for call in world.journal()][-1] == 400, "it is gone there"
    job = world.job(invoice)
    assert (job.state, job.reason_code) == ("pending", "HTTP 400")
    world.later(minutes=5)
    world.work()
    assert world.job(invoice).state == "errored"
    with world.inside():
        assert not Intent.objects.filter(state="open").exists()
