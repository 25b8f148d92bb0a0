"""Settings → Integrations, and the page of QuickBooks there."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from billing.models import CreditMemo, Invoice, Payment
from integrations import customer_counts, editions, import_progress, sealed, sync_filter
from integrations.backlog import waiting
from integrations.customer_counts import CustomerHealth
from integrations.documents import Kind
from integrations.errors import AppRefused, NeedsConsent, Temporary, Waiting
from integrations.first_steps import is_mapped
from integrations.governor import reads
from integrations.job_states import MEANING, JobState
from integrations.models import (
    Connection,
    Credential,
    SyncDue,
    SyncJob,
    companies_in_use,
    company_in_use,
    policies_in_force,
)
from integrations.models.due import THROUGH
from integrations.outbound.cursor import OVERLAP
from integrations.outbound.store import MayNotSend
from integrations.policies import ItemsThere
from integrations.preflight import SMALL_EDITION_CUSTOMERS, Finding, Seen, findings
from integrations.views import credentials, mapping
from integrations.views.places import chosen, is_offered, may_connect_now, to
from tenants.access import requires
from tenants.models import Membership, Organization, Role

LABELS = {
    JobState.PENDING: ("Pending", "clock"),
    JobState.BLOCKED: ("Blocked", "hourglass-split"),
    JobState.ERRORED: ("Errored", "exclamation-octagon"),
    JobState.SYNCED: ("Synced", "cloud-check"),
}


# How the last turn ended, as people read it; what is not here ended by itself and is tried again.
RESULTS = {
    "": "",
    THROUGH: "went through",
    Temporary.__name__: "QuickBooks was busy or away, it is tried again",
    Waiting.__name__: "the company takes nothing until it is put right in QuickBooks",
    AppRefused.__name__: "Intuit does not accept the client ID and secret of the app",
    NeedsConsent.__name__: "QuickBooks no longer accepts our access",
    MayNotSend.__name__: "sending was paused or ended meanwhile",
}
BROKE_OFF = "broke off, it is tried again"


@require_GET
@requires(Role.READ_ONLY)
def integrations(request: Any, organization: str) -> HttpResponse:
    """What can be connected, and what is."""
    connection = company_in_use()
    context = {
        "connection": connection,
        "is_offered": is_offered(request.organization),
        "is_shown": _is_shown(request, connection),
        "edition": editions.needed(),
        "support_email": settings.SUPPORT_EMAIL,
    }
    return render(request, "integrations/index.html", context)


@require_GET
@requires(Role.READ_ONLY)
def quickbooks(request: Any, organization: str) -> HttpResponse:
    """The company that is connected, its health, and what an admin can do.

    Where there is none and the edition has no QuickBooks, the integrations say so.
    """
    connection = chosen(request)
    if not _is_shown(request, connection):
        return to(request.organization, "integrations:index")
    context = {
        "edition": editions.needed(),
        "support_email": settings.SUPPORT_EMAIL,
        **credentials.card(),
        **_page(request, connection),
        **(mapping.accounts_card(connection) if request.membership.allows(Role.ADMIN) else {}),
        **({} if connection else {"former": _former()}),
    }
    return render(request, "integrations/quickbooks.html", context)


@require_GET
@requires(Role.READ_ONLY)
def company(request: Any, organization: str) -> HttpResponse:
    """The part of the page that moves by itself, as it is now."""
    connection = chosen(request)
    if connection is None:
        raise Http404("Not connected")
    return render(request, "integrations/company.html", _page(request, connection))


@require_GET
@login_required
def shortcut(request: Any) -> HttpResponse:
    """The short address of the integrations: those of the first organization the visitor administers (K-11)."""
    places = Membership.objects.filter(user=request.user, role__in=(Role.OWNER, Role.ADMIN))
    place = places.select_related("organization").order_by("organization__name").first()
    if place is None:
        return redirect(reverse("tenants:home"))
    return to(place.organization, "integrations:index")


def _is_shown(request: Any, connection: Connection | None) -> bool:
    """What is connected can be looked at and ended, whatever became of the edition."""
    has_it = editions.includes_quickbooks(request.organization)
    return has_it or connection is not None or bool(companies_in_use())


def _page(request: Any, connection: Connection | None) -> dict[str, Any]:
    return {
        "connection": connection,
        "is_offered": is_offered(request.organization),
        "is_ready": may_connect_now(request.organization),
        "may_connect": request.membership.allows(Role.ADMIN),
        "companies": companies_in_use(),
        **(_card(request, connection) if connection else {}),
    }


def _card(request: Any, connection: Connection) -> dict[str, Any]:
    health, customers = _health(connection), customer_counts.health(connection)
    progress = import_progress.of(connection)
    due = SyncDue.objects.filter(connection_id=connection.id).first()
    is_owed = any(each["count"] for each in health if each["state"] == JobState.PENDING)
    return {
        "account": sealed.readable(connection, "account"),
        "credential": Credential.objects.filter(connection=connection).first(),
        "company": connection.company_settings(),
        "health": health,
        "documents": _documents(),
        "checklist": _checklist(connection, request.organization, customers),
        "customers": customers,
        "writes_only": _is_writes_only(connection),
        "waiting": waiting(connection) if connection.is_connected and not connection.held else None,
        "progress": progress,
        "due": due,
        # The next look goes back a little further.
        "changes_read_at": connection.changes_since and connection.changes_since + OVERLAP,
        "items_come_in": policies_in_force().items_made_there is ItemsThere.BRING_IN,
        "is_read_on_demand": not policies_in_force().sync_cadence.looks_by_itself,
        "last_result": RESULTS.get(due.last_result, BROKE_OFF) if due else "",
        "is_moving": connection.is_connected
        and (is_owed or connection.is_reading_lists or progress.goes_on),
    }


def _checklist(
    connection: Connection, organization: Organization, customers: CustomerHealth
) -> list[Finding]:
    return findings(
        Seen(
            company=connection.company_settings(),
            currency=organization.currency,
            country=organization.country,
            policies=policies_in_force(),
            has_many_customers=customers.in_use > SMALL_EDITION_CUSTOMERS,
            is_mapped=is_mapped(connection),
        )
    )


def _is_writes_only(connection: Connection) -> bool:
    """Whether nobody looks for changes now: the month's metered calls are used up, or Intuit gives none."""
    return not reads.may_sweep(connection)


