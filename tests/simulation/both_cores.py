"""`make chaos MINUTES=30 SEED=1 COVERAGE=1`: a series of seeds on each core, added up at the end.

Each process has engines of its own and every other seed. With COVERAGE the branches are measured that the simulation
alone has been through, of what it is there to prove.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.simulation.plan import PAIRS
from tests.simulation.tally import Tally

ROOT = Path(__file__).parents[2]
MEASURED = (
    "integrations/outbound/*,integrations/inbound/*,integrations/governor/*,integrations/tokens.py"
)
SHOWN = 20
MEASURES = os.environ.get("COVERAGE", "") not in ("", "0")


def main() -> int:
    """Nonzero when a series found something."""
    seed = os.environ.get("SEED") or str(int.from_bytes(os.urandom(4), "big"))
    # One seed told again takes one process.
    shares = 1 if os.environ.get("MINUTES") == "0" else int(os.environ.get("PROCESSES") or 2)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        series = [started(seed, share, shares, Path(folder)) for share in range(shares)]
        codes = [one.wait() for one in series]
        add_up(Path(folder))
    return max(codes)


def started(seed: str, share: int, shares: int, folder: Path) -> subprocess.Popen[bytes]:
    measured = (
        ["-m", "coverage", "run", "--branch", "-p", "--source=integrations"] if MEASURES else []
    )
    pytest = ["-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/simulation/chaos.py"]
    more = {
        "SEED": seed,
        "SHARE": f"{share}/{shares}",
        "TALLY": str(folder / f"tally-{share}"),
        "COVERAGE_FILE": str(folder / "coverage"),
        "PYTHONHASHSEED": "0",
    }
    return subprocess.Popen(
        [sys.executable, *measured, *pytest], cwd=ROOT, env={**os.environ, **more}
    )


def add_up(folder: Path) -> None:
    """The counts of all series, the table, and the branches where they were measured."""
    total = Tally()
    for path in sorted(folder.glob("tally-*")):
        total.add(Tally.kept(path))
    print(f"{total.runs} runs\n{total.report()}\n{total.table()}")
    unmet = total.never_met()
    print(f"{len(unmet)} of {len(PAIRS)} pairs have not met {unmet[:SHOWN]}")
    if MEASURES:
        coverage(folder, "combine", "-q", *map(str, folder.glob("coverage.*")))
        coverage(folder, "report", "--show-missing", f"--include={MEASURED}")


def coverage(folder: Path, *asked: str) -> None:
    program = [sys.executable, "-m", "coverage", *asked]
    more = {"COVERAGE_FILE": str(folder / "coverage")}
    subprocess.run(program, cwd=ROOT, env={**os.environ, **more}, check=True)


if __name__ == "__main__":
    sys.exit(main())
