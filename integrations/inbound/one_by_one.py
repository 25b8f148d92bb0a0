"""An entry of their lists that billing refuses is left out alone and holds up no other. Runs inside ``within()``."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import transaction

from billing.errors import BillingError
from integrations.models import MirrorEntry

log = structlog.get_logger()


@contextmanager
def contained(entry: MirrorEntry) -> Iterator[None]:
    """What was done here for an entry is undone when billing refuses a part of it; the log says which."""
    try:
        with transaction.atomic():
            yield
    except BillingError as refusal:
        reason = type(refusal).__name__
        log.warning("entry left out", kind=entry.kind, remote_id=entry.remote_id, reason=reason)
