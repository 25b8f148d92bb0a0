"""Changes of the sync rules and the mapping: made at once, or proposed to a second person (N-14).

Runs inside ``within()``.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from integrations import causes
from integrations.company_mapping import CompanyMapping
from integrations.documents import Kind
from integrations.first_steps import MAPPED
from integrations.forms import MappingForm
from integrations.inbound import customer_fields, items_there, terms_there
from integrations.models import (
    QUICKBOOKS,
    RULES_CHANGED,
    Connection,
    ProposalState,
    RuleProposal,
    changes_of,
    hold_policies,
    live_connections,
    policies_in_force,
    set_policies,
)
from integrations.outbound import due, jobs, left_to_button, new_entries, wishes
from integrations.outbound.prerequisites import MAPPING_NEEDS
from integrations.policies import (
    RULES,
    CustomerFieldOwner,
    Policies,
    PushWhen,
    RuleChanges,
    changes,
)
from regentra import clock
from tenants import audit
from tenants.models import Membership, Role, User
from tenants.scope import current_organization_id

Differing = dict[str, tuple[str, str]]


class NotPossible(ValueError):
    """This change cannot be made now; the sentence says why."""


def need_second_person() -> bool:
    """Whether a change waits until another person has approved it; until the transaction ends nobody changes that."""
    hold()
    return policies_in_force().rule_changes is RuleChanges.SECOND_PERSON


def adopt(chosen: Mapping[str, str], *, actor: User) -> Differing:
    """Has these choices hold from now on, the others as they are; says which differ from those before.

    Raises `NotPossible`, and `NoSuchChoice` for what cannot be chosen.
    """
    hold()
    before = policies_in_force()
    wanted = before.changed_by(chosen)
    differing = changes(before, wanted)
    if not differing:
        return {}
    _check_second_person(before, wanted)
    set_policies(wanted)
    audit.record(RULES_CHANGED, actor=actor, **_said(differing))
    if "push_when" in differing:
        _change_when(wanted.push_when)
    for connection in live_connections():
        _follow(connection, before, wanted)
    return differing


def last_to_change(rule: str) -> str:
    """Who changed this rule last; empty where nobody is known to have."""
    line = changes_of(rule).select_related("actor").first()
    return audit.who(line) if line else ""


def adopt_mapping(mapping: CompanyMapping, choices: Mapping[str, str], *, actor: User) -> list[str]:
    """Stores these choices, and has what waited for them go on; says which.

    Written down also when nothing changed: somebody has looked and agreed to the defaults.
    """
    connection = mapping.connection
    mapping.store(choices)
    changed = sorted(choices)
    audit.record(
        MAPPED,
        actor=actor,
        object_kind="connection",
        object_id=connection.id,
        fields=changed,
    )
    jobs.release_all(connection, *MAPPING_NEEDS)
    new_entries.try_again(connection)
    return changed


def propose(
    chosen: Mapping[str, str],
    mapping: CompanyMapping | None = None,
    choices: Mapping[str, str] | None = None,
    *,
    actor: User,
) -> RuleProposal | None:
    """Writes down what is to be changed, for a second person; None when nothing would change.

    Raises `NoSuchChoice` for what cannot be chosen.
    """
    now = policies_in_force()
    differing = changes(now, now.changed_by(chosen))
    mapped = _differing(mapping, choices) if mapping and choices else {}
    if not differing and not mapped:
        return None
    proposal = RuleProposal.objects.create(
        connection=mapping.connection if mapping and mapped else None,
        rules=differing,
        mapping=mapped,
        proposed_by=actor,
    )
    _record("sync_rules.proposed", proposal, actor)
    causes.change_proposed(proposal)
    return proposal


@transaction.atomic
def approve(proposal_id: UUID, *, actor: User) -> None:
    """Makes the changes of a proposal. Raises `NotPossible`, also when something has changed since."""
    hold()
    proposal = _waiting(proposal_id)
    if proposal.proposed_by_id == actor.pk:
        raise NotPossible("Somebody else has to approve what you proposed.")
    chosen = _chosen(proposal)
    form = _form(proposal)
    _decide(proposal, ProposalState.APPROVED, actor)
    _record("sync_rules.approved", proposal, actor)
    if form is not None:
        adopt_mapping(form.mapping, form.changes, actor=actor)
    adopt(chosen, actor=actor)


def reject(proposal_id: UUID, *, actor: User) -> None:
    """Drops a proposal; whoever made it may, too. Raises `NotPossible` for one that is decided."""
    proposal = _waiting(proposal_id)
    _decide(proposal, ProposalState.REJECTED, actor)
    _record("sync_rules.rejected", proposal, actor)


def hold() -> None:
    """Nobody else changes the rules until the transaction ends, and what was changed before is read.

    The companies first: turns and answers hold theirs before anything else.
    """
    due.hold_all()
    hold_policies()


def _follow(connection: Connection, before: Policies, wanted: Policies) -> None:
    wishes.follow_rules(connection)
    for kind in _let_go(before, wanted):
        jobs.let_go(connection, kind)
    customer_fields.follow_rules(connection)
    terms_there.follow(connection)
    items_there.follow(connection)
    looks = wanted.sync_cadence.looks_by_itself
    if looks and changes(before, wanted).keys() & {"sync_cadence", "seen_within"}:
        # The look after which the new times hold.
        due.look_now(connection.id)
    if not looks:
        due.look_no_more(connection.id)


def _change_when(wanted: PushWhen) -> None:
    """In a company that is disconnected as well, where it would go once that is connected again."""
    for connection in Connection.objects.filter(vendor=QUICKBOOKS).order_by("pk"):
        if wanted is PushWhen.BUTTON:
            left_to_button.leave(connection)
        if wanted is not PushWhen.NIGHTLY:
            jobs.go_before_night(connection)


def _let_go(before: Policies, wanted: Policies) -> Iterator[Kind]:
    """The kinds of which QuickBooks owned a field up to now."""
    theirs = CustomerFieldOwner.THEIRS
    if before.customer_fields(theirs) - wanted.customer_fields(theirs):
        yield Kind.CUSTOMER
    if before.held_there - wanted.held_there:
        yield Kind.INVOICE


def _check_second_person(before: Policies, wanted: Policies) -> None:
    """Alone, nobody could ever change a rule again."""
    if wanted.rule_changes is RuleChanges.AT_ONCE or wanted.rule_changes is before.rule_changes:
        return
    members = Membership.objects.filter(
        organization_id=current_organization_id(),
        role__in=[role for role in Role if role.allows(Role.ADMIN)],
        user__is_active=True,
    )
    if members.count() < 2:
        raise NotPossible(
            "There is nobody who could approve a change. Invite a second owner or admin first."
        )


def _waiting(proposal_id: UUID) -> RuleProposal:
    proposal: RuleProposal = RuleProposal.objects.select_for_update().get(pk=proposal_id)
    if not proposal.is_waiting:
        raise NotPossible("This was decided already.")
    return proposal


def _chosen(proposal: RuleProposal) -> dict[str, str]:
    """The rules of the proposal. Raises `NotPossible` where one is another now than then."""
    now = policies_in_force().to_choices()
    stale = [RULES[name].question for name, (old, _) in proposal.rules.items() if now[name] != old]
    if stale:
        raise _changed_since(stale)
    return {name: new for name, (_, new) in proposal.rules.items()}


def _form(proposal: RuleProposal) -> MappingForm | None:
    """The choices of the proposal in the mapping as it is now, checked like those that are typed."""
    if not proposal.mapping:
        return None
    connection = proposal.connection
    if connection is None or connection not in live_connections():
        raise NotPossible("The company whose mapping this is about is no longer connected.")
    mapping = CompanyMapping(connection)
    stale = [
        one["label"]
        for name, one in proposal.mapping.items()
        if name not in mapping.slots or mapping.stands(name) != one["old"]
    ]
    if stale:
        raise _changed_since(stale)
    chosen = {name: one["new"] for name, one in proposal.mapping.items()}
    form = MappingForm(chosen, mapping=mapping)
    if not form.is_valid():
        raise _changed_since([mapping.slots[name].label for name in form.errors])
    return form


def _changed_since(what: list[str]) -> NotPossible:
    return NotPossible(
        f"Not approved, as this has changed since it was proposed: {'; '.join(what)}. Reject it, and propose it anew."
    )


def _differing(mapping: CompanyMapping, choices: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        name: {
            "label": mapping.slots[name].label,
            "old": mapping.stands(name),
            "old_name": mapping.word_for(name, mapping.stands(name)),
            "new": choice,
            "new_name": mapping.word_for(name, choice),
        }
        for name, choice in choices.items()
        if choice != mapping.stands(name)
    }


def _decide(proposal: RuleProposal, state: ProposalState, actor: User) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor, clock.now()
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
    causes.change_decided(proposal)


def _record(action: str, proposal: RuleProposal, actor: User) -> None:
    audit.record(
        action,
        actor=actor,
        object_kind="rule_proposal",
        object_id=proposal.pk,
        **proposal.as_detail(),
    )


def _said(differing: Differing) -> dict[str, Any]:
    return {name: f"{old} → {new}" for name, (old, new) in differing.items()}
