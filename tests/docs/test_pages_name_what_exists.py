"""Every file, function, make target and command that a page names is there, and every link leads somewhere."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Decisions are kept as they were made; the code they name may have moved on since.
LIVING = [page for page in PAGES if page.parent.name != "adr"]
# `folder/file.py` alone, or `folder/file.py: name` or `folder/file.py: Class.name`.
CODE = re.compile(r"`(?P<path>[\w./-]+\.py)(?:: (?P<name>[A-Za-z_.]+))?`")
FOLDER = re.compile(r"`(?P<path>[a-z_]+(?:/[\w-]+)*)/`")
MADE_LATER = {"docs/pictures"}  # pictures are taken of a running demo


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def names_in(file: Path) -> frozenset[str]:
    """Functions, classes and assigned names at the top; members as Class.member."""
    body = ast.parse(file.read_text()).body
    members = (
        f"{part.name}.{name}"
        for part in body
        if isinstance(part, ast.ClassDef)
        for name in _defined(part.body)
    )
    return frozenset([*_defined(body), *members])


def _defined(body: list[ast.stmt]) -> list[str]:
    found: list[str] = []
    for part in body:
        match part:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
            case ast.Assign(targets=targets):
                found += [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.append(name)
    return found


@pytest.mark.parametrize("page", LIVING, ids=named)
def test_code_it_names_is_there(page: Path) -> None:
    missing = [
        match[0] for match in CODE.finditer(page.read_text()) if not _exists(match["path"], match)
    ]
    assert not missing


def _exists(path: str, match: re.Match[str]) -> bool:
    file = ROOT / path
    return file.exists() and (match["name"] is None or match["name"] in names_in(file))


@pytest.mark.parametrize("page", LIVING, ids=named)
def test_folders_it_names_are_there(page: Path) -> None:
    folders = {match["path"] for match in FOLDER.finditer(page.read_text())}
    assert not [path for path in folders if not (ROOT / path).is_dir()]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#]+)(?:#[^)]*)?\)", page.read_text())
    targets = {(page.parent / link).resolve().relative_to(ROOT) for link in links}
    assert not [
        str(target)
        for target in targets
        if not (ROOT / target).exists() and str(target.parent) not in MADE_LATER
    ]


@pytest.mark.parametrize("page", LIVING, ids=named)
def test_commands_it_names_are_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(re.findall(r"`(?:\w+=\S+ )*make ([a-z-]+)", text))
    commands = set(re.findall(r"manage\.py ([a-z_-]+)", text))
    assert (asked - targets, commands - set(get_commands())) == (set(), set())


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_it_names_no_path_of_a_machine(page: Path) -> None:
    assert not re.findall(r"(?<![\w.<])/(?:work|tmp|home|root)/\S+", page.read_text())
