"""What an organization begins a run with: where it is, what it sells, and the sync rules that hold in its house."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from billing.models import Customer, LedgerAccount, Location, Service, TaxRegion, Term
from billing.services import catalogue
from integrations.policies import (
    OWNED,
    OWNED_OF_CUSTOMERS,
    OWNED_OF_ITEMS,
    ClosedPeriod,
    CustomerFieldOwner,
    CustomersThere,
    CustomerTerms,
    DisplayName,
    FieldOwner,
    InactiveEntries,
    IncomeAccountUse,
    ItemOwner,
    ItemsThere,
    Policies,
    PriceBasis,
    TaxMode,
    UnmappedLine,
    UnpaidEdit,
)
from tenants.models import Organization, User
from tenants.scope import within
from tests.factories import TODAY
from tests.simulation.people import People

CURRENCIES = {"US": "USD", "CA": "CAD", "GB": "GBP"}
ABROAD = "EUR"
# Tax regions bear the name and the rate of a code that every new company of the country has.
REGIONS = {
    "US": (("California", "8"), ("Tucson", "9.1")),
    "CA": (("GST", "5"), ("HST ON", "13")),
    "GB": (("20.0% S", "20"), ("5.0% R", "5")),
}
SERVICES = (("Remote support", "95"), ("Backup", "12.5"), ("Firewall", "310.99"))
LOCATIONS = ("East", "West")
# Rules under which nobody has to decide anything as long as only machines misbehave.
HOUSE_RULES: dict[str, list[Any]] = {
    "tax_mode": [TaxMode.LOCAL, TaxMode.MAPPED],
    "income_account_use": [IncomeAccountUse.REFERENCE, IncomeAccountUse.REFERENCE],
    "closed_period": list(ClosedPeriod),
    "unpaid_edit_owner": list(UnpaidEdit),
    "lines_owner": list(FieldOwner),
    "due_date_owner": list(FieldOwner),
    "notes_owner": list(FieldOwner),
    "price_basis": [PriceBasis.WITHOUT_TAX, PriceBasis.WITH_TAX],
    "message_wording": ["{notes}", "{notes}\nYour order: {po_number}"],
    "memo_wording": ["{memo}", "{number} for {customer}\n{memo}"],
}
# Rules under which people have something to decide: of houses whose people do.
DECIDING_RULES: dict[str, list[Any]] = {
    "tax_mode": list(TaxMode),
    "income_account_use": [*6 * [IncomeAccountUse.REFERENCE], *IncomeAccountUse],
    "unmapped_line": [*4 * [UnmappedLine.DEFAULT_ITEM], *UnmappedLine],
    "customer_display_name": list(DisplayName),
    "customer_terms": list(CustomerTerms),
    "customers_made_there": list(CustomersThere),
    "inactive_entries": list(InactiveEntries),
    "items_made_there": list(ItemsThere),
    **{name: list(FieldOwner) for name in OWNED},
    **{name: list(ItemOwner) for name in OWNED_OF_ITEMS},
    **{name: list(CustomerFieldOwner) for name in OWNED_OF_CUSTOMERS},
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The dice of one organization. A ``plain`` one has no catalogue, taxes and places, as on its first day."""

    country: str = "US"
    plain: bool = True
    rules: Policies = field(default_factory=Policies)
    # How the company is set up, as the sandbox calls it.
    wishes: dict[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        return CURRENCIES[self.country]

    @classmethod
    def drawn(cls, chance: random.Random, *, deciding: bool) -> "Surroundings":
        """``deciding``: people change the lists, the rules and their minds."""
        if chance.random() < 0.4 and not deciding:
            return cls()
        country = chance.choice(["US", "US", *CURRENCIES])
        drawn_from = {**HOUSE_RULES, **(DECIDING_RULES if deciding else {})}
        rules = Policies(**{name: chance.choice(values) for name, values in drawn_from.items()})
        wishes: dict[str, Any] = {"ast": rules.tax_mode is TaxMode.DELEGATED}
        if deciding:
            wishes |= {"custom_fields": ["PO", "Site"], "payments_enabled": True}
            wishes["multicurrency"] = chance.random() < 0.4
        return cls(country, plain=False, rules=rules, wishes=wishes)

    def billed_in(self, chance: random.Random) -> dict[str, Any]:
        """Where the company keeps several currencies some customers have one of their own."""
        has_own = self.wishes.get("multicurrency") and chance.random() < 0.3
        return {"currency": ABROAD} if has_own else {}

    def furnish(self, organization: Organization) -> None:
        """What the organization has before it connects QuickBooks."""
        if self.plain:
            return
        with within(organization):
            hardware = catalogue.create_ledger_account(code="4100", name="Hardware revenue")
            for name, price in SERVICES:
                catalogue.create_service(
                    name=name,
                    unit_price=Decimal(price),
                    ledger_account=hardware if name == "Firewall" else None,
                )
            for name, rate in REGIONS[self.country]:
                catalogue.create_tax_region(name=name, rate_percent=Decimal(rate))
            for name in LOCATIONS:
                catalogue.create_location(name=name)
            catalogue.create_term(name="Net 15", due_days=15)

    def furnish_there(self, people: People) -> None:
        """What the bookkeeper has entered before."""
        if self.plain:
            return
        for name in LOCATIONS:
            people.write("Department", {"Name": name})
        for name in ("Managed", "Projects"):
            people.write("Class", {"Name": name})
        (income,) = [one for one in people.held("Account") if one["Name"] == "Services"]
        ref = {"value": income["Id"]}
        people.write("Item", {"Name": "Backup", "Type": "Service", "IncomeAccountRef": ref})


def of_customer(chance: random.Random) -> dict[str, Any]:
    """What a new customer has of what there is. Inside ``within()``."""
    return {
        "tax_region": _any(chance, TaxRegion, 0.7),
        "terms": _any(chance, Term, 0.5),
        "location": _any(chance, Location, 0.5),
    }


def edit_of_customer(chance: random.Random) -> dict[str, Any]:
    """What of a customer is changed. Inside ``within()``."""
    number = chance.randint(1, 6)
    return chance.choice(
        [
            {"phone": f"555 02{number}0"},
            {"email": f"ap{number}@example.com"},
            {"name": f"Customer {number}"},
            {"contact_name": f"Contact {number}"},
            {"notes": f"Note {number}"},
            {"terms": _any(chance, Term, 0.8)},
            {"parent": _any(chance, Customer, 0.5)},
        ]
    )


def change_catalogue(chance: random.Random, actor: User) -> None:
    """Something new to sell, perhaps called like an item there, or something of one that is. Inside ``within()``."""
    number, service = chance.randint(1, 9), _any(chance, Service, 0.7)
    if service is None:
        account = _any(chance, LedgerAccount, 0.5)
        price = Decimal(number * 10)
        catalogue.create_service(
            name=f"Item {number}", unit_price=price, ledger_account=account, actor=actor
        )
        return
    changes: list[Any] = [
        {"name": f"Item {number}"},
        {"description": f"As of {number} April"},
        {"unit_price": Decimal(number * 7)},
        {"taxable": number % 2 == 0},
    ]
    catalogue.update_service(service=service, actor=actor, **chance.choice(changes))


def of_invoice(chance: random.Random) -> dict[str, Any]:
    """What of an invoice is changed after it was generated. Inside ``within()``."""
    return chance.choice(
        [
            {"terms": _any(chance, Term, 0.8)},
            {"location": _any(chance, Location, 0.8)},
            {"memo": f"Memo {chance.randint(1, 9)}"},
            {"po_number": f"PO-{chance.randint(1, 9)}"},
            {"issued_on": TODAY - timedelta(days=chance.randint(0, 3))},
        ]
    )


def of_line(chance: random.Random) -> dict[str, Any]:
    """What a line sells, and whether it is taxed. Inside ``within()``."""
    return {"service": _any(chance, Service, 0.6), "taxable": chance.random() < 0.7}


def _any(chance: random.Random, model: Any, share: float) -> Any:
    found = list(model.objects.order_by("pk"))
    return chance.choice(found) if found and chance.random() < share else None
