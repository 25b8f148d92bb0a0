"""Settings of the organization itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tenants import audit
from tenants.access import requires
from tenants.forms import OrganizationForm
from tenants.models import Organization, Role


@require_GET
@requires(Role.READ_ONLY)
def settings(request: Any, organization: str) -> HttpResponse:
    """The first page of the settings."""
    form = OrganizationForm(instance=request.organization)
    return render(request, "tenants/settings.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def edit(request: Any, organization: str) -> HttpResponse:
    """Changes the organization's name and time zone."""
    row = request.organization
    if request.method == "POST":
        row = Organization.objects.select_for_update(no_key=True).get(pk=row.pk)
    form = OrganizationForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        row.save(update_fields=form.changed_data)
        audit.record(
            "organization.changed",
            actor=request.user,
            object_kind="organization",
            object_id=row.pk,
            fields=form.changed_data,
        )
        messages.success(request, "The organization's details are saved.")
        return redirect(reverse("tenants:settings", args=[organization]))
    return render(request, "tenants/settings_edit.html", {"form": form})
