"""The bell of the top bar."""

from typing import Any

from django import template

from integrations import notices
from tenants.models import Role

register = template.Library()


@register.inclusion_tag("integrations/bell.html", takes_context=True)
def bell(context: Any) -> dict[str, Any]:
    """How many open notices for this visitor nobody has taken note of."""
    request = context["request"]
    unread = notices.unread(Role(request.membership.role)).count()
    return {"request": request, "unread": unread}
