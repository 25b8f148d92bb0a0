"""Tax that QuickBooks computes (C-17): read back from what its answers held, without another call.

Runs inside ``within()``. Where billing refuses, the total stays shown as differing.
"""

from dataclasses import replace

from integrations.documents import CreditMemoDocument, Held, InvoiceDocument, Kind, changed_fields
from integrations.inbound import apply
from integrations.models import Connection, Link, policies_in_force
from integrations.outbound import links
from integrations.policies import TaxMode

Taxed = InvoiceDocument | CreditMemoDocument
TAXED = (Kind.INVOICE, Kind.CREDIT_MEMO)
# What moves when they compute the tax of a document anew.
MOVED_BY_TAX = frozenset({"tax", "tax_code"})


def take_back(connection: Connection) -> None:
    """After sending: the tax of what went out without one becomes ours."""
    if not _is_delegated():
        return
    sent = Link.objects.filter(connection=connection, kind__in=TAXED)
    for link in sent.exclude(variance_minor=0):
        ours, theirs = link.our_document(), link.their_document()
        if isinstance(ours, Taxed) and ours.tax is None and _take(link, theirs):
            # What differs now differs for another reason than the tax.
            links.count_anew(link)


def follow(connection: Connection, held: Held) -> bool:
    """After a change there that moved nothing but the tax: ours follows. Says whether it did."""
    link = links.of_remote(connection, held.kind, held.id)
    if link is None or not _is_delegated() or not _moved_tax_only(link, held):
        return False
    ours = link.our_document()
    if not isinstance(ours, Taxed) or not _take(link, held.document):
        return False
    links.agree(connection, held.kind, link.local_id, ours=replace(ours, tax=None), held=held)
    return True


def _is_delegated() -> bool:
    return policies_in_force().tax_mode is TaxMode.DELEGATED


def _moved_tax_only(link: Link, held: Held) -> bool:
    before, now = link.their_document(), held.document
    if not isinstance(before, Taxed) or not isinstance(now, Taxed):
        return False
    return changed_fields(before, now) <= MOVED_BY_TAX


def _take(link: Link, theirs: object) -> bool:
    if not isinstance(theirs, Taxed) or theirs.voided or theirs.tax is None:
        return False
    try:
        apply.take_tax(link.connection, Kind(link.kind), link.local_id, theirs.tax)
    except apply.CannotApply:
        return False
    return True
