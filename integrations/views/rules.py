"""Settings → Sync rules: what an organization chose about its sync, in words; as a file, too."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from integrations import (
    calls_of_month,
    freshness,
    mapping_file,
    policy_file,
    rule_changes,
    sync_matrix,
)
from integrations.company_mapping import CompanyMapping
from integrations.forms import MappingForm
from integrations.governor import reads
from integrations.models import (
    Connection,
    ProposalState,
    RuleProposal,
    companies_in_use,
    company_in_use,
    policies_in_force,
)
from integrations.policies import (
    NOTHING,
    RULES,
    SECTIONS,
    NoSuchChoice,
    Policies,
    Ranking,
    Rule,
    Section,
    Since,
)
from integrations.policy_file import Chosen, FileRefused
from integrations.views import proposals
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants.access import requires
from tenants.changed_meanwhile import SHOWN
from tenants.models import Role

# Choices of the mapping, and the page that takes them.
Mapped = tuple[CompanyMapping, dict[str, str]]
# Of what a file chose; enough to see that it was the right one.
NAMED_AT_MOST = 20


@require_GET
@requires(Role.READ_ONLY)
def rules(request: Any, organization: str) -> HttpResponse:
    """Every rule with all its choices; owners and admins choose, others read."""
    return _page(request, {})


def _page(request: Any, typed: Mapping[str, str]) -> HttpResponse:
    """The rules as they stand, with what was typed in their place."""
    policies = policies_in_force()
    stands = policies.to_choices()
    context = {
        "sections": [_shown(section, stands, typed) for section in SECTIONS],
        "company": chosen(request),
        "companies": companies_in_use(),
        "may_change": request.membership.allows(Role.ADMIN),
        "may_see_calls": request.membership.allows(Role.STAFF),
        "waiting": RuleProposal.objects.filter(state=ProposalState.WAITING).count(),
        **_meter(policies),
    }
    return render(request, "integrations/rules.html", context)


def _shown(section: Section, stands: dict[str, str], typed: Mapping[str, str]) -> dict[str, Any]:
    """A section with what is chosen in it, and how many choices differ from those that nobody made."""
    usual, chosen = Policies().to_choices(), {**stands, **typed}
    return {
        "section": section,
        "rules": [
            (name, RULES[name], chosen[name], _places(RULES[name], chosen[name]), stands[name])
            for name in section.rules
        ],
        "owned": [(name, RULES[name], chosen[name], stands[name]) for name in section.owned],
        "changed": sum(stands[name] != usual[name] for name in (*section.rules, *section.owned)),
    }


def _places(rule: Rule, value: str) -> list[tuple[int, str]]:
    return rule.places(value) if isinstance(rule, Ranking) else []


@require_GET
@requires(Role.READ_ONLY)
def matrix(request: Any, organization: str) -> HttpResponse:
    """Who wins, field by field, under the rules as they are (X-65)."""
    tables = sync_matrix.matrix(policies_in_force())
    return render(request, "integrations/matrix.html", {"tables": tables})


def _meter(policies: Policies) -> dict[str, Any]:
    """What seeing changes sooner costs, and what there is to spend; nothing while no company is connected."""
    live = company_in_use()
    if live is None:
        return {}
    return {
        "meters": freshness.meters(live, policies),
        "is_metered": reads.is_metered(live),
        "used_here": calls_of_month.metered(calls_of_month.this_month()),
        "is_own_app": bool(live.client_hash),
        "month": reads.now(live.client_hash),
        "today": reads.today(live.id, live.client_hash),
    }


@require_POST
@requires(Role.ADMIN)
def save(request: Any, organization: str) -> HttpResponse:
    """Takes over what was chosen; a rule that was not sent, or stands as it was shown, stays as it is.

    Nothing is taken over where somebody else has changed one of them since.
    """
    sent = {
        name: value
        for name in RULES
        if (value := _sent(request.POST, name)) != _text(request.POST, SHOWN + name) and value
    }
    rule_changes.hold()
    if clashing := _clashing(request.POST, sent):
        for name, value in clashing.items():
            messages.error(request, _clash(name, value))
        return _page(request, sent)
    try:
        change(request, sent)
    except NoSuchChoice as refusal:
        messages.error(request, str(refusal))
    return to(request.organization, "integrations:rules")


def _clashing(posted: Any, sent: Mapping[str, str]) -> dict[str, str]:
    """What stands now of the rules that are sent and have been changed to something else since they were shown."""
    now = policies_in_force().to_choices()
    return {
        name: now[name]
        for name, value in sent.items()
        if SHOWN + name in posted and now[name] not in (_text(posted, SHOWN + name), value)
    }


def _clash(name: str, now: str) -> str:
    rule, who = RULES[name], rule_changes.last_to_change(name) or "Somebody"
    return (
        f"{who} answered “{rule.question}” with “{rule.label_of(now)}” since you opened this page. "
        "Press Save once more to have yours."
    )


def _sent(posted: Any, name: str) -> str:
    """What was chosen; of a ranking what stands in its places, in their order. Empty when nothing was sent."""
    rule = RULES[name]
    if rule.is_day:
        return str(posted[name]) or str(Since.ALWAYS) if name in posted else ""
    if not isinstance(rule, Ranking):
        return _text(posted, name)
    places = [f"{name}-{place}" for place, _ in rule.places(rule.default)]
    if not any(place in posted for place in places):
        return ""
    return ",".join(filter(None, (posted.get(place, "") for place in places))) or NOTHING


def _text(posted: Any, name: str) -> str:
    """Browsers end lines with two characters."""
    return str(posted.get(name, "")).replace("\r\n", "\n")


@require_GET
@requires(Role.READ_ONLY)
def file(request: Any, organization: str) -> HttpResponse:
    """The rules as a file, for another organization or to compare; with the mapping for those who may see that."""
    connection = chosen(request)
    sees_mapping = connection is not None and request.membership.allows(Role.ADMIN)
    mapping = CompanyMapping(connection) if connection and sees_mapping else None
    text = policy_file.written(policies_in_force(), mapping_file.written(mapping))
    response = HttpResponse(text, "application/json")
    name = f"{request.organization.slug}-sync-rules.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@requires(Role.ADMIN)
def take_file(request: Any, organization: str) -> HttpResponse:
    """Takes over the rules and the mapping of a file, all or nothing."""
    sent, connection = request.FILES.get("file"), chosen(request)
    try:
        if sent is None:
            raise FileRefused("Choose a file first.")
        content = policy_file.read(sent.read(policy_file.MOST_BYTES + 1))
        mapped = _mapped(connection, content.mapping)
    except FileRefused as refusal:
        messages.error(request, f"Nothing was changed. {refusal}")
    else:
        _take(request, content.policies.to_choices(), mapped)
    return to(request.organization, "integrations:rules", of=connection)


def _mapped(connection: Connection | None, told: Iterable[Chosen]) -> Mapped | None:
    """The mapping of a file as it would be typed. Raises `FileRefused` for what the page would refuse."""
    mapping = CompanyMapping(connection) if connection else None
    choices = {slot.name: entry.remote_id for slot, entry in mapping_file.resolved(mapping, told)}
    if mapping is None or not choices:
        return None
    form = MappingForm(choices, mapping=mapping)
    if not form.is_valid():
        raise FileRefused(
            " ".join(
                f"{mapping.slots[name].label}: {' '.join(map(str, why))}"
                for name, why in form.errors.items()
            )
        )
    return mapping, choices


def _take(request: Any, chosen: Mapping[str, str], mapped: Mapped | None) -> None:
    """The rules first, as they may be refused."""
    if rule_changes.need_second_person():
        proposals.propose(request, chosen, *(mapped or ()))
    elif _adopt(request, chosen) and mapped is not None:
        _adopt_mapping(request, *mapped)


def _adopt_mapping(request: Any, mapping: CompanyMapping, choices: dict[str, str]) -> None:
    new = {name: choice for name, choice in choices.items() if mapping.stands(name) != choice}
    changed = rule_changes.adopt_mapping(mapping, new, actor=request.user)
    labels = [mapping.slots[name].label for name in changed[:NAMED_AT_MOST]]
    if len(changed) > NAMED_AT_MOST:
        labels.append(f"and {len(changed) - NAMED_AT_MOST} more")
    messages.success(request, f"Chosen on the mapping page: {', '.join(labels) or 'nothing new'}.")


def change(request: Any, chosen: Mapping[str, str]) -> None:
    """Has these rules hold, or proposes them, and says which."""
    if rule_changes.need_second_person():
        proposals.propose(request, chosen)
    else:
        _adopt(request, chosen)


def _adopt(request: Any, chosen: Mapping[str, str]) -> bool:
    """Whether they hold now."""
    try:
        differing = rule_changes.adopt(chosen, actor=request.user)
    except rule_changes.NotPossible as refusal:
        messages.error(request, f"Nothing was changed. {refusal}")
        return False
    if not differing:
        messages.info(request, "The sync rules were like this already.")
        return True
    wake()
    messages.success(request, f"Changed: {_said(differing)}")
    return True


def _said(differing: dict[str, tuple[str, str]]) -> str:
    parts = (
        f"{RULES[name].question} {RULES[name].label_of(new)}."
        for name, (_, new) in differing.items()
    )
    return " ".join(parts)
