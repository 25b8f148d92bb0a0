"""What is installed is exactly what was locked."""

import re
from importlib.metadata import version

import pytest

from regentra.paths import BASE

LOCKS = sorted((BASE / "requirements").glob("*.txt"))
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_no_address(lock: object) -> None:
    assert "://" not in lock.read_text()  # type: ignore[attr-defined]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_of_a_lock_has_a_hash(lock: object) -> None:
    text = lock.read_text()  # type: ignore[attr-defined]
    packages = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in package for package in packages)


def test_quickbooks_libraries_are_pinned_as_a_pair() -> None:
    """Asked for a newer intuit-oauth, pip would quietly install python-quickbooks 0.7.5, of the days of OAuth 1."""
    pinned = dict(PINNED.findall((BASE / "requirements/runtime.txt").read_text()))
    assert pinned["python-quickbooks"] == version("python-quickbooks") == "0.9.12"
    assert pinned["intuit-oauth"] == version("intuit-oauth") == "1.2.6"


def test_installed_versions_are_the_locked_ones() -> None:
    for name, locked in PINNED.findall((BASE / "requirements/runtime.txt").read_text()):
        if name != "async-timeout":  # for the first patch releases of Python 3.11 only
            assert version(name) == locked, name


def test_dev_lock_agrees_with_the_runtime_lock() -> None:
    runtime = dict(PINNED.findall((BASE / "requirements/runtime.txt").read_text()))
    dev = dict(PINNED.findall((BASE / "requirements/dev.txt").read_text()))
    assert runtime.items() <= dev.items()
