"""Lines of an invoice as they are being typed: one more, one less, filled in by a service, and counted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from billing.errors import BillingError
from billing.forms.draft import MOST_LINES, PREFIX
from billing.services import drafting
from billing.services.drafting import DraftLine

# Makes a set of lines, from what was sent or with what each begins with.
Make = Callable[..., Any]


def after_step(posted: Any, make: Make) -> Any:
    """The lines as typed, after the step that the pressed button or chosen service names."""
    columns = tuple(make(prefix=PREFIX).empty_form.fields)
    rows = _typed(posted, columns)
    step, _, place = str(posted.get("step", "")).partition(":")
    at = int(place) if place.isascii() and place.isdigit() and int(place[:6]) < len(rows) else None
    if step == "add" and len(rows) < MOST_LINES:
        return _with_focus(make(initial=[*rows, {}], prefix=PREFIX))
    if step == "remove" and at is not None:
        del rows[at]
    elif step == "service" and at is not None:
        rows[at] = _filled_in(rows[at], make)
    return make(initial=rows or [{}], prefix=PREFIX)


def answer(request: Any, context: Mapping[str, Any]) -> HttpResponse:
    """The lines anew; what they come to now, the page asks next."""
    response = render(request, "billing/generate_rows.html", context)
    return trigger_client_event(response, "recount", after="settle")


def draft_line(line: Mapping[str, Any], **more: Any) -> DraftLine:
    """A line that was filled in completely."""
    service = line["service"]
    return DraftLine(
        description=line["description"] or service.name,
        quantity=line["quantity"],
        unit_price=line["unit_price"],
        taxable=line["taxable"],
        service=service,
        discount_percent=line["discount_percent"] or None,
        **more,
    )


def below_lines(head: Mapping[str, Any]) -> list[DraftLine]:
    """What is typed below the lines: what makes the sum come out, and the discount."""
    extra = []
    if adjustment := head.get("adjustment"):
        extra.append(drafting.adjustment(adjustment))
    if off := head.get("discount"):
        after_it_tax = bool(head.get("after_it_tax"))
        how = {"percent": off.number} if off.is_percent else {"amount": off.number}
        extra.append(drafting.discount(**how, after_it_tax=after_it_tax))
    return extra


def countable(lines: Any) -> list[DraftLine]:
    """The filled lines whose numbers can be read; a missing description does not matter yet."""
    if lines is None:
        return []
    numbers = ("quantity", "unit_price")
    lines.is_valid()  # fills cleaned_data of every line, as far as it can be read
    typed = [getattr(form, "cleaned_data", {}) for form in lines.forms]
    return [
        DraftLine(
            description=row.get("description") or "",
            quantity=row["quantity"],
            unit_price=row["unit_price"],
            taxable=bool(row.get("taxable")),
            service=row.get("service"),
            discount_percent=row.get("discount_percent") or None,
            line_id=row.get("line_id"),
        )
        for row in typed
        if all(row.get(name) is not None for name in numbers)
    ]


def sums(drafts: Sequence[DraftLine], count: Callable[[], Any]) -> dict[str, Any]:
    """For the page: how many lines, and what they come to or why they do not."""
    context: dict[str, Any] = {"count": len(drafts)}
    if not drafts:
        return context
    try:
        return {**context, "totals": count()}
    except BillingError as refusal:
        return {**context, "refusal": str(refusal)}


def _with_focus(lines: Any) -> Any:
    """The cursor goes to the new line."""
    lines.forms[-1].fields["service"].widget.attrs["data-focus"] = True
    return lines


def _typed(posted: Any, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The lines as they were sent, however many the form says there are."""
    rows: list[dict[str, Any]] = []
    while len(rows) < MOST_LINES and f"{PREFIX}-{len(rows)}-quantity" in posted:
        rows.append({name: posted.get(f"{PREFIX}-{len(rows)}-{name}", "") for name in columns})
    return rows


def _filled_in(row: dict[str, Any], make: Make) -> dict[str, Any]:
    """The line with what the catalogue says of its service."""
    services = {str(service.pk): service for service in make(prefix=PREFIX).services}
    service = services.get(row["service"])
    if service is None:
        return row
    price = service.unit_price.normalize()
    described = row["description"] or service.description or service.name
    return {**row, "description": described, "unit_price": f"{price:f}", "taxable": service.taxable}
