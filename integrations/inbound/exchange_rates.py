"""Exchange rates of documents that went out without one: read back from the answers, without another call.

Runs inside ``within()``.
"""

from collections.abc import Iterable
from dataclasses import replace

from billing.models import Invoice, Payment
from integrations.documents import InvoiceDocument, Kind, PaymentDocument, fingerprint, to_json
from integrations.inbound import apply
from integrations.models import Connection, Link


def take_back(connection: Connection) -> None:
    """After sending: the rate that a document was booked at is noted here."""
    company = connection.company_settings()
    if not company.multicurrency:
        return
    for kind, model in ((Kind.INVOICE, Invoice), (Kind.PAYMENT, Payment)):
        unrated = model._default_manager.filter(exchange_rate=None)
        _take(connection, kind, unrated.exclude(currency=company.currency))


def _take(connection: Connection, kind: Kind, unrated: Iterable[Invoice | Payment]) -> None:
    ours = {document.pk: document for document in unrated}
    for link in Link.objects.filter(connection=connection, kind=kind, local_id__in=ours):
        theirs, agreed = link.their_document(), link.our_document()
        if not isinstance(theirs, InvoiceDocument | PaymentDocument) or not theirs.exchange_rate:
            continue
        apply.take_rate(connection, ours[link.local_id], theirs.exchange_rate)
        if isinstance(agreed, InvoiceDocument | PaymentDocument):
            # What is agreed says it as well, so that it is no change that has to go out.
            agreed = replace(agreed, exchange_rate=theirs.exchange_rate)
            values = {"ours": to_json(agreed), "fingerprint": fingerprint(agreed)}
            Link.objects.filter(pk=link.pk).update(**values)
