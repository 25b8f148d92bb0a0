"""Every address × role × another tenant's object, generated from the URLconf."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import Organization, Role, User
from tenants.scope import within
from tests import factories
from tests.ui.access_rows import ROWS, Row
from tests.ui.addresses import of_an_organization

ADDRESSES = of_an_organization()
METHODS = ("get", "post")
CASES = [(name, method) for name in sorted(ADDRESSES) if name in ROWS for method in METHODS]


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(ADDRESSES) == sorted(ROWS)


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_every_view_says_whom_it_lets_in(name: str) -> None:
    access = getattr(ADDRESSES[name][1], "access", None)
    assert access is not None, f"{name} is not decorated with tenants.access.requires"


class Visit:
    """One request of one visitor, each with an object of its own, because sending may change it."""

    def __init__(self, name: str, method: str, northwind: Organization) -> None:
        self.name, self.method, self.northwind = name, method, northwind
        self.row: Row = ROWS[name]
        self.needed: Role | None = getattr(self.row, method)
        self.clients: dict[User | None, Client] = {None: Client()}

    def status(self, person: User | None, owner_of_object: Organization) -> int:
        client = self._client_of(person)
        with within(owner_of_object):
            named = self.row.make()
        address = reverse(self.name, kwargs={"organization": self.northwind.slug, **named})
        sent = {**self.row.sent, "form_token": str(uuid.uuid4())} if self.method == "post" else {}
        return int(getattr(client, self.method)(address, sent).status_code)

    def _client_of(self, person: User | None) -> Client:
        if person not in self.clients:
            self.clients[person] = Client()
            self.clients[person].force_login(person)
        return self.clients[person]


@pytest.fixture
def people(northwind: Organization) -> dict[Role, User]:
    return {role: factories.member(northwind, role=role) for role in Role}


@pytest.mark.parametrize(("name", "method"), CASES)
def test_access(
    name: str, method: str, northwind: Organization, contoso: Organization, people: dict[Role, User]
) -> None:
    visit = Visit(name, method, northwind)
    if visit.needed is None:
        assert visit.status(people[Role.OWNER], northwind) == 405
        return
    assert visit.status(None, northwind) == 302, "a stranger is sent to log in"
    assert visit.status(factories.member(contoso), northwind) == 404, "no member finds nothing"
    for role, person in people.items():
        _check_role(visit, role, person, contoso)


def _check_role(visit: Visit, role: Role, person: User, contoso: Organization) -> None:
    status = visit.status(person, visit.northwind)
    if not role.allows(visit.needed or Role.OWNER):
        assert status == 403, role.label
        return
    assert status in visit.row.answers, role.label
    if visit.row.make is not dict:
        assert visit.status(person, contoso) == 404, f"{role.label} and another tenant's object"


def test_a_stranger_comes_back_to_where_they_wanted_to(
    northwind: Organization, client: Any
) -> None:
    response = client.get("/o/northwind/invoices/?status=overdue")
    assert (
        response.headers["Location"]
        == "/accounts/login/?next=/o/northwind/invoices/%3Fstatus%3Doverdue"
    )
