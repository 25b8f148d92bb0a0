"""What an organization begins a run with: where it is, what it sells, and the sync rules that hold in its house."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from billing.models import Location, Service, TaxRegion, Term
from billing.services import catalogue
from integrations.policies import (
    ClosedPeriod,
    FieldOwner,
    IncomeAccountUse,
    Policies,
    PriceBasis,
    TaxMode,
    UnpaidEdit,
)
from tenants.models import Organization
from tenants.scope import within
from tests.factories import TODAY
from tests.simulation.people import People

CURRENCIES = {"US": "USD", "CA": "CAD", "GB": "GBP"}
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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The dice of one organization. A ``plain`` one has no catalogue, taxes and places, as on its first day."""

    country: str = "US"
    plain: bool = True
    rules: Policies = field(default_factory=Policies)

    @property
    def currency(self) -> str:
        return CURRENCIES[self.country]

    @classmethod
    def drawn(cls, chance: random.Random) -> "Surroundings":
        if chance.random() < 0.4:
            return cls()
        country = chance.choice(["US", "US", *CURRENCIES])
        rules = {name: chance.choice(values) for name, values in HOUSE_RULES.items()}
        return cls(country, plain=False, rules=Policies(**rules))

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
