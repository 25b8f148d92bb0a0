"""Takes turns at one company until its import is done; prints the seconds and its own memory as JSON."""

import json
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import django


def main(organization: UUID, company: UUID) -> None:
    django.setup()
    from integrations.inbound import importing
    from integrations.models import ImportState
    from integrations.serving import serve
    from regentra import garbage
    from tenants.scope import within

    garbage.collect_seldom()
    before, began = _megabytes(), time.perf_counter()
    while (run := _newest(organization)).state != ImportState.DONE:
        if run.state == ImportState.COUNTED:
            with within(organization):
                importing.begin(run, actor=run.asked_by)
        serve(company)
    peak, seconds = _megabytes(), time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "megabytes": peak, "grown": peak - before}))


def _newest(organization: UUID) -> Any:
    from integrations.models import ImportRun
    from tenants.scope import within

    with within(organization):
        return ImportRun.objects.select_related("connection", "asked_by").get()


def _megabytes() -> float:
    """The most this program has held; what `resource` tells begins with what its parent held."""
    (peak,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    ]
    return int(peak.split()[1]) / 1024


main(*map(UUID, sys.argv[1:]))