def _health(connection: Connection) -> list[dict[str, Any]]:
    """How many documents are in each state, what needs a look first."""
    jobs = SyncJob.objects.filter(connection=connection)
    counts = dict(jobs.order_by().values_list("state").annotate(Count("id")))
    return [
        {
            "state": state,
            "label": label,
            "icon": icon,
            "count": counts.get(state, 0),
            "note": MEANING[state],
        }
        for state, (label, icon) in LABELS.items()
    ]


def _documents() -> list[dict[str, Any]]:
    """Invoices, payments and credit memos by how they stand; each figure opens the list that it counts."""
    listed = {
        Kind.INVOICE: ("Invoices", "billing:invoices", Invoice.objects.filter(archived_at=None)),
        Kind.PAYMENT: ("Payments", "billing:payments", Payment.objects.all()),
        Kind.CREDIT_MEMO: ("Credit memos", "billing:credit_memos", CreditMemo.objects.all()),
    }
    counts = sync_filter.counts({kind: rows for kind, (_, _, rows) in listed.items()})
    labels = dict(sync_filter.CHOICES)
    return [
        {
            "name": name,
            "page": page,
            "figures": [
                {"state": state, "label": labels[state], "count": count}
                for state, count in counts[kind].items()
                if count
            ],
        }
        for kind, (name, page, _) in listed.items()
    ]


def _former() -> Connection | None:
    former = Connection.objects.filter(disconnected_at__isnull=False)
    return former.order_by("-disconnected_at").first()
