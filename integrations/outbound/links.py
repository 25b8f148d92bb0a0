"""What both sides agreed on, written down. Runs inside ``within()``."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from billing.models import CreditMemo, Invoice
from integrations.documents import (
    CreditMemoDocument,
    Document,
    Held,
    InvoiceDocument,
    Kind,
    PaymentDocument,
    RefundReceiptDocument,
    fingerprint,
    to_json,
)
from integrations.models import Connection, Link
from regentra import clock

# One of theirs, by its kind and its id there.
Theirs = tuple[Kind, str]
# How long a change event may take to report a document that our own write moved (reference quickbooks 4.3: minutes).
RIPPLE_LIFE = timedelta(minutes=10)
# What we compute a total of.
COUNTED = InvoiceDocument | CreditMemoDocument | RefundReceiptDocument
# What `Link.taken` says of a payment.
DEPOSIT_ACCOUNT = "deposit_account"
OURS_ONCE = ("organization", "connection", "kind", "local_id")
# Events bear a finer time than documents, and another machine's.
ECHO_SLACK = timedelta(seconds=2)


def agree(
    connection: Connection,
    kind: Kind,
    local_id: UUID,
    *,
    ours: Document,
    held: Held,
    made_by_us: bool = True,
) -> Link:
    """Makes or renews the link of a document with what each side holds now."""
    values = _halves(ours, held, local_id)
    link = Link(
        connection=connection, kind=kind, local_id=local_id, made_by_us=made_by_us, **values
    )
    (kept,) = Link.objects.bulk_create(
        [link], update_conflicts=True, unique_fields=OURS_ONCE, update_fields=list(values)
    )
    return kept


def taken_over(
    connection: Connection, kind: Kind, pairs: Iterable[tuple[UUID, Document, Held]]
) -> None:
    """Links documents that were made over there and are new here: our id, how we hold it, how they do."""
    Link.objects.bulk_create(
        Link(
            connection=connection,
            kind=kind,
            local_id=local_id,
            made_by_us=False,
            **_halves(ours, held, local_id),
        )
        for local_id, ours, held in pairs
    )


def back_there(before: Link | None, ours: Document) -> None:
    """Once a payment is agreed on with the account that it was to go back to, nothing of that is left to do."""
    if before is None or not before.taken or not isinstance(ours, PaymentDocument):
        return
    if goes_back_to(before) == ours.deposit_account:
        Link.objects.filter(pk=before.pk).update(taken={})


def goes_back_to(link: Link) -> str:
    """The account that a payment is to be deposited to again, or ""."""
    account: str = link.taken.get(DEPOSIT_ACCOUNT, "")
    return account


def rated_since(before: Link | None, ours: Document) -> Document:
    """What was sent without an exchange rate, with the one that was read back and agreed on while it was on its way."""
    agreed = before.our_document() if before is not None else None
    if not isinstance(ours, InvoiceDocument | PaymentDocument) or ours.exchange_rate is not None:
        return ours
    if not isinstance(agreed, InvoiceDocument | PaymentDocument):
        return ours
    return replace(ours, exchange_rate=agreed.exchange_rate)


def see(link: Link, held: Held) -> None:
    """Takes note of what the other side holds now, without changing what we agreed to.

    What is gone keeps its version, by which a void of ours that is on its way names it.
    """
    values = _their_half(held)
    if held.deleted:
        del values["remote_version"]
    Link.objects.filter(pk=link.pk).update(**values)


def told(held: Held) -> dict[str, object]:
    """What is kept of what the other side holds, with a fingerprint for the document itself."""
    return {
        "remote_version": held.version,
        "remote_updated_at": held.updated_at,
        "remote_number": held.number,
        "their_fingerprint": "" if held.document is None else fingerprint(held.document),
        "their_total_minor": None if held.total is None else held.total.minor,
    }


def of_remote(connection: Connection, kind: Kind, remote_id: str) -> Link | None:
    """The link of one of their documents."""
    link = Link.objects.filter(connection=connection, kind=kind, remote_id=remote_id).first()
    if link is not None:
        link.connection = connection
    return link


def ours_of(connection: Connection, kind: Kind, remote_ids: Iterable[str]) -> dict[str, UUID]:
    """Which of their documents are here: our ids by theirs."""
    rows = Link.objects.filter(connection=connection, kind=kind, remote_id__in=list(remote_ids))
    return dict(rows.values_list("remote_id", "local_id"))


def remote_id_of(connection: Connection, kind: Kind, local_id: UUID) -> str:
    """The other side's id of one of our documents, or "" while it has none there."""
    mine = Link.objects.filter(connection=connection, kind=kind, local_id=local_id)
    return mine.values_list("remote_id", flat=True).first() or ""


