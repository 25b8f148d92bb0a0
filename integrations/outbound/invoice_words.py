"""What the wordings of an organization can say of an invoice."""

from billing.models import Invoice


def words_of(invoice: Invoice) -> dict[str, str]:
    """By the names of `integrations.wordings.PLACEHOLDERS`; load customer and location with the invoice."""
    return {
        "number": invoice.number,
        "customer": invoice.customer.name,
        "po_number": invoice.po_number,
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "location": invoice.location.name if invoice.location else "",
    }
