"""Whether what a payment refers to is in QuickBooks, as its panel shows it (T-62). Runs inside ``within()``."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from billing.models import Payment
from integrations.documents import Kind
from integrations.models import Connection, Link
from integrations.standing import DOCUMENT_PAGES


@dataclass(frozen=True, slots=True)
class Check:
    """One document that has to be there, and its page."""

    what: str
    page: str
    local_id: UUID
    is_linked: bool


def of(document: object, connection: Connection | None) -> list[Check]:
    """Its customer, and each invoice it is applied to; of other documents nothing."""
    if connection is None or not isinstance(document, Payment):
        return []
    wanted = list(_referred(document))
    ids = [local_id for _, _, local_id in wanted]
    links = Link.objects.filter(connection=connection, local_id__in=ids)
    linked = {(row.kind, row.local_id) for row in links}
    return [
        Check(what, DOCUMENT_PAGES[kind].page, local_id, (kind, local_id) in linked)
        for what, kind, local_id in wanted
    ]


def _referred(payment: Payment) -> Iterator[tuple[str, Kind, UUID]]:
    yield f"Customer {payment.customer.name}", Kind.CUSTOMER, payment.customer_id
    for part in payment.allocations.select_related("invoice").order_by("invoice__number"):
        yield f"Invoice {part.invoice.number}", Kind.INVOICE, part.invoice_id
