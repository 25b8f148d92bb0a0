"""Template tags that know the organization of the page."""

from typing import Any

from django import template
from django.urls import reverse

from tenants.models import Role

register = template.Library()


@register.simple_tag(takes_context=True)
def org_url(context: Any, name: str, *args: Any) -> str:
    """The address of a page of this organization: ``{% org_url 'billing:invoice' invoice.id %}``."""
    return reverse(name, args=[context["request"].organization.slug, *args])


@register.simple_tag(takes_context=True)
def may(context: Any, role: str) -> bool:
    """Whether the visitor has at least this role: ``{% may 'staff' as can_edit %}``."""
    return bool(context["request"].membership.allows(Role(role)))
