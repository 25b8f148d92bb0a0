"""The panel beside one document, and the button that sends it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from billing.home import day_in_words
from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from integrations.documents import Kind
from integrations.models import QUICKBOOKS, Connection, ConnectionStatus, live_connections
from integrations.outbound import closed_books, wishes
from integrations.standing import DOCUMENT_PAGES, kind_of, standings
from integrations.views.places import id_from, no_longer_connected
from integrations.waking import wake
from tenants import audit
from tenants.access import requires
from tenants.as_shown import is_as_shown
from tenants.models import Role

MODELS: dict[str, Any] = {
    Kind.CUSTOMER: Customer,
    Kind.INVOICE: Invoice,
    Kind.CREDIT_MEMO: CreditMemo,
    Kind.PAYMENT: Payment,
    Kind.EXPENSE: Refund,
    Kind.REFUND_RECEIPT: Refund,
    Kind.MAIL: Invoice,
}


@require_GET
@requires(Role.READ_ONLY)
def panel(request: Any, organization: str, kind: str, local_id: UUID) -> HttpResponse:
    """The panel as it is now, and the badge at the page's head, for pages that look again while something moves."""
    context = {"document": _found(kind, local_id)}
    return render(request, "integrations/panel_answer.html", context)


@require_POST
@requires(Role.STAFF)
def send(request: Any, organization: str, kind: str, local_id: UUID) -> HttpResponse:
    """Send to QuickBooks and Try again: the same wish. Changes nothing in the books."""
    document = _found(kind, local_id)
    if not live_connections().exists():
        messages.error(
            request, "QuickBooks is not connected; an owner or admin connects it under Settings."
        )
    elif named := request.POST.get("company", ""):
        _wish_in(request, kind, document, get_object_or_404(Connection, pk=id_from(named)))
    else:
        wishes.send_now(Kind(kind), document.pk)
        _noted(request, kind, document)
    return redirect(reverse(DOCUMENT_PAGES[Kind(kind)].page, args=[organization, local_id]))


@require_POST
@requires(Role.STAFF)
def send_dated(request: Any, organization: str, kind: str, local_id: UUID) -> HttpResponse:
    """Lets what waits for closed books go under the first open day instead, if it is the one that was shown."""
    document = _found(kind, local_id)
    if kind not in closed_books.DAY_OF:
        raise Http404(f"A {kind} has no day")
    standing = standings([document])[Kind(kind), local_id]
    shift = closed_books.may_shift(standing.job, document, is_there=standing.link is not None)
    if standing.job is None or shift is None:
        messages.info(request, "It does not wait for the books to be opened any more.")
    elif is_as_shown(request, shift.mark):
        wishes.send_dated(standing.job, shift.on, shift.instead_of)
        _note(request, kind, document, f"{kind}.dated_elsewhere", day=str(shift.on))
        messages.success(request, f"It goes to QuickBooks dated {day_in_words(shift.on)}.")
        wake()
    return redirect(reverse(DOCUMENT_PAGES[Kind(kind)].page, args=[organization, local_id]))


def _wish_in(request: Any, kind: str, document: Any, company: Connection) -> None:
    """For the company that the page named, unless another one has it."""
    if company.status == ConnectionStatus.DISCONNECTED:
        messages.error(request, no_longer_connected(company))
        return
    if kind not in wishes.CHOOSE_THEIR_COMPANY:
        wishes.send_now(Kind(kind), document.pk, company)
    elif holder := wishes.send_to(company, Kind(kind), document.pk):
        messages.error(
            request,
            f"It is in {holder} or on its way there, and a document is only ever in one company.",
        )
        return
    _noted(request, kind, document)


def _noted(request: Any, kind: str, document: Any) -> None:
    """A wish about the other side changes nothing in the books, so it takes no way through the outbox."""
    concerned = kind_of(document)
    _note(request, concerned, document, f"{concerned}.sync_requested", destination=QUICKBOOKS)
    wake()


def _note(request: Any, kind: str, document: Any, action: str, **detail: str) -> None:
    audit.record(action, actor=request.user, object_kind=kind, object_id=document.pk, **detail)


def _found(kind: str, local_id: UUID) -> Any:
    """The document of this organization; a refund only as what it is posted as. Raises Http404."""
    model = MODELS.get(kind)
    document = model.objects.filter(pk=local_id).first() if model else None
    if document is None or (isinstance(document, Refund) and kind != kind_of(document)):
        raise Http404(f"No such {kind}")
    return document
