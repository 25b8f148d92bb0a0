"""Notifications: what is Intuit's, and what it says; hostile bodies included."""

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.documents import Kind, ListKind
from integrations.quickbooks_online.webhook import Unreadable, read, verify

VERIFIER = "c6a1-verifier"
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "88cd52aa-33b6-4351-9aa4-47572edbd068",
    "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
    "type": "qbo.invoice.created.v1",
    "datacontenttype": "application/json",
    "time": "2025-09-10T21:31:25.179851517Z",
    "intuitentityid": "1234",
    "intuitaccountid": "310687",
    "data": {},
}


def signed(raw: bytes, verifier: str = VERIFIER) -> str:
    digest = hmac.new(verifier.encode(), raw, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def events(*changes: dict[str, Any]) -> bytes:
    return json.dumps([{**EVENT, **change} for change in changes]).encode()


def legacy(*entities: dict[str, Any], realm: str = "310687") -> bytes:
    part = {"realmId": realm, "dataChangeEvent": {"entities": list(entities)}}
    return json.dumps({"eventNotifications": [part]}).encode()


ENTITY = {
    "name": "Payment",
    "id": "154",
    "operation": "Create",
    "lastUpdated": "2025-09-08T20:52:31.657Z",
}


# --- the signature ---------------------------------------------------------------------------


def test_signature_over_the_raw_bytes_is_accepted() -> None:
    raw = b'[ {"id" : "1"} ]\n'
    assert verify(raw, signed(raw), ["other", VERIFIER])
    assert verify(raw, signed(raw).encode(), [VERIFIER])
    assert verify(raw, f" {signed(raw)} ", [VERIFIER])


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        b"",
        "=",
        "not base64 at all!",
        "é€😀",
        "\ud800",
        b"\xff\xfe",
        signed(b"another body"),
        signed(b"body", "another verifier"),
        signed(b"body")[:-1],
        signed(b"body") + "=",
    ],
)
def test_odd_signature_is_refused_without_a_fuss(signature: str | bytes | None) -> None:
    assert not verify(b"body", signature, [VERIFIER])


def test_missing_verifier_accepts_nobody() -> None:
    """An empty key would make a signature that anybody can compute."""
    assert not verify(b"body", signed(b"body", ""), [])
    assert not verify(b"body", signed(b"body", ""), ["", ""])


@given(st.binary(), st.binary(max_size=64))
def test_any_bytes_are_refused(raw: bytes, signature: bytes) -> None:
    assert not verify(raw, signature, [VERIFIER])


# --- CloudEvents -----------------------------------------------------------------------------


def test_one_body_speaks_of_several_companies() -> None:
    found = read(events({}, {"id": "2", "intuitaccountid": "9", "type": "qbo.payment.voided.v1"}))
    assert [(one.account, one.kind, one.remote_id, one.operation) for one in found] == [
        ("310687", Kind.INVOICE, "1234", "created"),
        ("9", Kind.PAYMENT, "1234", "voided"),
    ]


def test_nine_decimals_of_a_second_are_read() -> None:
    (event,) = read(events({}))
    assert event.at == datetime(2025, 9, 10, 21, 31, 25, 179851, UTC)


def test_offset_of_a_time_is_turned_into_utc() -> None:
    (event,) = read(events({"time": "2025-09-10T14:31:25-07:00"}))
    assert event.at == datetime(2025, 9, 10, 21, 31, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    "entity, kind",
    [
        ("customer", Kind.CUSTOMER),
        ("item", Kind.ITEM),
        ("invoice", Kind.INVOICE),
        ("payment", Kind.PAYMENT),
        ("paymentmethod", ListKind.PAYMENT_METHOD),
        ("account", Kind.ACCOUNT),
        ("term", ListKind.TERM),
        ("vendor", ListKind.VENDOR),
        ("creditmemo", Kind.CREDIT_MEMO),
        ("flyingsaucer", None),
    ],
)
def test_entities_are_named_in_our_words(entity: str, kind: Kind | ListKind | None) -> None:
    (event,) = read(events({"type": f"qbo.{entity}.updated.v1"}))
    assert (event.kind, event.operation) == (kind, "updated")


@pytest.mark.parametrize("event_type", ["something.else", "qbo.invoice", "qbo.invoice.created.vX"])
def test_unknown_type_is_kept_without_a_kind(event_type: str) -> None:
    (event,) = read(events({"type": event_type}))
    assert (event.kind, event.operation, event.remote_id) == (None, "", "1234")


def test_merge_names_who_vanished() -> None:
    merged = {"type": "qbo.customer.merged.v1", "data": {"deletedid": "77"}}
    (event,) = read(events(merged))
    assert (event.remote_id, event.merged_away_id) == ("1234", "77")


