"""Two organizations; the books of the first are open."""

# Models are imported late: a conftest is read before Django is set up.
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tenants.models import Organization, User


@pytest.fixture
def northwind(db: None) -> Organization:
    from tests import factories

    return factories.organization("northwind")


@pytest.fixture
def contoso(db: None) -> Organization:
    from tests import factories

    return factories.organization("contoso")


@pytest.fixture
def books(northwind: Organization) -> Iterator[Organization]:
    """Northwind's books, open for the whole test."""
    from tenants.scope import within

    with within(northwind):
        yield northwind


@pytest.fixture
def alice(northwind: Organization) -> User:
    from tests import factories

    return factories.member(northwind, "alice@example.com")
