"""Credit that documents over there use which are not here: it must not be used here as well (A-12).

What they say is left of a credit memo is believed; what payments that are here as well use of it is counted apart.
Runs inside ``within()``.
"""

from collections import defaultdict
from collections.abc import Iterable

from billing.models import CreditUse
from billing.money import Money
from integrations.documents import CreditMemoDocument, Document, Held, Kind, PaymentDocument
from integrations.inbound import apply
from integrations.models import Connection, Link


def note(connection: Connection, documents: Iterable[Held]) -> None:
    """After one answer of theirs was taken in: what each credit memo in it is used for elsewhere."""
    answer = list(documents)
    memos = {held.id: held for held in answer if _says_what_is_left(held)}
    rows = Link.objects.filter(connection=connection, kind=Kind.CREDIT_MEMO, remote_id__in=memos)
    links = list(rows)
    known = _used_by_known(connection, links, answer) if links else {}
    for link in links:
        used = _used_there(memos[link.remote_id])
        here = Money(known.get(link.remote_id, 0), used.currency)
        apply.note_credit_elsewhere(connection, link.local_id, used - here)


def _says_what_is_left(held: Held) -> bool:
    is_live = isinstance(held.document, CreditMemoDocument) and not held.document.voided
    return is_live and held.total is not None and held.balance is not None


def _used_there(held: Held) -> Money:
    assert held.total is not None and held.balance is not None
    return held.total - held.balance


def _used_by_known(connection: Connection, memos: list[Link], answer: list[Held]) -> dict[str, int]:
    """What payments that are here use over there of each credit memo, by its id there, in minor units.

    As this answer tells them, else as they were when they were last told.
    """
    told = {held.id: held.document for held in answer if held.kind is Kind.PAYMENT}
    uses = CreditUse.objects.filter(credit_memo__in=[link.local_id for link in memos])
    payments = Link.objects.filter(connection=connection, kind=Kind.PAYMENT)
    using = payments.filter(local_id__in=uses.values("payment_id"))
    links = {link.remote_id: link for link in [*using, *payments.filter(remote_id__in=told)]}
    sums: dict[str, int] = defaultdict(int)
    for remote_id, link in links.items():
        theirs: Document | None = (
            told.get(remote_id) if remote_id in told else link.their_document()
        )
        for part in theirs.credits if isinstance(theirs, PaymentDocument) else ():
            sums[part.credit_memo] += part.amount.minor
    return sums
