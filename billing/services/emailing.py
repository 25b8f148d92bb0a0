"""Has one of the destinations e-mail an invoice to the customer."""

from django.db import transaction

from billing import destinations, events
from billing.models import Invoice, Status
from billing.rules.lifecycle import Step, require
from billing.services import invoices
from billing.services.changes import save
from billing.services.chronicle import actor_id, enter
from regentra import clock
from tenants.models import User


@transaction.atomic
def request(
    *, invoice: Invoice, through: str, to: str | None = None, actor: User | None = None
) -> Invoice:
    """Asks the destination for it, once more if it was asked before; a draft is sent with it.

    ``to`` is where it goes from now on, None to leave that as it is. Raises a `BillingError`.
    """
    destinations.check({through})
    invoice = invoice.reload_locked()
    require(Step.EMAIL, invoice.standing, number=invoice.number)
    if to is not None:
        invoice = invoices.edit(invoice=invoice, email=_own(invoice, to), actor=actor)
    if invoice.standing is Status.DRAFT:
        invoice = invoices.send(invoice=invoice, actor=actor)
    save(invoice, {"email_asked_at": clock.now()})
    event = events.InvoiceEmailRequested(
        invoice_id=invoice.pk, through=through, actor_id=actor_id(actor)
    )
    detail = {"through": through, "to": invoice.address}
    enter(event, "invoice.email_requested", invoice, actor=actor, **detail)
    return invoice


def _own(invoice: Invoice, to: str) -> str:
    """The customer's address stays the customer's, so that the invoice follows when it changes."""
    to = to.strip()
    return "" if to == invoice.customer.email else to
