"""The mapping as a part of the file of the sync rules: by names, as ids mean nothing in another company.

{"mapping": {"service": {"Backup": "Cloud backup"}, "deposit_account": {"default": "Checking"}}}
"""

from collections.abc import Iterable

from integrations.company_mapping import CompanyMapping
from integrations.mapping_slots import Slot
from integrations.models import MirrorEntry
from integrations.policy_file import Chosen, FileRefused

Resolved = list[tuple[Slot, MirrorEntry]]


def written(mapping: CompanyMapping | None) -> dict[str, dict[str, str]]:
    """What was chosen, by the names of ours and of theirs; nothing while no company is connected."""
    if mapping is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, slot in mapping.slots.items():
        row = mapping.choice(name)
        if row is not None:
            called = slot.name_of(row.remote_id) or row.remote_name
            found.setdefault(str(slot.subject), {})[slot.word] = called
    return found


def resolved(mapping: CompanyMapping | None, chosen: Iterable[Chosen]) -> Resolved:
    """The choices of a file in this company. Raises `FileRefused` for the first that it does not have."""
    wanted = list(chosen)
    if not wanted:
        return []
    if mapping is None:
        raise FileRefused("The file holds a mapping; connect QuickBooks first.")
    known = {(str(slot.subject), slot.word): slot for slot in mapping.slots.values()}
    slots_meant = [_slot(known, one) for one in wanted]
    return [(slot, _entry(slot, one)) for slot, one in zip(slots_meant, wanted, strict=True)]


def _slot(known: dict[tuple[str, str], Slot], one: Chosen) -> Slot:
    slot = known.get((one.subject, one.ours))
    if slot is None:
        kinds = {subject for subject, _ in known}
        what = f"“{one.ours}” of {one.subject}" if one.subject in kinds else f"“{one.subject}”"
        raise FileRefused(f"Line {one.line}: there is no {what} here.")
    return slot


def _entry(slot: Slot, one: Chosen) -> MirrorEntry:
    same = slot.entries.called(one.theirs)
    if len(same) != 1:
        how_many = "several" if same else "nothing active"
        raise FileRefused(
            f"Line {one.line}: for “{one.ours}” QuickBooks has {how_many} called “{one.theirs}”."
        )
    return same[0]
