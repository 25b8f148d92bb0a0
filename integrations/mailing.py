"""Mails what cannot wait to the owners and admins of an organization, outside any transaction."""

from smtplib import SMTPException
from uuid import UUID

import structlog
from django.conf import settings
from django.core import mail
from django.urls import reverse

from integrations import notices
from integrations.models import NoticeKind, Notification
from tenants.models import Membership, Organization, Role
from tenants.scope import within

log = structlog.get_logger()


def mail_notices(organization_id: UUID) -> None:
    """Sends what is due. Marked as sent before: a crash costs one mail, never a second copy of it."""
    organization = Organization.objects.get(pk=organization_id)
    with within(organization):
        waiting = notices.take_to_mail()
    for notice in waiting:
        if not _mailed(notice, organization):
            with within(organization):
                notices.put_back(notice)


def _mailed(notice: Notification, organization: Organization) -> bool:
    """Whether somebody got it: one address that is refused must not have all others mailed again and again."""
    letters = _letters(notice, organization)
    sent = [_sent(letter, notice) for letter in letters]
    return any(sent) or not letters


def _sent(letter: mail.EmailMessage, notice: Notification) -> bool:
    try:
        return bool(letter.send())
    except (SMTPException, OSError) as failure:
        log.warning("notice not mailed", notice=str(notice.pk), reason=type(failure).__name__)
        return False


def _letters(notice: Notification, organization: Organization) -> list[mail.EmailMessage]:
    """One for each person, so that nobody learns the others' addresses."""
    text = _text(notice, organization)
    # A name may hold a line break, a header may not.
    subject = " ".join(f"{notice.title} – {organization.name}".split())
    return [mail.EmailMessage(subject, text, to=[each]) for each in _addresses(organization)]


def _text(notice: Notification, organization: Organization) -> str:
    page = reverse(notices.PAGES[NoticeKind(notice.kind)], args=[organization.slug])
    return (
        f"{notice.sentence}\n\n{settings.BASE_URL}{page}\n\n"
        f"You get this because you are an owner or admin of {organization.name} on Regentra. It comes "
        "at most once a day until somebody marks the notice as read or its cause is gone.\n"
    )


def _addresses(organization: Organization) -> list[str]:
    people = Membership.objects.filter(organization=organization, user__is_active=True)
    admins = people.filter(role__in=(Role.OWNER, Role.ADMIN)).order_by("user__email")
    return list(admins.values_list("user__email", flat=True))
