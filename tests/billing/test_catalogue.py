from decimal import Decimal

import pytest

from billing import events
from billing.errors import AlreadyBilled, AmountRefused, TextRefused
from billing.models import Service, TimeEntry
from billing.services import catalogue, work
from tenants.models import Organization
from tests import factories
from tests.billing.told import actions, told


def test_a_service_is_made_and_changed(books: Organization) -> None:
    service = catalogue.create_service(name="Remote support", unit_price=Decimal("95.50"))
    service = catalogue.update_service(service=service, unit_price=Decimal(99), active=False)
    service.refresh_from_db()
    assert (service.unit_price, service.active) == (Decimal(99), False)
    assert actions(service.pk) == ["service.created", "service.changed"]
    (event,) = told()
    assert isinstance(event, events.ServiceChanged)
    assert (event.service_id, event.fields) == (service.pk, {"unit_price", "active"})


def test_a_name_that_is_taken_is_refused_and_the_rest_goes_on(books: Organization) -> None:
    factories.service("Backup")
    other = factories.service("Monitoring")
    with pytest.raises(TextRefused, match="“Backup” exists already"):
        factories.service("Backup")
    with pytest.raises(TextRefused, match="“Backup” exists already"):
        catalogue.update_service(service=other, name="Backup")
    assert Service.objects.count() == 2


@pytest.mark.parametrize("price", ["NaN", "1E12", "0.1234567"])
def test_a_price_that_cannot_be_kept_is_refused(books: Organization, price: str) -> None:
    with pytest.raises(AmountRefused, match="The price"):
        catalogue.create_service(name="Backup", unit_price=Decimal(price))


def test_terms_regions_and_accounts(books: Organization) -> None:
    assert catalogue.create_term(name="Net 30", due_days=30).due_days == 30
    assert str(catalogue.create_ledger_account(code="4000", name="Services")) == "4000 Services"
    with pytest.raises(AmountRefused, match="between 0 and 3,650 days"):
        catalogue.create_term(name="Never", due_days=99999)
    with pytest.raises(AmountRefused, match="between 0 and 100 percent"):
        catalogue.create_tax_region(name="Anywhere", rate_percent=Decimal(101))
    with pytest.raises(AmountRefused, match="The tax rate has too many decimals"):
        catalogue.create_tax_region(name="Anywhere", rate_percent=Decimal("8.12345"))


def test_time_is_worth_the_services_price_unless_told(books: Organization) -> None:
    customer, service = factories.customer(), factories.service(unit_price=Decimal(120))
    usual = factories.time_entry(customer, service=service, hours="0.25")
    friendly = factories.time_entry(customer, service=service, rate=Decimal(60))
    assert (usual.value, friendly.rate, usual.is_billed) == (Decimal(30), Decimal(60), False)


@pytest.mark.parametrize("hours", ["0", "-1", "1000.01", "0.125", "NaN"])
def test_hours_that_cannot_be_are_refused(books: Organization, hours: str) -> None:
    with pytest.raises(AmountRefused, match=r"^The time .*\.$"):
        factories.time_entry(factories.customer(), hours=hours)


def test_time_is_removed_until_it_is_billed(books: Organization) -> None:
    customer = factories.customer()
    slip, billed = factories.time_entry(customer), factories.time_entry(customer)
    work.remove(entry=slip)
    factories.draft(customer, time_entries=[billed])
    with pytest.raises(AlreadyBilled):
        work.remove(entry=billed)
    assert list(TimeEntry.objects.all()) == [billed]
