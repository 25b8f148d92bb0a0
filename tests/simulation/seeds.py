"""The seeds that failed once, each with what it found: `make chaos` begins with all of them, a test run takes some."""

import random
from pathlib import Path

from tests.simulation.run import Verdict

FILE = Path(__file__).parent / "seeds.txt"


def kept() -> list[int]:
    """All of them, in the order in which they were found."""
    lines = FILE.read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


def some(how_many: int, of_commit: int) -> list[int]:
    """Those whose turn it is at this commit."""
    return random.Random(of_commit).sample(kept(), how_many)


def keep(verdict: Verdict) -> None:
    """It is played again from now on."""
    with FILE.open("a") as file:
        file.write(f"{verdict.seed}  # {verdict.violations[0].splitlines()[0][:100]}\n")
