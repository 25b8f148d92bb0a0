"""What a demo says and sets before it starts anything."""

import socket
from pathlib import Path

import pytest

from regentra.demo.__main__ import only_demo_of
from regentra.demo.environment import Ports, demo_environment
from regentra.demo.errors import CannotStart
from regentra.demo.ports import refuse_taken_ports
from regentra.demo.programs import platform_app
from regentra.embedded.places import Home


@pytest.fixture
def taken_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]  # type: ignore[misc]


def test_taken_port_is_named_with_the_variable_that_moves_it(taken_port: int) -> None:
    with pytest.raises(CannotStart, match=rf"Port {taken_port} .* SANDBOX_PORT={taken_port + 1}"):
        refuse_taken_ports(Ports(web=0, sandbox=taken_port))


def test_second_demo_of_a_checkout_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with (
        only_demo_of(home),
        pytest.raises(CannotStart, match="already running"),
        only_demo_of(home),
    ):
        pass


def test_vendors_addresses_lead_to_the_sandbox(tmp_path: Path) -> None:
    added = demo_environment(Home(tmp_path), {"SANDBOX_PORT": "8222"})
    assert added["QUICKBOOKS_API_URL"] == "http://127.0.0.1:8222"
    assert added["QUICKBOOKS_SANDBOX_API_URL"] == "http://127.0.0.1:8222/sandbox"
    assert added["INTUIT_DISCOVERY_URL"].startswith("http://127.0.0.1:8222/.well-known/")
    assert "SECRET_KEY" not in added  # the settings make it themselves


def test_secrets_are_the_same_at_every_start(tmp_path: Path) -> None:
    first, second = (demo_environment(Home(tmp_path), {}) for _ in range(2))
    assert first == second
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_what_somebody_has_set_stays(tmp_path: Path) -> None:
    added = demo_environment(Home(tmp_path), {"INTUIT_CLIENT_ID": "theirs", "DATABASE_URL": "x"})
    assert "INTUIT_CLIENT_ID" not in added
    assert added["REDIS_URL"] == Home(tmp_path).redis_url()
    assert len(added["SECRET_KEY"]) >= 50


def test_platform_app_comes_back_to_the_product() -> None:
    told = dict.fromkeys(
        ["INTUIT_CLIENT_ID", "INTUIT_CLIENT_SECRET", "INTUIT_WEBHOOK_VERIFIER"], "x"
    )
    app = platform_app(told, Ports(web=8001, sandbox=8100))
    assert app["redirect_uris"] == ["http://127.0.0.1:8001/integrations/quickbooks/callback/"]
    assert app["webhook_url"] == "http://127.0.0.1:8001/webhooks/quickbooks/"
