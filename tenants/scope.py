"""Whose data this is: the only door to tenant rows.

``within(organization)`` opens a transaction and tells the database which organization may be seen; row-level security
does the rest. Outside it every query on a tenant table raises, because an empty answer would read as "no link yet".
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import connection, transaction

from tenants.errors import OutsideOrganization

Answer = TypeVar("Answer")

_current: ContextVar[UUID | None] = ContextVar("organization", default=None)
# What has been answered about the organization in force, by question; None when each answer is to be new.
_answers: ContextVar[dict[Callable[[], Any], Any] | None] = ContextVar("answers", default=None)


class HasId(Protocol):
    """What ``within`` accepts besides a bare id: a saved Organization."""

    @property
    def pk(self) -> Any: ...


@contextmanager
def within(organization: "UUID | HasId") -> Iterator[None]:
    """Opens a transaction that sees and writes only this organization's rows.

    May be nested; the former organization is back in force on exit. Session state is never touched, so a
    transaction pooler between us and PostgreSQL is safe.
    """
    wanted: UUID = organization if isinstance(organization, UUID) else organization.pk
    former, is_nested = _current.get(), connection.in_atomic_block
    if is_nested and wanted == former:
        # The database knows, and what was answered holds unless it was about what is taken back.
        try:
            with transaction.atomic():
                yield
        except BaseException:
            ask_again()
            raise
        return
    with transaction.atomic():
        _tell_database(wanted)
        token, fresh = _current.set(wanted), _answers.set({})
        try:
            yield
            # The setting ends with the transaction, and an exception rolls it back with the savepoint.
            if is_nested:
                _tell_database(former)
        finally:
            _current.reset(token)
            _answers.reset(fresh)
            ask_again()


def current_organization_id() -> UUID:
    """The organization in force. Raises `OutsideOrganization` when there is none."""
    organization_id = _current.get()
    if organization_id is None:
        raise OutsideOrganization
    return organization_id


def asked_once(question: Callable[[], Answer]) -> Callable[[], Answer]:
    """For what is asked many times of the organization in force and hardly ever changes: ``within`` keeps the answer.

    Who changes it calls `ask_always`, and who has waited for somebody that may have changed it, `ask_again`.
    """

    @wraps(question)
    def answer() -> Answer:
        answers = _answers.get()
        if answers is None:
            return question()
        if question not in answers:
            answers[question] = question()
        kept: Answer = answers[question]
        return kept

    return answer


def ask_again() -> None:
    """Answers are forgotten; what is asked from now on is kept."""
    answers = _answers.get()
    if answers is not None:
        answers.clear()


def ask_always() -> None:
    """No answer is kept until the organization is in force no more: a savepoint may take the change back."""
    _answers.set(None)


def _tell_database(organization_id: UUID | None) -> None:
    with connection.cursor() as cursor:
        value = "" if organization_id is None else str(organization_id)
        cursor.execute("SELECT set_config('app.organization', %s, true)", [value])
