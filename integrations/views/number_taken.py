"""Staff compare two invoices with the same number and say what is to be done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from billing.models import Invoice
from integrations.deep_links import document_address
from integrations.documents import Kind
from integrations.inbound import number_choice
from integrations.inbound.number_choice import CannotAnswer, Collision
from integrations.inbound.same_number import Answer
from integrations.outbound import due
from integrations.waking import wake
from tenants.access import requires
from tenants.as_shown import is_as_shown
from tenants.models import Role

SAID = {
    Answer.LINK: "They are linked. What differs goes to QuickBooks now.",
    Answer.TAKE: "They are linked. Here it is now as it is in QuickBooks.",
    Answer.RENUMBER: "It has another number now and goes to QuickBooks with it.",
    Answer.LEAVE: "It stays here. QuickBooks is asked again when it is changed or sent again.",
}
LABELS = {
    Answer.LINK: (
        "Link them, ours holds",
        "They are the same invoice. What differs is changed in QuickBooks.",
    ),
    Answer.TAKE: (
        "Link them, theirs holds",
        "They are the same invoice. Dates, notes and lines are taken over here; nothing is changed in QuickBooks.",
    ),
    Answer.RENUMBER: (
        "Give ours another number",
        "They are two invoices. Ours gets the next free number, here and in QuickBooks.",
    ),
    Answer.LEAVE: (
        "Leave ours out of QuickBooks",
        "Nothing is changed anywhere. It is asked about again when it is changed here or sent again.",
    ),
}


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def number_taken(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Both invoices side by side; or, once that is settled, the invoice."""
    if request.method == "POST":
        due.hold_all()
    invoices = Invoice.objects.select_related("customer")
    invoice = get_object_or_404(invoices, pk=invoice_id)
    met = number_choice.collision(invoice)
    if met is None:
        messages.info(request, "Nothing is to be decided about this number.")
        return _to_invoice(organization, invoice)
    if request.method == "POST" and _answered(request, met):
        return _to_invoice(organization, invoice)
    return render(request, "integrations/number_taken.html", _shown(met))


def _answered(request: Any, met: Collision) -> bool:
    said = request.POST.get("answer", "")
    if said not in list(Answer):
        messages.error(request, "Choose what is to be done.")
        return False
    if not is_as_shown(request, met.mark):
        return False
    try:
        number_choice.answer(met.question, Answer(said), actor=request.user)
    except CannotAnswer as refusal:
        messages.error(request, f"That is not possible: {refusal}")
        return False
    messages.success(request, SAID[Answer(said)])
    wake()
    return True


def _shown(met: Collision) -> dict[str, Any]:
    connection, remote_id = met.question.connection, met.question.remote_id
    return {
        "met": met,
        "address": document_address(connection, Kind.INVOICE, remote_id),
        "answers": [
            {"value": one, "label": label, "effect": effect, "best": one is met.advice.best}
            for one, (label, effect) in LABELS.items()
            if one in met.advice.possible
        ],
    }


def _to_invoice(organization: str, invoice: Invoice) -> HttpResponse:
    return redirect(reverse("billing:invoice", args=[organization, invoice.pk]))
