"""Everything that needs a person: what QuickBooks refused, what waits, what differs."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from integrations.documents import Kind
from integrations.inbound import decisions
from integrations.job_states import JobState
from integrations.labels import NAMES, labels
from integrations.models import Connection, Discrepancy, SyncJob, companies_in_use
from integrations.outbound import jobs, number_taken
from integrations.outbound.prerequisites import MEANT_NEEDS
from integrations.standing import DOCUMENT_PAGES, Fix, Standing
from integrations.views.places import id_from
from tenants.access import requires
from tenants.models import Role

ROWS_ON_A_PAGE = 50
_HELD = Q(state=JobState.BLOCKED, reason_code__in=MEANT_NEEDS)
STATES = {
    "attention": ("Needs attention", [JobState.ERRORED, JobState.BLOCKED]),
    "errored": ("Errored", [JobState.ERRORED]),
    "blocked": ("Blocked", [JobState.BLOCKED]),
    "pending": ("Pending", [JobState.PENDING]),
    "synced": ("Synced", [JobState.SYNCED]),
}


@dataclass(frozen=True)
class JobRow:
    """One document of the list, named as people know it."""

    job: SyncJob
    label: str
    standing: Standing
    attempts: int

    @property
    def page(self) -> Fix:
        page = DOCUMENT_PAGES[Kind(self.job.kind)]
        return replace(page, arguments=(str(self.job.local_id),))


@dataclass(frozen=True)
class DiscrepancyRow:
    """One difference of the list."""

    discrepancy: Discrepancy
    label: str

    @property
    def page(self) -> str:
        return DOCUMENT_PAGES[Kind(self.discrepancy.kind)].page

    @property
    def is_theirs(self) -> bool:
        return decisions.is_theirs(self.discrepancy)

    @property
    def can_tell(self) -> bool:
        return decisions.can_tell(self.discrepancy)

    @property
    def mark(self) -> str:
        return decisions.mark(self.discrepancy)

    @property
    def kind_name(self) -> str:
        return NAMES[Kind(self.discrepancy.kind)]


@require_GET
@requires(Role.READ_ONLY)
def exceptions(request: Any, organization: str) -> HttpResponse:
    """Errored and Blocked documents and open differences; one state or company alone as the address says."""
    chosen, named = request.GET.get("state", ""), request.GET.get("company", "")
    chosen = chosen if chosen in STATES else "attention"
    company = get_object_or_404(Connection, pk=id_from(named)) if named else None
    theirs = Q(connection=company) if company else Q()
    page = _jobs(chosen, theirs, request.GET.get("page"))
    differences = Paginator(_open(theirs), ROWS_ON_A_PAGE)
    none = Paginator(Discrepancy.objects.none(), ROWS_ON_A_PAGE)
    shown = differences if chosen == "attention" else none
    differing = shown.get_page(request.GET.get("differences"))
    context = {
        "tabs": _tabs(chosen, company, theirs, differences.count),
        "page": page,
        "rows": _job_rows(page),
        "differing": differing,
        "discrepancies": _difference_rows(differing),
        "state": chosen,
        "company": company,
        "has_several": len(companies_in_use()) > 1,
        "may_answer": request.membership.allows(Role.STAFF),
    }
    return render(request, "integrations/exceptions.html", context)


def _jobs(chosen: str, theirs: Q, number: str | None) -> Page[SyncJob]:
    found = SyncJob.objects.filter(theirs, state__in=STATES[chosen][1])
    if chosen == "attention":
        found = found.exclude(_HELD)
    ordered = found.select_related("connection").order_by("-state_since", "id")
    return Paginator(ordered, ROWS_ON_A_PAGE).get_page(number)


def _job_rows(page: Page[SyncJob]) -> list[JobRow]:
    names = labels((job.kind, job.local_id) for job in page)
    attempts = jobs.attempts_of(page)
    return [
        JobRow(
            job,
            names[(job.kind, job.local_id)],
            Standing(Kind(job.kind), job.local_id, job),
            attempts[job.pk],
        )
        for job in page
    ]


def _open(theirs: Q) -> QuerySet[Discrepancy]:
    found = Discrepancy.objects.filter(theirs, closed_at=None).exclude(
        reason_code=number_taken.CODE
    )
    return found.select_related("connection").order_by("-opened_at", "id")


def _difference_rows(page: Page[Discrepancy]) -> list[DiscrepancyRow]:
    names = labels((each.kind, each.local_id) for each in page if each.local_id)
    return [
        DiscrepancyRow(each, names[(each.kind, each.local_id)] if each.local_id else "")
        for each in page
    ]


def _tabs(
    chosen: str, company: Connection | None, theirs: Q, differences: int
) -> list[dict[str, Any]]:
    found = SyncJob.objects.filter(theirs)
    counts = dict(found.order_by().values_list("state").annotate(Count("id")))
    besides = {"attention": differences - found.filter(_HELD).count()}
    return [
        {
            "label": label,
            "href": f"?state={key}&company={company.id}" if company else f"?state={key}",
            "current": key == chosen,
            "count": sum(counts.get(state, 0) for state in states) + besides.get(key, 0),
        }
        for key, (label, states) in STATES.items()
    ]
