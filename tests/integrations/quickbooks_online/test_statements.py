"""Queries and JSON texts: values stay values."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.quickbooks_online import jsontext, query


@pytest.mark.parametrize(
    "value, literal",
    [
        ("Alice", "'Alice'"),
        ("O'Neill", r"'O\'Neill'"),
        ("back\\slash", r"'back\\slash'"),
        ("ends in \\", r"'ends in \\'"),
        ("x\\' OR Id > '0", r"'x\\\' OR Id > \'0'"),
        (True, "true"),
        (False, "false"),
        (datetime(2026, 1, 2, 3, 4, 5, 678, UTC), "'2026-01-02T03:04:05+00:00'"),
        (
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-8))),
            "'2026-01-02T03:04:05-08:00'",
        ),
    ],
)
def test_values_are_quoted(value: query.Value, literal: str) -> None:
    assert query.literal(value) == literal


@given(st.text())
def test_no_value_closes_its_quotes(value: str) -> None:
    inner, escaped = query.literal(value)[1:-1], False
    for character in inner:
        assert escaped or character != "'"
        escaped = character == "\\" and not escaped
    assert not escaped


def test_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError):
        query.since("MetaData.CreateTime", datetime(2026, 1, 1))  # noqa: DTZ001  # the point


def test_statements_read_as_the_reference_has_them() -> None:
    numbers = query.among("DocNumber", ["1", "2"])
    assert query.select("Invoice", numbers, query.equals("CustomerRef", "3"), start=1001) == (
        "SELECT * FROM Invoice WHERE DocNumber IN ('1', '2') AND CustomerRef = '3'"
        " ORDERBY Id STARTPOSITION 1001 MAXRESULTS 1000"
    )
    assert query.count("Term", query.ANY_STATE) == (
        "SELECT COUNT(*) FROM Term WHERE Active IN (true, false)"
    )
    assert (
        query.select("TaxCode")
        == "SELECT * FROM TaxCode ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"
    )


@pytest.mark.parametrize(
    "value, text",
    [
        (Decimal("1.10"), "1.10"),
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.0000001"), "0.0000001"),
        (Decimal("-62.50"), "-62.50"),
        (Decimal("9999999999999.99"), "9999999999999.99"),
        (True, "true"),
        (None, "null"),
        (7, "7"),
        ('Müller "x" \\ \n', '"Müller \\"x\\" \\\\ \\n"'),
        ({"a": [{"b": Decimal("0.10")}, ()]}, '{"a":[{"b":0.10},[]]}'),
    ],
)
def test_amounts_leave_as_exact_numbers(value: Any, text: str) -> None:
    assert jsontext.written(value) == text


@pytest.mark.parametrize("value", [1.5, {"a": 0.1}, object(), {1, 2}, b"bytes"])
def test_floats_and_strangers_do_not_leave(value: Any) -> None:
    with pytest.raises(TypeError):
        jsontext.written(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_does_not_leave(value: Decimal) -> None:
    with pytest.raises(ValueError):
        jsontext.written(value)


def test_fractions_arrive_exact_and_nan_not_at_all() -> None:
    assert jsontext.read('{"a": 0.1}') == {"a": Decimal("0.1")}
    with pytest.raises(ValueError):
        jsontext.read('{"a": NaN}')


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=2)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | NUMBERS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert jsontext.read(jsontext.written(value)) == value
