"""What staff read about one document's sync: a pill, a sentence, and where to put it right.

Read in a handful of queries for a whole page of documents; nothing here changes anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from billing.models import Refund
from billing.money import Money
from integrations.announced import announced, unread
from integrations.batch_shares import batch_shares
from integrations.documents import Kind, MailDocument
from integrations.job_states import MEANING, JobState
from integrations.models import (
    QUICKBOOKS,
    ApiCall,
    Connection,
    ConnectionStatus,
    Discrepancy,
    Link,
    SyncJob,
)
from integrations.outbound import jobs
from integrations.outbound.jobs import NIGHTLY
from integrations.outbound.prerequisites import Need
from integrations.outbound.refunds import kind_of_refund

NEEDS = {
    Need.LISTS: "the company's lists",
    Need.CUSTOMER: "its customer in QuickBooks",
    Need.CUSTOMER_CHOICE: "a customer chosen",
    Need.EMAIL: "an e-mail address",
    Need.ITEM: "a service item",
    Need.LEDGER_ACCOUNT: "a ledger account linked",
    Need.ACCOUNT_ITEM: "an item of its ledger account",
    Need.TAX_CODE: "a tax code",
    Need.CHOICE: "another choice in the mapping",
    Need.INVOICE: "its invoice in QuickBooks",
    Need.VOID: "its invoice voided in QuickBooks",
    Need.CREDIT_MEMO: "its credit memo in QuickBooks",
    Need.OTHER_COMPANY: "to be entered as two payments",
    Need.DEPOSIT_ACCOUNT: "a deposit account in its currency",
    Need.REFUND: "a decision how it is posted",
    Need.REFUND_ACCOUNT: "an account for refunds",
    Need.PAYMENT: "its payment taken back",
    Need.PAID_BACK: "its payment in QuickBooks",
    Need.PAID_THERE: "payments in QuickBooks read",
    Need.SAME_PAYMENT: "a payment in QuickBooks compared",
    Need.CURRENCY: "the same currency",
    Need.CONSENT: "QuickBooks reconnected",
    Need.HELD: "the company confirmed",
    Need.STOPPED: "sending resumed",
    Need.COMPANY: "the company put right in QuickBooks",
    Need.FINALISED: "sending to the customer",
    Need.PAID: "payment in full",
    Need.NOT_SENT: "another sync rule",
    Need.NUMBER: "its number decided",
    Need.APPROVAL: "approval",
    Need.PAUSED: "sending to go on",
    Need.CLOSED: "an open period",
    Need.CLOSED_HELD: "the books opened",
    Need.TOO_OLD: "an earlier day in the sync rules",
}


@dataclass(frozen=True)
class Fix:
    """Where a person puts right what holds a document up: a page of ours, named with what it takes."""

    label: str
    page: str
    arguments: tuple[str, ...] = ()


FIXES = {
    Need.LISTS: Fix("See the company's lists", "integrations:mapping"),
    Need.ITEM: Fix("Choose a service item", "integrations:mapping"),
    Need.LEDGER_ACCOUNT: Fix("Link the ledger account", "integrations:mapping"),
    Need.ACCOUNT_ITEM: Fix("Open the mapping", "integrations:mapping"),
    Need.TAX_CODE: Fix("Open the mapping", "integrations:mapping"),
    Need.CHOICE: Fix("Open the mapping", "integrations:mapping"),
    Need.DEPOSIT_ACCOUNT: Fix("Choose a deposit account", "integrations:mapping"),
    Need.REFUND_ACCOUNT: Fix("Choose the accounts of refunds", "integrations:mapping"),
    Need.CONSENT: Fix("Reconnect QuickBooks", "integrations:quickbooks"),
    Need.HELD: Fix("Confirm the company", "integrations:quickbooks"),
    Need.NOT_SENT: Fix("See the sync rules", "integrations:rules"),
    Need.TOO_OLD: Fix("See the sync rules", "integrations:rules"),
    Need.PAUSED: Fix("See the pause", "integrations:quickbooks"),
    Need.STOPPED: Fix("See why sending is stopped", "integrations:quickbooks"),
}
# Likewise, on a page about the document itself.
OWN_FIXES = {
    Need.NUMBER: Fix("Compare both", "integrations:number_taken"),
    Need.EMAIL: Fix("Enter an e-mail address", "billing:invoice_edit"),
}
DOCUMENT_PAGES = {
    Kind.CUSTOMER: Fix("Open the customer", "billing:customer"),
    Kind.ACCOUNT: Fix("Open the ledger account", "billing:ledger_account"),
    Kind.ITEM: Fix("See what it is for", "integrations:made_for"),
    Kind.INVOICE: Fix("Open the invoice", "billing:invoice"),
    Kind.CREDIT_MEMO: Fix("Open the credit memo", "billing:credit_memo"),
    Kind.PAYMENT: Fix("Open the payment", "billing:payment"),
    Kind.EXPENSE: Fix("Open the refund", "billing:refund"),
    Kind.REFUND_RECEIPT: Fix("Open the refund", "billing:refund"),
    Kind.MAIL: Fix("Open the invoice", "billing:invoice"),
}


@dataclass(frozen=True)
class Pill:
    """Colour, icon and word of a state, as `components/pill.html` draws it."""

    tone: str
    icon: str
    text: str
    struck: bool = False


@dataclass(frozen=True)
class Standing:
    """Where one document stands with QuickBooks. ``job`` and ``link`` are None until it was ever meant to go there.

    ``is_announced`` while something staff did to it is not in its job yet, ``differs`` while a question is open.
    """

    kind: Kind
    local_id: UUID
    job: SyncJob | None = None
    link: Link | None = None
    is_announced: bool = False
    differs: bool = False

    @property
    def connection(self) -> Connection | None:
        holder = self.job or self.link
        return holder.connection if holder else None

    @property
    def state(self) -> JobState | None:
        """None when nothing is owed and nothing ever was."""
        if self.is_announced:
            return JobState.PENDING
        return JobState(self.job.state) if self.job else None

    @property
    def is_moving(self) -> bool:
        """Whether it changes by itself soon, so that a page looks again."""
        return self.state == JobState.PENDING and not self.waits_for_night

    @property
    def waits_for_night(self) -> bool:
        return bool(self.job and not self.is_announced and self.job.reason_code == NIGHTLY)

    @property
    def is_voided(self) -> bool:
        return bool(self.link and self.link.ours.get("voided"))

    @property
    def is_settled(self) -> bool:
        """Whether both sides hold the same and nothing is owed."""
        return self.link is not None and self.state in (None, JobState.SYNCED)

    @property
    def title(self) -> str:
        """What pointing at the pill tells: the sentence of its state, and the reason."""
        if self.state is None:
            return "Linked to QuickBooks" if self.link else "Not sent to QuickBooks"
        return " ".join(filter(None, [MEANING[self.state], self.reason]))

    @property
    def need(self) -> Need | None:
        """What a Blocked document waits for."""
        code = self.job.reason_code if self.job and self.state == JobState.BLOCKED else ""
        return Need(code) if code in list(Need) else None

    @cached_property
    def pill(self) -> Pill:
        if self.state == JobState.PENDING:
            return Pill("grey", "clock", "Pending")
        if self.state == JobState.BLOCKED:
            return Pill("amber", "hourglass-split", f"Needs {NEEDS.get(self.need, 'a look')}")  # type: ignore[arg-type]
        if self.state == JobState.ERRORED:
            return Pill("red", "exclamation-octagon", "Errored")
        return self._settled_pill()

    def _settled_pill(self) -> Pill:
        if self.link is None:
            return Pill("quiet", "cloud-slash", "Not synced")
        if self.is_voided:
            return Pill("grey", "slash-circle", "Voided", struck=True)
        if self.kind is Kind.MAIL:
            return Pill("green", "envelope", "E-mailed")
        if self.differs:
            return Pill("violet", "exclamation-triangle", "Differs")
        if self.link.variance_minor:
            return Pill("violet", "exclamation-triangle", "Total differs")
        return Pill("green", "cloud-check", "Synced")

    @property
    def reason(self) -> str:
        return self.job.reason if self.job and not self.is_announced else ""

    @property
    def fix(self) -> Fix | None:
        """Where this is put right, or None when waiting or trying again is all there is to do."""
        if self.job is None or self.need is None:
            return None
        if own := OWN_FIXES.get(self.need):
            return replace(own, arguments=(str(self.local_id),))
        return FIXES.get(self.need) or self._fix_elsewhere(self.job)

    @property
    def fix_elsewhere(self) -> Fix | None:
        """`fix` as the document's own page shows it: nothing where it leads to that page."""
        own = DOCUMENT_PAGES[self.kind]
        leads_here = replace(own, arguments=(str(self.local_id),))
        return None if self.fix == leads_here else self.fix

    def _fix_elsewhere(self, job: SyncJob) -> Fix:
        """What is waited for is another document, or this one itself."""
        kind, _, local_id = job.waits_for.partition(":")
        if not local_id:
            kind, local_id = self.kind, str(self.local_id)
        page = DOCUMENT_PAGES[Kind(kind)]
        return Fix(page.label, page.page, (local_id,))

    @property
    def mail(self) -> MailDocument | None:
        """Of an e-mail: when it went out last, and where."""
        ours = self.link.our_document() if self.link else None
        return ours if isinstance(ours, MailDocument) else None

    def their_total(self, currency: str) -> Money | None:
        """The total as it is over there, when it is known."""
        minor = self.link.their_total_minor if self.link else None
        return None if minor is None else Money(minor, currency)

    def variance(self, currency: str) -> Money | None:
        """Their total minus ours, when they differ."""
        minor = self.link.variance_minor if self.link else 0
        return Money(minor, currency) if minor else None


