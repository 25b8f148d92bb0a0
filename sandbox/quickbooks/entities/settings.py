"""CompanyInfo and Preferences: one of each in a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks import validation
from sandbox.quickbooks.faults import missing
from sandbox.quickbooks.kinds import Draft, Kind, events, register, words

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
