"""The two parts of the tests: what `make test` plays within five minutes, and what `make test-thorough` adds.

The second is `thorough.txt`, a list of those that take longest. It is drawn up from the report of a whole run:
``python -m tests.parts report.xml``. Whatever is not on it, as any new test, belongs to the first part, and so do a
test of each feature row and what nobody should change anything without.
"""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).parent
LIST = TESTS / "thorough.txt"
FEATURES = TESTS.parent / "docs" / "features.md"
# The part of a whole run's time that the first part takes.
FIRST = 0.21
# From connecting to PAID in a browser, every page for every role, and what happens when the plug is pulled.
ALWAYS = (
    "tests/e2e/test_main_job.py",
    "tests/environment/test_demo_runs.py",
    "tests/integrations/test_pull_the_plug.py",
    "tests/integrations/test_real_workers.py",
    "tests/simulation/test_simulation.py::test_seeds_of_this_commit_hold",
    "tests/ui/test_access_matrix.py",
)
DONE = re.compile(r"^\| (?P<id>[A-Z]-\d+) \| done \| (?P<tests>[^|]+) \|$", re.MULTILINE)


@dataclass(slots=True)
class Timed:
    """A test as it is written, with all that it is played with; in seconds."""

    name: str
    times: int = 0
    seconds: float = 0

    @property
    def each(self) -> float:
        return self.seconds / self.times


def listed() -> frozenset[str]:
    """The tests of the second part, as ``file::name``."""
    return frozenset(LIST.read_text().split())


def written(nodeid: str) -> str:
    """The test of this id as it is written, without what it is played with."""
    return nodeid.partition("[")[0]


def of_rows() -> list[tuple[str, list[str]]]:
    """Each row that is done, with the names of the tests that bear its id."""
    return [
        (row["id"], [name for name in row["tests"].split(", ") if _bears(name, row["id"])])
        for row in DONE.finditer(FEATURES.read_text())
    ]


def _bears(name: str, row: str) -> bool:
    return f"_{row.replace('-', '_')}_" in name


def longest(timed: list[Timed]) -> list[str]:
    """Those that are left out of the first part, the longest first, until the others take `FIRST` of the time."""
    stay = _quickest_of_each_row(timed)
    left = sum(one.seconds for one in timed)
    bound = left * FIRST
    found: list[str] = []
    for one in sorted(timed, key=lambda one: -one.each):
        if left > bound and one.name not in stay and not one.name.startswith(ALWAYS):
            found.append(one.name)
            left -= one.seconds
    return found


def _quickest_of_each_row(timed: list[Timed]) -> set[str]:
    by_name: dict[str, list[Timed]] = defaultdict(list)
    for one in timed:
        by_name[one.name.rpartition("::")[2]].append(one)
    quickest: set[str] = set()
    for _, names in of_rows():
        if found := [one for name in names for one in by_name[name]]:
            quickest.add(min(found, key=lambda one: one.seconds).name)
    return quickest


def timed(report: Path) -> list[Timed]:
    """What each test took in this run, written by pytest in its JUnit form."""
    found: dict[str, Timed] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own
        name = written(f"{_place(case.attrib['classname'])}::{case.attrib['name']}")
        one = found.setdefault(name, Timed(name))
        one.times += 1
        one.seconds += float(case.attrib["time"])
    return list(found.values())


def _place(dotted: str) -> str:
    """The file, and after it the class where there is one."""
    folders, module, classes = re.split(r"\.(test_\w+)", dotted)
    return f"{folders.replace('.', '/')}/{module}.py{classes.replace('.', '::')}"


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in sorted(longest(timed(Path(sys.argv[1]))))))
