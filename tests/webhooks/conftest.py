"""An organization behind a company, and Intuit's signature."""

# Models are imported late: a conftest is read before Django is set up.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.webhooks.post import Post


@pytest.fixture
def post(db: None, settings: Any) -> Post:
    from tests.webhooks.post import VERIFIER, Post

    settings.INTUIT_WEBHOOK_VERIFIER = VERIFIER
    return Post.to_northwind()
