"""Customers who add themselves: the page without log-in, and where an admin makes its link."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.forms.intake import IntakeForm
from billing.forms.refusals import refusals_on
from billing.models import Source
from billing.services import intake as service
from billing.views.places import to
from tenants.access import requires
from tenants.models import Organization, Role
from tenants.scope import within


@require_http_methods(["GET", "POST"])
def intake(request: Any, token: str) -> HttpResponse:
    """Somebody outside enters their company. Shows nothing of the organization but its name."""
    found = service.behind(token)
    if found is None:
        raise Http404("No such form")
    organization, source = found
    with within(organization):
        form = IntakeForm(request.POST or None, initial={"country": organization.country})
        if request.method == "POST" and form.is_valid() and _taken_in(form, source):
            return render(request, "billing/intake_done.html", {"organization": organization})
        return render(request, "billing/intake.html", {"form": form, "organization": organization})


def _taken_in(form: IntakeForm, source: Source) -> bool:
    """A program that fills in what nobody sees is thanked like anybody."""
    if form.is_by_program:
        return True
    with refusals_on(form):
        service.take_in(source, form.details())
    return form.is_valid()


@require_GET
@requires(Role.ADMIN)
def customer_links(request: Any, organization: str) -> HttpResponse:
    """The two kinds of link, and whether each is open."""
    return render(request, "billing/customer_links.html", {"rows": _rows(request.organization)})


@require_POST
@requires(Role.ADMIN)
def open_link(request: Any, organization: str) -> HttpResponse:
    """Makes a link, or closes it. The answer is the only page that ever shows the link."""
    try:
        source = Source(request.POST.get("source", ""))
    except ValueError:
        source = Source.STAFF
    if source not in service.SOURCES:
        messages.error(request, "Choose which of the links.")
    elif request.POST.get("close"):
        service.close_link(request.organization, source, actor=request.user)
        messages.success(request, "Nobody adds themselves by this link any more.")
    else:
        token = service.open_link(request.organization, source, actor=request.user)
        link = f"{settings.BASE_URL}{reverse('billing:intake', args=[token])}"
        context = {"rows": _rows(request.organization), "link": link, "new": source}
        return render(request, "billing/customer_links.html", context)
    return to(request, "billing:customer_links")


def _rows(organization: Organization) -> list[tuple[Source, bool]]:
    return [(source, service.is_open(organization, source)) for source in service.SOURCES]
