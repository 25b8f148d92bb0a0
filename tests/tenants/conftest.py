"""Two organizations that must not meet."""

# Models are imported late: a conftest is read before Django is set up.
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tenants.models import Organization


@pytest.fixture
def northwind(db: None) -> Organization:
    from tests import factories

    return factories.organization("northwind")


@pytest.fixture
def contoso(db: None) -> Organization:
    from tests import factories

    return factories.organization("contoso")
