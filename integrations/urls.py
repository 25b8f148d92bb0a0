"""The pages of integrations, below their organization; the vendors' callbacks at the root."""

from django.urls import path

from integrations.views import (
    callback,
    calls,
    catch_up,
    connection,
    credentials,
    customer_choice,
    customer_link,
    customer_wizard,
    difference,
    documents,
    exceptions,
    import_run,
    made_for,
    mapping,
    new_account,
    new_item,
    notices,
    number_taken,
    overview,
    pay_now,
    revive,
    rules,
)

app_name = "integrations"

O = "o/<slug:organization>/"  # noqa: E741
INTEGRATIONS = f"{O}settings/integrations/"
QUICKBOOKS = f"{INTEGRATIONS}quickbooks/"
DOCUMENT = f"{O}sync/<slug:kind>/<uuid:local_id>/"

urlpatterns = [
    path(INTEGRATIONS, overview.integrations, name="index"),
    path("kz-admin/integrations/", overview.shortcut, name="shortcut"),
    path(QUICKBOOKS, overview.quickbooks, name="quickbooks"),
    path(f"{QUICKBOOKS}company/", overview.company, name="company"),
    path(f"{QUICKBOOKS}connect/", connection.connect, name="connect"),
    path(f"{QUICKBOOKS}disconnect/", connection.disconnect, name="disconnect"),
    path(f"{QUICKBOOKS}credentials/", credentials.save, name="save_credentials"),
    path(f"{QUICKBOOKS}credentials/remove/", credentials.remove, name="remove_credentials"),
    path(f"{QUICKBOOKS}use-company/", connection.use_company, name="use_company"),
    path(f"{QUICKBOOKS}default/", connection.make_default, name="make_default"),
    path(f"{QUICKBOOKS}catch-up/", catch_up.catch_up, name="catch_up"),
    path(f"{QUICKBOOKS}catch-up/end/", catch_up.end, name="end_catch_up"),
    path(f"{QUICKBOOKS}import/ask/", import_run.ask, name="ask_import"),
    path(f"{QUICKBOOKS}import/begin/", import_run.begin, name="begin_import"),
    path(f"{QUICKBOOKS}import/end/", import_run.end, name="end_import"),
    path(f"{QUICKBOOKS}resume/", connection.resume, name="resume"),
    path(f"{QUICKBOOKS}pause/", connection.pause_sending, name="pause"),
    path(f"{QUICKBOOKS}sync-now/", connection.sync_now, name="sync_now"),
    path(f"{QUICKBOOKS}settings/read/", connection.read_settings, name="read_settings"),
    path(f"{QUICKBOOKS}mapping/", mapping.mapping, name="mapping"),
    path(f"{QUICKBOOKS}accounts/", mapping.accounts, name="set_up_accounts"),
    path(f"{QUICKBOOKS}mapping/lists/", mapping.lists, name="lists"),
    path(f"{QUICKBOOKS}mapping/refresh/", mapping.refresh, name="refresh_lists"),
    path(f"{QUICKBOOKS}mapping/item/<uuid:service_id>/", new_item.new_item, name="new_item"),
    path(
        f"{QUICKBOOKS}mapping/account/<uuid:account_id>/",
        new_account.new_account,
        name="new_account",
    ),
    path(f"{QUICKBOOKS}mapping/revive/<uuid:entry_id>/", revive.revive, name="revive"),
    path(f"{QUICKBOOKS}mapping/pay-now/", pay_now.pay_now, name="pay_now"),
    path(f"{O}settings/sync-rules/", rules.rules, name="rules"),
    path(f"{O}settings/sync-rules/matrix/", rules.matrix, name="matrix"),
    path(f"{O}settings/sync-rules/save/", rules.save, name="save_rules"),
    path(f"{O}settings/sync-rules/file/", rules.file, name="rules_file"),
    path(f"{O}settings/sync-rules/import/", rules.take_file, name="import_rules"),
    path("integrations/quickbooks/callback/", callback.quickbooks, name="quickbooks_callback"),
    path(f"{O}notices/", notices.notices, name="notices"),
    path(f"{O}notices/read/", notices.take_note, name="take_note"),
    path(f"{O}calls/", calls.calls, name="calls"),
    path(f"{O}exceptions/", exceptions.exceptions, name="exceptions"),
    path(f"{O}sync/customers/", customer_wizard.wizard, name="customer_wizard"),
    path(f"{O}sync/customers/accept/", customer_wizard.accept, name="accept_customers"),
    path(f"{O}sync/customers/create/", customer_wizard.create, name="create_customers"),
    path(f"{O}sync/customer/search/", customer_link.search, name="customer_search"),
    path(f"{O}sync/customer/<uuid:customer_id>/link/", customer_link.link, name="customer_link"),
    path(
        f"{O}sync/customer/<uuid:customer_id>/unlink/",
        customer_link.unlink,
        name="customer_unlink",
    ),
    path(
        f"{O}sync/customer/<uuid:customer_id>/choose/",
        customer_choice.choose,
        name="choose_customer",
    ),
    path(f"{O}sync/difference/<uuid:question_id>/", difference.answer, name="answer_difference"),
    path(
        f"{O}sync/difference/<uuid:question_id>/theirs/",
        difference.answer_theirs,
        name="answer_theirs",
    ),
    path(f"{O}sync/item/<uuid:source_id>/", made_for.made_for, name="made_for"),
    path(
        f"{O}sync/invoice/<uuid:invoice_id>/number/",
        number_taken.number_taken,
        name="number_taken",
    ),
    path(f"{DOCUMENT}panel/", documents.panel, name="panel"),
    path(f"{DOCUMENT}send/", documents.send, name="send"),
    path(f"{DOCUMENT}send-dated/", documents.send_dated, name="send_dated"),
]
