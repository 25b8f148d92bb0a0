"""Notices: one for each cause, however often it is met, closed when it is gone. Runs inside ``within()``.

The row is what counts. Mail is a courtesy about what cannot wait: a lost one is seen at the bell, and written again the
next day while nobody has taken note.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from integrations import rounds
from integrations.models import NoticeKind, Notification, Severity
from regentra import clock
from tenants.models import Role
from tenants.scope import current_organization_id

# One cause rings at most once a day, also when it comes and goes.
ONCE_A_DAY = timedelta(days=1)

# New to everybody, whoever took note before.
_RINGS = {"read_at": None, "rung": F("rung") + 1}

# Where the cause is put right.
PAGES = {
    NoticeKind.CONSENT_ENDED: "integrations:quickbooks",
    NoticeKind.CONSENT_EXPIRES: "integrations:quickbooks",
    NoticeKind.SENDING_STOPPED: "integrations:quickbooks",
    NoticeKind.DOCUMENTS_REFUSED: "integrations:exceptions",
    NoticeKind.WORK_LATE: "integrations:quickbooks",
    NoticeKind.RULES_PROPOSED: "integrations:proposals",
}
# Who is told: the connection is the business of those who may mend it.
LEAST_ROLE = {
    NoticeKind.CONSENT_ENDED: Role.ADMIN,
    NoticeKind.CONSENT_EXPIRES: Role.ADMIN,
    NoticeKind.SENDING_STOPPED: Role.ADMIN,
    NoticeKind.DOCUMENTS_REFUSED: Role.READ_ONLY,
    NoticeKind.WORK_LATE: Role.READ_ONLY,
    NoticeKind.RULES_PROPOSED: Role.ADMIN,
}


def tell(
    kind: NoticeKind,
    key: object,
    *,
    severity: Severity,
    title: str,
    sentence: str,
    counted: int | None = None,
) -> None:
    """There is this cause, of so many things if they are counted.

    Told before: only the sentence follows; with another title, or of more things than told last, it rings anew.
    """
    said = {"severity": severity, "title": title, "sentence": sentence, "counted": counted}
    same = Notification.objects.filter(kind=kind, key=str(key))
    _reopen(same)
    notice, fresh = same.get_or_create(
        kind=kind, key=str(key), closed_at=None, defaults={**said, "opened_at": clock.now()}
    )
    if not fresh:
        _say_again(notice, said)
    if severity == Severity.ACT_NOW and _to_mail().filter(pk=notice.pk).exists():
        rounds.ask_for(current_organization_id())


def close(kind: NoticeKind, *keys: object) -> None:
    """The cause is gone."""
    still_open = Notification.objects.filter(closed_at=None, kind=kind)
    still_open.filter(key__in=[str(key) for key in keys]).update(closed_at=clock.now())


def visible_to(role: Role) -> QuerySet[Notification]:
    """The notices that concern somebody of this role, the newest first."""
    kinds = [kind for kind, least in LEAST_ROLE.items() if role.allows(least)]
    return Notification.objects.filter(kind__in=kinds).order_by("-opened_at", "id")


def unread(role: Role) -> QuerySet[Notification]:
    """Open ones that nobody has taken note of."""
    return visible_to(role).filter(closed_at=None, read_at=None)


def take_note(role: Role, rings: Collection[str]) -> None:
    """Somebody of this role has seen these (`Notification.ring`). What rings anew meanwhile stays unread."""
    for notice in unread(role):
        if notice.ring in rings:
            _these([notice]).filter(rung=notice.rung).update(read_at=clock.now())


def take_to_mail() -> list[Notification]:
    """What is to be mailed now, marked as mailed; the caller puts back what could not be sent."""
    found = list(_to_mail().select_for_update(skip_locked=True, of=("self",)))
    _these(found).update(mailed_at=clock.now())
    return found


def put_back(notice: Notification) -> None:
    """It could not be mailed; the next round tries again."""
    _these([notice]).update(mailed_at=None)


def _to_mail() -> QuerySet[Notification]:
    yesterday = clock.now() - ONCE_A_DAY
    not_today = Q(mailed_at=None) | Q(mailed_at__lte=yesterday)
    waiting = Notification.objects.filter(not_today, severity=Severity.ACT_NOW)
    return waiting.filter(closed_at=None, read_at=None)


def _reopen(same: QuerySet[Notification]) -> None:
    """A cause that comes back within a day is the same one again, not another row."""
    if same.filter(closed_at=None).exists():
        return
    recent = same.filter(closed_at__gt=clock.now() - ONCE_A_DAY).order_by("-closed_at").first()
    if recent is not None:
        _these([recent]).update(closed_at=None, opened_at=clock.now(), **_RINGS)


def _say_again(notice: Notification, said: dict[str, Any]) -> None:
    before, now = notice.counted, said["counted"]
    are_more = before is not None and now is not None and now > before
    rings = _RINGS if are_more or notice.title != said["title"] else {}
    if any(getattr(notice, name) != value for name, value in said.items()):
        _these([notice]).update(**said, **rings)


def _these(notices: list[Notification]) -> QuerySet[Notification]:
    return Notification.objects.filter(pk__in=[one.pk for one in notices])
