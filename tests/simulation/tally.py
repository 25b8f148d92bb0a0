"""What a series of runs has gone through, and the table of what met what."""

import pickle
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self

from integrations.outbound.effects import CRASH_POINTS
from tests.simulation.plan import FAULTS, PAIRS, pairs_of


@dataclass
class Tally:
    """Counts over all runs."""

    runs: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    met: Counter[tuple[str, str]] = field(default_factory=Counter)

    def never_met(self) -> list[tuple[str, str]]:
        """The pairs of fault and crash point that no run has brought together."""
        return [pair for pair in PAIRS if not self.met[pair]]

    def next_seed(self, after: int, share: int = 0, shares: int = 1) -> int:
        """A later seed of this share whose appointments have met least so far; what it plays it says alone."""
        later = range(after + 1, after + 1 + len(PAIRS))
        return min((seed for seed in later if seed % shares == share), key=self._how_met)

    def _how_met(self, seed: int) -> list[int]:
        first, *others = [self.met[pair] for pair in pairs_of(seed)]
        return [first, sum(others)]

    def add(self, other: Self) -> None:
        """Takes the counts of another series into this one."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def keep(self, path: Path) -> None:
        """For whoever adds several series up."""
        path.write_bytes(pickle.dumps(self))

    @classmethod
    def kept(cls, path: Path) -> Self:
        """What another process counted."""
        found: Self = pickle.loads(path.read_bytes())  # noqa: S301 – written by this program a moment ago
        return found

    def table(self) -> str:
        """How often each fault met each crash point: one row per fault, one column per point."""
        names = [f"  {number:2} = {point}" for number, point in enumerate(CRASH_POINTS, 1)]
        head = " " * 22 + "".join(f"{number:>5}" for number, _ in enumerate(CRASH_POINTS, 1))
        rows = [
            f"{fault:22}" + "".join(f"{self.met[fault, point]:>5}" for point in CRASH_POINTS)
            for fault in FAULTS
        ]
        return "\n".join([head, *rows, *names])

    def report(self) -> str:
        """All counts as text."""
        parts = {
            "steps": self.steps,
            "effects": self.effects,
            "faults": self.faults,
            "kills and pauses": self.kills,
            "calls": self.calls,
            "jobs and questions at the end": self.ends,
        }
        return "\n".join(
            f"{name}: {sum(counts.values())} ({_listed(counts)})" for name, counts in parts.items()
        )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


@dataclass
class Storm:
    """The faults and kills of one company since its last turn without either: these have met."""

    tally: Tally
    faults: set[str] = field(default_factory=set)
    points: set[str] = field(default_factory=set)

    def fault(self, name: str) -> None:
        self.tally.faults[name] += 1
        self._met({(name, point) for point in self.points if name not in self.faults})
        self.faults.add(name)

    def kill(self, point: str) -> None:
        self.tally.kills[point] += 1
        self._met({(fault, point) for fault in self.faults if point not in self.points})
        self.points.add(point)

    def calm(self) -> None:
        """A turn has passed without trouble."""
        self.faults.clear()
        self.points.clear()

    def _met(self, pairs: set[tuple[str, str]]) -> None:
        for pair in pairs:
            self.tally.met[pair] += 1