def moved_by(document: Document) -> set[Theirs]:
    """The documents that this write moves over there."""
    moved = {(Kind.CUSTOMER, getattr(document, "customer", ""))}
    if isinstance(document, PaymentDocument):
        moved |= {(Kind.INVOICE, part.invoice) for part in document.applications}
        moved |= {(Kind.CREDIT_MEMO, part.credit_memo) for part in document.credits}
    return moved


def ripple(connection: Connection, moved: Iterable[Theirs]) -> None:
    """Marks documents that a write of ours has moved over there: their change events will be echoes."""
    by_kind: dict[Kind, list[str]] = {}
    for kind, remote_id in sorted(moved):
        by_kind.setdefault(kind, []).append(remote_id)
    for kind, remote_ids in by_kind.items():
        Link.objects.filter(connection=connection, kind=kind, remote_id__in=remote_ids).update(
            ripples_until=clock.now() + RIPPLE_LIFE
        )


def variance(ours: Document, held: Held, local_id: UUID) -> int:
    """Their total minus ours, in minor units; 0 for what has no total or stands at zero."""
    if held.total is None or not isinstance(ours, COUNTED):
        return 0
    if ours.voided:
        return 0
    if isinstance(ours, InvoiceDocument | CreditMemoDocument) and ours.tax is None:
        # They compute it; ours is the total by the tax of before.
        return held.total.minor - total_here(ours, local_id)
    return held.total.minor - our_total(ours)


def count_anew(link: Link) -> None:
    """The same where they compute the tax and the total of our row has moved since both sides agreed."""
    ours, theirs = link.our_document(), link.their_total_minor
    if not isinstance(ours, InvoiceDocument | CreditMemoDocument) or ours.voided or theirs is None:
        return
    if ours.tax is None:
        differs = theirs - total_here(ours, link.local_id)
        Link.objects.filter(pk=link.pk).update(variance_minor=differs)


def total_here(ours: InvoiceDocument | CreditMemoDocument, local_id: UUID) -> int:
    """The total of our row, in minor units."""
    rows = (Invoice if isinstance(ours, InvoiceDocument) else CreditMemo)._default_manager
    total: int = rows.values_list("total_minor", flat=True).get(pk=local_id)
    return total


def our_total(document: InvoiceDocument | CreditMemoDocument | RefundReceiptDocument) -> int:
    """The total of an invoice or credit memo as we send it, in minor units; without a tax where they compute it."""
    tax = 0 if document.tax is None else document.tax.minor
    return sum(line.amount.minor for line in document.lines) + tax


def _halves(ours: Document, held: Held, local_id: UUID) -> dict[str, Any]:
    return {
        "remote_id": held.id,
        "ours": to_json(ours),
        "fingerprint": fingerprint(ours),
        "variance_minor": variance(ours, held, local_id),
        "agreed_at": clock.now(),
        **_their_half(held),
    }


def _their_half(held: Held) -> dict[str, object]:
    document = held.document
    return {**told(held), "theirs": None if document is None else to_json(document)}


def is_echo(link: Link, event_at: datetime) -> bool:
    """Whether a change event tells nothing new: its time is not after our last answer and the slack of their clocks."""
    known = link.remote_updated_at
    own = known is not None and event_at <= known + ECHO_SLACK
    ripple = link.ripples_until is not None and event_at <= link.ripples_until
    return own or ripple
