"""The sandbox over HTTP, and an organization that is connected to one of its companies."""

from collections.abc import Iterator
from typing import Any

import django
import pytest

# Named on the command line, this file is loaded before Django has been set up.
django.setup()

from integrations import gateway
from sandbox import Box
from sandbox import serve as serve_sandbox
from sandbox.apps import App
from tests.integrations import kept_worlds
from tests.integrations.world import World


@pytest.fixture(scope="session")
def running() -> Iterator[Box]:
    """One sandbox for the whole run. Webhooks are carried by hand."""
    with serve_sandbox(seed=1, courier=False) as box:
        yield box


@pytest.fixture
def box(request: pytest.FixtureRequest, running: Box) -> Box:
    """It holds nothing, and its clock tells the time; every test has companies of its own, but for those kept."""
    running.core.clock.offset = 0.0
    is_kept = "connected" in request.fixturenames
    running.core.reset(kept_worlds.SEED if is_kept else running.core.chance.hex(16))
    return running


@pytest.fixture
def intuit(settings: Any, box: Box) -> dict[str, str]:
    """The platform's app, registered with the sandbox and known to the settings."""
    settings.INTUIT_DISCOVERY_URL = f"{box.url}/.well-known/openid_configuration"
    settings.QUICKBOOKS_API_URL = box.url
    settings.QUICKBOOKS_SANDBOX_API_URL = f"{box.url}/sandbox"
    app = box.core.add_app(
        App(
            f"AB{box.core.chance.hex(30)}",
            box.core.chance.hex(40),
            redirect_uris=[gateway.redirect_uri()],
            webhook_url="http://127.0.0.1:9/webhooks/quickbooks/",
            verifier=box.core.chance.hex(32),
        )
    )
    settings.INTUIT_CLIENT_ID = app.client_id
    settings.INTUIT_CLIENT_SECRET = app.client_secret
    settings.INTUIT_WEBHOOK_VERIFIER = app.verifier
    return {"client_id": app.client_id, "verifier": app.verifier}


@pytest.fixture
def unconnected(transactional_db: None, intuit: dict[str, str], box: Box) -> World:
    """Alice's organization, not yet connected."""
    people = kept_worlds.founded("northwind", "alice")
    return World(box, intuit["client_id"], intuit["verifier"], *people)


@pytest.fixture
def connected(request: pytest.FixtureRequest, unconnected: World) -> list[World]:
    """Alice's organization, and Charlie's where a test has both, each connected to a company of its own."""
    return kept_worlds.connected(unconnected, two="other" in request.fixturenames)


@pytest.fixture
def world(connected: list[World]) -> World:
    """Alice's organization, connected to a company that keeps its own invoice numbers as sent."""
    return connected[0]


@pytest.fixture
def other(connected: list[World]) -> World:
    """Charlie's organization, with a company of its own like Alice's; nobody has chosen anything there."""
    return connected[1]
