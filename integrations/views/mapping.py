"""Settings → Integrations → QuickBooks → Configure mapping (R-16)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations import mapping_notes, rule_changes
from integrations.company_mapping import CompanyMapping
from integrations.forms import MappingForm
from integrations.models import Connection, MappingSubject, policies_in_force
from integrations.outbound import due, jobs
from integrations.outbound.prerequisites import MAPPING_NEEDS
from integrations.policies import TaxMode
from integrations.views import pay_now, proposals
from integrations.views.mapping_list import MappingList, grouped, place
from integrations.views.places import chosen, to
from integrations.waking import wake
from regentra import clock
from tenants.access import requires
from tenants.models import Role

# QuickBooks tells of every change but those of tax codes, so older lists are read anew when somebody looks at them.
OLD = timedelta(hours=24)
ALL = "all"
# The name of the choice that is offered right after connecting, too.
DEPOSIT = str(MappingSubject.DEPOSIT_ACCOUNT)


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def mapping(request: Any, organization: str) -> HttpResponse:
    """Which of the company's entries our services, taxes, terms and payments stand for; saved as each is chosen."""
    connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks", of=connection)
    if request.method == "POST":
        rule_changes.hold()
    if "HX-Request" in request.headers:
        return _choice(request, connection)
    mapping = CompanyMapping(connection)
    sent = MappingForm(request.POST, mapping=mapping) if request.method == "POST" else None
    if sent and sent.is_valid():
        is_now = _save(request, sent)
        messages.success(request, "The mapping is saved." if is_now else proposals.WAITS)
        return redirect(request.get_full_path())
    _ask_when_old(connection)
    listing = MappingList(request, mapping)
    page = {
        "listing": listing,
        "listed": grouped(mapping, listing.names(sent), sent),
        "others": grouped(mapping, mapping.slots.keys() - mapping.many.keys(), sent),
        "place": place(request),
        "proposals": len(mapping.proposals),
        "tax_is_theirs": policies_in_force().tax_mode is TaxMode.DELEGATED,
        "waiting": jobs.waiting_for(connection, *MAPPING_NEEDS),
        "tracking": mapping_notes.on_tracking(connection.company_settings()),
        **_lists(connection),
        **pay_now.shown(connection),
    }
    return render(request, "integrations/mapping.html", page)


@require_GET
@requires(Role.ADMIN)
def choose(request: Any, organization: str, name: str) -> HttpResponse:
    """One choice with all that it offers: in its row, or as a page of its own."""
    connection = chosen(request)
    if connection is None:
        raise Http404("Not connected")
    row = MappingForm(mapping=_of_one(connection, name), names=[name]).row(name)
    is_part = "HX-Request" in request.headers
    template = "integrations/mapping_row.html" if is_part else "integrations/mapping_choice.html"
    shown = {"row": row, "place": place(request), "connection": connection}
    return render(request, template, shown)


@require_POST
@requires(Role.ADMIN)
def accounts(request: Any, organization: str) -> HttpResponse:
    """The step after connecting: where payments are put."""
    connection = chosen(request)
    if connection is not None:
        rule_changes.hold()
        form = MappingForm(request.POST, mapping=CompanyMapping(connection, DEPOSIT))
        if form.is_valid():
            is_now = _save(request, form)
            messages.success(
                request, "The deposit account is saved." if is_now else proposals.WAITS
            )
        else:
            words = form.clashes.get(DEPOSIT, "This account cannot be chosen.")
            messages.error(request, f"{words} Choose one of the list.")
    return to(request.organization, "integrations:quickbooks", of=connection)


def accounts_card(connection: Connection | None) -> dict[str, Any]:
    """The choice as the page of QuickBooks shows it, once the company's accounts are known."""
    if connection is None or connection.lists_read_at is None:
        return {}
    form = MappingForm(mapping=CompanyMapping(connection, DEPOSIT), names=[DEPOSIT])
    return {"accounts": form[DEPOSIT]}


@require_GET
@requires(Role.ADMIN)
def lists(request: Any, organization: str) -> HttpResponse:
    """How old the company's lists are; the page asks again while they are being read."""
    connection = chosen(request)
    if connection is None:
        raise Http404("Not connected")
    response = render(request, "integrations/lists.html", _lists(connection))
    if not connection.is_reading_lists:
        # The choices of the form are part of the page, so it is shown anew once they are there.
        response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(Role.ADMIN)
def refresh(request: Any, organization: str) -> HttpResponse:
    """Has the company's lists read again, now and before anything else is sent."""
    connection = chosen(request)
    if connection is not None:
        _ask(connection)
        messages.info(request, "The company's lists are being read.")
    return to(request.organization, "integrations:mapping", of=connection)


def _ask_when_old(connection: Connection) -> None:
    read_at = connection.lists_read_at
    is_old = read_at is not None and read_at < clock.now() - OLD
    by_itself = policies_in_force().sync_cadence.looks_by_itself
    if is_old and by_itself and connection.is_connected and not connection.is_reading_lists:
        _ask(connection)


def _ask(connection: Connection) -> None:
    """A worker reads them on its next turn; meanwhile the old ones hold."""
    connection.lists_asked_at = clock.now()
    due.send_by(connection.id, connection.lists_asked_at, urgent=True)
    connection.save(update_fields=["lists_asked_at"])
    wake()


def _save(request: Any, form: MappingForm) -> bool:
    """What was chosen, and what was proposed where that was accepted. Whether it counts now, or waits for approval."""
    accepted, mapping = request.POST.get("accept", ""), form.mapping
    names = list(mapping.slots) if accepted == ALL else [accepted]
    choices = {**form.changes, **mapping.accepted(names, form.changes)}
    if rule_changes.need_second_person():
        rule_changes.propose({}, mapping, choices, actor=request.user)
        return False
    rule_changes.adopt_mapping(mapping, choices, actor=request.user)
    wake()
    return True


def _choice(request: Any, connection: Connection) -> HttpResponse:
    """Saves the one choice that was made; answers with it as it stands now."""
    name = request.POST.get("saved", "")
    form = MappingForm(request.POST, mapping=_of_one(connection, name))
    is_valid = form.is_valid()
    is_saved = is_valid and _save(request, form)
    if is_valid:
        mapping = CompanyMapping(connection, name)
        form = MappingForm(mapping=mapping, names=[] if mapping.slots[name].is_long else [name])
    shown = {"row": form.row(name), "is_saved": is_saved, "waits": is_valid and not is_saved}
    return render(request, "integrations/mapping_row.html", shown)


def _of_one(connection: Connection, name: str) -> CompanyMapping:
    """Raises Http404 for a name that is no choice."""
    mapping = CompanyMapping(connection, name)
    if list(mapping.slots) != [name]:
        raise Http404("No such choice")
    return mapping


def _lists(connection: Connection) -> dict[str, Any]:
    return {"connection": connection, "is_reading": connection.is_reading_lists}
