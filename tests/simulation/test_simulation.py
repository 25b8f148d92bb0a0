"""The simulation on each commit: some of the seeds that ever failed, then new ones for as long as the budget lasts."""

import time

import pytest

from tests.simulation import seeds
from tests.simulation.run import commit, run
from tests.simulation.tally import Tally

BUDGET_SECONDS = 25
KEPT_ONES = 4
COMMIT = int(commit()[:7] or "0", 16)


@pytest.mark.parametrize("seed", seeds.some(KEPT_ONES, COMMIT))
def test_seed_that_failed_once_holds(simulated: None, seed: int) -> None:
    verdict = run(seed, Tally())
    assert not verdict.violations, f"{verdict}\n{replay(seed)}"


def test_seeds_of_this_commit_hold(simulated: None) -> None:
    ends_at, tally = time.monotonic() + BUDGET_SECONDS, Tally()
    seed = COMMIT
    while time.monotonic() < ends_at:
        verdict = run(seed, tally)
        assert not verdict.violations, f"{verdict}\n{replay(seed)}"
        seed += 1


def replay(seed: int) -> str:
    """How to tell this story again."""
    return f"make chaos SEED={seed} MINUTES=0 at commit {commit()}; then keep the seed in seeds.txt"
