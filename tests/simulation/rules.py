"""The sync rules that an admin chooses meanwhile, as the page of the rules does it. Runs inside ``within()``."""

import random
from typing import Any

from integrations import rule_changes
from integrations.policies import (
    OWNED,
    OWNED_OF_CUSTOMERS,
    OWNED_OF_ITEMS,
    Approval,
    ArchiveEffect,
    ClosedPeriod,
    CustomerCreate,
    CustomerFieldOwner,
    CustomerTerms,
    FieldOwner,
    InactiveEntries,
    ItemOwner,
    ItemsThere,
    LookBack,
    MatchKeys,
    NightlyLinking,
    PushWhen,
    RemoteDelete,
    SeenWithin,
    SignChange,
    SourcesExcluded,
    SyncCadence,
    UnpaidEdit,
)
from tenants.models import User

MATCHED_BY = ("email", "name", "email,name", "name,phone", "phone,email", "id,name")
# What may be chosen meanwhile. Left out are rules by which nothing goes, or theirs stays there, as what is to stand on
# both sides would not be known, and those that say how a document reads: they hold for what is sent next.
CHOSEN_FROM: dict[str, list[Any]] = {
    "push_when": [PushWhen.GENERATED, PushWhen.FINALISED, PushWhen.NIGHTLY, PushWhen.PAID],
    "approval": list(Approval),
    "archive_effect": list(ArchiveEffect),
    "closed_period": list(ClosedPeriod),
    "customer_create_policy": list(CustomerCreate),
    "customer_match_keys": [*map(MatchKeys, MATCHED_BY)],
    "customer_sources_excluded": list(SourcesExcluded),
    "customer_terms": list(CustomerTerms),
    "inactive_entries": list(InactiveEntries),
    "items_made_there": list(ItemsThere),
    "look_back": list(LookBack),
    "nightly_linking": list(NightlyLinking),
    "remote_delete_policy": list(RemoteDelete),
    "unpaid_edit_owner": [UnpaidEdit.LOCAL, UnpaidEdit.PER_FIELD, UnpaidEdit.PER_FIELD],
    "sign_change": list(SignChange),
    "sync_cadence": list(SyncCadence),
    "seen_within": list(SeenWithin),
    **{name: list(FieldOwner) for name in OWNED},
    "lines_owner": [FieldOwner.ASK, FieldOwner.OURS],
    **{name: list(ItemOwner) for name in OWNED_OF_ITEMS},
    **{name: list(CustomerFieldOwner) for name in OWNED_OF_CUSTOMERS},
}


def choose(chance: random.Random, actor: User) -> None:
    """One of them is changed."""
    name = chance.choice(list(CHOSEN_FROM))
    rule_changes.adopt({name: str(chance.choice(CHOSEN_FROM[name]))}, actor=actor)
