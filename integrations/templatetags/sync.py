"""How sync shows on the pages of documents: a badge, a panel, lines of the time-line, first steps.

The only way in which pages of billing meet integrations.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse

from billing.destinations import offered
from integrations import editions, link_checks
from integrations.deep_links import document_address
from integrations.documents import Kind
from integrations.first_steps import first_steps
from integrations.freshness import Meter
from integrations.inbound import decisions, drift
from integrations.job_states import JobState
from integrations.models import (
    QUICKBOOKS,
    Connection,
    ConnectionStatus,
    SyncJob,
    companies_in_use,
    company_in_use,
)
from integrations.outbound import closed_books, customer_choice, moving, wishes
from integrations.outbound.closed_books import Posting
from integrations.outbound.customer_choice import Question
from integrations.outbound.prerequisites import Need
from integrations.policies import SeenWithin
from integrations.standing import (
    Fix,
    Standing,
    calls_of,
    kind_of,
    standings,
)
from integrations.timeline import with_sync
from tenants.models import Role

register = template.Library()

# Pages that are about one company of several.
OF_A_COMPANY = ("integrations:mapping", "integrations:quickbooks")


@register.inclusion_tag("integrations/badge.html", takes_context=True)
def sync_badge(
    context: Any, document: Any, neighbours: Iterable[Any] | None = None
) -> dict[str, Any]:
    """The pill of one document. ``neighbours`` are the other rows of its list: all are then read at once."""
    return {"standing": _standing(context, document, neighbours or ())}


@register.inclusion_tag("integrations/panel.html", takes_context=True)
def sync_panel(context: Any, document: Any) -> dict[str, Any]:
    """What stands beside a document: state, reason and fix, their number and total, what it cost, what to press."""
    standing = _standing(context, document, ())
    companies = companies_in_use()
    connection = companies[0] if companies else None
    is_other = _is_other(standing, connection)
    mail = _mail(context, document)
    return {
        "companies": companies if _may_name(standing, companies, is_other=is_other) else [],
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "document": document,
        "standing": standing,
        "mail": mail,
        "may_mail": mail is not None
        and context["request"].membership.allows(Role.STAFF)
        and _can_go(mail, connection),
        "connection": connection,
        "is_other_company": is_other,
        "may_send": context["request"].membership.allows(Role.STAFF)
        and _can_go(standing, connection),
        "question": _question(standing, document),
        "difference": _difference(context, document),
        "shift": _shift(standing, document),
        "checks": link_checks.of(document, standing.connection or connection),
        "link_page": _link_page(context, standing, connection),
        **_there(standing, document),
    }


@register.simple_tag(takes_context=True)
def fix_url(context: Any, fix: Fix, company: Connection | None = None) -> str:
    """The address of the page where something is put right, about the company that it concerns."""
    address = reverse(fix.page, args=[context["request"].organization.slug, *fix.arguments])
    is_of_it = fix.page in OF_A_COMPANY and company in companies_in_use()
    return f"{address}{company.query}" if company and is_of_it else address


@register.simple_tag
def sync_timeline(document: Any, history: Iterable[Any]) -> list[Any]:
    """A document's history with what sync did with it: ``{% sync_timeline document history as lines %}``."""
    return with_sync(document, history)


@register.simple_tag(takes_context=True)
def setup_steps(context: Any) -> list[dict[str, Any]]:
    """The first steps that this visitor may take; empty where the operator has not switched QuickBooks on."""
    request = context["request"]
    has_it = request.organization.has("quickbooks")
    if not has_it or not editions.includes_quickbooks(request.organization):
        return []
    return [
        {
            "title": step.title,
            "href": reverse(step.page, args=[request.organization.slug]),
            "is_done": step.is_done,
        }
        for step in first_steps()
        if request.membership.allows(step.role)
    ]


def _standing(context: Any, document: Any, neighbours: Iterable[Any]) -> Standing:
    """Kept on the request, so that a page asks once for all its rows; that of one invoice shows its e-mail, too."""
    known, kind = _known(context), kind_of(document)
    if (kind, document.pk) not in known:
        mails_of = [document] if kind is Kind.INVOICE and not neighbours else []
        known.update(standings([document, *neighbours], mails_of))
    return known[kind, document.pk]


def _known(context: Any) -> dict[tuple[Kind, UUID], Standing]:
    known: dict[tuple[Kind, UUID], Standing] = context["request"].__dict__.setdefault(
        "_sync_standings", {}
    )
    return known


def _mail(context: Any, document: Any) -> Standing | None:
    """The e-mail of an invoice, once QuickBooks was ever asked for it."""
    if kind_of(document) is not Kind.INVOICE:
        return None
    known = _known(context)
    if (Kind.MAIL, document.pk) not in known:
        known.update(standings([], [document]))
    standing = known[Kind.MAIL, document.pk]
    return standing if standing.job or standing.link else None


