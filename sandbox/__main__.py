"""`python -m sandbox --port 8100 [--state DIR] [--seed N] [--app …]`, or `python -m sandbox check`."""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import threading

from sandbox import demo
from sandbox.apps import from_text
from sandbox.core import Sandbox
from sandbox.server import Box


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--state", help="folder to keep everything in; without it nothing is kept")
    parser.add_argument("--seed", help="same seed and same calls give the same journal")
    parser.add_argument(
        "--app", action="append", default=[], metavar="ID,SECRET,REDIRECT_URI,WEBHOOK_URL,VERIFIER",
        help="an app of the developer portal; also as JSON, also from SANDBOX_APP",
    )  # fmt: skip
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--empty", action="store_true", help="do not make the demo company")
    parser.add_argument(
        "--no-throttles", action="store_true", help="demo company without request limits"
    )
    return parser.parse_args(arguments)


def build(asked: argparse.Namespace) -> Sandbox:
    switches = dict(text.partition("=")[::2] for text in asked.switch)
    core = Sandbox(seed=asked.seed, state=asked.state, switches=switches)
    texts = asked.app + ([os.environ["SANDBOX_APP"]] if os.environ.get("SANDBOX_APP") else [])
    with core.lock, core.store.transaction():
        for text in texts:
            core.add_app(from_text(text))
    if not asked.empty and not core.companies:
        demo.make(core, throttles=not asked.no_throttles)
    return core


def run(asked: argparse.Namespace) -> int:
    try:
        core = build(asked)
    except sqlite3.OperationalError as error:
        print(
            f"The sandbox cannot use {asked.state}: {error}. Does another one run there?",
            file=sys.stderr,
        )
        return 1
    try:
        box = Box(core, asked.host, asked.port).start()
    except OSError as error:
        print(
            f"The sandbox cannot listen on {asked.host}:{asked.port}: {error.strerror}.",
            file=sys.stderr,
        )
        return 1
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    print(f"QuickBooks sandbox on {box.url}", flush=True)
    over.wait()
    box.stop()
    core.close()
    return 0


def main() -> int:
    if sys.argv[1:2] == ["check"]:
        from sandbox import checking

        return checking.main()
    return run(options(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
