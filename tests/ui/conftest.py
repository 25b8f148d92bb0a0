"""Northwind with Alice (owner) and Bob (staff); Charlie belongs to Contoso. A browser without a screen."""

# Models are imported late: a conftest is read before Django is set up.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tenants.models import Organization, User
    from tests.ui.browsing import Browser


@pytest.fixture
def northwind(db: None) -> Organization:
    from tests import factories

    return factories.organization("northwind", name="Northwind IT")


@pytest.fixture
def contoso(db: None) -> Organization:
    from tests import factories

    return factories.organization("contoso", name="Contoso IT")


@pytest.fixture
def alice(northwind: Organization) -> User:
    from tenants.models import Role
    from tests import factories

    return factories.member(northwind, "alice@example.com", Role.OWNER, name="Alice")


@pytest.fixture
def bob(northwind: Organization) -> User:
    from tenants.models import Role
    from tests import factories

    return factories.member(northwind, "bob@example.com", Role.STAFF, name="Bob")


@pytest.fixture
def browser(northwind: Organization, bob: Any) -> Browser:
    """Bob's, logged in at Northwind."""
    from tests.ui.browsing import Browser

    return Browser(northwind, bob)
