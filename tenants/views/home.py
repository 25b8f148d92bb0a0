"""The start: straight into the only organization, or the choice between several."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tenants.models import Membership


@login_required
def home(request: Any) -> HttpResponse:
    """Where a log-in ends."""
    places = list(
        Membership.objects.filter(user=request.user)
        .select_related("organization")
        .order_by("organization__name")
    )
    if len(places) == 1:
        return redirect(reverse("billing:overview", args=[places[0].organization.slug]))
    return render(request, "tenants/home.html", {"places": places})
