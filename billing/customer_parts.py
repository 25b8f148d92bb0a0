"""What others add to the form of customers. They register here; billing knows nothing of what they ask."""

from collections.abc import Callable
from typing import Any, Protocol

from billing.models import Customer
from tenants.models import User


class Part(Protocol):
    """One part of the form, bound to what was sent. ``template`` draws it as ``part``."""

    template: str

    def is_valid(self) -> bool:
        """Whether it can be kept; what cannot is said where it is drawn."""
        ...

    def keep(self, customer: Customer, *, actor: User) -> None:
        """Does what was asked, in the transaction that keeps the customer. Raises `BillingError`."""
        ...


# Gets what was sent, or None, and the customer, or None for a new one; None when there is nothing to ask.
Maker = Callable[[Any, Customer | None], Part | None]

_makers: list[Maker] = []


def register(maker: Maker) -> None:
    """Adds a part; it is asked for within an organization."""
    _makers.append(maker)


def parts(sent: Any, customer: Customer | None) -> list[Part]:
    """All parts of this customer's form, in the order of registration."""
    made = (maker(sent, customer) for maker in _makers)
    return [part for part in made if part is not None]
