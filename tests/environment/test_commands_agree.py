"""The same product runs everywhere: by Procfile, in containers and as a demo."""

import re

from regentra.demo.programs import procfile_commands
from regentra.paths import BASE

SERVICE = re.compile(r"^  (\w+):\n((?:    .*\n|\n)+)", re.MULTILINE)
COMMAND = re.compile(r"^    command: (.+)$", re.MULTILINE)


def _procfile() -> dict[str, str]:
    lines = (BASE / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def _compose() -> dict[str, str]:
    text = (BASE / "docker-compose.yml").read_text().partition("\nservices:\n")[2]
    commands = {name: COMMAND.search(body) for name, body in SERVICE.findall(text)}
    return {name: found[1] for name, found in commands.items() if found}


def test_containers_run_the_commands_of_the_procfile() -> None:
    compose = _compose()
    assert {name: compose.get(name) for name in _procfile()} == _procfile()


def test_containers_are_the_product_and_what_it_needs() -> None:
    text = (BASE / "docker-compose.yml").read_text().partition("\nservices:\n")[2]
    services = {name for name, _ in SERVICE.findall(text)}
    assert services == {"migrate", "web", "worker", "beat", "sandbox", "postgres", "redis"}


def test_demo_runs_the_commands_of_the_procfile() -> None:
    demo = {
        name: " ".join([command[0].rpartition("/")[2], *command[1:]])
        for name, command in procfile_commands().items()
    }
    assert demo == _procfile()
