"""Documents of a customer of theirs in whose place is another one now. Runs inside ``within()``.

Their documents name that one then; it is no change anybody has to decide on.
"""

from dataclasses import replace

from django.db.models import QuerySet

from integrations.documents import (
    CreditMemoDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    PaymentDocument,
    RefundReceiptDocument,
    fingerprint,
    to_json,
)
from integrations.models import Connection, Discrepancy, Doorbell, Link
from integrations.outbound import jobs
from integrations.outbound.customer_links import NAMING


def name_anew(connection: Connection, gone_id: str, customer: str) -> None:
    """What is agreed on and what is asked about names this customer, and what was refused for the former one goes."""
    links = Link.objects.filter(connection=connection, kind__in=NAMING)
    for each in links.filter(ours__customer=gone_id):
        _name(each, customer)
    for question in _asked(connection).filter(theirs__customer=gone_id):
        question.theirs |= {"customer": customer}
        question.save(update_fields=["theirs"])
    jobs.take_up_naming(connection, gone_id)


def judge_anew(connection: Connection, customer: str) -> None:
    """That they name this customer was asked about while it was not known to be ours."""
    for question in _asked(connection).filter(theirs__customer=customer):
        Doorbell.ring_again(connection, question.kind, question.remote_id)


def _asked(connection: Connection) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(connection=connection, kind__in=NAMING, closed_at=None)


def _name(link: Link, customer: str) -> None:
    ours, theirs = _of(link.our_document(), customer), link.their_document()
    link.ours, link.fingerprint = to_json(ours), fingerprint(ours)
    if theirs is not None:
        theirs = _of(theirs, customer)
        link.theirs, link.their_fingerprint = to_json(theirs), fingerprint(theirs)
    link.save(update_fields=["ours", "fingerprint", "theirs", "their_fingerprint"])


def _of(document: Document, customer: str) -> Document:
    naming = InvoiceDocument | CreditMemoDocument | PaymentDocument
    assert isinstance(document, naming | ExpenseDocument | RefundReceiptDocument)
    return replace(document, customer=customer)
