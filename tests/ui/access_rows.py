"""Who may do what at which address: one row for each address below ``/o/<organization>/``.

A new address without a row fails `test_access_matrix`. A row says the least role for looking (GET) and for sending
(POST), None where the method is not allowed, and, when the address names an object, how one is made. The maker runs
inside ``within(organization)`` and returns the values of the address.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from billing.services import catalogue
from tenants import people
from tenants.models import Membership, Role
from tenants.scope import current_organization_id
from tests import factories

Maker = Callable[[], dict[str, Any]]

READ, STAFF, ADMIN = Role.READ_ONLY, Role.STAFF, Role.ADMIN


@dataclass(frozen=True)
class Row:
    """What one address allows. ``answers`` are the statuses that mean "let in"."""

    get: Role | None
    post: Role | None = None
    make: Maker = dict
    sent: Mapping[str, Any] = field(default_factory=dict)
    answers: frozenset[int] = frozenset({200, 302})


def _invoice() -> dict[str, Any]:
    return {"invoice_id": factories.invoice().pk}


def _emailed() -> dict[str, Any]:
    return {"invoice_id": factories.invoice().pk, "through": "quickbooks_email"}


def _draft() -> dict[str, Any]:
    return {"invoice_id": factories.draft().pk}


def _customer() -> dict[str, Any]:
    return {"customer_id": factories.customer().pk}


def _payment() -> dict[str, Any]:
    return {"payment_id": factories.payment(factories.invoice()).pk}


def _credit_memo() -> dict[str, Any]:
    return {"credit_memo_id": factories.credit_memo().pk}


def _refund() -> dict[str, Any]:
    return {"refund_id": factories.refund().pk}


def _entry() -> dict[str, Any]:
    return {"entry_id": factories.time_entry(factories.customer()).pk}


def _service() -> dict[str, Any]:
    return {"service_id": factories.service().pk}


def _account() -> dict[str, Any]:
    return {"account_id": catalogue.default_account().pk}


def _agreement() -> dict[str, Any]:
    return {"agreement_id": factories.agreement().pk}


def _document() -> dict[str, Any]:
    return {"kind": "invoice", "local_id": factories.invoice().pk}


def _member() -> dict[str, Any]:
    person = factories.user()
    place = Membership.objects.create(organization_id=current_organization_id(), user=person)
    return {"membership_id": place.pk}


def _invitation() -> dict[str, Any]:
    inviter = Membership.objects.create(
        organization_id=current_organization_id(), user=factories.user(), role=Role.OWNER
    )
    email = factories.user().email.replace("person", "guest")
    invitation = people.invite(email=email, role=Role.STAFF, by=inviter, form=uuid4()).invitation
    return {"invitation_id": invitation.pk}


ROWS: dict[str, Row] = {
    "billing:overview": Row(READ),
    "billing:search": Row(READ),
    "billing:history": Row(READ),
    "billing:invoices": Row(READ),
    "billing:generate": Row(STAFF, STAFF),
    "billing:generate_lines": Row(None, STAFF),
    "billing:generate_totals": Row(None, STAFF),
    "billing:invoice": Row(READ, make=_invoice),
    "billing:invoice_live": Row(READ, make=_invoice),
    "billing:invoice_edit": Row(
        STAFF, STAFF, _invoice, {"due_on": "2026-12-31", "notes": "Thank you"}
    ),
    "billing:invoice_lines": Row(STAFF, STAFF, _draft),
    "billing:invoice_lines_rows": Row(None, STAFF, _draft),
    "billing:invoice_lines_totals": Row(None, STAFF, _draft),
    "billing:invoice_send": Row(STAFF, STAFF, _draft),
    # Nothing is connected here, so nobody e-mails.
    "billing:invoice_email": Row(STAFF, STAFF, _emailed, answers=frozenset({404})),
    "billing:invoice_judge": Row(None, STAFF, _draft, {"approval": "held"}),
    "billing:invoice_void": Row(STAFF, STAFF, _invoice),
    "billing:invoice_archive": Row(None, STAFF, _invoice),
    "billing:invoice_mark_paid": Row(
        STAFF, STAFF, _invoice, {"received_on": "2026-03-16", "method": "check"}
    ),
    "billing:credit_memo_issue": Row(STAFF, STAFF, _invoice),
    "billing:credit_memos": Row(READ),
    "billing:credit_memo": Row(READ, make=_credit_memo),
    "billing:credit_memo_apply": Row(STAFF, STAFF, _credit_memo),
    "billing:credit_memo_void": Row(STAFF, STAFF, _credit_memo),
    "billing:customers": Row(READ),
    "billing:customer_new": Row(STAFF, STAFF, sent={"name": "Harbor Dental"}),
    "billing:customer": Row(READ, make=_customer),
    "billing:customer_edit": Row(STAFF, STAFF, _customer, {"name": "Harbor Dental"}),
    "billing:customer_archive": Row(None, STAFF, _customer),
    "billing:customer_links": Row(ADMIN),
    "billing:open_customer_link": Row(None, ADMIN, sent={"source": "intake_form"}),
    "billing:payments": Row(READ),
    "billing:payment_record": Row(STAFF, STAFF),
    "billing:payment_spread": Row(None, STAFF),
    "billing:payment": Row(READ, make=_payment),
    "billing:payment_apply": Row(STAFF, STAFF, _payment),
    "billing:payment_void": Row(STAFF, STAFF, _payment),
    "billing:refund_record": Row(STAFF, STAFF, _payment),
    "billing:refund": Row(READ, make=_refund),
    "billing:refund_credit": Row(None, STAFF, _refund),
    "billing:refund_void": Row(STAFF, STAFF, _refund),
    "billing:work": Row(READ),
    "billing:work_log": Row(STAFF, STAFF),
    "billing:work_remove": Row(None, STAFF, _entry),
    "billing:agreements": Row(READ),
    "billing:agreement_new": Row(STAFF, STAFF),
    "billing:agreement": Row(READ, make=_agreement),
    "billing:agreement_edit": Row(STAFF, STAFF, _agreement, {"name": "Managed services"}),
    "billing:agreement_quantity": Row(None, STAFF, _agreement),
    "billing:agreement_price": Row(None, STAFF, _agreement),
    "billing:agreement_bill_again": Row(None, STAFF, _agreement, {"first": "2026-03-16"}),
    "billing:agreement_credit": Row(None, STAFF, _agreement, {"first": "2026-03-16"}),
    "billing:agreement_bill": Row(None, STAFF, _agreement, {"first": "2026-03-16"}),
    "billing:catalogue": Row(READ),
    "billing:service_new": Row(STAFF, STAFF, sent={"name": "Server care", "unit_price": "240"}),
    "billing:service": Row(STAFF, STAFF, _service, {"name": "Server care", "unit_price": "240"}),
    "billing:terms": Row(READ),
    "billing:term_new": Row(ADMIN, ADMIN, sent={"name": "Net 45", "due_days": "45"}),
    "billing:numbering": Row(READ),
    "billing:numbering_edit": Row(ADMIN, ADMIN, sent={"begins_with": "NW-", "next_value": "2000"}),
    "billing:tax_regions": Row(READ),
    "billing:tax_region_new": Row(ADMIN, ADMIN, sent={"name": "Texas", "rate_percent": "8.25"}),
    "billing:locations": Row(READ),
    "billing:location_new": Row(ADMIN, ADMIN, sent={"name": "Austin"}),
    "billing:ledger_accounts": Row(READ),
    "billing:ledger_account_new": Row(ADMIN, ADMIN, sent={"code": "4010", "name": "Support"}),
    "billing:ledger_account": Row(ADMIN, ADMIN, _account, {"code": "4010", "name": "Support"}),
    "tenants:settings": Row(READ),
    "tenants:settings_edit": Row(ADMIN, ADMIN, sent={"name": "Northwind", "timezone": "UTC"}),
    "tenants:members": Row(READ),
    "tenants:invite": Row(None, ADMIN, sent={"email": "dora@example.com", "role": "staff"}),
    "tenants:withdraw_invitation": Row(None, ADMIN, _invitation),
    "tenants:change_role": Row(None, ADMIN, _member, {"role": "staff"}),
    "tenants:remove_member": Row(ADMIN, ADMIN, _member),
    "integrations:index": Row(READ),
    "integrations:quickbooks": Row(READ),
    # Nothing is connected here.
    "integrations:company": Row(READ, answers=frozenset({404})),
    "integrations:connect": Row(None, ADMIN),
    "integrations:disconnect": Row(ADMIN, ADMIN),
    "integrations:save_credentials": Row(None, ADMIN, sent={"client_id": "AB1"}),
    "integrations:remove_credentials": Row(ADMIN, ADMIN),
    "integrations:use_company": Row(None, ADMIN),
    "integrations:make_default": Row(None, ADMIN),
    "integrations:catch_up": Row(ADMIN, ADMIN),
    "integrations:end_catch_up": Row(None, ADMIN),
    "integrations:ask_import": Row(None, ADMIN),
    "integrations:begin_import": Row(None, ADMIN),
    "integrations:end_import": Row(None, ADMIN),
    "integrations:resume": Row(None, ADMIN),
    "integrations:read_settings": Row(None, ADMIN),
    "integrations:pause": Row(None, ADMIN, sent={"pause": "now"}),
    "integrations:mapping": Row(ADMIN, ADMIN),
    # Nothing is connected here, so there are no lists, and nothing to choose from.
    "integrations:choose": Row(
        ADMIN,
        make=lambda: {"name": f"service_{factories.service().pk}"},
        answers=frozenset({404}),
    ),
    "integrations:lists": Row(ADMIN, answers=frozenset({404})),
    "integrations:set_up_accounts": Row(None, ADMIN),
    "integrations:refresh_lists": Row(None, ADMIN),
    "integrations:pay_now": Row(None, ADMIN),
    "integrations:new_item": Row(ADMIN, ADMIN, _service),
    "integrations:new_account": Row(ADMIN, ADMIN, _account),
    "integrations:made_for": Row(READ, make=lambda: {"source_id": factories.service().pk}),
    # Nothing is connected here, so there is nothing to make active.
    "integrations:revive": Row(
        ADMIN, ADMIN, lambda: {"entry_id": uuid4()}, answers=frozenset({404})
    ),
    "integrations:account_summary": Row(READ),
    "integrations:sync_now": Row(None, STAFF),
    "integrations:rules": Row(READ),
    "integrations:matrix": Row(READ),
    "integrations:save_rules": Row(None, ADMIN, sent={"push_when": "nightly"}),
    "integrations:rules_file": Row(READ),
    "integrations:import_rules": Row(None, ADMIN),
    "integrations:proposals": Row(ADMIN),
    # Nothing waits for approval here.
    "integrations:answer_proposal": Row(
        None, ADMIN, lambda: {"proposal_id": uuid4()}, answers=frozenset({404})
    ),
    "integrations:notices": Row(READ),
    "integrations:take_note": Row(None, STAFF),
    "integrations:calls": Row(STAFF),
    "integrations:exceptions": Row(READ),
    "integrations:customer_wizard": Row(STAFF),
    "integrations:accept_customers": Row(None, STAFF, sent={"pair": "a:1"}),
    "integrations:create_customers": Row(None, STAFF, sent={"customer": "a"}),
    "integrations:customer_search": Row(STAFF),
    "integrations:customer_link": Row(STAFF, STAFF, _customer),
    "integrations:customer_unlink": Row(None, STAFF, _customer),
    "integrations:choose_customer": Row(None, STAFF, _customer, {"customer": "1"}),
    # There is no question to answer here.
    "integrations:answer_difference": Row(
        None, STAFF, lambda: {"question_id": uuid4()}, answers=frozenset({404})
    ),
    "integrations:answer_theirs": Row(
        None, STAFF, lambda: {"question_id": uuid4()}, answers=frozenset({404})
    ),
    "integrations:number_taken": Row(STAFF, STAFF, _invoice, {"answer": "link"}),
    "integrations:panel": Row(READ, make=_document),
    "integrations:send": Row(None, STAFF, _document),
    "integrations:send_dated": Row(None, STAFF, _document),
}
