"""CompanyInfo and Preferences: one of each in a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks import validation
from sandbox.quickbooks.faults import missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

# Read-only by the API, changed by people in the settings pages (AutoApplyCredit, closing date …).
READ_ONLY_PREFERENCES = {
    "SalesFormsPrefs": {"AutoApplyCredit", "AutoApplyPayments", "ETransactionPaymentEnabled",
                        "ETransactionEnabledStatus"},
    "AccountingInfoPrefs": {"BookCloseDate"},
    "TaxPrefs": {"UsingSalesTax", "PartnerTaxEnabled", "TaxGroupCodeRef"},
    "CurrencyPrefs": {"HomeCurrency", "MultiCurrencyEnabled"},
}  # fmt: skip


MOST_CUSTOM_FIELDS = 3


def custom_field_preferences(names: list[str]) -> list[Body]:
    """The custom fields of sales forms as Preferences show them: which are in use, and how they are called."""
    used = [
        {"Name": f"SalesFormsPrefs.UseSalesCustom{place}", "Type": "BooleanType",
         "BooleanValue": bool(name)}
        for place, name in enumerate(names, start=1)
    ]  # fmt: skip
    called = [
        {"Name": f"SalesFormsPrefs.SalesCustomName{place}", "Type": "StringType",
         "StringValue": name}
        for place, name in enumerate(names, start=1)
        if name
    ]  # fmt: skip
    return [{"CustomField": part} for part in (used, called) if part]


def custom_fields(preferences: Body) -> list[tuple[str, str]]:
    """Definition id and name of those in use."""
    groups = preferences.get("SalesFormsPrefs", {}).get("CustomField", [])
    said = {one["Name"]: one for group in groups for one in group["CustomField"]}
    return [
        (str(place), said[f"SalesFormsPrefs.SalesCustomName{place}"]["StringValue"])
        for place in range(1, MOST_CUSTOM_FIELDS + 1)
        if said.get(f"SalesFormsPrefs.UseSalesCustom{place}", {}).get("BooleanValue")
    ]


def complete_company(books: Books, draft: Draft) -> None:
    body = draft.body
    if not body.get("CompanyName"):
        raise missing("CompanyName")
    validation.lengths(body, {"CompanyName": 1024, "LegalName": 1024})
    validation.address(body, "CompanyAddr", "LegalAddr", "CustomerCommunicationAddr")
    validation.email(body, "Email")
    validation.addresses_get_ids(
        books, body, "CompanyAddr", "LegalAddr", "CustomerCommunicationAddr"
    )


def complete_preferences(books: Books, draft: Draft) -> None:
    former = draft.former or {}
    if draft.options.get("by") == "person" or not former:
        return
    for group, names in READ_ONLY_PREFERENCES.items():
        before = former.get(group, {})
        kept = {name: before[name] for name in names if name in before}
        sent = draft.body.get(group, {})
        draft.body[group] = {k: v for k, v in sent.items() if k not in names} | kept


register(Kind("CompanyInfo", "companyinfo", complete_company, creatable=False,
              read_only=words("Country CompanyStartDate NameValue DefaultTimeZone SupportedLanguages"),
              filters=words("CompanyName")))  # fmt: skip
register(Kind("Preferences", "preferences", complete_preferences, creatable=False,
              events=events("Update")))  # fmt: skip
