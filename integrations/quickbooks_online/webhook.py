"""Intuit's webhooks: are they Intuit's, and what do they say (reference quickbooks 4)."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from integrations.documents import Kind, ListKind, Settings
from integrations.ports import Event
from integrations.quickbooks_online.mapping import entries, held

_KINDS: dict[str, Kind | ListKind | Settings] = {
    "preferences": Settings.COMPANY,
    **{entity.lower(): kind for kind, entity in entries.ENTITIES.items()},
    **{entity.lower(): kind for kind, entity in held.ENTITIES.items()},
}
# The legacy format has other forms of the words.
_OPERATIONS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "merge": "merged",
    "void": "voided",
}
_TYPE = re.compile(r"qbo\.(?P<entity>[a-z]{1,40})\.(?P<operation>[a-z]{1,20})\.v\d{1,3}")
_WORD = re.compile("[a-z]+")
# As long as the ids that we keep of their documents.
_ID = re.compile(r"[0-9A-Za-z_.:-]{1,40}")


class Unreadable(ValueError):
    """This is not a notification of Intuit's."""


def verify(raw: bytes, signature: str | bytes | None, verifiers: Iterable[str]) -> bool:
    """Whether one of the verifier tokens signed these bytes. Never raises; takes as long for each."""
    given = signature.encode("utf-8", "replace") if isinstance(signature, str) else signature
    matches = [_signed(raw, verifier, (given or b"").strip()) for verifier in verifiers if verifier]
    return any(matches)


def read(raw: bytes) -> list[Event]:
    """The events of a body, of either format. Raises `Unreadable` when it holds none that we can read.

    An odd event among good ones is kept as one that concerns nobody: refusing the post would hold up all that comes
    after it (reference 4.3).
    """
    try:
        body = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Unreadable("Not JSON") from error
    match body:
        case list():
            return _readable([partial(_cloud_event, event) for event in body], body)
        case {"eventNotifications": list(notifications)}:
            changes = [change for part in notifications for change in _legacy_changes(part)]
            return _readable([partial(_legacy_event, *change) for change in changes], changes)
        case _:
            raise Unreadable("Neither a list of events nor notifications")


def _signed(raw: bytes, verifier: str, given: bytes) -> bool:
    digest = hmac.new(verifier.encode("utf-8", "replace"), raw, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), given)


def _cloud_event(event: Any) -> Event:
    if not isinstance(event, dict):
        raise Unreadable("An event is an object")
    account, event_id = _id(event, "intuitaccountid"), _text(event, "id")
    entity, operation = _what(_text(event, "type"))
    data = event.get("data")
    return Event(
        key=_key("cloudevents", account, event_id),
        account=account,
        kind=_KINDS.get(entity),
        remote_id=_id(event, "intuitentityid"),
        operation=operation,
        at=_moment(event.get("time")),
        merged_away_id=_merged_away(data, "deletedid"),
    )


def _what(event_type: str) -> tuple[str, str]:
    """Entity and operation; a type we have never seen is kept, as nothing."""
    found = _TYPE.fullmatch(event_type.lower())
    return (found["entity"], found["operation"]) if found else ("", "")


def _readable(readers: list[Callable[[], Event]], said: list[Any]) -> list[Event]:
    events = [_read_or_keep(reader, what) for reader, what in zip(readers, said, strict=True)]
    if events and not any(event.account for event in events):
        raise Unreadable("None of its events can be read")
    return events


def _read_or_keep(reader: Callable[[], Event], said: Any) -> Event:
    try:
        return reader()
    except Unreadable:
        text = json.dumps(said)
        return Event(_key("odd", text), "", None, "", "", None, raw=text)


def _legacy_changes(notification: Any) -> Iterator[tuple[str, Any]]:
    match notification:
        case {"dataChangeEvent": {"entities": list(changed)}}:
            account = _id(notification, "realmId")
            yield from ((account, change) for change in changed)
        case _:
            raise Unreadable("A notification without entities")


def _legacy_event(account: str, change: Any) -> Event:
    """Has no id of its own: the same change of the same thing at the same time is the same event."""
    if not isinstance(change, dict):
        raise Unreadable("An entity is an object")
    name, remote_id, said = _text(change, "name"), _id(change, "id"), _text(change, "operation")
    moment = change.get("lastUpdated")
    return Event(
        key=_key("legacy", account, name, remote_id, said, str(moment)),
        account=account,
        kind=_KINDS.get(name.lower()),
        remote_id=remote_id,
        operation=_OPERATIONS.get(said.lower()) or "".join(_WORD.findall(said.lower()))[:20],
        at=_moment(moment),
        merged_away_id=_merged_away(change, "deletedId"),
    )


def _merged_away(holder: Any, name: str) -> str:
    named = isinstance(holder, dict) and holder.get(name) is not None
    return _id(holder, name) if named else ""


def _id(holder: dict[str, Any], name: str) -> str:
    """An id we may store and put into an address."""
    value = holder.get(name)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise Unreadable(f"{name} is not an id")
    return text


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} is missing")
    return value


def _moment(value: Any) -> datetime | None:
    """A time, of which Intuit sends up to nine decimals; None when there is none."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable("A time has no form we know") from error


def _key(*parts: str) -> str:
    """Of fixed length, whatever ids they send."""
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
