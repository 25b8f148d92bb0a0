"""Questions about payments of theirs that use credit of which nothing is here yet. Runs inside ``within()``."""

from collections.abc import Iterable

from integrations.documents import Held, Kind, PaymentDocument
from integrations.inbound.matching import CREDIT_APPLIED
from integrations.models import Connection, Discrepancy, Link


def unknown(question: Discrepancy) -> list[str]:
    """The ids of the credit memos that the payment asked about uses and that are still not here."""
    if question.reason_code != CREDIT_APPLIED:
        return []
    used = _used(question)
    here = _here(question.connection, used)
    return [memo for memo in used if memo not in here]


def by(connection: Connection, memo: str) -> list[Held]:
    """The payments that somebody is asked about because they use this credit memo, as they were then."""
    asked = Discrepancy.objects.filter(
        connection=connection, reason_code=CREDIT_APPLIED, closed_at=None
    )
    return [one.held() for one in asked if memo in _used(one)]


def answered(connection: Connection) -> list[tuple[str, str]]:
    """The payments that waited for credit memos alone, all of which are here by now."""
    asked = Discrepancy.objects.filter(
        connection=connection, reason_code=CREDIT_APPLIED, closed_at=None
    )
    used = {(one.kind, one.remote_id): _used(one) for one in asked if not _waits_for_more(one)}
    here = _here(connection, {memo for memos in used.values() for memo in memos})
    return [payment for payment, memos in used.items() if memos and here.issuperset(memos)]


def _used(question: Discrepancy) -> list[str]:
    document = question.held().document
    if not isinstance(document, PaymentDocument):
        return []
    return [part.credit_memo for part in document.credits]


def _waits_for_more(question: Discrepancy) -> bool:
    """Whether it uses the credit of a journal entry too, which never comes here."""
    document = question.held().document
    others = document.others if isinstance(document, PaymentDocument) else ()
    return any(part.amount.minor > 0 for part in others)


def _here(connection: Connection, memos: Iterable[str]) -> set[str]:
    rows = Link.objects.filter(
        connection=connection, kind=Kind.CREDIT_MEMO, remote_id__in=list(memos)
    )
    return set(rows.values_list("remote_id", flat=True))