def standings(
    documents: Iterable[Any], mails_of: Iterable[Any] = ()
) -> dict[tuple[Kind, UUID], Standing]:
    """The standing of each billing document, and of the e-mail of each of these invoices, by kind and id.

    A handful of queries for all of them.
    """
    by_kind: dict[Kind, list[UUID]] = {}
    for document in documents:
        by_kind.setdefault(kind_of(document), []).append(document.pk)
    for invoice in mails_of:
        by_kind.setdefault(Kind.MAIL, []).append(invoice.pk)
    return _of_kinds(by_kind)


def kind_of(document: Any) -> Kind:
    """The kind of a billing document; a refund's is how it is posted."""
    if isinstance(document, Refund):
        return kind_of_refund(document)
    return Kind(document._meta.model_name)


def calls_of(standing: Standing) -> dict[str, Any]:
    """How many requests the document has cost, how many of them were metered, its shares of batches, and how often what
    is owed now was tried.
    """
    owed = [standing.job] if standing.job and standing.state != JobState.SYNCED else []
    calls = ApiCall.objects.filter(kind=standing.kind, local_id=standing.local_id)
    counted = calls.aggregate(calls=Count("pk"), metered=Count("pk", filter=Q(metered=True)))
    return {
        **counted,
        "shares": batch_shares(standing.kind, standing.local_id),
        "attempts": sum(jobs.attempts_of(owed).values()),
    }