def _there(standing: Standing, document: Any) -> dict[str, Any]:
    """What the other side holds."""
    link, connection = standing.link, standing.connection
    if connection is None:
        return {}
    if link is None:
        return calls_of(standing)
    currency = getattr(document, "currency", connection.company_settings().currency)
    return {
        "link": link,
        "their_total": standing.their_total(currency),
        "variance": standing.variance(currency),
        "address": document_address(connection, Kind(link.kind), link.remote_id),
        **calls_of(standing),
    }


def _difference(context: Any, document: Any) -> dict[str, Any] | None:
    """What was changed over there, and what may be answered."""
    question = drift.about(document.pk)
    if question is None:
        return None
    both = decisions.compare(question)
    return {
        "question": question,
        "fields": both.fields,
        "mark": both.mark,
        "can_take": decisions.can_take(question),
        "can_send": decisions.can_send(question),
        "can_make_again": decisions.can_make_again(question),
        "is_theirs": decisions.is_theirs(question),
        "can_tell": decisions.can_tell(question),
        "may_answer": context["request"].membership.allows(Role.STAFF),
        "may_remember": context["request"].membership.allows(Role.ADMIN)
        and bool(decisions.owned_parts(question)),
    }


def _shift(standing: Standing, document: Any) -> Posting | None:
    """The day a document that waits for closed books may go under instead."""
    if standing.state is not JobState.BLOCKED:
        return None
    return closed_books.may_shift(standing.job, document, is_there=standing.link is not None)


def _question(standing: Standing, document: Any) -> Question | None:
    """What staff are asked about a customer before it can go out."""
    if standing.need is not Need.CUSTOMER_CHOICE or standing.connection is None:
        return None
    return customer_choice.question(standing.connection, document)


def _may_name(standing: Standing, companies: list[Connection], *, is_other: bool) -> bool:
    """Whether staff may say which company it goes to: nothing of it was written yet, and there is one to choose."""
    if standing.kind not in wishes.CHOOSE_THEIR_COMPANY or standing.link is not None:
        return False
    if standing.job is None:
        return len(companies) > 1
    return (is_other or len(companies) > 1) and _is_free(standing.job)


def _is_free(job: SyncJob) -> bool:
    """A customer may be in several companies."""
    if job.kind == Kind.CUSTOMER:
        return job.state in (JobState.BLOCKED, JobState.ERRORED)
    return moving.may_move(job.connection, Kind(job.kind), job.local_id)


@register.simple_tag(takes_context=True)
def customer_wizard(context: Any) -> str:
    """Where customers are matched with those there; "" while nothing is connected, and for who may not."""
    request = context["request"]
    if company_in_use() is None or not request.membership.allows(Role.STAFF):
        return ""
    company = getattr(request, "company", None)
    address = reverse("integrations:customer_wizard", args=[request.organization.slug])
    return f"{address}{company.query}" if company else address


def _link_page(context: Any, standing: Standing, connection: Connection | None) -> str:
    """Where a customer is linked by hand, or unlinked; "" for other documents and visitors."""
    request = context["request"]
    if standing.kind is not Kind.CUSTOMER or connection is None:
        return ""
    if standing.is_moving or not request.membership.allows(Role.STAFF):
        return ""
    arguments = [request.organization.slug, standing.local_id]
    return f"{reverse('integrations:customer_link', args=arguments)}{connection.query}"


def _is_other(standing: Standing, connection: Connection | None) -> bool:
    """Whether what we know of the document is about a company that is no longer connected, while another one is."""
    holder = standing.connection
    is_over = holder is not None and holder.status == ConnectionStatus.DISCONNECTED
    return is_over and connection is not None


def _can_go(standing: Standing, connection: Connection | None) -> bool:
    """Whether pressing Send makes sense: connected, and not on its way or done."""
    is_known = any(each.key == QUICKBOOKS for each in offered())
    return (
        is_known and connection is not None and not standing.is_moving and not standing.is_settled
    )


@register.simple_tag
def meter_of(meters: dict[SeenWithin, Meter], choice: SeenWithin) -> str:
    """What a choice of the sync rules costs, in words."""
    meter = meters[choice]
    return (
        f"About {intcomma(meter.a_day)} metered calls a day, {intcomma(meter.a_month)} a month, at present "
        "activity."
    )


@register.filter
def undone(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the first steps that are still to be taken."""
    return [step for step in steps if not step["is_done"]]


@register.filter
def sync_kind(document: Any) -> str:
    """The word for a document's kind in addresses."""
    return str(kind_of(document))
