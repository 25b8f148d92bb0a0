"""`make bench`: the figures, each beside the usual way where there is one. Writes bench/latest.json."""

import json
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bench.place import place

Row = dict[str, str]
LATEST = Path(__file__).parent / "latest.json"


def main() -> int:
    # Ended from outside, it takes down what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with place():
        import django

        django.setup()
        from bench import figures, table
        from regentra import garbage

        garbage.collect_seldom()  # as every worker does

        known, measured = figures.ALL | figures.LONG, []
        for name in sys.argv[1:] or figures.ALL:
            began = time.perf_counter()
            rows = _measured(name, known[name])
            _keep(name, rows, table.switches(), time.perf_counter() - began)
            measured += rows
        _report(measured, table.switches())
    return 0


def _measured(name: str, measure: Callable[[], list[Row]]) -> list[Row]:
    print(f"… {name}", file=sys.stderr, flush=True)
    try:
        return measure()
    except Exception:  # noqa: BLE001 – one figure less, the others are still worth having
        traceback.print_exc()
        return [{"figure": name, "measured": "failed, see above", "goal": "", "usual": ""}]


def _keep(name: str, rows: list[Row], switches: dict[str, str], seconds: float) -> None:
    """In the place of what was measured of this name before; the figures of others stay, with their own switches."""
    kept = {one["of"]: one for one in json.loads(LATEST.read_text())}
    kept[name] = {"of": name, "seconds": round(seconds), "switches": switches, "figures": rows}
    LATEST.write_text(json.dumps(list(kept.values()), indent=2) + "\n")


def _report(rows: list[Row], switches: dict[str, str]) -> None:
    width = max(len(row["figure"]) for row in rows)
    print(f"{'figure':<{width}}  {'measured':<44}  {'goal':<24}  usual way / ratio")
    for row in rows:
        print(f"{row['figure']:<{width}}  {row['measured']:<44}  {row['goal']:<24}  {row['usual']}")
    print("\n" + "\n".join(f"{name}: {value}" for name, value in switches.items()))


sys.exit(main())
