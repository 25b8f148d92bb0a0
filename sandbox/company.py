"""A QuickBooks company: what is true of it besides its records."""

from dataclasses import asdict, dataclass, field
from typing import Any

ZONES = {"US": "America/Los_Angeles", "CA": "America/Toronto", "GB": "Europe/London",
         "AU": "Australia/Sydney", "FR": "Europe/Paris", "IN": "Asia/Kolkata"}  # fmt: skip
CURRENCIES = {"US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "FR": "EUR", "IN": "INR"}
EDITIONS = {
    "QuickBooks Online Simple Start", "QuickBooks Online Essentials",
    "QuickBooks Online Plus", "QuickBooks Online Advanced",
}  # fmt: skip


@dataclass
class Company:
    """`environment` decides under which path it is served: `sandbox` below /sandbox/v3."""

    realm: str
    name: str = "Sandbox Company"
    country: str = "US"
    currency: str = "USD"
    edition: str = "QuickBooks Online Plus"
    environment: str = "sandbox"
    zone: str = "America/Los_Angeles"
    # Subscription and access, changed by people or by tests.
    subscription: str = "SUBSCRIBED"
    admin_removed: bool = False
    close_date: str | None = None
    close_password: bool = False
    throttles: bool = True
    locale_faults: bool = False
    # None: the company's clients share the platform's webhook queue at once.
    webhooks: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_us(self) -> bool:
        return self.country == "US"

    @property
    def has_classes(self) -> bool:
        """Classes, locations and some entities exist in Plus and Advanced only."""
        return self.edition.endswith(("Plus", "Advanced"))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def web_address(company: Company, route: str) -> str:
    """Path of a page for people, by the route names of QuickBooks' own deep links."""
    return f"/company/{company.realm}/{route}"
