"""What we have no word for is left as it was agreed, so that it does not count as emptied by somebody here."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from integrations.documents import (
    CreditMemoDocument,
    InvoiceDocument,
    Kind,
    PaymentDocument,
    RefundReceiptDocument,
    merged,
)
from integrations.outbound.materials import Materials

Sold = TypeVar("Sold", InvoiceDocument, CreditMemoDocument, PaymentDocument, RefundReceiptDocument)


def left_as_agreed(
    materials: Materials, local: tuple[Kind, UUID], document: Sold, names: Iterable[str]
) -> Sold:
    """These fields as both sides agreed on them last; as they are composed while nothing was agreed."""
    link = materials.links.get(local)
    agreed = link.our_document() if link else None
    if agreed is None:
        return document
    kept = merged(document, agreed, frozenset(names))
    assert isinstance(kept, type(document))
    return kept
