"""Addresses of pages about one company, for pages that are about one of several."""

from typing import Any

from django import template
from django.urls import reverse

from integrations.models import Connection

register = template.Library()


@register.simple_tag(takes_context=True)
def company_url(context: Any, name: str, *args: Any, of: Connection | None = None) -> str:
    """``{% company_url 'integrations:mapping' %}``: about the company of this page, or the one that ``of`` names."""
    request = context["request"]
    address = reverse(name, args=[request.organization.slug, *args])
    company = of or getattr(request, "company", None)
    return f"{address}{company.query}" if company else address
