"""Brings in what was made over there, page by page, each committed with its place: whatever ends it, it goes on there.

Customers and items come from the mirror, which costs no call; invoices and payments one metered call for each thousand.
It takes one page a turn, so that what people wait for goes in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from integrations.documents import Held, Illegible, Kind, ListKind
from integrations.gateway import Books
from integrations.governor import reads
from integrations.inbound import customers_there, invoices_there, items_there, pages, reading
from integrations.inbound.intake import Intake
from integrations.inbound.marks import Marks
from integrations.models import (
    Connection,
    ImportRun,
    ImportState,
    Link,
    MirrorEntry,
    policies_in_force,
)
from integrations.models.import_run import OVER
from integrations.outbound import due
from integrations.outbound.store import Store
from integrations.policies import ItemsThere
from integrations.ports import AccountingSystem
from regentra import clock
from tenants import audit
from tenants.models import User
from tenants.scope import within

STAGES = (Kind.CUSTOMER, Kind.ITEM, Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT)
COUNTED = [Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT]
WORKING = (ImportState.COUNTING, ImportState.RUNNING)

Answer = TypeVar("Answer")


def ask_for(connection: Connection, *, actor: User) -> ImportRun:
    """Somebody wants to know what there is to bring in; one that goes on is the same. Inside ``within()``."""
    due.hold(connection.pk)
    going_on = ImportRun.objects.filter(connection=connection).exclude(state__in=OVER).first()
    _have_served(connection)
    return going_on or ImportRun.objects.create(connection=connection, asked_by=actor)


def begin(run: ImportRun, *, actor: User) -> bool:
    """Somebody has seen what there is, and wants it. Says whether there was anything to begin. Inside ``within()``."""
    changes = {"state": ImportState.RUNNING, "asked_by": actor, "started_at": clock.now()}
    begun = ImportRun.objects.filter(pk=run.pk, state=ImportState.COUNTED).update(**changes)
    if begun:
        _have_served(run.connection)
        audit.record("import.started", actor=actor, **run.found)
    return bool(begun)


def _have_served(connection: Connection) -> None:
    """After a look at what has changed, so that the customers are those of now."""
    due.look_now(connection.pk)
    due.send_by(connection.pk, clock.now(), urgent=True)


def end(run: ImportRun, *, actor: User) -> None:
    """What has come in stays. Inside ``within()``."""
    open_still = ImportRun.objects.filter(pk=run.pk).exclude(state__in=OVER)
    if open_still.update(state=ImportState.ENDED, ended_at=clock.now()):
        audit.record("import.ended", actor=actor, **run.brought)


def going_on(connection: Connection) -> bool:
    """Whether a worker has something to do for an import of this company. Inside ``within()``."""
    return ImportRun.objects.filter(connection=connection, state__in=WORKING).exists()


@dataclass(slots=True)
class Importing:
    """The next step of a company's import, under its lease."""

    store: Store
    books: Books

    @property
    def connection(self) -> Connection:
        return self.store.connection

    def go_on(self) -> None:
        """One page, or the counting before the first. Nothing while the month's reads are nearly used up."""
        if self.connection.held:
            return
        with within(self.store.organization_id):
            rows = ImportRun.objects.filter(connection=self.connection, state__in=WORKING)
            run = rows.first()
        if run is not None and reads.may_sweep(self.connection):
            self._step(run)

    def _step(self, run: ImportRun) -> None:
        if run.state == ImportState.COUNTING:
            self._count(run)
        elif run.stage == Kind.CUSTOMER:
            self._customers(run)
        elif run.stage == Kind.ITEM:
            self._items(run)
        else:
            self._page(run, Kind(run.stage))

    def _count(self, run: ImportRun) -> None:
        found = self._ask(lambda system: system.count(COUNTED))
        with self.store.transaction():
            listed = _listed(self.connection).count()
            items = len(items_there.sold(self.connection))
            numbers = {Kind.CUSTOMER: listed, Kind.ITEM: items, **found}
            _note(run, state=ImportState.COUNTED, found=numbers, calls=run.calls + 1)

    def _customers(self, run: ImportRun) -> None:
        """The next thousand of the mirror, behind the last one of before."""
        with self.store.transaction():
            rest = _listed(self.connection).filter(remote_id__gt="".join(run.tail))
            ids = list(
                rest.order_by("remote_id").values_list("remote_id", flat=True)[: pages.LENGTH]
            )
            brought = customers_there.bring_in(self.connection, ids)
            if len(ids) < pages.LENGTH:
                self._next_stage(run, len(ids), brought)
            else:
                _note(run, tail=ids[-1:], **_more(run, len(ids), brought))

    def _items(self, run: ImportRun) -> None:
        """All at once out of the mirror, where the sync rules have them here; before the invoices that name them."""
        with self.store.transaction():
            sold = items_there.sold(self.connection)
            wanted = policies_in_force().items_made_there is ItemsThere.BRING_IN
            brought = items_there.bring_in(self.connection, sold) if wanted else 0
            self._next_stage(run, len(sold), brought)

    def _page(self, run: ImportRun, kind: Kind) -> None:
        start, length = run.position, pages.LENGTH
        page = self._ask(lambda system: system.page(kind, start=start, length=length))
        if not pages.follows(page, start, run.tail):
            with self.store.transaction():
                _note(run, position=pages.back(start), calls=run.calls + 1)
            return
        documents, intake = [one for one in page if isinstance(one, Held)], Intake(self.store)
        intake.cannot_read(one for one in page if isinstance(one, Illegible))
        rest = self._known(kind, documents, intake.marks)
        before = self._linked(kind, rest)
        intake.take(tuple(rest))
        with self.store.transaction():
            new = self._bring_in(kind, documents, intake.marks)
            brought = self._linked(kind, rest) - before + new
            self._move_on(run, page, brought)

    def _move_on(self, run: ImportRun, page: Sequence[Held | Illegible], brought: int) -> None:
        looked_at, calls = len([one for one in page if one.id not in run.tail]), run.calls + 1
        if len(page) < pages.LENGTH:
            self._next_stage(run, looked_at, brought, calls=calls)
            return
        place = {"position": pages.after(run.position), "tail": pages.tail(page)}
        _note(run, calls=calls, **place, **_more(run, looked_at, brought))

    def _next_stage(self, run: ImportRun, looked_at: int, brought: int, **changes: Any) -> None:
        done = {**changes, **_more(run, looked_at, brought), "position": 1, "tail": []}
        if run.stage != STAGES[-1]:
            _note(run, stage=STAGES[STAGES.index(Kind(run.stage)) + 1], **done)
            return
        _note(run, state=ImportState.DONE, ended_at=clock.now(), **done)
        audit.record("import.finished", **run.brought)

    def _known(self, kind: Kind, documents: list[Held], marks: Marks) -> list[Held]:
        """What is judged one by one: payments, and invoices that may be ours or are linked."""
        if kind is not Kind.INVOICE:
            return documents
        with self.store.transaction():
            new = {one.id for one in invoices_there.are_new(self.connection, documents, marks)}
        return [one for one in documents if one.id not in new]

    def _bring_in(self, kind: Kind, documents: list[Held], marks: Marks) -> int:
        if kind is not Kind.INVOICE:
            return 0
        new = invoices_there.are_new(self.connection, documents, marks)
        return invoices_there.bring_in(self.connection, new)

    def _linked(self, kind: Kind, documents: list[Held]) -> int:
        with within(self.store.organization_id):
            rows = Link.objects.filter(connection=self.connection, kind=kind)
            return rows.filter(remote_id__in=[one.id for one in documents]).count()

    def _ask(self, question: Callable[[AccountingSystem], Answer]) -> Answer:
        return reading.ask(self.store, self.books, question)


def _listed(connection: Connection) -> Any:
    """Without those that were merged or deleted, whose names are free again."""
    rows = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    return rows.exclude(name_key="")


def _more(run: ImportRun, looked_at: int, brought: int) -> dict[str, dict[str, int]]:
    return {
        "looked_at": {**run.looked_at, run.stage: run.looked_at.get(run.stage, 0) + looked_at},
        "brought": {**run.brought, run.stage: run.brought.get(run.stage, 0) + brought},
    }


def _note(run: ImportRun, **changes: Any) -> None:
    """Unless somebody has ended it meanwhile."""
    for name, value in changes.items():
        setattr(run, name, value)
    ImportRun.objects.filter(pk=run.pk).exclude(state__in=OVER).update(**changes)
