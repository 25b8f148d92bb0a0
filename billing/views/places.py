"""Where a view leads next, and how it finds what its address names."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tenants.tables import TenantModel

Row = TypeVar("Row", bound=Model)
Own = TypeVar("Own", bound=TenantModel)


def to(request: Any, name: str, *arguments: object) -> HttpResponse:
    """A redirect to a page of the same organization."""
    return redirect(address(request, name, *arguments))


def address(request: Any, name: str, *arguments: object) -> str:
    """The address of a page of the same organization."""
    return reverse(name, args=[request.organization.slug, *arguments])


def done(request: Any, words: str, name: str, *arguments: object) -> HttpResponse:
    """Says what was done and leads to where it can be seen."""
    messages.success(request, words)
    return to(request, name, *arguments)


def found(rows: QuerySet[Row], key: UUID) -> Row:
    """The row of this organization. Raises Http404, for another organization's too."""
    row = rows.filter(pk=key).first()
    if row is None:
        raise Http404(f"No such {rows.model._meta.verbose_name}")
    return row


def to_change(request: Any, rows: QuerySet[Own], key: UUID) -> Own:
    """The row that a form changes; while that is saved, nobody else changes it. Raises Http404 as `found` does."""
    row = found(rows, key)
    return row.reload_locked() if request.method == "POST" else row
