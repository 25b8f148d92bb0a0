"""A company and its settings (reference quickbooks 5.11)."""

from datetime import date

from integrations.documents import UNITED_STATES, Company
from integrations.quickbooks_online.mapping import custom_fields
from integrations.quickbooks_online.mapping.fields import Payload, day_of, flag_of, part_of, text_of


def read(info: Payload, preferences: Payload) -> Company:
    """From CompanyInfo and Preferences. Raises ValueError without a name and a currency."""
    name = text_of(info, "CompanyName") or text_of(info, "LegalName")
    currency = text_of(preferences, "CurrencyPrefs", "HomeCurrency", "value")
    if not name or not currency:
        raise ValueError("A company without name or currency")
    return Company(
        name=name,
        country=_country(info),
        currency=currency,
        edition=_edition(info),
        multicurrency=flag_of(preferences, "CurrencyPrefs", "MultiCurrencyEnabled"),
        custom_numbers=flag_of(preferences, "SalesFormsPrefs", "CustomTxnNumbers"),
        automated_tax=flag_of(preferences, "TaxPrefs", "PartnerTaxEnabled"),
        uses_tax=flag_of(preferences, "TaxPrefs", "UsingSalesTax"),
        online_payments=flag_of(preferences, "SalesFormsPrefs", "ETransactionPaymentEnabled"),
        auto_apply_credits=flag_of(preferences, "SalesFormsPrefs", "AutoApplyCredit"),
        auto_apply_payments=flag_of(preferences, "SalesFormsPrefs", "AutoApplyPayments"),
        class_per_document=flag_of(preferences, "AccountingInfoPrefs", "ClassTrackingPerTxn"),
        class_per_line=flag_of(preferences, "AccountingInfoPrefs", "ClassTrackingPerTxnLine"),
        tracks_locations=flag_of(preferences, "AccountingInfoPrefs", "TrackDepartments"),
        books_closed_on=_books_closed_on(preferences),
        custom_fields=custom_fields.in_use(preferences),
    )


def _country(info: Payload) -> str:
    """Some companies write the United States in three letters, or in small ones."""
    code = text_of(info, "Country").strip().upper()
    return UNITED_STATES if code == "USA" else code


def _edition(info: Payload) -> str:
    for pair in part_of(info, "NameValue") or ():
        if text_of(pair, "Name") == "OfferingSku":
            return text_of(pair, "Value")
    return ""


def _books_closed_on(preferences: Payload) -> date | None:
    text = text_of(preferences, "AccountingInfoPrefs", "BookCloseDate")
    return day_of(text) if text else None
