"""Settings → Integrations → QuickBooks → Configure mapping → Online Payment Methods."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from integrations.models import Connection
from integrations.outbound import pay_now as switches
from integrations.pay_now_form import PayNowForm
from integrations.views.places import chosen, to
from tenants import audit
from tenants.access import requires
from tenants.models import Role

SAVED = "quickbooks.pay_now_saved"


@require_POST
@requires(Role.ADMIN)
def pay_now(request: Any, organization: str) -> HttpResponse:
    """Sets how customers may pay on Intuit's page. Sends nothing: each invoice says so when it goes out next."""
    connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks", of=connection)
    form = PayNowForm(request.POST, connection=connection)
    if is_saved := form.is_valid():
        _save(request, connection, form)
    if "HX-Request" in request.headers:
        now = shown(connection, None if is_saved else form)
        return render(request, "integrations/pay_now.html", {"is_saved": is_saved, **now})
    if is_saved:
        messages.success(request, "Online payment methods are saved.")
    else:
        words = " ".join(form.clashes.values()) or "Online payment methods are not saved."
        messages.error(request, f"{words} Choose again.")
    return to(request.organization, "integrations:mapping", of=connection)


def shown(connection: Connection, form: PayNowForm | None = None) -> dict[str, Any]:
    """What the page says about paying online."""
    return {
        "connection": connection,
        "company": connection.company_settings(),
        "pay_now_form": form or PayNowForm(connection=connection),
        "pay_now_is_on": switches.is_on(connection),
        "offers_bank": switches.offers_bank(connection),
        "other_processor": switches.other_processor(),
    }


def _save(request: Any, connection: Connection, form: PayNowForm) -> None:
    audit.record(
        SAVED,
        actor=request.user,
        object_kind="connection",
        object_id=connection.id,
        fields=form.changed_data,
        **form.save(),
    )
