"""Differences that the sync rules answer, so that nobody is asked. Runs inside ``within()``.

The answers are the very ones that a person could give; what billing refuses stays a question.
"""

from collections.abc import Callable

from billing.models import Invoice, Status
from integrations.documents import Held, Kind
from integrations.inbound import apply, decisions
from integrations.models import Connection, Discrepancy, policies_in_force
from integrations.outbound import number_taken
from integrations.policies import Policies, RemoteDelete, UnpaidEdit

Answer = Callable[..., None]
# Of an invoice that nothing was paid on.
UNPAID = (Status.DRAFT, Status.SENT)


def answer(connection: Connection, held: Held) -> None:
    """Does with this document of theirs what the organization has chosen, if there is an open question about it."""
    asked = Discrepancy.objects.filter(connection=connection, kind=held.kind, remote_id=held.id)
    asked = asked.exclude(reason_code=number_taken.CODE)
    question = asked.filter(closed_at=None, local_id__isnull=False).first()
    if question is None or held.kind not in (Kind.INVOICE, Kind.CUSTOMER):
        return
    chosen = answer_to(question.reason_code, policies_in_force(), is_unpaid=_is_unpaid(question))
    if chosen is None:
        return
    try:
        chosen(question, actor=None)
    except apply.CannotApply:
        # Such as a void of what was paid in part; the question that is open already says what happened.
        return


def answer_to(code: str, policies: Policies, *, is_unpaid: bool) -> Answer | None:
    """The answer to a question with this reason about an invoice or a customer; None where somebody is asked."""
    if code in decisions.INACTIVE:
        return _of_inactive(policies.remote_delete_policy)
    if code == decisions.DELETED:
        return _of_deleted(policies.remote_delete_policy)
    if code in (*decisions.CHANGED, *decisions.GONE) and is_unpaid:
        return _of_edited(code, policies.unpaid_edit_owner)
    return None


def _of_edited(code: str, rule: UnpaidEdit) -> Answer | None:
    match rule:
        case UnpaidEdit.LOCAL:
            return None
        case UnpaidEdit.QBO:
            return decisions.take_theirs
        case UnpaidEdit.PER_FIELD:
            return decisions.put_together if code in decisions.CHANGED else None


def _of_inactive(rule: RemoteDelete) -> Answer | None:
    """Customers cannot be deleted there; making one inactive is as near as it gets (A-16)."""
    match rule:
        case RemoteDelete.EXCEPTION:
            return None
        case RemoteDelete.ARCHIVE:
            return decisions.take_theirs
        case RemoteDelete.RECREATE:
            return decisions.send_ours


def _of_deleted(rule: RemoteDelete) -> Answer | None:
    match rule:
        case RemoteDelete.EXCEPTION:
            return None
        case RemoteDelete.ARCHIVE:
            return decisions.put_away
        case RemoteDelete.RECREATE:
            return decisions.make_again


def _is_unpaid(question: Discrepancy) -> bool:
    return Invoice.objects.filter(pk__in=[question.local_id], status__in=UNPAID).exists()
