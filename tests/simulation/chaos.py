"""One series of seeds, one after another until the time is over or one fails. `make chaos` plays two beside each other.

It begins with the seeds that failed once; MINUTES=0 plays the one that is given, and no other.
SHARE="0/2" takes every other seed. KEEP_ON=folder goes on after a failure and leaves a story per failed seed there.
PLAN="honoured=False" lays down what the seeds would decide. TALLY=file is where the counts are left.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.simulation import seeds
from tests.simulation.run import Verdict, commit, run
from tests.simulation.tally import Tally


def test_chaos(simulated: None) -> None:
    minutes = float(os.environ.get("MINUTES") or 30)
    first = int(os.environ.get("SEED") or int.from_bytes(os.urandom(4), "big"))
    share, shares = (int(part) for part in (os.environ.get("SHARE") or "0/1").split("/"))
    folder, kept = os.environ.get("KEEP_ON"), os.environ.get("TALLY")
    say(f"\nseed {first} on, share {share + 1} of {shares}, commit {commit()}, {minutes:g} minutes")
    tally, started = Tally(), time.monotonic()
    failed: Counter[str] = Counter()
    for seed in one_after_another(first, share, shares, tally) if minutes else [first]:
        verdict = run(seed, tally)
        if verdict.violations:
            failed[verdict.violations[0][:60]] += 1
            tell(verdict, folder)
            if not folder:
                break
        if time.monotonic() > started + minutes * 60:
            break
    took = time.monotonic() - started
    say(f"{tally.runs} runs in {took:.0f} s, {tally.runs / took:.2f} a second")
    if kept:
        tally.keep(Path(kept))
    else:
        say(tally.report())
        say(tally.table())
    assert not failed, failed


def one_after_another(first: int, share: int, shares: int, tally: Tally) -> Iterator[int]:
    """This series' part of the seeds that failed once, then those from this one on whose meetings are missing most."""
    yield from seeds.kept()[share::shares]
    seed = first - 1
    while True:
        seed = tally.next_seed(seed, share, shares)
        yield seed


def tell(verdict: Verdict, folder: str | None) -> None:
    """The whole story, or, where it goes on, a line and a file. The seed is kept unless the rules were laid down."""
    if folder:
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / f"{verdict.seed}.txt").write_text(verdict.story())
        say(f"seed {verdict.seed}: {[line[:200] for line in verdict.violations[:3]]}")
    else:
        say(str(verdict))
        if not os.environ.get("PLAN") and verdict.seed not in seeds.kept():
            seeds.keep(verdict)


def say(words: str) -> None:
    """Prints at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
