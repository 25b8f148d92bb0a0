"""What has to be in a company before a credit memo or a refund: the invoice that is credited, the payment paid back.

Alone they would stand there for good where what they are about never comes. Nothing is waited for that was never to go
to this company, such as an invoice of before it was connected. Runs inside ``within()``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from billing.models import CreditMemo, Invoice, Payment, PostedAs, Refund, Status
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import Connection, Link, SyncJob
from integrations.outbound import held_back
from integrations.outbound.prerequisites import (
    Missing,
    invoice_elsewhere,
    invoice_to_come,
    payment_to_come,
    void_to_come,
    waits_for,
)
from integrations.outbound.settled import Local
from integrations.policies import Policies

# The ways in which a refund is a document of its own.
POSTED_ALONE = (PostedAs.EXPENSE, PostedAs.REFUND_RECEIPT)


def credited_by(memos: Iterable[CreditMemo]) -> set[Local]:
    """The invoices that these are about, and the payments that they pay back."""
    invoices = {(Kind.INVOICE, one.invoice_id) for one in memos if one.invoice_id}
    return invoices | paid_back_by(refund for one in memos for refund in one.refunds.all())


def paid_back_by(refunds: Iterable[Refund]) -> set[Local]:
    """The payments that these pay back."""
    return {(Kind.PAYMENT, one.payment_id) for one in refunds}


def coming_first(
    connection: Connection,
    policies: Policies,
    memos: Iterable[CreditMemo],
    refunds: Iterable[Refund],
    links: Mapping[Local, Link],
    elsewhere: Mapping[Local, str],
) -> dict[UUID, list[Missing]]:
    """What each of these waits for while it is not there itself; nothing for one that is void or not decided on.

    ``links`` has those of what they are about, ``elsewhere`` the company an invoice is in when that is another one.
    """
    live = [one for one in memos if not one.is_void]
    paid = [one for one in refunds if not one.is_void and one.posting in POSTED_ALONE]
    owed = _owed(connection, _uncertain(live, paid, links))
    before = _Before(connection, policies, links, elsewhere, owed)
    found = {one.pk: list(before.credit_memo(one)) for one in live}
    found |= {one.pk: list(before.refund(one)) for one in paid}
    return {pk: missing for pk, missing in found.items() if missing}


def _uncertain(
    memos: list[CreditMemo], refunds: list[Refund], links: Mapping[Local, Link]
) -> set[Local]:
    """What they are about that is not there, or is there and may not be void there yet."""
    absent = (credited_by(memos) | paid_back_by(refunds)) - links.keys()
    voided = [one for one in memos if one.invoice and one.invoice.standing is Status.VOID]
    return absent | credited_by(voided)


@dataclass(frozen=True, slots=True)
class _Before:
    """``owed`` are the states of the jobs that this company has of them."""

    connection: Connection
    policies: Policies
    links: Mapping[Local, Link]
    elsewhere: Mapping[Local, str]
    owed: Mapping[Local, str]

    def credit_memo(self, memo: CreditMemo) -> Iterator[Missing]:
        if memo.invoice is not None:
            yield from self._credited(memo.invoice)
        for refund in memo.refunds.all():
            yield from self.refund(refund)

    def refund(self, refund: Refund) -> Iterator[Missing]:
        """Where the sync rules keep its payment, it waits for the same; and for the payment, whatever has that go."""
        local = (Kind.PAYMENT, refund.payment_id)
        if local in self.links or local not in self.owed:
            return
        waiting = waits_for(*local)
        held = self._held(refund.payment)
        yield from (replace(one, waits_for=waiting) for one in held)
        if not held:
            yield payment_to_come(waiting)

    def _credited(self, invoice: Invoice) -> Iterator[Missing]:
        local = (Kind.INVOICE, invoice.pk)
        is_void = invoice.standing is Status.VOID
        is_finished = self.owed.get(local, JobState.SYNCED) == JobState.SYNCED
        if local in self.links:
            if is_void and not is_finished:
                yield void_to_come(invoice.number, waits_for(*local))
        elif local in self.elsewhere:
            yield invoice_elsewhere(invoice.number, self.elsewhere[local])
        elif local in self.owed and not (is_void and is_finished):
            # A void one that never came counts on neither side.
            yield invoice_to_come(invoice.number, waits_for(*local))

    def _held(self, payment: Payment) -> list[Missing]:
        country = self.connection.company_settings().country
        return held_back.payment_by_rules(self.policies, payment, country=country, is_there=False)


def _owed(connection: Connection, about: set[Local]) -> dict[Local, str]:
    if not about:
        return {}
    rows = SyncJob.objects.filter(
        connection=connection,
        kind__in={kind for kind, _ in about},
        local_id__in={local_id for _, local_id in about},
    )
    return {
        (Kind(row.kind), row.local_id): row.state for row in rows.only("kind", "local_id", "state")
    }
