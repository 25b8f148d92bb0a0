"""What people read about an import: what there is, what it costs, how far it is and how long it still takes."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from django.db.models import Q

from integrations.backlog import in_words
from integrations.documents import Kind
from integrations.inbound import pages
from integrations.inbound.importing import COUNTED, STAGES
from integrations.inbound.invoices_there import REASONS
from integrations.models import Connection, Discrepancy, ImportRun, ImportState
from regentra import clock

# Until an import has a pace of its own: documents in a second, as measured on a small machine.
USUAL_PACE = 150.0


@dataclass(frozen=True, slots=True)
class Part:
    """One kind: how many there are, have been looked at, and came in."""

    kind: Kind
    found: int
    looked_at: int
    brought: int

    @property
    def words(self) -> str:
        return "credit memo" if self.kind is Kind.CREDIT_MEMO else self.kind

    @property
    def name(self) -> str:
        return f"{self.words}s"

    @property
    def counted(self) -> str:
        """After their number."""
        return self.words if self.found == 1 else self.name

    @property
    def left(self) -> int:
        return max(0, self.found - self.looked_at)


@dataclass(frozen=True, slots=True)
class Progress:
    """One import in numbers. ``asked`` is how many documents wait for an answer of somebody."""

    run: ImportRun | None
    asked: int = 0

    @property
    def parts(self) -> list[Part]:
        return [self._part(kind) for kind in STAGES] if self.run and self.run.found else []

    @property
    def is_counting(self) -> bool:
        return self._is(ImportState.COUNTING)

    @property
    def is_counted(self) -> bool:
        return self._is(ImportState.COUNTED)

    @property
    def is_running(self) -> bool:
        return self._is(ImportState.RUNNING)

    @property
    def goes_on(self) -> bool:
        """Whether a worker has something to do for it."""
        return self.is_counting or self.is_running

    @property
    def is_done(self) -> bool:
        return self._is(ImportState.DONE)

    @property
    def total(self) -> int:
        return sum(part.found for part in self.parts)

    @property
    def left(self) -> int:
        return sum(part.left for part in self.parts)

    @property
    def done(self) -> int:
        return self.total - self.left

    @property
    def calls(self) -> int:
        """How many metered calls it takes as a whole; customers and items cost none."""
        return sum(_pages(part.found) for part in self.parts if part.kind in COUNTED)

    @property
    def time_left(self) -> str:
        return in_words(timedelta(seconds=self.left / self._pace))

    @property
    def _pace(self) -> float:
        """Documents in a second since it began."""
        if self.run is None or self.run.started_at is None or not self.done:
            return USUAL_PACE
        seconds = (clock.now() - self.run.started_at).total_seconds()
        return max(1.0, self.done / max(1.0, seconds))

    def _is(self, state: ImportState) -> bool:
        return self.run is not None and self.run.state == state

    def _part(self, kind: Kind) -> Part:
        assert self.run is not None
        numbers: list[dict[str, Any]] = [self.run.found, self.run.looked_at, self.run.brought]
        return Part(kind, *(one.get(kind, 0) for one in numbers))


def of(connection: Connection) -> Progress:
    """The newest import of this company. Inside ``within()``."""
    run = ImportRun.objects.filter(connection=connection).order_by("-asked_at").first()
    asked = Discrepancy.objects.filter(connection=connection, closed_at=None)
    waiting = asked.filter(Q(reason_code__in=REASONS) | Q(keeps_out=True))
    return Progress(run, waiting.count())


def _pages(count: int) -> int:
    """Each page repeats the end of the one before, and the last one is not full."""
    return ceil((count + 1) / (pages.LENGTH - pages.OVERLAP))
