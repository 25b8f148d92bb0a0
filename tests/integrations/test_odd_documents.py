"""Odd but possible documents: each goes over whole, or is refused with a sentence and nothing is lost."""

from decimal import Decimal

import pytest
from django.test import Client

from billing.errors import BillingError
from billing.services import numbering
from integrations.models import Discrepancy, Intent
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def total_there(world: World) -> Decimal:
    (theirs,) = world.held("Invoice")
    return Decimal(str(theirs["TotalAmt"]))


def test_thousand_lines(world: World) -> None:
    lines = [factories.line("1.01", description=f"Seat {number}") for number in range(1000)]
    invoice = world.invoice(world.customer(), lines=lines)
    world.work()
    assert world.job(invoice).state == "synced"
    assert total_there(world) == Decimal("1010.00")
    sold = [one for one in world.held("Invoice")[0]["Line"] if "SalesItemLineDetail" in one]
    assert len(sold) == 1000


def test_thousand_million(world: World) -> None:
    invoice = world.invoice(world.customer(), lines=[factories.line("1000000000.00")])
    world.work()
    assert world.job(invoice).state == "synced"
    assert total_there(world) == Decimal("1000000000.00")


def test_negative_quantity_beside_more(world: World) -> None:
    lines = [factories.line("100", "3"), factories.line("100", "-1", description="Returned")]
    invoice = world.invoice(world.customer(), lines=lines)
    world.work()
    assert world.job(invoice).state == "synced"
    assert total_there(world) == Decimal("200.00")


def test_price_that_does_not_divide_keeps_the_amount(world: World) -> None:
    lines = [factories.line("128.35", "14.5"), factories.line("0.3333", "3")]
    invoice = world.invoice(world.customer(), lines=lines)
    world.work()
    assert world.job(invoice).state == "synced"
    assert (total_there(world), world.link(invoice).variance_minor) == (Decimal("1862.08"), 0)


def test_emoji_is_refused_with_a_sentence_before_anything_is_sent(world: World) -> None:
    customer = world.linked_customer()
    world.forget_calls()
    invoice = world.invoice(customer, notes="Danke 🎉")
    world.work()
    job = world.job(invoice)
    assert job.state == "errored"
    assert "🎉" in job.reason
    assert world.journal() == []
    with world.inside():
        assert not Intent.objects.filter(local_id=invoice.id).exists()


def test_markup_in_names_is_only_text(world: World) -> None:
    name = "<script>alert('x')</script> & Söhne"
    world.invoice(world.customer(name))
    world.work()
    assert [one["DisplayName"] for one in world.held("Customer")] == [name]


def test_apostrophes_and_backslashes_do_not_break_look_ups(world: World) -> None:
    name = "O'Brien \\' OR Id > '0"
    world.trouble("answer_dropped", entity="Customer")
    customer = world.customer(name)
    invoice = world.invoice(customer)
    world.work()
    assert [one["DisplayName"] for one in world.held("Customer")] == [name]
    assert world.job(invoice).state == "synced"


def test_number_longer_than_quickbooks_takes_is_refused_here(world: World) -> None:
    with world.inside(), pytest.raises(BillingError, match="21"):
        numbering.configure(prefix="INVOICE-OF-NORTHWIND-", next_value=1001)
        world.invoice(world.customer())


def test_free_invoice(world: World) -> None:
    lines = [factories.line("50"), factories.line("-50", description="Goodwill")]
    invoice = world.invoice(world.customer(), lines=lines)
    world.work()
    assert world.job(invoice).state == "synced"
    assert total_there(world) == 0


def test_company_that_counts_for_itself_shows_its_own_number(world: World) -> None:
    world.connect(custom_numbers=False)
    world.use_company()
    world.work()
    invoice = world.invoice(world.customer("Contoso", email="ap@contoso.example"))
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["DocNumber"] != invoice.number
    assert world.link(invoice).remote_number == theirs["DocNumber"]
    assert invoice.number in theirs["PrivateNote"]


@pytest.mark.parametrize("country", ["CA", "GB"])
def test_other_countries_get_a_tax_code_on_every_line(world: World, country: str) -> None:
    code, currency, rate = {"CA": ("HST ON", "CAD", "13"), "GB": ("20.0% S", "GBP", "20")}[country]
    world.organization.currency = currency
    world.organization.save(update_fields=["currency"])
    world.connect(country=country, custom_numbers=True)
    world.use_company()
    world.work()
    with world.inside():
        region = factories.tax_region(code, rate)
    lines = [factories.line("100", taxable=True), factories.line("10", description="Postage")]
    invoice = world.invoice(world.customer(tax_region=region), lines=lines)
    world.work()
    assert world.job(invoice).state == "synced", world.job(invoice).reason
    expected = Decimal(110) + Decimal(rate)
    assert (total_there(world), world.link(invoice).variance_minor) == (expected, 0)


def test_without_a_tax_region_no_line_is_taxed_in_other_countries(world: World) -> None:
    """Whatever the lines say: each bears the code for what is not taxed, as one without any is refused."""
    world.organization.currency = "CAD"
    world.organization.save(update_fields=["currency"])
    world.connect(country="CA", custom_numbers=True)
    world.use_company()
    world.work()
    lines = [factories.line("100", taxable=True), factories.line("10", description="Postage")]
    invoice = world.invoice(world.customer(), lines=lines)
    world.work()
    assert world.job(invoice).state == "synced", world.job(invoice).reason
    (exempt,) = [one["Id"] for one in world.held("TaxCode") if one["Name"] == "Exempt"]
    (theirs,) = world.held("Invoice")
    sold = [one["SalesItemLineDetail"] for one in theirs["Line"] if "SalesItemLineDetail" in one]
    assert [one["TaxCodeRef"]["value"] for one in sold] == [exempt, exempt]
    assert (total_there(world), world.link(invoice).variance_minor) == (Decimal(110), 0)


def test_tax_code_is_chosen_on_the_mapping_page(world: World, client: Client) -> None:
    world.organization.currency = "CAD"
    world.organization.save(update_fields=["currency"])
    world.connect(country="CA", custom_numbers=True)
    world.use_company()
    world.work()
    with world.inside():
        region = factories.tax_region("Somewhere", "13")
    invoice = world.invoice(
        world.customer(tax_region=region), lines=[factories.line("100", taxable=True)]
    )
    world.work()
    assert (world.job(invoice).state, world.job(invoice).reason_code) == ("blocked", "no_tax_code")
    code = next(one["Id"] for one in world.held("TaxCode") if one["Name"] == "HST ON")
    client.force_login(world.owner)
    address = f"/o/{world.organization.slug}/settings/integrations/quickbooks/mapping/{world.connection.query}"
    assert "Tax code for Somewhere" in client.get(address).content.decode()
    client.post(address, {f"tax_region_{region.pk}": code})
    world.work()
    assert (world.job(invoice).state, total_there(world)) == ("synced", Decimal("113.00"))


def test_a_long_payment_reference_goes_over_and_stays_as_it_is(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    whole = "Wire 2026-11-20 for INV-1 and INV-2"
    with world.inside():
        payment = factories.payment(world.fresh(invoice), reference=whole)
    world.work()
    (theirs,) = world.held("Payment")
    assert theirs["PaymentRefNum"] == whole[:21]
    world.forget_calls()
    world.due_now()
    world.work()
    assert world.job(payment).state == "synced"
    assert not [one for one in world.journal() if one["method"] == "POST"]
    with world.inside():
        assert not Discrepancy.objects.exists()
