"""Webhooks: events are queued per app, gathered into deliveries, signed, retried."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox import jsontext

if TYPE_CHECKING:
    from sandbox.core import Sandbox
    from sandbox.quickbooks.books import Books

# Seconds to wait before the 2nd, 3rd … attempt; the last one repeats. Source: Intuit 2025-10-14.
LADDER = (0, 10, 20, 30, 300, 1200, 7200, 14400, 21600)
PAST = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged",
        "Void": "voided", "Emailed": "emailed"}  # fmt: skip
TIMEOUT_SECONDS = 3.0


@dataclass(frozen=True)
class Delivery:
    """One POST that is due now. Report its outcome with `acknowledge`."""

    id: int
    client_id: str
    url: str
    headers: dict[str, str]
    body: bytes
    attempt: int


def signature(verifier: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(verifier.encode(), body, hashlib.sha256)).decode()


class Webhooks:
    """The queue of all apps. Nothing is sent here: the server's thread or a test does that."""

    def __init__(self, core: Sandbox) -> None:
        self.core = core

    # -- what happened ---------------------------------------------------------------------

    def happened(
        self, books: Books, entity: str, operation: str, id: str, deleted_id: str | None
    ) -> None:
        """Queue an event for every app that is connected to the company."""
        if not books.switches.own_writes_echo and self.core.writer is not None:
            return
        if not any(app.webhook_url for app in self.core.apps.values()):
            return
        for (client_id,) in self.core.store.all(
            "SELECT DISTINCT client_id FROM grants WHERE realm=? AND live=1 ORDER BY client_id",
            books.realm,
        ):
            app = self.core.apps.get(client_id)
            if app is not None and app.webhook_url:
                self.queue(books, client_id, entity, operation, id, deleted_id)

    def queue(
        self,
        books: Books,
        client_id: str,
        entity: str,
        operation: str,
        id: str,
        deleted_id: str | None,
    ) -> None:
        about = {"realm": books.company.realm, "entity": entity, "operation": operation}
        if self.core.trouble.rules and self.core.trouble.strike({"webhook_dropped"}, about):
            return
        due = books.now + books.switches.webhook_delay_seconds
        if self.core.trouble.rules:
            rule = self.core.trouble.strike({"webhook_delayed"}, about)
            due += rule.seconds if rule else 0
        event = {"realm": books.company.realm, "entity": entity, "operation": operation, "id": id,
                 "at": books.now, "uuid": self.core.chance.uuid()}  # fmt: skip
        if deleted_id:
            event["deleted_id"] = deleted_id
        text = jsontext.dumps({**event, "at": f"{event['at']:.6f}"})
        if not self._again(client_id, books.realm, event):
            self.core.store.execute(
                "INSERT INTO events(client_id, realm, due, body) VALUES(?,?,?,?)",
                (client_id, books.realm, due, text),
            )
        self.core.wake()

    def _again(self, client_id: str, realm: int, event: dict[str, Any]) -> bool:
        """Whether the same event waits already, so that one write tells one thing once."""
        row = self.core.store.one(
            "SELECT body FROM events WHERE client_id=? AND delivery IS NULL AND due>=? AND realm=? "
            "AND json_extract(body,'$.entity')=? AND json_extract(body,'$.id')=? "
            "AND json_extract(body,'$.operation')=? AND json_extract(body,'$.at')=?",
            client_id, event["at"], realm, event["entity"], event["id"], event["operation"], f"{event['at']:.6f}",
        )  # fmt: skip
        return row is not None

    # -- what is due -------------------------------------------------------------------------

    def due(self) -> list[Delivery]:
        """Everything that should be posted now, oldest first; at most one per app when blocking."""
        with self.core.lock, self.core.store.transaction():
            self._gather()
            out, blocked = [], set()
            now = self.core.clock.time()
            for row in self.core.store.all(
                "SELECT id, client_id, due, attempt, body FROM deliveries WHERE state='waiting' ORDER BY id"
            ):
                if row[1] in blocked:
                    continue
                if self.core.switches.webhook_head_of_line_blocking:
                    blocked.add(row[1])
                if row[2] <= now and row[1] in self.core.apps:
                    out.append(self._delivery(row[0], row[1], row[3], bytes(row[4])))
            return out

    def next_due(self) -> float | None:
        """Sandbox time of the next event or retry, None when nothing waits."""
        with self.core.lock:
            found = [r[0] for r in self.core.store.all(
                "SELECT MIN(due) FROM events WHERE delivery IS NULL UNION ALL "
                "SELECT MIN(due) FROM deliveries WHERE state='waiting'"
            ) if r[0] is not None]  # fmt: skip
            return min(found) if found else None

    def _gather(self) -> None:
        """One delivery per app of all its due events, whatever company they come from."""
        now = self.core.clock.time()
        rows = self.core.store.all(
            "SELECT seq, client_id, body FROM events WHERE delivery IS NULL AND due<=? ORDER BY seq",
            now,
        )
        apps: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for seq, client_id, body in rows:
            apps.setdefault(client_id, []).append((seq, jsontext.loads(body)))
        for client_id, several in apps.items():
            self._deliver(client_id, several, now)

    def _deliver(
        self, client_id: str, several: list[tuple[int, dict[str, Any]]], now: float
    ) -> None:
        events = [event for _, event in several]
        about = {
            "realm": events[0]["realm"],
            "entity": events[0]["entity"],
            "operation": events[0]["operation"],
        }
        if self.core.trouble.strike({"webhook_reordered"}, about):
            events = self.core.chance.shuffled(events)
        body = self.payload(events)
        times = 2 if self.core.trouble.strike({"webhook_doubled"}, about) else 1
        for _ in range(times):
            cursor = self.core.store.execute(
                "INSERT INTO deliveries(client_id, due, attempt, state, body) VALUES(?,?,0,'waiting',?)",
                (client_id, now, body),
            )
        self.core.store.execute(
            f"UPDATE events SET delivery=? WHERE seq IN ({','.join('?' * len(several))})",
            (cursor.lastrowid, *[seq for seq, _ in several]),
        )

    def payload(self, events: list[dict[str, Any]]) -> bytes:
        if self.core.switches.webhook_format == "legacy":
            return jsontext.dumps(legacy(events)).encode()
        return jsontext.dumps([cloud_event(event) for event in events]).encode()

    def _delivery(self, id: int, client_id: str, attempt: int, body: bytes) -> Delivery:
        app = self.core.apps[client_id]
        legacy_format = self.core.switches.webhook_format == "legacy"
        headers = {
            "Content-Type": "application/json" if legacy_format else self.core.switches.webhook_content_type,
            "intuit-signature": signature(app.verifier, body),
            "intuit-t-id": hashlib.sha256(f"{id}:{attempt}".encode()).hexdigest()[:32],
            "intuit-created-time": datetime.fromtimestamp(int(self.core.clock.time()), UTC).isoformat(),
            "User-Agent": "intuit_notification_service",
        }  # fmt: skip
        return Delivery(id, client_id, app.webhook_url, headers, body, attempt + 1)

    def acknowledge(self, id: int, status: int | None) -> None:
        """The endpoint answered (or did not: None). Anything but 200 is tried again later."""
        with self.core.lock, self.core.store.transaction():
            row = self.core.store.one(
                "SELECT attempt FROM deliveries WHERE id=? AND state='waiting'", id
            )
            if row is None:
                return
            if status == 200 and not self.core.trouble.strike({"webhook_blocked"}, {}):
                self._close(id, "delivered")
            elif not self.core.switches.webhook_retry:
                self._close(id, "failed")
            else:
                wait = LADDER[min(row[0], len(LADDER) - 1)]
                self.core.store.execute(
                    "UPDATE deliveries SET attempt=attempt+1, due=? WHERE id=?",
                    (self.core.clock.time() + wait, id),
                )

    def _close(self, id: int, state: str) -> None:
        self.core.store.execute(
            "UPDATE deliveries SET state=?, attempt=attempt+1 WHERE id=?", (state, id)
        )

    def listing(self) -> list[dict[str, Any]]:
        """All deliveries with their state, for assertions."""
        rows = self.core.store.all(
            "SELECT id, client_id, due, attempt, state, body FROM deliveries ORDER BY id"
        )
        return [{"id": r[0], "client_id": r[1], "attempts": r[3], "state": r[4],
                 "events": jsontext.loads(bytes(r[5]))} for r in rows]  # fmt: skip


