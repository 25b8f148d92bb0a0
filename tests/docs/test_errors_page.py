"""docs/errors.md says what the code does."""

import re

from integrations.outbound.prerequisites import Need
from integrations.quickbooks_online.fault_table import ROWS
from tests.docs import errors_table


def test_table_is_the_fault_table() -> None:
    assert errors_table.shown() == errors_table.table(), (
        "write it anew with: python -m tests.docs.errors_table"
    )


def test_every_error_says_what_happens_next() -> None:
    assert {row.becomes for row in ROWS} <= set(errors_table.NEXT)


def test_every_need_is_on_the_page_of_states() -> None:
    page = (errors_table.PAGE.parent / "sync-states.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)) == set(Need)
