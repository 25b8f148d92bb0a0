"""One series of seeds, one after another until the time is over or one fails. `make chaos` plays two beside each other.

SHARE="0/2" takes every other seed. KEEP_ON=folder goes on after a failure and leaves a story per failed seed there.
PLAN="honoured=False" lays down what the seeds would decide. TALLY=file is where the counts are left.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.simulation.run import Verdict, commit, run
from tests.simulation.tally import Tally

SEEDS = Path(__file__).parent / "seeds.txt"


def test_chaos(simulated: None) -> None:
    minutes = float(os.environ.get("MINUTES") or 30)
    seed = int(os.environ.get("SEED") or int.from_bytes(os.urandom(4), "big"))
    share, shares = (int(part) for part in (os.environ.get("SHARE") or "0/1").split("/"))
    folder, kept = os.environ.get("KEEP_ON"), os.environ.get("TALLY")
    say(f"\nseed {seed} on, share {share + 1} of {shares}, commit {commit()}, {minutes:g} minutes")
    tally, started = Tally(), time.monotonic()
    failed: Counter[str] = Counter()
    if minutes:
        seed = tally.next_seed(seed - 1, share, shares)
    while not tally.runs or time.monotonic() < started + minutes * 60:
        verdict = run(seed, tally)
        if verdict.violations:
            failed[verdict.violations[0][:60]] += 1
            tell(verdict, folder)
            if not folder:
                break
        seed = tally.next_seed(seed, share, shares)
    took = time.monotonic() - started
    say(f"{tally.runs} runs in {took:.0f} s, {tally.runs / took:.2f} a second")
    if kept:
        tally.keep(Path(kept))
    else:
        say(tally.report())
        say(tally.table())
    assert not failed, failed


def tell(verdict: Verdict, folder: str | None) -> None:
    """The whole story, or, where it goes on, a line and a file. The seed is kept unless the rules were laid down."""
    if folder:
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / f"{verdict.seed}.txt").write_text(verdict.story())
        say(f"seed {verdict.seed}: {[line[:200] for line in verdict.violations[:3]]}")
    else:
        say(str(verdict))
        if not os.environ.get("PLAN"):
            keep(verdict)


def keep(verdict: Verdict) -> None:
    """Every test run plays it again from now on."""
    with SEEDS.open("a") as seeds:
        seeds.write(f"{verdict.seed}  # {verdict.violations[0].splitlines()[0][:100]}\n")


def say(words: str) -> None:
    """Prints at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
