"""What the mapping page says about one choice: a proposal, or what became of the entry that was chosen. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from integrations.documents import Company
from integrations.job_states import JobState
from integrations.mapping_slots import Slot
from integrations.models import Mapping, MappingSubject, MirrorEntry, SyncJob
from integrations.outbound.reviving import can_be_revived

# What waits while the entry chosen for it is in use no more.
AFFECTED = {
    MappingSubject.DEFAULT_ITEM: "Invoices with lines that have no item of their own wait",
    MappingSubject.ADJUSTMENT_ITEM: "Invoices with a write-off or rounding wait",
    MappingSubject.SERVICE: "Invoices with this service wait",
    MappingSubject.DEFAULT_INCOME_ACCOUNT: "It is for your reference only, so nothing waits",
    MappingSubject.LEDGER_ACCOUNT: "Invoices that book to it wait, where the sync rules say so",
    MappingSubject.TAX_REGION: "Invoices of this tax region wait",
    MappingSubject.UNTAXED: "Invoices with lines without tax wait, and so do refund receipts",
    MappingSubject.TERM: "Invoices with these terms wait",
    MappingSubject.PAYMENT_METHOD: "Payments by this method wait",
    MappingSubject.DEPOSIT_ACCOUNT: "Payments that go to it wait",
    MappingSubject.DEFAULT_CLASS: "Invoices wait",
    MappingSubject.SERVICE_CLASS: "Invoices with this service wait",
    MappingSubject.DEFAULT_LOCATION: "Invoices without a location wait",
    MappingSubject.LOCATION: "Invoices of this location wait",
    MappingSubject.CUSTOM_FIELD: "Invoices that have it wait",
    MappingSubject.REFUND_ACCOUNT: "Refunds that are expenses or refund receipts wait",
    MappingSubject.REFUND_EXPENSE_ACCOUNT: "Refunds that are expenses wait",
    MappingSubject.REFUND_TAX_CODE: "Refunds that are expenses wait",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence and, when there is something to propose, the entry that one click chooses and the button's words.

    ``create`` names the page on which one is made over there, ``revives`` is the entry that can be made active again.
    """

    text: str
    is_stale: bool = False
    proposed: str = ""
    action: str = ""
    create: str = ""
    revives: MirrorEntry | None = None


def about(
    slot: Slot,
    chosen: Mapping | None,
    entry: MirrorEntry | None,
    making: SyncJob | None,
    others: Collection[str] = (),
) -> Note | None:
    """What there is to say about a choice.

    ``entry`` is what the company's list holds of the one that was made, ``making`` what is on its way there for it,
    ``others`` what is not proposed because it stands for another one.
    """
    if chosen is None:
        return _proposal(slot, others) or _missing(slot, making)
    if entry is None or not entry.active:
        is_made = making is not None and making.kind == slot.kind
        return (
            _under_way(slot, making) if making and is_made else _stale(slot, chosen, entry, others)
        )
    if chosen.remote_name and chosen.remote_name != entry.name:
        words = f"It was called {chosen.remote_name} in QuickBooks when it was chosen."
        return Note(words, proposed=entry.remote_id, action=f"Keep {entry.name}")
    if making is None:
        return None
    return _changing(making) if slot.subject is MappingSubject.SERVICE else _item_of_account(making)


def on_tracking(company: Company) -> str:
    """Why there are no classes or no locations to choose; empty when there are both."""
    has_classes = company.class_per_document or company.class_per_line
    missing = [
        *([] if has_classes else ["classes"]),
        *([] if company.tracks_locations else ["locations"]),
    ]
    if not missing:
        return ""
    return (
        f"{company.name} has no {' and no '.join(missing)} switched on. QuickBooks has them in its editions Plus and "
        "Advanced, under gear → Account and Settings → Advanced → Categories. Refresh the lists here afterwards."
    )


def _proposal(slot: Slot, others: Collection[str]) -> Note | None:
    """Where nothing is chosen, an entry of the same name is most likely the one."""
    same = slot.named(slot.ours) if slot.ours else None
    if same is None or same.remote_id in others:
        return None
    return Note(
        f"QuickBooks has {same.name}, too.", proposed=same.remote_id, action=f"Use {same.name}"
    )


def _missing(slot: Slot, making: SyncJob | None) -> Note | None:
    """A service without an item may get one, and so a ledger account; what became of it so far is said."""
    if not slot.create:
        return None
    if making is None:
        return Note(f"QuickBooks has no {slot.kind} of this name.", create=slot.create)
    return _under_way(slot, making)


def _under_way(slot: Slot, making: SyncJob) -> Note:
    if making.state == JobState.ERRORED:
        return Note(f"It was not created: {making.reason}", is_stale=True, create=slot.create)
    return Note(f"It is being created. {making.reason}".strip())


def _changing(making: SyncJob) -> Note | None:
    """What the sync rules say is ours goes to the item."""
    if making.state != JobState.ERRORED:
        return None
    return Note(f"A change of it was refused: {making.reason}", is_stale=True)


def _item_of_account(making: SyncJob) -> Note:
    """The account is there; an item that books to it is not yet."""
    if making.state == JobState.ERRORED:
        words = f"An item that books to it was not created: {making.reason} Save to try again."
        return Note(words, is_stale=True)
    return Note(f"An item that books to it is being created. {making.reason}".strip())


def _stale(slot: Slot, chosen: Mapping, entry: MirrorEntry | None, others: Collection[str]) -> Note:
    """Made inactive, deleted, or merged into another one, which mostly bears one of the two names."""
    name = entry.name if entry else chosen.remote_name or f"Entry {chosen.remote_id}"
    # An entry that vanished gives its name free (`inbound/lists.py: forget`).
    became = "no longer active" if entry and entry.name_key else "deleted or merged into another"
    words = f"{name} is {became} in QuickBooks. {AFFECTED[slot.subject]}."
    revives = entry if entry and can_be_revived(entry) else None
    other = slot.named(name) or slot.named(slot.ours)
    if other is None or other.remote_id in others:
        return Note(words, is_stale=True, create=slot.create, revives=revives)
    instead = f"Use {other.name} instead"
    return Note(words, is_stale=True, proposed=other.remote_id, action=instead, revives=revives)
