"""The programs of a demo: the sandbox, then those of the Procfile."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from regentra.demo.environment import Ports
from regentra.demo.errors import CannotStart
from regentra.demo.http_calls import post_json, status_of
from regentra.paths import BASE
from regentra.runner import Runner

READY_SECONDS = 90


def start_programs(runner: Runner, environment: Mapping[str, str], *, state: Path) -> None:
    """Returns when the product is ready or somebody asked to end. Raises `CannotStart`."""
    ports = Ports.told_by(environment)
    runner.environment = dict(environment)
    print("Starting the sandbox", flush=True)
    runner.start("sandbox", sandbox_command(ports.sandbox, state))
    _wait_for(runner, f"{ports.sandbox_url}/.well-known/openid_configuration")
    if runner.asked_to_end.is_set():
        return
    post_json(f"{ports.sandbox_url}/_sandbox/apps", platform_app(environment, ports))
    print("Starting web, worker and beat", flush=True)
    for name, command in procfile_commands().items():
        runner.start(name, command)
    _wait_for(runner, f"{ports.base_url}/readyz")


def sandbox_command(port: int, state: Path) -> list[str]:
    return [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(state)]


def procfile_commands() -> dict[str, list[str]]:
    """The same commands as in production, from this virtual environment."""
    commands = {}
    for line in (BASE / "Procfile").read_text().splitlines():
        name, _, command = line.partition(":")
        program, *arguments = shlex.split(command)
        commands[name] = [str(Path(sys.executable).parent / program), *arguments]
    return commands


def platform_app(environment: Mapping[str, str], ports: Ports) -> dict[str, object]:
    """Regentra as an app at Intuit: who it is, where people come back to, where it is called."""
    return {
        "name": "Regentra",
        "client_id": environment["INTUIT_CLIENT_ID"],
        "client_secret": environment["INTUIT_CLIENT_SECRET"],
        "redirect_uris": [f"{ports.base_url}/integrations/quickbooks/callback/"],
        "webhook_url": f"{ports.base_url}/webhooks/quickbooks/",
        "verifier": environment["INTUIT_WEBHOOK_VERIFIER"],
    }


def _wait_for(runner: Runner, url: str) -> None:
    for _ in range(READY_SECONDS * 5):
        if runner.asked_to_end.is_set() or status_of(url) == 200:
            return
        runner.look_after_children(seconds=0.2)
    raise CannotStart(f"{url} was not ready within {READY_SECONDS} s; the lines above may say why.")