def cloud_event(event: dict[str, Any]) -> dict[str, Any]:
    """CloudEvents 1.0 as in Intuit's announcement of 2025-11-12; nine fractional digits."""
    whole, _, fraction = event["at"].partition(".")
    at = datetime.fromtimestamp(int(whole), UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{fraction:0<9}Z"
    data = {"deletedid": event["deleted_id"]} if "deleted_id" in event else {}
    return {
        "specversion": "1.0", "id": event["uuid"], "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": f"qbo.{event['entity'].lower()}.{PAST[event['operation']]}.v1",
        "datacontenttype": "application/json", "time": at, "intuitentityid": event["id"],
        "intuitaccountid": event["realm"], "data": data,
    }  # fmt: skip


def legacy(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The format until 2026: one element per company."""
    realms: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        whole, _, fraction = event["at"].partition(".")
        at = (
            datetime.fromtimestamp(int(whole), UTC).strftime("%Y-%m-%dT%H:%M:%S")
            + f".{fraction[:3]}Z"
        )
        entity = {
            "name": event["entity"],
            "id": event["id"],
            "operation": event["operation"],
            "lastUpdated": at,
        }
        if "deleted_id" in event:
            entity["deletedId"] = event["deleted_id"]
        realms.setdefault(event["realm"], []).append(entity)
    return {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": entities}}
                                   for realm, entities in realms.items()]}  # fmt: skip