def _of_kinds(by_kind: Mapping[Kind, list[UUID]]) -> dict[tuple[Kind, UUID], Standing]:
    told = {kind: unread(kind, ids) for kind, ids in by_kind.items()}
    these = {
        "kind__in": list(by_kind),
        "local_id__in": {each for ids in by_kind.values() for each in ids},
    }
    owed = _latest(SyncJob.objects.filter(**these))
    links = _latest(Link.objects.filter(**these))
    asked = Discrepancy.objects.filter(**these, closed_at=None)
    differing = set(asked.values_list("kind", "local_id"))
    known = {*owed, *links}
    waiting = {
        (kind, each)
        for kind in by_kind
        for each in announced(told[kind], known={one for of, one in known if of == kind})
    }
    return {
        (kind, each): Standing(
            kind,
            each,
            *_of_one_company(owed.get((kind, each)), links.get((kind, each))),
            is_announced=(kind, each) in waiting,
            differs=(kind, each) in differing,
        )
        for kind, ids in by_kind.items()
        for each in ids
    }


def _of_one_company(job: SyncJob | None, link: Link | None) -> tuple[SyncJob | None, Link | None]:
    # A link to a company that was left says nothing about the one that is connected now.
    if job is not None and link is not None and job.connection_id != link.connection_id:
        link = None
    return job, link


def _latest(rows: Any) -> dict[tuple[str, UUID], Any]:
    """One row per document: of the default company before others in use, else of the one connected last."""
    found = rows.filter(connection__vendor=QUICKBOOKS).select_related("connection")
    ordered = sorted(found, key=lambda row: _weight(row.connection))
    return {(row.kind, row.local_id): row for row in ordered}


def _weight(connection: Connection) -> tuple[bool, bool, datetime]:
    is_live = connection.status != ConnectionStatus.DISCONNECTED
    return is_live, connection.is_default, connection.connected_at