@pytest.mark.parametrize("missing", ["data", "datacontenttype", "specversion", "source", "time"])
def test_parts_that_may_be_missing_are_not_missed(missing: str) -> None:
    event = {key: value for key, value in EVENT.items() if key != missing}
    (found,) = read(json.dumps([event]).encode())
    assert found.remote_id == "1234"
    assert (found.at is None) == (missing == "time")


def test_key_is_the_same_for_each_delivery_and_for_no_other_event() -> None:
    first, again, other, elsewhere = read(
        events({}, {"time": None}, {"id": "other"}, {"intuitaccountid": "1"})
    )
    assert first.key == again.key
    assert len({first.key, other.key, elsewhere.key}) == 3
    assert len(first.key) == 64


def test_ids_that_come_as_numbers_are_text() -> None:
    (event,) = read(events({"intuitentityid": 1234, "intuitaccountid": 310687}))
    assert (event.account, event.remote_id) == ("310687", "1234")


def test_empty_array_says_nothing() -> None:
    assert read(b"[]") == []


# --- the legacy format -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, operation",
    [
        ("Create", "created"),
        ("Update", "updated"),
        ("Delete", "deleted"),
        ("Merge", "merged"),
        ("Void", "voided"),
        ("Emailed", "emailed"),
        ("Sing", "sing"),
    ],
)
def test_legacy_words_mean_the_same(said: str, operation: str) -> None:
    (event,) = read(legacy({**ENTITY, "operation": said}))
    assert (event.kind, event.operation) == (Kind.PAYMENT, operation)
    assert event.at == datetime(2025, 9, 8, 20, 52, 31, 657000, UTC)


def test_legacy_merge_names_who_vanished() -> None:
    (event,) = read(legacy({**ENTITY, "operation": "Merge", "deletedId": "9"}))
    assert event.merged_away_id == "9"


def test_legacy_key_is_made_of_all_it_says() -> None:
    first, again, other = read(legacy(ENTITY, ENTITY, {**ENTITY, "operation": "Update"}))
    assert first.key == again.key != other.key
    (elsewhere,) = read(legacy(ENTITY, realm="1"))
    assert elsewhere.key != first.key


# --- bodies that are none --------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"1",
        b'"text"',
        b"{}",
        b"[1]",
        b"[null]",
        b"[[]]",
        b'[{"id":',
        b"\xff\xfe[]",
        "[]".encode("utf-16"),
        b"[" * 100_000,
        b"[" + b"9" * 5000 + b"]",
        b'{"eventNotifications": {}}',
        b'{"eventNotifications": [1]}',
        b'{"eventNotifications": [{}]}',
        b'{"eventNotifications": [{"realmId": "1", "dataChangeEvent": {}}]}',
        legacy({"name": "Payment"}),
        legacy({**ENTITY, "id": None}),
        legacy({**ENTITY, "lastUpdated": "yesterday"}),
        legacy(ENTITY, realm=""),
        events({"id": ""}),
        events({"id": None}),
        events({"type": 7}),
        events({"intuitaccountid": None}),
        events({"intuitaccountid": True}),
        events({"intuitaccountid": "1/../2"}),
        events({"intuitaccountid": "1\u0000"}),
        events({"intuitentityid": "x" * 41}),
        events({"intuitentityid": {"value": "1"}}),
        events({"intuitentityid": "\ud800"}),
        events({"time": "now"}),
        events({"time": 7}),
        events({"time": "9999-12-31T23:59:59-23:59"}),
        events({"data": {"deletedid": []}}),
    ],
)
def test_what_is_no_notification_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read(raw)


def test_lone_surrogates_in_free_text_do_no_harm() -> None:
    (event,) = read(events({"id": "\ud800"}))
    assert len(event.key) == 64


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_unreadable(raw: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read(raw)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(EVENT)), JSON_VALUES))
def test_events_with_odd_parts_are_read_or_unreadable(change: dict[str, Any]) -> None:
    try:
        (event,) = read(events(change))
    except Unreadable:
        return
    assert event.account.isascii() and event.remote_id.isascii()
    assert event.key.isascii() and len(event.key) == 64


def test_odd_event_among_good_ones_is_kept_and_holds_up_nothing() -> None:
    good, odd = read(events({}, {"intuitaccountid": "'; --"}))
    assert good.remote_id
    assert (odd.account, odd.kind) == ("", None)
    assert "'; --" in odd.raw
    (again, _) = read(events({"intuitaccountid": "'; --"}, {}))
    assert again.key == odd.key, "its repetition is the same event"
