"""Lists in few requests, and the change feed; pure."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.documents import LISTS, Company, Kind, ListKind
from integrations.quickbooks_online import feed, lists
from integrations.quickbooks_online.lists import Page

HOME = Company(name="Alice's Company", country="US", currency="USD")
EVERYTHING = list(LISTS)


@settings(max_examples=40)
@given(
    st.dictionaries(st.sampled_from(EVERYTHING), st.integers(0, 2500), max_size=10),
    st.data(),
)
def test_every_entry_is_asked_for_once_and_no_answer_is_too_long(
    lengths: dict[ListKind, int], data: st.DataObject
) -> None:
    held = {kind: data.draw(st.integers(0, min(length, 1000))) for kind, length in lengths.items()}
    pages = [
        page
        for kind, length in lengths.items()
        for page in lists.missing(kind, held=held[kind], length=length)
    ]
    asked: list[tuple[ListKind, int]] = []
    for batch in lists.packed(pages):
        assert sum(page.length for page in batch) <= 1000
        assert len(lists.items(batch)) <= 30
        asked += [
            (page.kind, n) for page in batch for n in range(page.start, page.start + page.length)
        ]
    wanted = [
        (kind, n) for kind, length in lengths.items() for n in range(held[kind] + 1, length + 1)
    ]
    assert sorted(asked) == sorted(wanted)


def test_small_remainders_share_a_batch() -> None:
    pages = [
        Page(ListKind.CUSTOMER, 1001, 900),
        Page(ListKind.TERM, 1, 60),
        Page(ListKind.ITEM, 1, 50),
    ]
    assert [len(batch) for batch in lists.packed(pages)] == [2, 1]


def test_first_batch_asks_for_pages_and_lengths() -> None:
    items = lists.first_batch(EVERYTHING)
    assert len(items) == 22
    assert len({item["bId"] for item in items}) == 22
    assert all(len(item["bId"]) <= 10 for item in items)
    tax = [item["Query"] for item in items if "TaxCode" in item["Query"]]
    assert not any("Active" in text for text in tax)


def answer(**groups: list[dict[str, Any]]) -> dict[str, Any]:
    response: list[dict[str, Any]] = [
        {name: rows, "startPosition": 1, "maxResults": len(rows)} for name, rows in groups.items()
    ]
    return {
        "CDCResponse": [{"QueryResponse": [*response, {}]}],
        "time": "2026-11-21T04:00:00.123-08:00",
    }


def deleted(remote_id: str) -> dict[str, Any]:
    moment = {"LastUpdatedTime": "2026-11-21T03:00:00-08:00"}
    return {"domain": "QBO", "status": "Deleted", "Id": remote_id, "MetaData": moment}


def test_feed_asks_for_each_entity_once_and_never_for_tax_codes() -> None:
    kinds, mirrored = [Kind.CUSTOMER, Kind.INVOICE], [ListKind.CUSTOMER, ListKind.TAX_CODE]
    assert feed.entities(kinds, mirrored) == ["Customer", "Invoice"]


def test_gone_entries_and_documents_are_told() -> None:
    found = feed.changes(
        answer(Invoice=[deleted("12")], Customer=[deleted("7")], Class=[deleted("3")]),
        [Kind.INVOICE, Kind.CUSTOMER],
        [ListKind.CUSTOMER, ListKind.CLASS],
        HOME,
    )
    assert [(held.kind, held.id, held.deleted) for held in found.documents] == [
        (Kind.INVOICE, "12", True),
        (Kind.CUSTOMER, "7", True),
    ]
    assert found.documents[0].updated_at == datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert found.gone_entries == ((ListKind.CUSTOMER, "7"), (ListKind.CLASS, "3"))
    assert found.server_time == datetime(2026, 11, 21, 12, 0, 0, 123000, UTC)
    assert found.complete


@pytest.mark.parametrize("count, complete", [(999, True), (1000, False), (1001, False)])
def test_thousand_objects_together_mean_a_cut(count: int, complete: bool) -> None:
    some = [deleted(str(n)) for n in range(count - 400)]
    rest = [deleted(str(n)) for n in range(400)]
    found = feed.changes(answer(Invoice=some, Customer=rest), [Kind.INVOICE], [], HOME)
    assert found.complete is complete


@pytest.mark.parametrize("broken", [{}, {"CDCResponse": []}, {"CDCResponse": [], "time": "soon"}])
def test_answer_without_its_time_is_none(broken: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        feed.changes(broken, [], [], HOME)
