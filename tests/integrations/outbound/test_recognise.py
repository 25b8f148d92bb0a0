"""What an answer to a change is compared in."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from integrations.documents import (
    Address,
    CustomerDocument,
    Document,
    Held,
    ItemDocument,
    kind_of,
)
from integrations.outbound.recognise import (
    as_answered,
    holds_all_that_was_said,
    kept_otherwise,
)
from tests.integrations.outbound.samples import INVOICE

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HOME = Address("1 Main Street")
MOVED = CustomerDocument("Adatum", address=Address("2 Side Street"))
ITEM = ItemDocument("Hours", description="By the hour", unit_price=Decimal(12), taxable=False)


@dataclass
class Change:
    """A write of what was agreed on before, with these fields changed."""

    before: Document
    document: Document
    marker: str = "3f2a9c1b0d4e"
    oldest: datetime = NOW
    may_exist_since: datetime | None = None


def change(before: Document, **fields: Any) -> Change:
    return Change(before, replace(before, **fields))


def held(document: Document) -> Held:
    return Held(kind_of(document), "7", "2", document)


@pytest.mark.parametrize(
    ("sent", "theirs"),
    [
        (change(INVOICE, term="3"), {"pay_by_card": True, "location": "9"}),
        (change(INVOICE, email="ap@example.com"), {"email": " ap@example.com"}),
        (change(ITEM, unit_price=Decimal(0)), {"unit_price": None}),
        (change(ITEM, description=""), {"description": None}),
        (change(ITEM, taxable=True), {"taxable": False}),
        (change(MOVED, address=HOME), {"address": Address("Adatum Ltd", "1 Main Street")}),
        (change(INVOICE, exchange_rate=Decimal("1.2345678")), {"exchange_rate": Decimal("1.2346")}),
    ],
)
def test_answer_that_spells_it_in_another_way_or_adds_to_it_is_as_sent(
    sent: Change, theirs: dict[str, Any]
) -> None:
    assert holds_all_that_was_said(sent, held(replace(sent.document, **theirs)))


@pytest.mark.parametrize(
    ("sent", "theirs", "names"),
    [
        (change(replace(INVOICE, location="9"), location=""), {"location": "9"}, {"location"}),
        (change(replace(INVOICE, term="3"), term="4"), {"term": "3"}, {"term"}),
        (change(INVOICE, memo="new"), {"memo": "old"}, {"memo"}),
        (change(MOVED, address=HOME), {"address": MOVED.address}, {"address"}),
        (change(INVOICE, pay_by_card=True), {"pay_by_card": False}, {"pay_by_card"}),
    ],
)
def test_fields_in_which_an_answer_holds_something_else_are_named_and_go_again(
    sent: Change, theirs: dict[str, Any], names: set[str]
) -> None:
    answer = replace(sent.document, **theirs)
    assert not holds_all_that_was_said(sent, held(answer))
    assert kept_otherwise(sent, held(answer)) == names
    assert as_answered(sent, answer) == answer


def test_what_they_filled_in_besides_is_not_to_be_taken_out_again() -> None:
    sent = change(INVOICE, memo="new")
    answer = replace(INVOICE, memo="old", term="3")
    assert as_answered(sent, answer) == replace(answer, term="")
