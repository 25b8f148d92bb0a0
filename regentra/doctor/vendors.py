"""Can the vendors' hosts be reached from here? Asked for only, because it leaves this machine."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from regentra.doctor.findings import Finding

ADDRESSES = ("INTUIT_DISCOVERY_URL", "QUICKBOOKS_API_URL", "STRIPE_API_URL", "STRIPE_CONNECT_URL")
PATIENCE_SECONDS = 5


def examine_vendors() -> Iterator[Finding]:
    """Opens a connection to each host and closes it; nothing is sent."""
    for name in ADDRESSES:
        parts = urlsplit(getattr(settings, name))
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), PATIENCE_SECONDS).close()
        except OSError as failure:
            yield Finding(
                f"{parts.hostname}:{port} ({name}) cannot be reached: {failure}.",
                "Check the name, the firewall and the proxy of this machine.",
            )
