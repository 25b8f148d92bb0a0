"""`make mutants`: whether the simulation bites.

Each patch in `mutants/` breaks one rule of the product in a copy of the tree. Its head says how it is to be caught:

    # plan: what the seeds would decide is laid down, as in PLAN of chaos
    # test: tests that must fail instead of the simulation
    # schema: the patch changes the database, which is then made anew

Run below `python -m regentra.embedded run`, so that all of them share one PostgreSQL.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATCHES = sorted((Path(__file__).parent / "mutants").glob("*.patch"))
COPIED = (
    "billing", "integrations", "regentra", "sandbox", "static", "templates", "tenants", "tests", "webhooks",
    "manage.py", "pyproject.toml",
)  # fmt: skip
# The seeds of one mutant end here; what is not caught by then counts as not caught.
MINUTES = os.environ.get("MINUTES") or "4"
SEED = os.environ.get("SEED") or "1"


@dataclass(frozen=True)
class Mutant:
    """One patch and how it is to be caught."""

    path: Path
    plan: str = ""
    test: str = ""
    schema: bool = False

    @classmethod
    def read(cls, path: Path) -> "Mutant":
        head = [line[2:] for line in path.read_text().splitlines() if line.startswith("# ")]
        said = dict(line.split(": ", 1) for line in head if ": " in line)
        return cls(path, said.get("plan", ""), said.get("test", ""), "schema" in said)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant; ``words`` are those of the first thing that noticed."""

    mutant: Mutant
    outcome: str
    seconds: float
    words: str
    runs: str = ""


def main(names: list[str]) -> int:
    """Tries the mutants of these numbers, or all. The tree as it is has to hold, or nothing would be said."""
    chosen = [path for path in PATCHES if not names or path.stem[:2] in names]
    verdicts = [tell(tried(Mutant.read(path))) for path in chosen]
    caught = [one for one in verdicts if one.outcome == "caught"]
    sys.stdout.write(f"{len(caught)} of {len(verdicts)} caught\n")
    return 0 if len(caught) == len(verdicts) else 1


def tell(verdict: Verdict) -> Verdict:
    name = verdict.mutant.path.stem
    sys.stdout.write(
        f"{name:44} {verdict.outcome:14} {verdict.runs or 'its test':>10} {verdict.seconds:5.0f} s  "
        f"{verdict.words[:100]}\n"
    )
    sys.stdout.flush()
    return verdict


def tried(mutant: Mutant) -> Verdict:
    """Breaks a copy and sees whether anybody notices."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tree = Path(folder)
        copy(tree)
        patched = apply(mutant.path, tree)
        if patched.returncode:
            return Verdict(mutant, "does not apply", 0, patched.stdout)
        outcome, said = noticed(mutant, tree)
    return Verdict(mutant, outcome, time.monotonic() - started, first_words(said), runs_in(said))


def apply(patch: Path, tree: Path) -> subprocess.CompletedProcess[str]:
    """Breaks the rule in this copy."""
    return run(["patch", "-p1", "--no-backup-if-mismatch", "-i", str(patch)], tree, {})


def copy(tree: Path) -> None:
    forget = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=forget)
        else:
            shutil.copy(ROOT / name, tree / name)


def noticed(mutant: Mutant, tree: Path) -> tuple[str, str]:
    asked = mutant.test.split() or ["tests/simulation/chaos.py"]
    database = "--create-db" if mutant.schema else "--reuse-db"
    pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-s", "-p", "no:cacheprovider", database]
    done = run([*pytest, *asked], tree, {"MINUTES": MINUTES, "SEED": SEED, "PLAN": mutant.plan})
    if done.returncode == 1 and " failed" in done.stdout.splitlines()[-1]:
        return "caught", done.stdout
    return ("NOT CAUGHT" if done.returncode == 0 else "DOES NOT RUN"), done.stdout


def runs_in(said: str) -> str:
    """After how many runs of the simulation it was over; empty where a test was asked."""
    found = re.search(r"^(\d+ runs) in", said, re.MULTILINE)
    return found[1] if found else ""


def first_words(said: str) -> str:
    """The invariant or the test that failed."""
    lines = said.splitlines()
    marks = (
        "I1",
        "I2",
        "I3",
        "I7",
        "I8",
        "F3",
        "nobody",
        "Broken",
        "job ",
        "FAILED",
        "invoice ",
        "payment ",
    )
    return next((line for line in lines if line.startswith(marks)), lines[-1] if lines else "")


def run(command: list[str], tree: Path, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, **more, "PYTHONPATH": str(tree)}
    return subprocess.run(
        command, cwd=tree, env=surroundings, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
