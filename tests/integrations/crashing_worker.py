"""A worker process that takes one turn and kills itself, as `kill -9` would, at a named point of a push.

Arguments: organization, connection, crash point such as "before Send", seconds the clock is ahead.
"""

import os
import signal
import sys
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID

import django

django.setup()

from integrations.governor.pace import Unpaced
from integrations.outbound import relay
from integrations.serving import serve
from regentra import clock


def main(organization: str, connection: str, point: str, ahead: str) -> None:
    def observe(phase: str, effect: Any) -> None:
        if f"{phase} {type(effect).__name__}" == point:
            os.kill(os.getpid(), signal.SIGKILL)

    later = clock.now() + timedelta(seconds=float(ahead))
    with clock.frozen(later) if float(ahead) else nullcontext():
        relay.relay(UUID(organization))
        serve(UUID(connection), pace=Unpaced(), observe=observe)


main(*sys.argv[1:])
