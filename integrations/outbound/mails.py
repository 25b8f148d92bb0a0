"""E-mails that QuickBooks sends for us: what is kept of one that is out. Runs inside ``within()``."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from billing.models import Invoice
from integrations.documents import Document, Held, InvoiceDocument, Kind, MailDocument, fingerprint
from integrations.job_states import JobState
from integrations.models import Connection, Intent, IntentState, Link, SyncJob
from integrations.outbound import jobs, links
from integrations.outbound.recognise import is_out, was_mailed


def note_sent(connection: Connection, invoice_id: UUID, mail: MailDocument, held: Held) -> None:
    """Links the e-mail with when and where it went; its invoice, which is what they hold of it, has moved by it."""
    _link(connection, invoice_id, mail, held)
    _see_invoice(connection, held)


def settle_forgotten(
    connection: Connection, documents: Iterable[Held], *, asked_by: datetime
) -> None:
    """What was asked for by then, and went out since without a trace here, is owed no more, whatever it waits for.

    It was forgotten here, as by a restore. An e-mail has no mark by which it would be known again, and its job may be
    taken up only when nobody looks for it any more.
    """
    mailed = {one.id: one for one in documents if one.kind is Kind.INVOICE and one.emailed_at}
    if not mailed:
        return
    there = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=mailed)
    held = {local_id: mailed[one] for local_id, one in there.values_list("local_id", "remote_id")}
    about = {"connection": connection, "kind": Kind.MAIL, "local_id__in": held}
    former = {link.local_id: link.our_document() for link in Link.objects.filter(**about)}
    # What became of these is found out by whoever sent them.
    uncertain = Intent.objects.filter(**about, state=IntentState.OPEN).values("local_id")
    asked = Invoice.objects.filter(pk__in=held, email_asked_at__lte=asked_by)
    for invoice in asked.exclude(pk__in=uncertain).select_related("customer"):
        _settle(connection, invoice, held[invoice.pk], former.get(invoice.pk))


def _settle(connection: Connection, invoice: Invoice, held: Held, former: Document | None) -> None:
    assert invoice.email_asked_at is not None
    mail = MailDocument(held.id, invoice.email_asked_at, sent_to=invoice.address)
    if is_out(mail, former) or not was_mailed(held, mail.asked_at, former):
        return
    _link(connection, invoice.pk, mail, held)
    owed = SyncJob.objects.filter(connection=connection, kind=Kind.MAIL, local_id=invoice.pk)
    for job in owed.exclude(state=JobState.SYNCED):
        job.connection = connection
        jobs.agreed(job, job.wanted, is_awaited=False)


def _link(connection: Connection, invoice_id: UUID, mail: MailDocument, held: Held) -> None:
    to = held.document.email if isinstance(held.document, InvoiceDocument) else ""
    sent = replace(mail, sent_at=held.emailed_at, sent_to=to or mail.sent_to)
    theirs = replace(held, kind=Kind.MAIL, document=sent, total=None)
    links.agree(connection, Kind.MAIL, invoice_id, ours=sent, held=theirs)


def _see_invoice(connection: Connection, held: Held) -> None:
    """Unless somebody has changed it as well: then the next look asks about that."""
    link = links.of_remote(connection, Kind.INVOICE, held.id)
    if link is None or held.document is None:
        return
    if fingerprint(held.document) == link.their_fingerprint:
        links.see(link, held)
