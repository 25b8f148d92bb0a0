"""The stage of the demo: what an organization has before its story begins."""

from dataclasses import dataclass
from decimal import Decimal

from billing.demo.cast import ACCOUNTS, COMPANIES, SERVICES, TAX_REGIONS, TERMS, Company
from billing.models import Customer, Service, Source, TaxRegion, Term
from billing.services import catalogue, customers
from tenants.models import User


@dataclass(frozen=True)
class Stage:
    """What can be billed, to whom, and by whom."""

    customers: list[Customer]
    services: dict[str, Service]
    alice: User
    bob: User


def build(alice: User, bob: User) -> Stage:
    """Catalogue, conditions and customers of the organization in force."""
    accounts = {
        code: catalogue.create_ledger_account(code=code, name=name, actor=alice)
        for code, name in ACCOUNTS
    }
    services = {
        name: catalogue.create_service(
            name=name,
            unit_price=Decimal(price),
            taxable=taxable,
            ledger_account=accounts[code],
            actor=alice,
        )
        for name, price, taxable, code in SERVICES
    }
    terms = [catalogue.create_term(name=name, due_days=days, actor=alice) for name, days in TERMS]
    regions = {
        name: catalogue.create_tax_region(name=name, rate_percent=Decimal(rate), actor=alice)
        for name, rate in TAX_REGIONS.items()
    }
    companies = [
        add_customer(company, terms[place % len(terms)], regions[company.place[0]], place, alice)
        for place, company in enumerate(COMPANIES)
    ]
    return Stage(companies, services, alice, bob)


def add_customer(
    company: Company, terms: Term, region: TaxRegion, place: int, actor: User
) -> Customer:
    """Every ninth came in through a form, every tenth bought in the shop."""
    source = Source.INTAKE_FORM if place % 9 == 8 else Source.STAFF
    city, postal_code = company.place
    return customers.create(
        name=company.name,
        contact_name=company.contact,
        email=f"accounts@{company.host}",
        phone=f"(415) 555-01{place:02}",
        line1=company.street,
        city=city,
        region="CA",
        postal_code=postal_code,
        country="US",
        terms=terms,
        tax_region=region,
        source=Source.STOREFRONT if place % 10 == 9 else source,
        actor=actor,
    )
