"""A change that both sides made alike is no difference. Runs inside ``within()``."""

from integrations.documents import Held, Kind, changed_fields, merged
from integrations.models import Link
from integrations.outbound import links
from integrations.outbound.compose import document_now

# What people edit on both sides without it being put together field by field, as customers are.
OF_KINDS = (Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT)


def agree_on(link: Link, held: Held) -> bool:
    """Agrees on what they changed where all of it is as ours is by now, sent or not. Says whether it did."""
    ours, theirs = link.our_document(), link.their_document()
    if held.kind not in OF_KINDS or held.document is None or theirs is None:
        return False
    now = document_now(link.connection, held.kind, link.local_id)
    there = changed_fields(theirs, held.document)
    if now is None or there & changed_fields(now, held.document):
        return False
    agreed = merged(ours, held.document, there)
    links.agree(link.connection, held.kind, link.local_id, ours=agreed, held=held)
    return True
