"""What can be done to an invoice. Each step first says what it will do, as a page or as a dialog above one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from billing import destinations
from billing.errors import BillingError
from billing.forms.invoices import EmailForm, InvoiceEditForm, MarkPaidForm, SendForm
from billing.forms.refusals import refusals_on
from billing.models import Approval, Invoice
from billing.services import emailing, invoices, payments
from billing.views.places import done, found, to, to_change
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def edit(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Notes, memo, address and due date."""
    invoice = to_change(request, _rows(), invoice_id)
    home = request.organization.currency
    form = InvoiceEditForm(request.POST or None, invoice=invoice, home=home)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            invoices.edit(invoice=invoice, actor=request.user, **form.changes)
            return done(request, f"{invoice.number} is saved.", "billing:invoice", invoice.pk)
    return render(request, "billing/invoice_edit.html", {"form": form, "invoice": invoice})


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def send(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Finalises a draft; whoever is ticked e-mails it."""
    invoice = _found(invoice_id)
    form = SendForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            invoices.send(invoice=invoice, actor=request.user)
            for key in form.cleaned_data["through"]:
                emailing.request(invoice=invoice, through=key, actor=request.user)
            return done(request, f"{invoice.number} is sent.", "billing:invoice", invoice.pk)
    return _ask(request, "billing/invoice_send.html", invoice, form)


@require_POST
@requires(Role.STAFF)
def archive(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Puts the invoice away, or takes it back when it is away already (``back``)."""
    invoice = _found(invoice_id)
    try:
        if request.POST.get("back"):
            invoices.restore(invoice=invoice, actor=request.user)
            return done(request, f"{invoice.number} is back.", "billing:invoice", invoice.pk)
        invoices.archive(invoice=invoice, actor=request.user)
    except BillingError as refusal:
        messages.error(request, str(refusal))
        return to(request, "billing:invoice", invoice.pk)
    return done(request, f"{invoice.number} is archived.", "billing:invoice", invoice.pk)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def email(request: Any, organization: str, invoice_id: UUID, through: str) -> HttpResponse:
    """Has one of the destinations e-mail it to the customer."""
    invoice, mailer = to_change(request, _rows(), invoice_id), _mailer(through)
    form = EmailForm(request.POST if request.method == "POST" else None, invoice=invoice)
    if form.is_valid():
        with refusals_on(form):
            to = form.changes.get("to")
            emailing.request(invoice=invoice, through=through, to=to, actor=request.user)
            sentence = f"{invoice.number} is handed over to be e-mailed."
            return done(request, sentence, "billing:invoice", invoice.pk)
    return _ask(request, "billing/invoice_email.html", invoice, form, mailer=mailer)


@require_POST
@requires(Role.STAFF)
def judge(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Puts it on hold, or approves it."""
    invoice, said = _found(invoice_id), request.POST.get("approval", "")
    if said not in (Approval.HELD, Approval.APPROVED):
        messages.error(request, "Choose whether it is on hold or approved.")
        return to(request, "billing:invoice", invoice.pk)
    try:
        invoices.judge(invoice=invoice, approval=Approval(said), actor=request.user)
    except BillingError as refusal:
        messages.error(request, str(refusal))
        return to(request, "billing:invoice", invoice.pk)
    words = "is on hold" if said == Approval.HELD else "is approved"
    return done(request, f"{invoice.number} {words}.", "billing:invoice", invoice.pk)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def void(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Makes the invoice owe nothing."""
    invoice, form = _found(invoice_id), forms.Form(request.POST or None)
    if request.method == "POST":
        with refusals_on(form):
            invoices.void(invoice=invoice, actor=request.user)
            return done(request, f"{invoice.number} is void.", "billing:invoice", invoice.pk)
    return _ask(request, "billing/invoice_void.html", invoice, form)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def mark_paid(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Records a payment of everything that is open, once that is what the page said."""
    invoice = to_change(request, _rows(), invoice_id)
    form = MarkPaidForm(request.POST or None, invoice=invoice, organization=request.organization)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            payments.mark_paid(invoice=invoice, actor=request.user, **form.cleaned_data)
            return done(request, f"{invoice.number} is paid.", "billing:invoice", invoice.pk)
    return _ask(request, "billing/invoice_mark_paid.html", invoice, form)


def _found(invoice_id: UUID) -> Invoice:
    return found(_rows(), invoice_id)


def _rows() -> QuerySet[Invoice]:
    rows: QuerySet[Invoice] = Invoice.objects.select_related("customer")
    return rows


def _mailer(key: str) -> destinations.Destination:
    """The destination that e-mails. Raises Http404."""
    mailer = next((each for each in destinations.mailers() if each.key == key), None)
    if mailer is None:
        raise Http404("Nobody e-mails by this name")
    return mailer


def _ask(request: Any, template: str, invoice: Invoice, form: Any, **more: Any) -> HttpResponse:
    """The question, in a dialog when asked for from a page that is open."""
    layout = "components/confirm_dialog.html" if request.htmx else "components/confirm_page.html"
    context = {"layout": layout, "invoice": invoice, "form": form, **more}
    return render(request, template, context)
