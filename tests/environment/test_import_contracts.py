"""Who may import whom is written in pyproject.toml and holds."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from regentra.paths import BASE


def _inside(folder: str) -> list[str]:
    return sorted(str(path.relative_to(BASE)) for path in (BASE / folder).glob("*.py"))


PURE = [
    "billing/money.py",
    *_inside("billing/rules"),
    "billing/events.py",
    *_inside("integrations/documents"),
    *_inside("integrations/policies"),
    "integrations/errors.py",
    "integrations/ports.py",
    "integrations/job_states.py",
    "integrations/outbound/effects.py",
    "integrations/outbound/push.py",
]
PRODUCT = ("regentra", "tenants", "billing", "integrations", "webhooks")


def test_import_contracts_are_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [program, "--no-cache"], cwd=BASE, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file", PURE)
def test_pure_module_needs_nothing_but_the_standard_library(file: str) -> None:
    """Neither do the modules of ours that it imports, however far down."""
    seen: set[Path] = set()
    waiting = [BASE / file]
    while waiting:
        module = waiting.pop()
        seen.add(module)
        for name in _imported(module):
            if name.partition(".")[0] in PRODUCT:
                waiting += {_file_of(name)} - seen
            else:
                assert name.partition(".")[0] in sys.stdlib_module_names, f"{module}: {name}"


def _imported(file: Path) -> set[str]:
    """What a file imports, as dotted names, also under TYPE_CHECKING."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _file_of(name: str) -> Path:
    """The file of a module, or of the module that a name was imported from."""
    path = BASE / name.replace(".", "/")
    candidates = [path.with_suffix(".py"), path / "__init__.py", path.parent.with_suffix(".py")]
    return next(
        candidate for candidate in [*candidates, path.parent / "__init__.py"] if candidate.exists()
    )
