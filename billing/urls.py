"""The pages of billing, each below its organization."""

from django.urls import URLPattern, path

from billing.views import (
    agreements,
    catalogue,
    conditions,
    credit_memos,
    customers,
    generate,
    history_list,
    intake,
    invoice_lines,
    invoice_steps,
    invoices,
    numbering,
    overview,
    payments,
    record_payment,
    refunds,
    search,
    work,
)

app_name = "billing"

O = "o/<slug:organization>/"  # noqa: E741


def _pages_of(condition: conditions.Condition, folder: str) -> list[URLPattern]:
    """The list of one kind of conditions, and the form of a new one."""
    place, given = f"{O}settings/{folder}/", {"condition": condition}
    page, new_page = (
        name.removeprefix(f"{app_name}:") for name in (condition.page, condition.new_page)
    )
    return [
        path(place, conditions.conditions, given, name=page),
        path(f"{place}new/", conditions.new, given, name=new_page),
    ]


urlpatterns = [
    path(O, overview.overview, name="overview"),
    path(f"{O}search/", search.search, name="search"),
    path(f"{O}history/", history_list.history, name="history"),
    path(f"{O}invoices/", invoices.invoices, name="invoices"),
    path(f"{O}invoices/generate/", generate.generate, name="generate"),
    path(f"{O}invoices/generate/lines/", generate.lines, name="generate_lines"),
    path(f"{O}invoices/generate/totals/", generate.totals, name="generate_totals"),
    path(f"{O}invoices/<uuid:invoice_id>/", invoices.invoice, name="invoice"),
    path(f"{O}invoices/<uuid:invoice_id>/live/", invoices.live, name="invoice_live"),
    path(f"{O}invoices/<uuid:invoice_id>/edit/", invoice_steps.edit, name="invoice_edit"),
    path(f"{O}invoices/<uuid:invoice_id>/lines/", invoice_lines.edit, name="invoice_lines"),
    path(
        f"{O}invoices/<uuid:invoice_id>/lines/rows/",
        invoice_lines.rows,
        name="invoice_lines_rows",
    ),
    path(
        f"{O}invoices/<uuid:invoice_id>/lines/totals/",
        invoice_lines.totals,
        name="invoice_lines_totals",
    ),
    path(f"{O}invoices/<uuid:invoice_id>/send/", invoice_steps.send, name="invoice_send"),
    path(
        f"{O}invoices/<uuid:invoice_id>/email/<slug:through>/",
        invoice_steps.email,
        name="invoice_email",
    ),
    path(f"{O}invoices/<uuid:invoice_id>/approval/", invoice_steps.judge, name="invoice_judge"),
    path(f"{O}invoices/<uuid:invoice_id>/archive/", invoice_steps.archive, name="invoice_archive"),
    path(f"{O}invoices/<uuid:invoice_id>/void/", invoice_steps.void, name="invoice_void"),
    path(f"{O}invoices/<uuid:invoice_id>/paid/", invoice_steps.mark_paid, name="invoice_mark_paid"),
    path(f"{O}invoices/<uuid:invoice_id>/credit/", credit_memos.issue, name="credit_memo_issue"),
    path(f"{O}credit-memos/", credit_memos.credit_memos, name="credit_memos"),
    path(f"{O}credit-memos/<uuid:credit_memo_id>/", credit_memos.credit_memo, name="credit_memo"),
    path(
        f"{O}credit-memos/<uuid:credit_memo_id>/apply/",
        credit_memos.apply,
        name="credit_memo_apply",
    ),
    path(
        f"{O}credit-memos/<uuid:credit_memo_id>/void/", credit_memos.void, name="credit_memo_void"
    ),
    path("intake/<str:token>/", intake.intake, name="intake"),
    path(f"{O}settings/customer-forms/", intake.customer_links, name="customer_links"),
    path(f"{O}settings/customer-forms/open/", intake.open_link, name="open_customer_link"),
    path(f"{O}customers/", customers.customers, name="customers"),
    path(f"{O}customers/new/", customers.create, name="customer_new"),
    path(f"{O}customers/<uuid:customer_id>/", customers.customer, name="customer"),
    path(f"{O}customers/<uuid:customer_id>/edit/", customers.edit, name="customer_edit"),
    path(f"{O}customers/<uuid:customer_id>/archive/", customers.archive, name="customer_archive"),
    path(f"{O}payments/", payments.payments, name="payments"),
    path(f"{O}payments/record/", record_payment.record, name="payment_record"),
    path(f"{O}payments/record/spread/", record_payment.spread, name="payment_spread"),
    path(f"{O}payments/<uuid:payment_id>/", payments.payment, name="payment"),
    path(f"{O}payments/<uuid:payment_id>/apply/", record_payment.apply, name="payment_apply"),
    path(f"{O}payments/<uuid:payment_id>/void/", payments.void, name="payment_void"),
    path(f"{O}payments/<uuid:payment_id>/refund/", refunds.record, name="refund_record"),
    path(f"{O}refunds/<uuid:refund_id>/", refunds.refund, name="refund"),
    path(f"{O}refunds/<uuid:refund_id>/credit/", refunds.credit, name="refund_credit"),
    path(f"{O}refunds/<uuid:refund_id>/void/", refunds.void, name="refund_void"),
    path(f"{O}time/", work.work, name="work"),
    path(f"{O}time/new/", work.log, name="work_log"),
    path(f"{O}time/<uuid:entry_id>/remove/", work.remove, name="work_remove"),
    path(f"{O}catalogue/", catalogue.catalogue, name="catalogue"),
    path(f"{O}catalogue/new/", catalogue.create, name="service_new"),
    path(f"{O}catalogue/<uuid:service_id>/", catalogue.edit, name="service"),
    path(f"{O}agreements/", agreements.agreements, name="agreements"),
    path(f"{O}agreements/new/", agreements.new, name="agreement_new"),
    path(f"{O}agreements/<uuid:agreement_id>/", agreements.agreement, name="agreement"),
    path(f"{O}agreements/<uuid:agreement_id>/edit/", agreements.edit, name="agreement_edit"),
    path(
        f"{O}agreements/<uuid:agreement_id>/quantity/",
        agreements.quantity,
        name="agreement_quantity",
    ),
    path(f"{O}agreements/<uuid:agreement_id>/price/", agreements.price, name="agreement_price"),
    path(f"{O}agreements/<uuid:agreement_id>/bill/", agreements.bill, name="agreement_bill"),
    path(f"{O}agreements/<uuid:agreement_id>/credit/", agreements.credit, name="agreement_credit"),
    path(
        f"{O}agreements/<uuid:agreement_id>/bill-again/",
        agreements.bill_again,
        name="agreement_bill_again",
    ),
    path(f"{O}settings/invoice-numbers/", numbering.numbering, name="numbering"),
    path(f"{O}settings/invoice-numbers/change/", numbering.edit, name="numbering_edit"),
    *_pages_of(conditions.TERMS, "terms"),
    *_pages_of(conditions.TAX_REGIONS, "tax-regions"),
    *_pages_of(conditions.LOCATIONS, "locations"),
    *_pages_of(conditions.LEDGER_ACCOUNTS, "ledger-accounts"),
    path(
        f"{O}settings/ledger-accounts/<uuid:account_id>/",
        conditions.ledger_account,
        name="ledger_account",
    ),
]
