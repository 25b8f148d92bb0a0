"""E-mails that QuickBooks sends for us: what is kept of one that is out. Runs inside ``within()``."""

from dataclasses import replace
from uuid import UUID

from integrations.documents import Held, InvoiceDocument, Kind, MailDocument, fingerprint
from integrations.models import Connection
from integrations.outbound import links


def note_sent(connection: Connection, invoice_id: UUID, mail: MailDocument, held: Held) -> None:
    """Links the e-mail with when and where it went; its invoice, which is what they hold of it, has moved by it."""
    to = held.document.email if isinstance(held.document, InvoiceDocument) else ""
    sent = replace(mail, sent_at=held.emailed_at, sent_to=to or mail.sent_to)
    theirs = replace(held, kind=Kind.MAIL, document=sent, total=None)
    links.agree(connection, Kind.MAIL, invoice_id, ours=sent, held=theirs)
    _see_invoice(connection, held)


def _see_invoice(connection: Connection, held: Held) -> None:
    """Unless somebody has changed it as well: then the next look asks about that."""
    link = links.of_remote(connection, Kind.INVOICE, held.id)
    if link is None or held.document is None:
        return
    if fingerprint(held.document) == link.their_fingerprint:
        links.see(link, held)
