"""What people changed over there after a change of ours had arrived and before we learned that it had.

Runs inside ``within()``.
"""

from dataclasses import replace

from integrations.documents import Held, Operation, changed_fields, merged
from integrations.models import Connection, Doorbell, Link
from integrations.outbound import due
from integrations.outbound.effects import OpenIntent
from integrations.outbound.recognise import NOT_OURS_ALONE
from regentra import clock


def left_out(link: Link | None, intent: OpenIntent, held: Held) -> Held:
    """Theirs as our change alone left it; the rest is met by the next look, as a change of theirs.

    Versions count up by one with each change (reference quickbooks 2.6).
    """
    before = link.their_document() if link else None
    if link is None or before is None or held.document is None or intent.before is None:
        return held
    ours_alone = int(intent.target_version) + 1
    if intent.operation is not Operation.UPDATE or int(held.version) <= ours_alone:
        return held
    sent = changed_fields(intent.before, intent.document)
    theirs = changed_fields(before, held.document) - sent - NOT_OURS_ALONE
    if not theirs:
        return held
    _have_read(link.connection, held)
    document = merged(held.document, before, theirs)
    return replace(held, document=document, version=str(ours_alone))


def _have_read(connection: Connection, held: Held) -> None:
    """The look that met it may be over, as nothing was judged while our change was on its way."""
    now = clock.now()
    Doorbell.objects.update_or_create(
        connection=connection,
        kind=held.kind,
        remote_id=held.id,
        closed_at=None,
        defaults={"event_at": now, "rung_at": now},
    )
    due.look_by_itself(connection.pk, now)
