"""docs/features.md has one line for each row of the feature list, and does not claim more than the tests show."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "features.md").read_text()
# The feature list: how many rows each family has, numbered from 1 without a gap.
FAMILIES = {"R": 77, "T": 71, "A": 33, "K": 40, "L": 88, "X": 108, "N": 15, "C": 23}
# What Intuit does, not we.
NOT_OURS = {"A-20", "A-21", "A-22", "L-26", "K-40"}
IDS = [
    f"{family}-{number:02}" for family, last in FAMILIES.items() for number in range(1, last + 1)
]
ROW = re.compile(r"^\| (?P<id>[A-Z]-\d+) \| (?P<state>[^|]+) \| (?P<tests>[^|]*)\|$", re.MULTILINE)
STATE = re.compile(r"done|open|(partly|not ours): \S.*")
ROWS = [(row["id"], row["state"], row["tests"].strip()) for row in ROW.finditer(PAGE)]
DONE = [row for row in ROWS if row[1] == "done"]


def named_in(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(",") if name.strip()]


@pytest.fixture(scope="module")
def written() -> set[str]:
    """The name of every test there is."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        found.update(re.findall(r"^\s*def (test_\w+)", file.read_text(), re.MULTILINE))
    return found


def test_every_row_is_there_once_and_in_order() -> None:
    assert [row[0] for row in ROWS] == IDS


def test_every_state_is_one_of_four() -> None:
    assert not [row for row in ROWS if not STATE.fullmatch(row[1])]


def test_not_ours_is_what_intuit_does() -> None:
    assert {row[0] for row in ROWS if row[1].startswith("not ours")} == NOT_OURS


def test_every_test_that_is_named_exists(written: set[str]) -> None:
    named = {name for row in ROWS for name in named_in(row[2])}
    assert not named - written


def test_done_rows_have_a_test_that_bears_their_name() -> None:
    unproven = [
        row[0]
        for row in DONE
        if not any(f"_{row[0].replace('-', '_')}_" in name for name in named_in(row[2]))
    ]
    assert not unproven


def test_open_rows_claim_nothing() -> None:
    assert not [row for row in ROWS if row[1] == "open" and row[2]]


def test_sum_at_the_top_is_right() -> None:
    said = re.search(r"(\d+) done, (\d+) partly, (\d+) open, (\d+) not ours", PAGE)
    assert said is not None
    states = [row[1].partition(":")[0] for row in ROWS]
    counted = [states.count(state) for state in ("done", "partly", "open", "not ours")]
    assert [int(number) for number in said.groups()] == counted
