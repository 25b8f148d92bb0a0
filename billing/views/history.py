"""What happened to a document, in words, out of the audit log."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from billing.forms.history import KINDS
from billing.home import organization
from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from billing.money import Money
from billing.views.places import address
from tenants import audit
from tenants.days import in_words
from tenants.models import AuditEntry
from tenants.tables import TenantModel

MOST = 100
# What the audit log keeps in a form of its own, by the names it has there.
AMOUNTS = ("amount", "total", "before", "tax")
DAYS = ("day", "from")

Words = Callable[[Mapping[str, Any]], str]

FIELDS = {
    "due_on": "due date",
    "notes": "notes",
    "memo": "memo",
    "email": "e-mail address",
    "po_number": "PO number",
    "terms": "terms",
    "lines": "lines",
    "exchange_rate": "exchange rate",
}


@dataclass(frozen=True)
class Happening:
    """One line of the time-line."""

    at: datetime
    text: str
    who: str
    link: str = ""
    subject: str = ""


def _changed(what: str) -> Words:
    def words(detail: Mapping[str, Any]) -> str:
        names = [FIELDS.get(name, name.replace("_", " ")) for name in detail.get("fields", [])]
        sums = f"; total {detail['total']}, it was {detail['before']}" if "total" in detail else ""
        return f"{what} changed: {', '.join(names)}{sums}" if names else f"{what} changed"

    return words


def _amount(text: str) -> Words:
    return lambda detail: text.format(detail.get("amount", "")).replace("  ", " ")


def _email(detail: Mapping[str, Any]) -> str:
    to = detail.get("to")
    return f"E-mail to {to} asked for" if to else "E-mail to the customer asked for"


def _renumbered(detail: Mapping[str, Any]) -> str:
    return f"Number changed from {detail['former']} to {detail['number']}"


def _dated(detail: Mapping[str, Any]) -> str:
    return f"Dated {detail['day']} elsewhere, as the books there were closed"


def _tax(detail: Mapping[str, Any]) -> str:
    return f"Tax taken over: {detail.get('tax')}, it was {detail.get('before')}"


def _quantity(detail: Mapping[str, Any]) -> str:
    return f"{detail['line']}: {detail['quantity']} from {detail['from']}"


def _price(detail: Mapping[str, Any]) -> str:
    return f"{detail['line']}: price of {detail['price']} from {detail['from']}"


def _again(detail: Mapping[str, Any]) -> str:
    return f"{detail['number']} in the place of {detail['former']}, which is void"


def _settled(detail: Mapping[str, Any]) -> str:
    return f"{detail['number']} settles what changed after it was billed"


def _linked(detail: Mapping[str, Any]) -> str:
    return f"Linked to {detail['name']} over there" if detail.get("name") else "Linked"


def _said(text: str) -> Words:
    return lambda detail: text


WORDS: dict[str, Words] = {
    "customer.created": _said("Customer added"),
    "customer.taken_over": _said("Customer brought in"),
    "customer.changed": _changed("Customer"),
    "customer.archived": _said("Customer archived"),
    "customer.sync_requested": _said("Sending asked for"),
    "customer.linked": _linked,
    "customer.unlinked": _said("No longer linked"),
    "customer.kept_apart": _said("Kept apart from those over there"),
    "customer.merged_there": _said("Merged into another customer over there"),
    "customer.gone_there": _said("No longer over there"),
    "difference.took_theirs": _said("Difference settled: theirs taken over"),
    "difference.sent_ours": _said("Difference settled: ours sent again"),
    "difference.put_together": _said("Difference settled: both put together"),
    "difference.made_again": _said("Difference settled: made again over there"),
    "invoice.generated": _said("Invoice generated"),
    "invoice.taken_over": _said("Invoice brought in"),
    "invoice.changed": _changed("Invoice"),
    "invoice.renumbered": _renumbered,
    "invoice.held": _said("Invoice put on hold"),
    "invoice.approved": _said("Invoice approved"),
    "invoice.sent": _said("Invoice sent"),
    "invoice.email_requested": _email,
    "invoice.voided": _said("Invoice voided"),
    "invoice.archived": _said("Invoice archived"),
    "invoice.restored": _said("Invoice taken back from the archive"),
    "invoice.sync_requested": _said("Sending asked for"),
    "invoice.second_copy_voided": _said("A second copy over there was voided"),
    "invoice.rate_taken": lambda detail: f"Exchange rate taken over: {detail.get('rate')}",
    "payment.rate_taken": lambda detail: f"Exchange rate taken over: {detail.get('rate')}",
    "invoice.tax_taken": _tax,
    "invoice.payment_applied": _amount("Payment of {} applied"),
    "invoice.payment_released": _amount("Payment of {} taken off"),
    "invoice.dated_elsewhere": _dated,
    "creditmemo.dated_elsewhere": _dated,
    "payment.dated_elsewhere": _dated,
    "invoice.credited": _amount("Credit memo over {} issued"),
    "creditmemo.issued": _amount("Credit memo over {} issued"),
    "creditmemo.changed": _said("Credit memo changed"),
    "creditmemo.applied": _amount("{} applied to invoices"),
    "creditmemo.released": _amount("{} taken off invoices again"),
    "creditmemo.used_elsewhere": _amount("{} used elsewhere, by documents that are not here"),
    "creditmemo.tax_taken": _tax,
    "creditmemo.voided": _said("Credit memo voided"),
    "creditmemo.sync_requested": _said("Sending asked for"),
    "creditmemo.second_copy_voided": _said("A second copy over there was deleted"),
    "payment.recorded": _amount("Payment of {} recorded"),
    "payment.changed": _changed("Payment"),
    "payment.refunded": _amount("{} paid back"),
    "refund.recorded": _amount("Refund of {} recorded"),
    "refund.changed": _changed("Refund"),
    "refund.posted": _said("Posted as a credit memo"),
    "refund.unposted": _said("Its credit memo is void, so how it is posted is to be decided"),
    "refund.voided": _said("Refund voided"),
    "expense.sync_requested": _said("Sending asked for"),
    "refundreceipt.sync_requested": _said("Sending asked for"),
    "payment.voided": _amount("Payment of {} voided"),
    "payment.second_copy_voided": _said("A second copy over there was voided"),
    "payment.sync_requested": _said("Sending asked for"),
    "agreement.created": _said("Agreement added"),
    "agreement.changed": _said("Agreement changed"),
    "agreement.quantity_changed": _quantity,
    "agreement.price_changed": _price,
    "agreement.billed_again": _again,
    "agreement.settled": _settled,
    "service.created": _said("Service added"),
    "service.changed": _changed("Service"),
    "term.created": _said("Payment terms added"),
    "taxregion.created": _said("Tax region added"),
    "location.created": _said("Location added"),
    "timeentry.logged": _said("Time logged"),
    "timeentry.removed": _said("Time removed"),
    "organization.changed": _changed("Organization"),
}


def history_of(document: TenantModel) -> list[Happening]:
    """The document's own lines, newest first."""
    kind = type(document).__name__.lower()
    entries = AuditEntry.objects.filter(object_kind=kind, object_id=str(document.pk))
    country = organization().country
    return [_happening(entry, country) for entry in _newest(entries, MOST)]


