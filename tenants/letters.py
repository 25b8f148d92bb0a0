"""The mail that brings an invitation. Sent outside any transaction."""

from smtplib import SMTPException

import structlog
from django.core import mail

from tenants.models import Invitation, Organization

log = structlog.get_logger()


def send_invitation(invitation: Invitation, organization: Organization, link: str) -> bool:
    """Whether it could be sent; the link can be handed over otherwise."""
    text = (
        f"{invitation.invited_by} invites you to {organization.name} on Regentra as {invitation.role_name}.\n\n"
        f"{link}\n\nThe link works once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC. "
        "If you did not expect it, ignore this mail.\n"
    )
    # A name may hold a line break, a header may not.
    subject = " ".join(f"Join {organization.name} on Regentra".split())
    try:
        return bool(mail.EmailMessage(subject, text, to=[invitation.email]).send())
    except (SMTPException, OSError) as failure:
        log.warning("invitation not mailed", reason=type(failure).__name__)
        return False
