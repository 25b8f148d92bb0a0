"""A row of the table, and the switches all rows depend on."""

import os
import platform

from django.conf import settings

from bench.place import LATENCY_SECONDS
from regentra import clock

Row = dict[str, str]


def row(figure: str, measured: str, goal: str, usual: str = "") -> Row:
    return {"figure": figure, "measured": measured, "goal": goal, "usual": usual}


def switches() -> dict[str, str]:
    """All that a figure depends on."""
    return {
        "latency of the sandbox": f"{LATENCY_SECONDS * 1000:.0f} ms, a process of its own on the same machine",
        "limits of the sandbox": "10/s, 500/min, 40 batches/min, on",
        "share of the limits used": f"{settings.QUICKBOOKS_LIMIT_PERCENT} %",
        "batch metered as": settings.BATCH_METERED_AS,
        "PostgreSQL": "fsync and synchronous_commit on",
        "clock": "real time",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}",
        "at": clock.now().isoformat(timespec="seconds"),
    }
