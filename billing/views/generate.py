"""Generate an invoice: from chosen work, free lines, or both. Counted on the server while it is typed."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from billing import destinations, pricing
from billing.forms.draft import PREFIX, DraftForm, LineFormSet, blank_lines
from billing.forms.refusals import refusals_on
from billing.models import Customer, Invoice, InvoiceSource, TimeEntry
from billing.rules.totals import Totals
from billing.services import bundles, drafting, emailing, invoices
from billing.views import typed_lines
from billing.views.places import address, done
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def generate(request: Any, organization: str) -> HttpResponse:
    """The form, and the invoice it makes. Buttons that only change the form make nothing."""
    if request.method == "GET":
        return _page(request, _opened(request), blank_lines())
    if request.POST.get("step"):
        return _page(request, _kept(request), typed_lines.after_step(request.POST, LineFormSet))
    form = DraftForm(request.POST, organization=request.organization)
    lines = LineFormSet(request.POST, prefix=PREFIX)
    if form.is_valid() and lines.is_valid():
        with refusals_on(form):
            invoice = _generate(request, form.cleaned_data, lines)
            _email(request, invoice, form.cleaned_data["destinations"])
            return done(request, f"{invoice.number} is generated.", "billing:invoice", invoice.pk)
    return _page(request, form, lines)


@require_POST
@requires(Role.STAFF)
def lines(request: Any, organization: str) -> HttpResponse:
    """The free lines after one was added, removed or given a service; nothing is saved."""
    context = {
        "lines": typed_lines.after_step(request.POST, LineFormSet),
        "lines_url": address(request, "billing:generate_lines"),
    }
    return typed_lines.answer(request, context)


@require_POST
@requires(Role.STAFF)
def totals(request: Any, organization: str) -> HttpResponse:
    """What the form comes to as it stands; nothing is saved."""
    return render(request, "billing/generate_totals.html", _count_posted(request))


def _generate(request: Any, head: Mapping[str, Any], lines: Any) -> Any:
    return invoices.generate(
        customer=head["customer"],
        lines=[*map(typed_lines.draft_line, lines.filled), *typed_lines.below_lines(head)],
        time_entries=head["time_entries"],
        issued_on=head["issued_on"],
        terms=head["terms"],
        due_on=head["due_on"],
        notes=head["notes"],
        memo=head["memo"],
        po_number=head["po_number"],
        source=head["source"] or InvoiceSource.WORK,
        destinations=destinations.narrowed(
            frozenset(head["destinations"]) - _mailers(), head["branch"]
        ),
        actor=request.user,
    )


def _email(request: Any, invoice: Invoice, ticked: Collection[str]) -> None:
    """Whoever is ticked for it e-mails the invoice, which is sent with it."""
    for key in sorted(_mailers().intersection(ticked)):
        emailing.request(invoice=invoice, through=key, actor=request.user)


def _mailers() -> frozenset[str]:
    return frozenset(each.key for each in destinations.mailers())


def _page(request: Any, form: DraftForm, lines: Any) -> HttpResponse:
    customer = _customer(form.initial.get("customer") or form["customer"].value())
    work = _unbilled(customer)
    ticked = [str(key) for key in form["time_entries"].value() or []]
    counted = LineFormSet(request.POST, prefix=PREFIX) if request.method == "POST" else None
    context = {
        "form": form,
        "lines": lines,
        "lines_url": address(request, "billing:generate_lines"),
        "customer": customer,
        "work": work,
        "ticked": set(ticked),
        "destinations": _destinations(form),
        **_count(request, customer, _ticked_of(work, ticked), counted),
    }
    if request.htmx and request.GET.get("customer") is not None:
        response = render(request, "billing/generate_for_customer.html", context)
        return trigger_client_event(response, "recount", after="settle")
    return render(request, "billing/generate.html", context)


def _opened(request: Any) -> DraftForm:
    """Empty, for the customer in the address if there is one; ticked is every available destination but e-mail."""
    customer = _customer(request.GET.get("customer"))
    initial = {
        "customer": customer,
        "terms": customer.terms_id if customer else None,
        "time_entries": [str(entry.pk) for entry in _unbilled(customer)],
        "destinations": [
            each.key
            for each in destinations.offered()
            if each.available() and not each.email_button
        ],
    }
    return DraftForm(organization=request.organization, initial=initial)


def _kept(request: Any) -> DraftForm:
    """What was typed so far, without judging it."""
    single = {name: request.POST.get(name, "") for name in DraftForm.base_fields}
    several = {name: request.POST.getlist(name) for name in ("time_entries", "destinations")}
    return DraftForm(organization=request.organization, initial={**single, **several})


def _customer(key: Any) -> Customer | None:
    """The customer that a form or an address names, if there is one."""
    if isinstance(key, Customer):
        return key
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    return Customer.objects.select_related("terms", "tax_region").filter(pk=wanted).first()


def _unbilled(customer: Customer | None) -> list[TimeEntry]:
    if customer is None:
        return []
    rows = TimeEntry.objects.select_related("service").filter(customer=customer, invoice_line=None)
    return list(rows.order_by("worked_on", "created_at"))


def _ticked_of(work: Iterable[TimeEntry], ticked: Collection[str]) -> list[TimeEntry]:
    return [entry for entry in work if str(entry.pk) in ticked]


def _destinations(form: DraftForm) -> list[dict[str, Any]]:
    ticked = form["destinations"].value() or []
    return [
        {
            "key": each.key,
            "label": each.label,
            "available": each.available(),
            "reason": each.reason_unavailable(),
            "ticked": each.key in ticked,
            "has_branches": bool(each.available() and each.branches()),
        }
        for each in destinations.offered()
    ]


def _count(
    request: Any, customer: Customer | None, work: Iterable[TimeEntry], lines: Any
) -> dict[str, Any]:
    """Totals of all lines that can be counted already, or why they cannot."""
    rate = customer.tax_region.rate_percent if customer and customer.tax_region else Decimal(0)
    drafts = [*map(drafting.line_of, work), *typed_lines.countable(lines)]
    currency = (customer and customer.currency) or request.organization.currency

    def totals() -> Totals:
        whole = [*drafts, *typed_lines.below_lines(_typed_head(request))]
        lines = drafting.settled(bundles.taken_apart(whole, currency=currency), currency=currency)
        return drafting.counted(
            lines, tax_rate_percent=rate, currency=currency, inclusive=inclusive
        )

    inclusive = pricing.include_tax()
    shown = {"customer": customer, "rate": rate, "prices_include_tax": inclusive}
    return {**shown, **typed_lines.sums(drafts, totals)}


def _count_posted(request: Any) -> dict[str, Any]:
    typed = request.POST
    lines = LineFormSet(typed, prefix=PREFIX)
    customer = _customer(typed.get("customer"))
    work = _ticked_of(_unbilled(customer), typed.getlist("time_entries"))
    return _count(request, customer, work, lines)


def _typed_head(request: Any) -> dict[str, Any]:
    """What can be read already of discount and adjustment."""
    form = DraftForm(request.POST or None, organization=request.organization)
    form.is_valid()  # fills cleaned_data as far as it can be read
    return dict(getattr(form, "cleaned_data", {}))
