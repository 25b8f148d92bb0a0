"""What a payment settles and uses, and how much of that finds room on the other side.

Where the other side counts less for a document than we do, its last payment finds less room there than it settles
here, and QuickBooks refuses to settle more than is open. What finds no room stays unapplied over there, so that the
money is there to the cent and the document is paid on both sides; that the totals differ is shown at the document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from billing.models import Allocation, CreditUse, Payment
from billing.money import Money
from integrations.documents import (
    Application,
    Document,
    Kind,
    PaymentDocument,
    fingerprint,
    to_json,
)
from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound import jobs
from integrations.outbound.beyond import Share, shares
from integrations.outbound.links import ours_of

Local = tuple[Kind, UUID]

# There is no open balance left for what a payment puts on it (reference quickbooks 5.6, not confirmed).
NO_ROOM = ("620", "6000")
# What payments settle or use.
SETTLED_BY_PAYMENTS = (Kind.INVOICE, Kind.CREDIT_MEMO)


def settled_by(payment: Payment) -> dict[Local, int]:
    """The invoices it pays and the credit memos it uses, and how much of each, in minor units."""
    paid = {(Kind.INVOICE, one.invoice_id): one.amount_minor for one in payment.allocations.all()}
    used = {
        (Kind.CREDIT_MEMO, one.credit_memo_id): one.amount_minor
        for one in payment.credit_uses.all()
    }
    return {**paid, **used}


def settled_elsewhere(
    connection: Connection, payments: Iterable[Payment], links: Mapping[Local, Link]
) -> dict[UUID, tuple[Application, ...]]:
    """What each payment puts over there on invoices that are not here, or came here after it was agreed on.

    An update that left it out would let it go.
    """
    agreed = {one.pk: links.get((Kind.PAYMENT, one.pk)) for one in payments if not one.is_void}
    parts = {pk: _applications(link) for pk, link in agreed.items() if link is not None}
    named = {part.invoice for one in parts.values() for part in one}
    if not named:
        return {}
    ours = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=named)
    came = dict(ours.values_list("remote_id", "linked_at"))
    return {
        pk: tuple(part for part in parts[pk] if _is_elsewhere(part, came, link))
        for pk, link in agreed.items()
        if link is not None
    }


def came_here(connection: Connection, links: Iterable[Link]) -> dict[UUID, dict[UUID, Money]]:
    """What payments put over there on invoices that came here later, by payment and invoice, as it was agreed on.

    Only of one whose own changes have arrived is it told from what staff have taken off the invoice since.
    """
    live = {link.local_id: _applications(link) for link in links if not link.ours.get("voided")}
    named = {part.invoice for parts in live.values() for part in parts}
    if not named:
        return {}
    here = ours_of(connection, Kind.INVOICE, named)
    settled = Allocation.objects.filter(payment__in=live, invoice__in=here.values())
    known = set(settled.values_list("payment_id", "invoice_id"))
    found: dict[UUID, dict[UUID, Money]] = defaultdict(dict)
    for payment_id, parts in live.items():
        for part in parts:
            invoice_id = here.get(part.invoice)
            if invoice_id is not None and (payment_id, invoice_id) not in known:
                found[payment_id][invoice_id] = part.amount
    return dict(found)


def _applications(link: Link) -> tuple[Application, ...]:
    """Without those over nothing, which are to be let go."""
    ours = link.our_document()
    if not isinstance(ours, PaymentDocument):
        return ()
    return tuple(part for part in ours.applications if part.amount)


def _is_elsewhere(part: Application, came: Mapping[str, datetime], link: Link) -> bool:
    since = came.get(part.invoice)
    return since is None or since > link.agreed_at


def without_room(
    payments: Iterable[Payment], links: Mapping[Local, Link]
) -> dict[tuple[UUID, Local], int]:
    """How much of a payment's part of a document has no room there, in minor units, by payment and document.

    What was settled first has its room first.
    """
    touched = {local for one in payments for local in settled_by(one)}
    room = {local: _total_there(links[local]) for local in touched if _is_less(links.get(local))}
    found = {}
    for payment_id, local, amount in _parts(room) if room else ():
        fits = min(amount, room[local])
        room[local] -= fits
        if fits < amount:
            found[payment_id, local] = amount - fits
    return found


def to_come_after(
    crowded: Iterable[Payment],
    links: Mapping[Local, Link],
    elsewhere: Mapping[UUID, tuple[Application, ...]],
) -> dict[tuple[UUID, Local], int]:
    """What a payment that found no room puts on documents beyond what stands there, where it lets go of others at the
    same time. In minor units, by payment and document. What it keeps ``elsewhere`` it does not let go.

    What it lets go goes first: another payment may wait for that room, and leave the one that this one waits for.
    """
    found = {}
    for payment in crowded:
        link = links.get((Kind.PAYMENT, payment.pk))
        there = shares(link.our_document() if link else None)
        settles = {local: amount for local, amount in settled_by(payment).items() if local in links}
        kept = {(Kind.INVOICE, part.invoice) for part in elsewhere.get(payment.pk, ())}
        kept |= {
            share
            for local, amount in settles.items()
            if there.get(share := _share(links[local]), 0)
            <= amount + max(0, links[local].variance_minor)
        }
        if there.keys() - kept:
            for local, amount in settles.items():
                if (more := amount - there.get(_share(links[local]), 0)) > 0:
                    found[payment.pk, local] = more
    return found


def settle_what_had_no_room(connection: Connection, kind: Kind, local_id: UUID) -> None:
    """After a change of either side of a document: payments that settle less of it there than here go again.

    Where there is still no room for more they are as agreed, and nothing is sent. What was refused, waits or is asked
    about stays so: a person, or what it waits for, has it go.
    """
    if kind not in SETTLED_BY_PAYMENTS:
        return
    link = Link.objects.filter(connection=connection, kind=kind, local_id=local_id).first()
    parts = {payment: amount for payment, _, amount in _parts([(kind, local_id)])}
    if link is None or not parts:
        return
    mine = {"connection": connection, "kind": Kind.PAYMENT}
    synced = SyncJob.objects.filter(**mine, local_id__in=parts, state=JobState.SYNCED)
    asked = Discrepancy.objects.filter(**mine, closed_at=None)
    agreed = Link.objects.filter(**mine, local_id__in=synced.values("local_id")).exclude(
        remote_id__in=asked.values("remote_id")
    )
    for payment in agreed.order_by("linked_at", "pk"):
        there = shares(payment.our_document())
        if there.get((kind, link.remote_id), 0) < parts[payment.local_id]:
            jobs.want(connection, Kind.PAYMENT, payment.local_id)


def let_go(connection: Connection, before: Document | None, after: Document | None) -> None:
    """After a change of a payment on either side: what it has let go of a document has room for others."""
    now = shares(after)
    less = {theirs for theirs, amount in shares(before).items() if now.get(theirs, 0) < amount}
    for kind, remote_id in sorted(less):
        link = Link.objects.filter(connection=connection, kind=kind, remote_id=remote_id).first()
        if link is not None:
            settle_what_had_no_room(connection, kind, link.local_id)


def forget(connection: Connection, gone: str) -> None:
    """An invoice of ours that is gone over there is made again: no payment puts anything on the former one any more.

    An update that named it would be refused. Payments that were refused go again, but for those that are asked about.
    """
    mine = {"connection": connection, "kind": Kind.PAYMENT}
    for link in Link.objects.filter(**mine, ours__applications__contains=[{"invoice": gone}]):
        ours = link.our_document()
        assert isinstance(ours, PaymentDocument)
        left = tuple(part for part in ours.applications if part.invoice != gone)
        after = replace(ours, applications=left)
        Link.objects.filter(pk=link.pk).update(ours=to_json(after), fingerprint=fingerprint(after))
        asked = Discrepancy.objects.filter(**mine, remote_id=link.remote_id, closed_at=None)
        refused = SyncJob.objects.filter(**mine, local_id=link.local_id, state=JobState.ERRORED)
        if refused.exists() and not asked.exists():
            jobs.want(connection, Kind.PAYMENT, link.local_id)


def go_on(connection: Connection, payment_id: UUID, sent: Document) -> None:
    """A payment of which less was sent than it settles here goes again, as room may have come since.

    Where none has come it is as agreed, and nothing is sent. What was refused or waits stays so.
    """
    job = SyncJob.objects.filter(connection=connection, kind=Kind.PAYMENT, local_id=payment_id)
    if not job.filter(state__in=(JobState.SYNCED, JobState.PENDING)).exists():
        return
    payment = Payment.objects.prefetch_related("allocations", "credit_uses").get(pk=payment_id)
    wanted, there = settled_by(payment), shares(sent)
    rows = Link.objects.filter(connection=connection, local_id__in=[one for _, one in wanted])
    for link in rows.only("kind", "local_id", "remote_id"):
        kind = Kind(link.kind)
        if there.get((kind, link.remote_id), 0) < wanted.get((kind, link.local_id), 0):
            jobs.want(connection, Kind.PAYMENT, payment_id)
            return


def _share(link: Link) -> Share:
    return Kind(link.kind), link.remote_id


def _is_less(link: Link | None) -> bool:
    return link is not None and link.variance_minor < 0


def _total_there(link: Link) -> int:
    return link.their_total_minor or 0


def _parts(documents: Iterable[Local]) -> Iterator[tuple[UUID, Local, int]]:
    """What settles or uses these documents, in the order in which it was recorded."""
    ids = [local_id for _, local_id in documents]
    paid = Allocation.objects.filter(invoice__in=ids).values_list("invoice_id", *_PART)
    for invoice, *part in paid.order_by("payment__created_at", "payment"):
        yield part[0], (Kind.INVOICE, invoice), part[1]
    used = CreditUse.objects.filter(credit_memo__in=ids).values_list("credit_memo_id", *_PART)
    for memo, *part in used.order_by("payment__created_at", "payment"):
        yield part[0], (Kind.CREDIT_MEMO, memo), part[1]


_PART = ("payment_id", "amount_minor")
