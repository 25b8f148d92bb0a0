"""Change the lines of an invoice that exists: the same form as when it was generated, counted while it is typed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from billing.errors import BecomesCredit, BillingError, ChangedMeanwhile, IllegalStep
from billing.forms.draft import MOST_LINES, PREFIX, KeptLineFormSet, LinesForm
from billing.models import Invoice, LineKind
from billing.services import drafting, invoices
from billing.services.drafting import DraftLine
from billing.views import typed_lines
from billing.views.places import address, done, found, to
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once

Kept = Mapping[UUID | None, DraftLine]


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def edit(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """The lines as they stand, to be changed; where they may not be, a sentence says why."""
    invoice = _found(invoice_id)
    kept = drafting.drafts_of(invoice)
    if request.method == "GET":
        if sentence := _why_not(invoice, kept):
            messages.error(request, sentence)
            return to(request, "billing:invoice", invoice.pk)
        return _page(request, invoice, _begun(invoice, kept), _rows_of(invoice, kept), kept)
    lines = KeptLineFormSet(request.POST, prefix=PREFIX, invoice=invoice)
    if request.POST.get("step"):
        changed = typed_lines.after_step(request.POST, _make(invoice))
        return _page(
            request,
            invoice,
            LinesForm(initial=request.POST.dict(), invoice=invoice),
            changed,
            lines,
        )
    form = LinesForm(request.POST, invoice=invoice)
    if form.is_valid() and lines.is_valid():
        drafts = _drafts(lines, form.cleaned_data, kept)
        save = _turn if request.POST.get("convert") else _edit
        answer = _tried(
            form, invoice, partial(save, request, invoice, drafts, form.cleaned_data["seen"])
        )
        if answer is not None:
            return answer
    return _page(request, invoice, form, lines, lines)


@require_POST
@requires(Role.STAFF)
def rows(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """The lines after one was added, removed or given a service; nothing is saved."""
    invoice = _found(invoice_id)
    changed = typed_lines.after_step(request.POST, _make(invoice))
    return typed_lines.answer(request, {"lines": changed, **_places(request, invoice)})


@require_POST
@requires(Role.STAFF)
def totals(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """What the lines come to as they are typed; nothing is saved."""
    context = _count_posted(request, _found(invoice_id))
    return render(request, "billing/generate_totals.html", context)


def _why_not(invoice: Invoice, kept: Sequence[DraftLine]) -> str:
    """Empty when the lines may be changed here."""
    if len(kept) > MOST_LINES:
        return (
            f"{invoice.number} has {len(kept):,} lines; on a page at most {MOST_LINES:,} can be "
            "changed. Void it and generate a new invoice."
        )
    try:
        invoices.require_open_lines(invoice)
    except IllegalStep as refusal:
        return str(refusal)
    return ""


def _tried(
    form: LinesForm, invoice: Invoice, save: Callable[[], HttpResponse]
) -> HttpResponse | None:
    """None, and the sentence at the form, when billing refuses; nothing is written then."""
    try:
        with transaction.atomic():
            return save()
    except ChangedMeanwhile as refusal:
        form.add_error(None, str(refusal))
        form.look_again(invoice)
    except BecomesCredit as question:
        form.add_error(None, str(question))
        form.may_convert = True
    except BillingError as refusal:
        form.add_error(None, str(refusal))
    return None


def _edit(request: Any, invoice: Invoice, drafts: list[DraftLine], seen: Any) -> HttpResponse:
    invoices.edit(invoice=invoice, lines=drafts, seen=seen, actor=request.user)
    return done(request, f"{invoice.number} is saved.", "billing:invoice", invoice.pk)


def _turn(request: Any, invoice: Invoice, drafts: list[DraftLine], seen: Any) -> HttpResponse:
    memo = invoices.turn_into_credit(invoice=invoice, lines=drafts, seen=seen, actor=request.user)
    words = f"{invoice.number} is void, and {memo.number} over {memo.total} takes its place."
    return done(request, words, "billing:credit_memo", memo.pk)


def _drafts(lines: Any, head: Mapping[str, Any], kept: Sequence[DraftLine]) -> list[DraftLine]:
    """The lines as typed; what is kept stays of its kind, also the discount."""
    by_id = {draft.line_id: draft for draft in kept}
    drafts = [_as_kept(line, by_id) for line in lines.filled]
    former = next((draft for draft in kept if draft.kind == LineKind.DISCOUNT), None)
    below = typed_lines.below_lines(head)
    return [*drafts, *(_same_discount(draft, former) for draft in below)]


def _as_kept(line: Mapping[str, Any], kept: Kept) -> DraftLine:
    former = kept.get(line["line_id"])
    kind = former.kind if former else LineKind.SALE
    return typed_lines.draft_line(line, line_id=line["line_id"], kind=kind)


def _same_discount(draft: DraftLine, former: DraftLine | None) -> DraftLine:
    """The discount keeps its line, and its words while it stays the same."""
    if draft.kind != LineKind.DISCOUNT or former is None:
        return draft
    draft = replace(draft, line_id=former.line_id)
    percent, amount = former.discount_percent, former.unit_price
    same = draft.discount_percent == percent and (percent or draft.unit_price == amount)
    return replace(draft, description=former.description) if same else draft


def _begun(invoice: Invoice, kept: Sequence[DraftLine]) -> LinesForm:
    former = next((draft for draft in kept if draft.kind == LineKind.DISCOUNT), None)
    initial: dict[str, Any] = {"seen": invoice.updated_at.isoformat()}
    if former is not None:
        initial |= {"discount": _discount_text(former), "after_it_tax": former.taxable}
    return LinesForm(initial=initial, invoice=invoice)


def _discount_text(draft: DraftLine) -> str:
    if draft.discount_percent is not None:
        return f"{_plain(draft.discount_percent)} %"
    return _plain(-draft.unit_price * draft.quantity)


def _rows_of(invoice: Invoice, kept: Sequence[DraftLine]) -> Any:
    rows = [
        {
            "service": draft.service.pk if draft.service else "",
            "description": draft.description,
            "quantity": _plain(draft.quantity),
            "unit_price": _plain(draft.unit_price),
            "taxable": draft.taxable,
            "discount_percent": _plain(draft.discount_percent) if draft.discount_percent else "",
            "line_id": draft.line_id,
        }
        for draft in kept
        if draft.kind != LineKind.DISCOUNT
    ]
    return _make(invoice)(initial=rows or [{}], prefix=PREFIX)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"


def _make(invoice: Invoice) -> Callable[..., Any]:
    return partial(KeptLineFormSet, invoice=invoice)


def _count_posted(request: Any, invoice: Invoice) -> dict[str, Any]:
    lines = KeptLineFormSet(request.POST, prefix=PREFIX, invoice=invoice)
    form = LinesForm(request.POST, invoice=invoice)
    form.is_valid()  # fills cleaned_data as far as it can be read
    return _sums(invoice, typed_lines.countable(lines), getattr(form, "cleaned_data", {}))


def _sums(invoice: Invoice, drafts: Sequence[DraftLine], head: Mapping[str, Any]) -> dict[str, Any]:
    def count() -> Any:
        _, totals = invoices.counted(invoice, [*drafts, *typed_lines.below_lines(head)])
        return totals

    return {**_taxed(invoice), **typed_lines.sums(drafts, count)}


def _taxed(invoice: Invoice) -> dict[str, Any]:
    return {
        "rate": invoice.tax_rate_percent,
        "prices_include_tax": invoice.prices_include_tax,
    }


def _places(request: Any, invoice: Invoice) -> dict[str, Any]:
    """Where the form asks for its lines and its sum."""
    return {
        "lines_url": address(request, "billing:invoice_lines_rows", invoice.pk),
        "totals_url": address(request, "billing:invoice_lines_totals", invoice.pk),
    }


def _page(
    request: Any, invoice: Invoice, form: LinesForm, lines: Any, counted: Any
) -> HttpResponse:
    """``counted`` are the lines that the sum is about: those that stand, or those that were sent."""
    context = {"invoice": invoice, "form": form, "lines": lines, **_places(request, invoice)}
    if isinstance(counted, list):
        sold = [draft for draft in counted if draft.kind != LineKind.DISCOUNT]
        sums = {**_taxed(invoice), "count": len(sold), "totals": invoice}
    else:
        sums = _count_posted(request, invoice)
    return render(request, "billing/invoice_lines.html", {**context, **sums})


def _found(invoice_id: UUID) -> Invoice:
    return found(Invoice.objects.select_related("customer", "tax_region"), invoice_id)
