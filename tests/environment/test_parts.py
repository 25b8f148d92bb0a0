"""`make test` and `make test-thorough` play every test between them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import parts
from tests.parts import Timed


def names_written() -> set[str]:
    """The tests there are, as the list names them."""
    return {
        f"{file.relative_to(parts.TESTS.parent)}::{name}"
        for file in parts.TESTS.rglob("test_*.py")
        for name in named_in(ast.parse(file.read_text()).body)
    }


def named_in(body: list[ast.stmt]) -> Iterator[str]:
    """Also those of classes, after the name of the class."""
    for one in body:
        if isinstance(one, ast.ClassDef):
            yield from (f"{one.name}::{name}" for name in named_in(one.body))
        elif isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
            yield one.name


def test_every_test_that_is_listed_exists_and_is_listed_once() -> None:
    listed = parts.LIST.read_text().split()
    assert listed == sorted(set(listed))
    assert set(listed) <= names_written()


def test_each_row_that_is_done_has_a_test_in_the_first_part() -> None:
    first = {name.rpartition("::")[2] for name in names_written() - parts.listed()}
    assert [row for row, names in parts.of_rows() if not first.intersection(names)] == []


def test_what_nobody_should_change_anything_without_is_in_the_first_part() -> None:
    assert [name for name in parts.listed() if name.startswith(parts.ALWAYS)] == []


def test_mark_is_that_of_the_list(request: pytest.FixtureRequest) -> None:
    listed = parts.listed()
    for item in request.session.items:
        is_marked = item.get_closest_marker("thorough") is not None
        assert is_marked == (parts.written(item.nodeid) in listed), item.nodeid


def test_longest_are_left_out_until_the_rest_takes_its_part_of_the_time() -> None:
    timed = [
        Timed("tests/a.py::test_long", times=1, seconds=40),
        Timed("tests/a.py::test_of_many", times=40, seconds=30),
        Timed("tests/a.py::test_middle", times=1, seconds=20),
        Timed("tests/a.py::test_short", times=1, seconds=10),
        Timed("tests/e2e/test_main_job.py::test_all_of_it", times=1, seconds=50),
    ]
    left_out = parts.longest(timed)
    assert left_out == [
        "tests/a.py::test_long",
        "tests/a.py::test_middle",
        "tests/a.py::test_short",
        "tests/a.py::test_of_many",
    ]


def test_quickest_of_a_row_stays_however_long_it_takes() -> None:
    (row, names) = next(found for found in parts.of_rows() if len(found[1]) > 1)
    timed = [
        Timed(f"tests/a.py::{name}", times=1, seconds=100 + place)
        for place, name in enumerate(names)
    ]
    assert timed[0].name not in parts.longest(timed), row
    assert timed[-1].name in parts.longest(timed)


def test_test_of_a_class_is_named_as_it_is_chosen(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.billing.test_payments.TestVoid" name="test_it[a-b]" '
        'time="1.5"/><testcase classname="tests.billing.test_payments.TestVoid" name="test_it[c]" time="2.5"/>'
        "</testsuite></testsuites>"
    )
    assert parts.timed(report) == [
        Timed("tests/billing/test_payments.py::TestVoid::test_it", 2, 4.0)
    ]