def recent_activity(request: Any, count: int) -> list[Happening]:
    """The newest of what happened to documents and customers, with where it can be seen."""
    return described(request, list(_newest(of_documents(), count)))


def of_documents() -> QuerySet[AuditEntry]:
    """What happened to documents and customers, with who did it."""
    return AuditEntry.objects.filter(object_kind__in=KINDS).select_related("actor")


def described(request: Any, entries: Sequence[AuditEntry]) -> list[Happening]:
    """The same lines in words, with where each document can be seen."""
    names = _names(entries)
    return [
        replace(
            _happening(entry, request.organization.country),
            subject=names.get(entry.object_id, ""),
            link=address(request, f"billing:{_page(entry)}", UUID(entry.object_id)),
        )
        for entry in entries
    ]


# Where the page of a document is not called like its kind.
PAGES = {"creditmemo": "credit_memo"}


def _page(entry: AuditEntry) -> str:
    return PAGES.get(entry.object_kind, entry.object_kind)


def _names(entries: Iterable[AuditEntry]) -> dict[str, str]:
    """What the documents of these lines are called."""
    keys: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        keys[entry.object_kind].add(entry.object_id)
    numbers = Invoice.objects.filter(pk__in=keys["invoice"]).values_list("pk", "number")
    memos = CreditMemo.objects.filter(pk__in=keys["creditmemo"]).values_list("pk", "number")
    customers = Customer.objects.filter(pk__in=keys["customer"]).values_list("pk", "name")
    payers = Payment.objects.filter(pk__in=keys["payment"]).values_list("pk", "customer__name")
    paid_back = Refund.objects.filter(pk__in=keys["refund"]).values_list("pk", "number")
    found = (numbers, memos, customers, payers, paid_back)
    return {str(key): name for rows in found for key, name in rows}


def _newest(entries: Any, count: int) -> Any:
    return entries.select_related("actor").order_by("-id")[:count]


def _happening(entry: AuditEntry, country: str) -> Happening:
    words = WORDS.get(entry.action)
    plain = entry.action.replace(".", " ").replace("_", " ").capitalize()
    text = words(_as_read(entry.detail, country)) if words else plain
    return Happening(entry.at, text, audit.who(entry))


def _as_read(detail: Mapping[str, Any], country: str) -> dict[str, Any]:
    """Amounts and days as pages show them."""
    amounts = {name: str(Money.of_code(detail[name])) for name in AMOUNTS if detail.get(name)}
    days = {
        name: in_words(date.fromisoformat(detail[name]), country) for name in DAYS if name in detail
    }
    return {**detail, **amounts, **days}
