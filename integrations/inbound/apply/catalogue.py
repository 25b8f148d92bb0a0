"""Items and terms of theirs, as services and terms of the catalogue."""

from typing import Any, TypedDict

from billing.models import (
    Service,
    Term,
)
from billing.services import (
    catalogue,
)
from integrations.models import (
    Connection,
)


class TermRule(TypedDict):
    """When invoices with some terms are due, see `billing.models.Term`."""

    due_days: int
    day_of_month: int | None
    next_month_days: int


def make_service(connection: Connection, details: dict[str, Any]) -> Service:
    """An item of theirs as a service of the catalogue."""
    return catalogue.create_service(**details)


def take_service(connection: Connection, service: Service, details: dict[str, Any]) -> None:
    """Makes these fields of a service what its item's are; a name that another service has stays theirs alone."""
    name = details.get("name")
    if name and Service.objects.filter(name=name).exclude(pk=service.pk).exists():
        details = {key: value for key, value in details.items() if key != "name"}
    catalogue.update_service(service=service, origin=connection.origin, **details)


def follow_terms(term: Term | None, name: str, rule: TermRule) -> Term:
    """Payment terms of theirs here, by their rule: made where there are none."""
    if term is None:
        return catalogue.create_term(name=name, **rule)
    return catalogue.update_term(term=term, **rule)
