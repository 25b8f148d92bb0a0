"""The building blocks of every page: icons, pills, fields, sort links, dates."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.templatetags.static import static
from django.urls import reverse
from django.utils import dateformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from regentra import clock
from tenants import as_shown, days
from tenants.changed_meanwhile import Changing
from tenants.models import Organization

register = template.Library()
register.simple_tag(as_shown.hidden, name="as_shown")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture from the vendored set; without a label it is decoration beside a text."""
    source = f"{static('vendor/icons/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, source
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', source)


@register.inclusion_tag("components/pill.html")
def pill(tone: str, icon: str, text: str, **options: Any) -> dict[str, Any]:
    """A status: tone (green, grey, amber, red, violet, teal), icon and word; options: title, href, long, struck."""
    return {"tone": tone, "icon": icon, "text": text, **options}


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Any, name: str, label: str, icon: str, **options: Any) -> dict[str, Any]:
    """An entry of the left navigation; current when the page lies below its address (``exact`` for the page alone)."""
    request = context["request"]
    href = reverse(name, args=[request.organization.slug])
    below = request.path == href if options.get("exact") else request.path.startswith(href)
    return {"href": href, "label": label, "icon": icon, "current": below, **options}


@register.inclusion_tag("components/organization_switcher.html", takes_context=True)
def organization_switcher(context: Any) -> dict[str, Any]:
    """The organization of the page and the visitor's others."""
    request = context["request"]
    others = [place.organization for place in request.memberships]
    return {"current": request.organization, "organizations": others}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, css: str = "", **options: Any) -> dict[str, Any]:
    """Label, control, help and error of one form field, tied together; options: label, sr_label, prefix, attributes."""
    widget = bound.field.widget
    widget.attrs.pop("placeholder", None)  # those of allauth only repeat the label
    if options.get("without_help"):
        bound.help_text = ""
    classes = (
        f"{_control_class(widget)} {'is-invalid' if bound.errors else ''} {options.get('size', '')}"
    )
    attributes = {"class": " ".join(classes.split()), **options.get("attributes", {})}
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attributes),
        "shown": shown(bound),
        "is_check": isinstance(widget, CheckboxInput),
        "css": css,
        **options,
    }


@register.simple_tag
def shown(bound: BoundField) -> str:
    """What a field shows that is drawn by hand, sent along; see `tenants.changed_meanwhile`."""
    return bound.form.shown(bound.name) if isinstance(bound.form, Changing) else ""


def _control_class(widget: Any) -> str:
    if isinstance(widget, CheckboxInput | RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that parts at its @ and dots where it has to, and not within a word."""
    parts = re.split(r"(?=[@.])", address)
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in parts))


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Any, key: str, label: str, css: str = "") -> dict[str, Any]:
    """A column head that sorts: once ascending, again descending. Reads ``listing.sort`` of the page."""
    sort = context["listing"].sort
    following = f"-{key}" if sort == key else key
    direction = {key: "ascending", f"-{key}": "descending"}.get(sort, "none")
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = following
    return {"label": label, "css": css, "direction": direction, "href": f"?{query.urlencode()}"}


@register.simple_tag(takes_context=True)
def day(context: Any, value: date | None) -> str:
    """A date as this organization's country writes it, or a dash."""
    return "–" if value is None else days.in_words(value, _country(context))


@register.simple_tag(takes_context=True)
def moment(context: Any, value: datetime | None) -> str:
    """How long ago, with the exact time in the organization's zone when pointed at."""
    if value is None:
        return "–"
    organization = _organization(context)
    zone = ZoneInfo(organization.timezone if organization else "UTC")
    local = value.astimezone(zone)
    written = days.day_format(_country(context))
    exact = dateformat.format(local, f"{written}, H:i:s") + f" {local.tzname()}"
    words = relative(value, clock.now()) or dateformat.format(local, written)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, words)


def relative(value: datetime, now: datetime) -> str:
    """The distance in the largest fitting unit, past or ahead; empty beyond six days."""
    distance = now - value
    seconds = abs(distance.total_seconds())
    if seconds < 45:
        return "just now"
    if seconds >= timedelta(days=6).total_seconds():
        return ""
    amount = _largest_unit(round(seconds))
    return f"{amount} ago" if distance > timedelta(0) else f"in {amount}"


def _largest_unit(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{max(1, round(seconds / 60))} min"


def _organization(context: Any) -> Organization | None:
    return getattr(context.get("request"), "organization", None)


def _country(context: Any) -> str:
    organization = _organization(context)
    return organization.country if organization else ""


@register.simple_tag
def form_token() -> SafeString:
    """Makes this rendered form count once, however often it is sent; see `tenants.submissions`."""
    return format_html('<input type="hidden" name="form_token" value="{}">', uuid4())
