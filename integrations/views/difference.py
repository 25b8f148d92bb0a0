"""Staff answer a difference between here and QuickBooks."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from integrations.documents import Kind
from integrations.inbound import decisions
from integrations.inbound.apply import CannotApply
from integrations.models import Connection, Discrepancy
from integrations.outbound import due
from integrations.policies import FieldOwner
from integrations.standing import DOCUMENT_PAGES
from integrations.views import rules
from integrations.waking import wake
from tenants.access import requires
from tenants.as_shown import is_as_shown
from tenants.models import Role

DECIDED = "This was decided already."


@require_POST
@requires(Role.STAFF)
def answer(request: Any, organization: str, question_id: UUID) -> HttpResponse:
    """Takes theirs, has ours sent again or made anew, as both were shown; what is answered already is left alone."""
    asked = Discrepancy.objects.select_related("connection").filter(local_id__isnull=False)
    question = _held(asked, question_id)
    if question.closed_at is not None:
        messages.info(request, DECIDED)
    elif is_as_shown(request, decisions.compare(question).mark):
        _decide(request, question, request.POST.get("answer", ""))
    page = DOCUMENT_PAGES[Kind(question.kind)].page
    return redirect(reverse(page, args=[organization, decisions.linked_to(question)]))


@require_POST
@requires(Role.STAFF)
def answer_theirs(request: Any, organization: str, question_id: UUID) -> HttpResponse:
    """Has theirs, as it was shown, judged anew or left as it is, where ours can be neither taken over nor sent; or says
    whether a payment of theirs is one of ours.
    """
    question = _held(Discrepancy.objects.select_related("connection"), question_id)
    if not decisions.is_theirs(question):
        raise Http404
    if question.closed_at is not None:
        messages.info(request, DECIDED)
    elif is_as_shown(request, decisions.mark(question)):
        decide = _tell if decisions.can_tell(question) else _decide_theirs
        decide(request, question, request.POST.get("answer", ""))
    return redirect(reverse("integrations:exceptions", args=[organization]))


def _held(asked: QuerySet[Discrepancy], question_id: UUID) -> Discrepancy:
    """The question as it stands while no turn goes on with it.

    The other companies are held, too, because an answer that is to be remembered changes the rules of all.
    """
    due.hold_all()
    return get_object_or_404(asked, pk=question_id)


def _decide_theirs(request: Any, question: Discrepancy, said: str) -> None:
    if said == "leave":
        decisions.leave(question, actor=request.user)
        messages.success(request, "Left as it is. It is asked again only if it changes there.")
    elif said == "again":
        _try_again(request, question)
    else:
        messages.error(request, "Choose whether to try again or to leave it.")


def _tell(request: Any, question: Discrepancy, said: str) -> None:
    if said == "same":
        _link(request, question)
    elif said == "two":
        decisions.are_two(question, actor=request.user)
        messages.success(request, "They are two, and each counts by itself.")
        wake()
    else:
        messages.error(request, "Choose whether they are the same.")


def _link(request: Any, question: Discrepancy) -> None:
    try:
        decisions.are_the_same(question, actor=request.user)
    except CannotApply as refusal:
        messages.error(request, f"They cannot be linked: {refusal}")
    else:
        messages.success(request, "They are linked.")
        wake()


def _try_again(request: Any, question: Discrepancy) -> None:
    if not question.connection.is_connected:
        messages.error(request, "This company is not connected; reconnect it first.")
        return
    decisions.try_again(question, actor=request.user)
    messages.success(request, "It is read from QuickBooks again.")
    wake()


def _decide(request: Any, question: Discrepancy, said: str) -> None:
    parts = _to_remember(request, question)
    if said == "ours" and decisions.can_send(question):
        _send(request, question, parts)
    elif said == "again" and decisions.can_make_again(question):
        decisions.make_again(question, actor=request.user)
        then = _once_connected(question.connection)
        messages.success(request, f"It is made in QuickBooks once more{then}.")
        wake()
    elif said == "theirs" and decisions.can_take(question):
        _take(request, question, parts)
    else:
        messages.error(request, "Choose whose version holds.")


def _to_remember(request: Any, question: Discrepancy) -> frozenset[str]:
    """The parts whose owner is to be whoever wins now, by the name of the rule; for owners and admins to say."""
    is_asked = "remember" in request.POST and request.membership.allows(Role.ADMIN)
    return decisions.owned_parts(question) if is_asked else frozenset()


def _remember(request: Any, parts: frozenset[str], owner: FieldOwner) -> None:
    if parts:
        rules.change(request, dict.fromkeys(parts, str(owner)))


def _once_connected(company: Connection) -> str:
    """When that goes which goes at once to a company that is connected."""
    return "" if company.is_connected else f" as soon as {company.company_name} is connected again"


def _sent(company: Connection, stay: list[str]) -> str:
    """What is sent and when, and what of theirs stays, as nothing here stands for it."""
    goes, then = "is sent to QuickBooks again", _once_connected(company)
    if then:
        goes = "goes to QuickBooks"
    if not stay:
        return f"Ours {goes}{then}."
    return (
        f"Nothing here stands for this, so it stays in QuickBooks as it is there: {', '.join(stay)}. "
        f"All else {goes} as it is here{then}."
    )


def _send(request: Any, question: Discrepancy, parts: frozenset[str]) -> None:
    changed = decisions.changed_by_them(question)
    try:
        decisions.send_ours(question, actor=request.user)
    except CannotApply as refusal:
        messages.error(request, f"Ours cannot be sent: {refusal}")
    else:
        messages.success(
            request, _sent(question.connection, decisions.staying_there(question, changed))
        )
        _remember(request, parts, FieldOwner.OURS)
        wake()


def _taken(left: list[str]) -> str:
    """What was taken, and what of theirs cannot be, as it has no place here."""
    if not left:
        return "Here it is now as it is in QuickBooks."
    return (
        f"This cannot be taken over here and stays in QuickBooks as it is there: {', '.join(left)}. "
        "All else is here now as it is in QuickBooks."
    )


def _take(request: Any, question: Discrepancy, parts: frozenset[str]) -> None:
    left = decisions.left_there(question)
    try:
        decisions.take_theirs(question, actor=request.user)
    except CannotApply as refusal:
        messages.error(request, f"Theirs cannot be taken: {refusal}")
    else:
        messages.success(request, _taken(left))
        _remember(request, parts, FieldOwner.THEIRS)
