"""Settings → Sync rules → Changes: what waits for a second person, and who decided what before (N-14)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from integrations import rule_changes
from integrations.company_mapping import CompanyMapping
from integrations.models import ProposalState, RuleProposal
from integrations.policies import RULES
from integrations.rule_changes import NotPossible
from integrations.views.places import to
from integrations.waking import wake
from tenants.access import requires
from tenants.models import Role

WAITS = (
    "Proposed. It counts once another owner or admin has approved it under Sync rules → Changes."
)
# Enough for years of changes that two people look at.
SHOWN_AT_MOST = 100


@dataclass(frozen=True)
class Difference:
    """One thing that would change, in words."""

    what: str
    old: str
    new: str


@require_GET
@requires(Role.ADMIN)
def proposals(request: Any, organization: str) -> HttpResponse:
    """Each with what it changes; those that wait first."""
    rows = RuleProposal.objects.select_related("proposed_by", "decided_by", "connection")
    waiting = rows.filter(state=ProposalState.WAITING).order_by("proposed_at")
    decided = rows.exclude(state=ProposalState.WAITING).order_by("-decided_at")
    context = {
        "waiting": [(one, list(_differences(one))) for one in waiting],
        "decided": [(one, list(_differences(one))) for one in decided[:SHOWN_AT_MOST]],
    }
    return render(request, "integrations/proposals.html", context)


@require_POST
@requires(Role.ADMIN)
def answer(request: Any, organization: str, proposal_id: UUID) -> HttpResponse:
    """Approves or rejects one."""
    get_object_or_404(RuleProposal, pk=proposal_id)
    try:
        said = _answered(request, proposal_id)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        wake()
        messages.success(request, said)
    return to(request.organization, "integrations:proposals")


def propose(
    request: Any,
    rules: Mapping[str, str],
    mapping: CompanyMapping | None = None,
    choices: Mapping[str, str] | None = None,
) -> None:
    """Writes down what is to be changed, and says so."""
    proposal = rule_changes.propose(rules, mapping, choices, actor=request.user)
    if proposal is None:
        messages.info(request, "The sync rules were like this already.")
    else:
        messages.success(request, WAITS)


def _answered(request: Any, proposal_id: UUID) -> str:
    match request.POST.get("answer", ""):
        case "approve":
            rule_changes.approve(proposal_id, actor=request.user)
            return "Approved. It counts from now on."
        case "reject":
            rule_changes.reject(proposal_id, actor=request.user)
            return "Rejected. Nothing was changed."
        case _:
            raise NotPossible("Choose whether to approve or to reject it.")


def _differences(proposal: RuleProposal) -> Iterator[Difference]:
    for name, (old, new) in proposal.rules.items():
        rule = RULES[name]
        yield Difference(rule.question, rule.label_of(old), rule.label_of(new))
    for one in proposal.mapping.values():
        yield Difference(f"Mapping: {one['label']}", one["old_name"], one["new_name"])
