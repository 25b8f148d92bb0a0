"""Are the ports free? Asked before anything starts, so that the answer is one clear line."""

import errno
import socket

from regentra.demo.environment import Ports
from regentra.demo.errors import CannotStart


def refuse_taken_ports(ports: Ports) -> None:
    """Raises `CannotStart` naming the port and the variable that moves it."""
    for variable, port in ports.by_variable.items():
        if _is_taken(port):
            raise CannotStart(
                f"Port {port} is taken by another program. "
                f"End that program, or choose another port: make demo {variable}={port + 1}"
            )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as failure:
            if failure.errno in (errno.EADDRINUSE, errno.EACCES):
                return True
            raise
    return False
