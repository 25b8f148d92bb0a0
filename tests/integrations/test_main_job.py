"""The main job, driven through real HTTP: generate → push → the customer pays over there → PAID here."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import Payment, Status
from billing.services import customers, invoices, payments
from integrations.models import Discrepancy, Doorbell, Intent
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_R_02_generated_invoice_appears_with_every_line(world: World) -> None:
    lines = [factories.line("120", "2.5"), factories.line("19.99", "3", description="Licences")]
    invoice = world.invoice(world.customer(), lines=lines, notes="Thank you")
    world.work()
    (theirs,) = world.held("Invoice")
    sold = [line for line in theirs["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    assert [(line["Description"], Decimal(str(line["Amount"]))) for line in sold] == [
        ("Managed workstation", Decimal("300.00")),
        ("Licences", Decimal("59.97")),
    ]
    assert theirs["DocNumber"] == invoice.number
    assert theirs["DueDate"] == invoice.due_on.isoformat()
    assert theirs["CustomerMemo"]["value"] == "Thank you"
    assert (theirs["AllowOnlineCreditCardPayment"], theirs["AllowOnlineACHPayment"]) == (
        False,
        False,
    )
    assert world.job(invoice).state == "synced"


def test_linked_customer_costs_one_unmetered_call_per_invoice(world: World) -> None:
    customer = world.customer()
    world.invoice(customer)
    world.work()
    world.forget_calls()
    world.invoice(customer)
    world.work()
    calls = world.journal()
    assert [(call["method"], call["metered"]) for call in calls] == [("POST", False)]


def test_our_own_change_events_cost_no_read(world: World, client: Client) -> None:
    customer = world.customer()
    world.invoice(customer)
    world.work()
    world.forget_calls()
    assert world.deliver(client) > 0
    world.work()
    assert world.journal() == []


def test_R_64_customer_is_linked_by_email_without_a_call(world: World) -> None:
    theirs = world.bookkeeper(
        "Customer",
        {"DisplayName": "Adatum Corp", "PrimaryEmailAddr": {"Address": "AP@adatum.example"}},
    )
    world.due_now()
    world.work()
    world.forget_calls()
    invoice = world.invoice(world.customer("Adatum"))
    world.work()
    assert [call["path"].rpartition("/")[2] for call in world.journal()] == ["invoice"]
    assert world.link(invoice.customer).remote_id == theirs["Id"]
    assert world.held("Invoice")[0]["CustomerRef"]["value"] == theirs["Id"]


def test_first_invoice_of_a_new_customer_costs_two_calls(world: World) -> None:
    world.invoice(world.customer())
    world.work()
    assert [(call["entity"], call["metered"]) for call in world.journal()] == [
        ("Customer", False),
        ("Invoice", False),
    ]


def test_R_04_R_05_draft_edit_is_a_sparse_update(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.forget_calls()
    due_on = invoice.due_on + timedelta(days=10)
    with world.inside():
        invoices.edit(invoice=invoice, notes="Call first", due_on=due_on)
    world.work()
    (theirs,) = world.held("Invoice")
    assert (theirs["CustomerMemo"]["value"], theirs["DueDate"]) == (
        "Call first",
        due_on.isoformat(),
    )
    assert len(world.journal()) == 1


def test_R_06_void_voids_the_invoice_over_there(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.void(invoice=world.fresh(invoice))
    world.work()
    (theirs,) = world.held("Invoice")
    assert Decimal(str(theirs["TotalAmt"])) == 0
    assert theirs["PrivateNote"].startswith("Voided")


def test_R_08_mark_paid_creates_a_payment_that_closes_the_invoice(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        payments.mark_paid(
            invoice=world.fresh(invoice),
            received_on=factories.TODAY,
            method="check",
            reference="1017",
        )
    world.work()
    (theirs,) = world.held("Payment")
    assert Decimal(str(theirs["TotalAmt"])) == Decimal(100)
    assert theirs["PaymentRefNum"] == "1017"
    assert theirs["TxnDate"] == factories.TODAY.isoformat()
    assert Decimal(str(world.held("Invoice")[0]["Balance"])) == 0


def test_our_own_payment_coming_back_is_never_booked_again(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        payments.mark_paid(invoice=world.fresh(invoice), received_on=factories.TODAY, method="cash")
    world.work()
    world.deliver(client)
    world.due_now()
    world.work()
    with world.inside():
        assert Payment.objects.count() == 1
        assert Discrepancy.objects.count() == 0


def test_R_09_payment_over_there_turns_the_invoice_paid(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.deliver(client)
    world.pays(invoice, "100.00", PaymentRefNum="4711", TxnDate="2026-11-19")
    world.deliver(client)
    world.forget_calls()
    world.later(seconds=4)
    world.work()
    assert world.fresh(invoice).status == Status.PAID
    with world.inside():
        payment = Payment.objects.get()
    assert (payment.reference, payment.received_on.isoformat()) == ("4711", "2026-11-19")
    assert [call["metered"] for call in world.journal()] == [True], "one reading of the change feed"
    with world.inside():
        assert not Doorbell.objects.filter(closed_at=None).exists()


def test_R_73_R_75_part_payment_and_the_rest(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.pays(invoice, "40.00")
    world.deliver(client)
    world.later(seconds=4)
    world.work()
    part = world.fresh(invoice)
    assert (part.status, part.balance) == (Status.PARTIAL, factories.usd(60))
    world.pays(invoice, "60.00")
    world.deliver(client)
    world.later(seconds=4)
    world.work()
    assert world.fresh(invoice).status == Status.PAID


@pytest.mark.parametrize("times", [2, 10])
def test_doubled_webhook_changes_nothing(world: World, client: Client, times: int) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.pays(invoice, "100.00")
    world.deliver(client, times=times)
    world.later(seconds=4)
    world.work()
    with world.inside():
        assert Payment.objects.count() == 1


def test_lost_webhook_is_found_by_the_sweep(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.pays(invoice, "100.00")
    world.later(minutes=16)
    world.work()
    assert world.fresh(invoice).status == Status.PAID


def test_webhook_before_our_own_answer_is_stored_settles_the_write(
    world: World, client: Client
) -> None:
    """The answer of the push is lost, the change event arrives first: one payment on both sides."""
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        payments.mark_paid(invoice=world.fresh(invoice), received_on=factories.TODAY, method="cash")
    world.trouble("answer_dropped", entity="Payment")
    world.trouble("status", status=500, times=3, method="GET")
    world.trouble("status", status=500, times=1, path="/query")
    world.work()
    world.calm()
    world.deliver(client)
    world.later(seconds=40)
    world.work()
    assert len(world.held("Payment")) == 1
    with world.inside():
        assert Payment.objects.count() == 1
        assert not Intent.objects.filter(state="open").exists()


def test_X_25_total_that_differs_is_shown(world: World) -> None:
    """Their code of this name takes 13 percent, ours takes 3."""
    world.connections.clear()
    with world.inside():
        region = factories.tax_region("HST ON", "3")
    world.connect(country="CA", currency="USD")
    world.use_company()
    world.work()
    customer = world.customer(tax_region=region)
    invoice = world.invoice(customer, lines=[factories.line("100", taxable=True)])
    world.work()
    (theirs,) = world.held("Invoice")
    assert float(theirs["TotalAmt"]) == 113.00
    assert world.link(invoice).variance_minor == 1000


def test_X_19_another_company_is_not_written_to_until_an_admin_says_so(world: World) -> None:
    customer = world.customer()
    invoice = world.invoice(customer)
    world.work()
    first = world.realm
    world.connect(custom_numbers=True)
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), notes="edited after the change of companies")
        customers.update(customer=world.fresh(customer), phone="555 0100")
    world.invoice(world.customer("Contoso", email="ap@contoso.example"))
    world.work()
    assert world.held("Invoice") == [], "nothing reached the new company"
    world.use_company()
    world.work()
    assert [theirs["DocNumber"] for theirs in world.held("Invoice")] != [invoice.number]
    world.realm = first
    assert len(world.held("Invoice")) == 1


def test_disconnected_company_gets_nothing_and_what_was_owed_goes_on_later(world: World) -> None:
    customer = world.customer()
    invoice = world.invoice(customer)
    world.work()
    world.disconnect()
    world.forget_calls()
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), notes="while disconnected")
    world.work()
    assert world.journal() == []
    world.connect(realm=world.realm)
    world.work()
    assert world.held("Invoice")[0]["CustomerMemo"]["value"] == "while disconnected"


def test_refused_invoice_is_parked_with_a_reason_and_holds_up_nothing(world: World) -> None:
    customer = world.customer()
    world.invoice(customer)
    world.work()
    world.trouble("fault", code="6000", entity="Invoice")
    refused = world.invoice(customer)
    world.work()
    fine = world.invoice(customer)
    world.work()
    assert (world.job(refused).state, world.job(fine).state) == ("errored", "synced")
    assert world.job(refused).reason


def test_everything_that_happened_while_nobody_worked_goes_out_as_one_write(world: World) -> None:
    invoice = world.invoice(world.customer())
    for note in ("one", "two", "three"):
        with world.inside():
            invoices.edit(invoice=world.fresh(invoice), notes=note)
    world.work()
    assert [call["entity"] for call in world.journal()] == ["Customer", "Invoice"]
    assert world.held("Invoice")[0]["CustomerMemo"]["value"] == "three"


def test_token_that_has_expired_is_renewed_by_itself(world: World) -> None:
    world.control("POST", "clock", {"advance": 3700})
    invoice = world.invoice(world.customer())
    world.work()
    assert world.job(invoice).state == "synced"


def test_ended_consent_blocks_everything_and_loses_nothing(world: World) -> None:
    world.trouble("revoked_token")
    invoice = world.invoice(world.customer())
    world.work()
    assert world.connection.status == "needs_consent"
    assert world.job(invoice).state == "blocked"
    world.connect(realm=world.realm)
    world.work()
    assert world.job(invoice).state == "synced"
    assert len(world.held("Invoice")) == 1


def recorded_over_there(world: World, client: Client, invoice: Any, amount: str) -> dict[str, Any]:
    """A payment of theirs that has arrived here."""
    payment = world.pays(invoice, amount)
    world.deliver(client)
    world.later(seconds=4)
    world.work()
    return payment


def test_X_68_payment_deleted_over_there_opens_the_invoice_again(
    world: World, client: Client
) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    theirs = recorded_over_there(world, client, invoice, "100.00")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", keys, operation="delete")
    world.deliver(client)
    world.later(seconds=4)
    world.work()
    assert world.fresh(invoice).status == Status.SENT
    with world.inside():
        assert Payment.objects.get().is_void


def test_payment_changed_over_there_is_followed(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    theirs = recorded_over_there(world, client, invoice, "100.00")
    link = {"TxnId": world.link(invoice).remote_id, "TxnType": "Invoice"}
    changed = {
        **{name: theirs[name] for name in ("Id", "SyncToken", "CustomerRef")},
        "sparse": True,
        "TotalAmt": "55.00",
        "Line": [{"Amount": "55.00", "LinkedTxn": [link]}],
    }
    world.bookkeeper("Payment", changed)
    world.due_now()
    world.work()
    assert world.fresh(invoice).balance == factories.usd(45)
    world.forget_calls()
    world.work()
    assert world.journal() == [], "what came from there is not sent back"


def test_L_18_invoice_voided_over_there_is_put_before_a_person(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="void")
    world.due_now()
    world.work()
    with world.inside():
        (question,) = Discrepancy.objects.filter(closed_at=None)
    assert (question.reason_code, question.local_id) == ("voided_there", invoice.id)
    assert world.fresh(invoice).status == Status.DRAFT
