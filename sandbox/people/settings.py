"""Settings that only people change: closed books, numbering, tax, credits, subscription."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.people.html import esc, field, select
from sandbox.people.layout import address, back_to, shown
from sandbox.quickbooks import writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities import settings
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import KINDS, Body

# Field name of the form → (group of Preferences, property, label).
FLAGS = {
    "custom_numbers": ("SalesFormsPrefs", "CustomTxnNumbers", "Custom transaction numbers"),
    "auto_apply_credit": ("SalesFormsPrefs", "AutoApplyCredit", "Apply credits automatically"),
    "auto_apply_payments": ("SalesFormsPrefs", "AutoApplyPayments", "Apply payments automatically"),
    "payments_enabled": ("SalesFormsPrefs", "ETransactionPaymentEnabled", "QuickBooks Payments"),
    "allow_deposit": ("SalesFormsPrefs", "AllowDeposit", "Deposits on invoices"),
    "allow_discount": ("SalesFormsPrefs", "AllowDiscount", "Discounts"),
    "using_sales_tax": ("TaxPrefs", "UsingSalesTax", "Sales tax"),
    "automated_tax": ("TaxPrefs", "PartnerTaxEnabled", "Automated sales tax"),
    "multicurrency": ("CurrencyPrefs", "MultiCurrencyEnabled", "Several currencies"),
}
CUSTOM = ("1", "2", "3")
SUBSCRIPTIONS = ("SUBSCRIBED", "SUSPENDED", "CANCELED")


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if rest:
        return None
    if request.method == "POST":
        save(books, request.form())
        return back_to(books.company, "settings")
    return shown(books.company, "Settings", form(books))


def form(books: Books) -> str:
    company = books.company
    flags = "".join(
        select(
            label,
            name,
            [("true", "on"), ("false", "off")],
            str(bool(books.preference(group, key))).lower(),
        )
        for name, (group, key, label) in FLAGS.items()
    )
    names = dict(settings.custom_fields(books.preferences))
    custom = "".join(
        field(f"Custom field {place}", f"custom_field_{place}", names.get(place, ""))
        for place in CUSTOM
    )
    closed = books.preference("AccountingInfoPrefs", "BookCloseDate")
    states = [(s, s.title()) for s in SUBSCRIPTIONS]
    return (
        f'<form method="post" action="{address(company, "settings")}">'
        + field("Books closed until", "close_date", closed, "date")
        + select(
            "Closed with a password",
            "close_password",
            [("false", "no"), ("true", "yes")],
            str(company.close_password).lower(),
        )
        + flags
        + custom
        + select("Subscription", "subscription", states, company.subscription)
        + select(
            "The connecting person is an admin",
            "admin",
            [("true", "yes"), ("false", "no")],
            str(not company.admin_removed).lower(),
        )
        + select(
            "Request limits",
            "throttles",
            [("true", "on"), ("false", "off")],
            str(company.throttles).lower(),
        )
        + f'<button class="main">Save</button></form><p class="soft">{esc(company.edition)}, {esc(company.country)}</p>'
    )


def save(books: Books, given: dict[str, str]) -> None:
    """Only what the form holds is changed, so a script may send one field."""
    preferences(books, given)
    company = books.company
    for name, field_name in (("close_password", "close_password"), ("throttles", "throttles")):
        if name in given:
            setattr(company, field_name, given[name] == "true")
    if "admin" in given:
        company.admin_removed = given["admin"] != "true"
    if "subscription" in given:
        if given["subscription"] not in SUBSCRIPTIONS:
            raise Fault(2170, f"Invalid Enumeration : subscription {given['subscription'][:40]}")
        company.subscription = given["subscription"]
        subscription(books)
    books.core.add_company(company)


def preferences(books: Books, given: dict[str, str]) -> None:
    changed: Body = {}
    for name, (group, key, _) in FLAGS.items():
        if name in given:
            changed.setdefault(group, {})[key] = given[name] == "true"
    if "payments_enabled" in given:
        status = "Enabled" if given["payments_enabled"] == "true" else "NotApplicable"
        changed["SalesFormsPrefs"]["ETransactionEnabledStatus"] = status
    if any(f"custom_field_{place}" in given for place in CUSTOM):
        names = dict(settings.custom_fields(books.preferences))
        wanted = [given.get(f"custom_field_{place}", names.get(place, "")) for place in CUSTOM]
        fields = settings.custom_field_preferences(wanted)
        changed.setdefault("SalesFormsPrefs", {})["CustomField"] = fields
    if "close_date" in given:
        changed["AccountingInfoPrefs"] = {"BookCloseDate": given["close_date"] or None}
    if not changed:
        return
    current = books.preferences
    body = {"Id": "1", "SyncToken": current["SyncToken"], "sparse": True, **changed}
    if given.get("close_date") == "":
        reopen(books, body)
    else:
        writing.update(books, KINDS["Preferences"], body, {"by": "person"})


def reopen(books: Books, body: Body) -> None:
    """A date cannot be blanked by leaving it out: take it away by hand."""
    current = dict(books.preferences)
    current["AccountingInfoPrefs"] = {
        k: v for k, v in current["AccountingInfoPrefs"].items() if k != "BookCloseDate"
    }
    for group, values in body.items():
        if isinstance(values, dict) and group != "AccountingInfoPrefs":
            current[group] = {**current.get(group, {}), **values}
    if current != books.preferences:
        books.update(KINDS["Preferences"], current)
        books.announce(KINDS["Preferences"], "Update", "1")


def subscription(books: Books) -> None:
    """CompanyInfo shows the state, too."""
    info = books.must_find("CompanyInfo", "1")
    pairs = [
        pair
        if pair["Name"] != "SubscriptionStatus"
        else {**pair, "Value": books.company.subscription}
        for pair in info["NameValue"]
    ]
    if pairs != info["NameValue"]:
        books.update(KINDS["CompanyInfo"], {**info, "NameValue": pairs})
