"""What a new company has before anybody works in it: accounts, terms, methods, tax codes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.company import Company
from sandbox.quickbooks import writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities import settings
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.core import Sandbox

ISO3 = {"US": "USA", "CA": "CAN", "GB": "GBR", "AU": "AUS", "FR": "FRA", "IN": "IND"}
STATES = {"US": "CA", "CA": "ON", "GB": "", "AU": "NSW", "FR": "", "IN": "KA"}
# (name, AccountType, AccountSubType)
ACCOUNTS = [
    ("Services", "Income", "ServiceFeeIncome"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Hardware Sales", "Income", "SalesOfProductIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Unapplied Cash Payment Income", "Income", "UnappliedCashPaymentIncome"),
    ("Uncategorized Income", "Income", "ServiceFeeIncome"),
    ("Checking", "Bank", "Checking"),
    ("Savings", "Bank", "Savings"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Prepaid Expenses", "Other Current Asset", "PrepaidExpenses"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Mastercard", "Credit Card", "CreditCard"),
    ("Loan Payable", "Other Current Liability", "OtherCurrentLiabilities"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Bank Charges", "Expense", "BankCharges"),
    ("Commissions & fees", "Expense", "CommissionsAndFees"),
    ("Software", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    ("Insurance", "Expense", "Insurance"),
    ("Utilities", "Expense", "Utilities"),
    ("Travel", "Expense", "Travel"),
    ("Legal & Professional Fees", "Expense", "LegalProfessionalFees"),
    ("Bad Debts", "Expense", "BadDebts"),
    ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
]
RATES = {"USD": "1.05", "EUR": "1.1", "CAD": "0.73", "GBP": "1.27"}
TERMS = [("Due on receipt", 0), ("Net 10", 10), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60)]
METHODS = [
    ("Cash", "NON_CREDIT_CARD"),
    ("Check", "NON_CREDIT_CARD"),
    ("Credit Card", "CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("ACH", "NON_CREDIT_CARD"),
]
# (agency, [(code, [(rate name, percent)])])
TAXES: dict[str, tuple[str, list[tuple[str, list[tuple[str, str]]]]]] = {
    "US": (
        "California Department of Tax and Fee Administration",
        [
            ("California", [("California", "8")]),
            ("Tucson", [("AZ State tax", "7.1"), ("Tucson City", "2")]),
        ],
    ),
    "CA": (
        "Canada Revenue Agency",
        [
            ("GST", [("GST", "5")]),
            ("HST ON", [("HST ON", "13")]),
            ("GST/PST BC", [("GST", "5"), ("PST BC", "7")]),
            ("Exempt", [("Exempt", "0")]),
            ("Zero-rated", [("Zero-rated", "0")]),
        ],
    ),
    "GB": (
        "HM Revenue & Customs (VAT)",
        [
            ("20.0% S", [("20.0% S", "20")]),
            ("5.0% R", [("5.0% R", "5")]),
            ("0.0% Z", [("0.0% Z", "0")]),
            ("Exempt", [("Exempt", "0")]),
        ],
    ),
    "AU": (
        "Australian Taxation Office",
        [("GST", [("GST (sales)", "10")]), ("GST free", [("GST free", "0")])],
    ),
    "FR": (
        "Direction générale des finances publiques",
        [
            ("20.0%", [("TVA 20.0%", "20")]),
            ("10.0%", [("TVA 10.0%", "10")]),
            ("0.0%", [("TVA 0.0%", "0")]),
        ],
    ),
    "IN": (
        "GST",
        [("18.0% GST", [("CGST 9%", "9"), ("SGST 9%", "9")]), ("0.0% GST", [("GST 0%", "0")])],
    ),
}


def fill(core: Sandbox, company: Company, wish: dict[str, Any]) -> None:
    """Everything but customers and documents. `wish` as in `POST /_sandbox/companies`."""
    books = Books(core, company)
    info(books)
    preferences(books, wish)
    for name, kind, subtype in ACCOUNTS:
        add(books, "Account", {"Name": name, "AccountType": kind, "AccountSubType": subtype})
    tax_account = "SalesTaxPayable" if company.is_us else "GlobalTaxPayable"
    name = "Sales Tax Payable" if company.is_us else "GST/VAT Payable"
    add(
        books,
        "Account",
        {"Name": name, "AccountType": "Other Current Liability", "AccountSubType": tax_account},
    )
    terms = [add(books, "Term", {"Name": name, "DueDays": days}) for name, days in TERMS]
    for name, kind in METHODS:
        add(books, "PaymentMethod", {"Name": name, "Type": kind})
    taxes(books)
    finish(books, terms[3], wish)


def add(books: Books, kind: str, body: Body) -> Body:
    return writing.create(books, KINDS[kind], body, {})


def info(books: Books) -> None:
    company = books.company
    address = {
        "Id": str(books.next("address")),
        "Line1": "123 Sierra Way",
        "City": "San Pablo",
        "Country": ISO3.get(company.country, company.country),
        "CountrySubDivisionCode": STATES.get(company.country, ""),
        "PostalCode": "87999",
    }
    address = {k: v for k, v in address.items() if v}
    books.insert(
        KINDS["CompanyInfo"],
        {
            "Id": "1",
            "CompanyName": company.name,
            "LegalName": company.name,
            "CompanyAddr": address,
            "CustomerCommunicationAddr": address,
            "LegalAddr": address,
            "PrimaryPhone": {"FreeFormNumber": "(415) 555-0100"},
            "CompanyStartDate": books.today.isoformat(),
            "FiscalYearStartMonth": "January",
            "Country": company.country,
            "Email": {"Address": "alice@example.com"},
            "WebAddr": {},
            "SupportedLanguages": "en",
            "DefaultTimeZone": company.zone,
            "NameValue": [
                {"Name": "NeoEnabled", "Value": "true"},
                {"Name": "IndustryType", "Value": "IT services"},
                {"Name": "CompanyType", "Value": "Other"},
                {"Name": "SubscriptionStatus", "Value": "SUBSCRIBED"},
                {"Name": "OfferingSku", "Value": company.edition},
                {"Name": "PayrollFeature", "Value": "false"},
                {"Name": "AccountantFeature", "Value": "false"},
            ],
        },
    )


def preferences(books: Books, wish: dict[str, Any]) -> None:
    company, payments = books.company, bool(wish.get("payments_enabled", False))
    body: Body = {
        "Id": "1",
        "AccountingInfoPrefs": {
            "UseAccountNumbers": True,
            "TrackDepartments": company.has_classes,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": company.has_classes,
            "FirstMonthOfFiscalYear": "January",
            "TaxYearMonth": "January",
            "TaxForm": "0",
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": company.has_classes,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": bool(wish.get("custom_numbers", False)),
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "AllowServiceDate": True,
            "AllowShipping": False,
            "IPNSupportEnabled": False,
            "EmailCopyToCompany": False,
            "ETransactionEnabledStatus": "Enabled" if payments else "NotApplicable",
            "ETransactionAttachPDF": False,
            "ETransactionPaymentEnabled": payments,
            "AutoApplyCredit": bool(wish.get("auto_apply", False)),
            "AutoApplyPayments": False,
            "UsingProgressInvoicing": False,
            "DefaultCustomerMessage": "Thank you for your business.",
            **custom_fields(wish),
        },
        "EmailMessagesPrefs": messages(company.name),
        "VendorAndPurchasesPrefs": {"TrackingByCustomer": True, "BillableExpenseTracking": True},
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "TaxPrefs": {
            "UsingSalesTax": True,
            "PartnerTaxEnabled": bool(wish.get("ast", False)) and company.is_us,
        },
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": bool(wish.get("multicurrency", False)),
            "HomeCurrency": {"value": company.currency},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {
            "NameValue": [
                {
                    "Name": "SalesFormsPrefs.DefaultCustomerMessage",
                    "Value": "Thank you for your business.",
                }
            ]
        },
    }
    books.insert(KINDS["Preferences"], body)


def custom_fields(wish: dict[str, Any]) -> Body:
    """The names that were wished for, at most three."""
    names = [str(name) for name in wish.get("custom_fields", [])]
    if len(names) > settings.MOST_CUSTOM_FIELDS:
        raise ValueError("sales forms have at most three custom fields")
    return {"CustomField": settings.custom_field_preferences(names)} if names else {}


def messages(name: str) -> Body:
    """The texts that mails begin with."""
    kinds = {"InvoiceMessage": "Invoice", "EstimateMessage": "Estimate", "SalesReceiptMessage": "Sales Receipt",
             "StatementMessage": "Statement"}  # fmt: skip
    return {
        key: {"Subject": f"{kind} from {name}", "Message": f"Your {kind.lower()} is attached."}
        for key, kind in kinds.items()
    }


def finish(books: Books, term: Body, wish: dict[str, Any]) -> None:
    """What preferences say about records that exist only now."""
    body = dict(books.preferences)
    discounts = books.account_of("DiscountsRefundsGiven") or {}
    body["SalesFormsPrefs"] = {
        **body["SalesFormsPrefs"],
        "DefaultTerms": {"value": term["Id"]},
        "DefaultDiscountAccount": discounts.get("Id", ""),
    }
    code = next((c for c in books.where("TaxCode") if c["Id"] not in {"TAX", "NON"}), None)
    if code and books.company.is_us:
        body["TaxPrefs"] = {**body["TaxPrefs"], "TaxGroupCodeRef": {"value": code["Id"]}}
    books.insert(KINDS["Preferences"], body)
    if wish.get("multicurrency"):
        for code_name in ("USD", "EUR", "CAD", "GBP"):
            if code_name != books.company.currency:
                add(books, "CompanyCurrency", {"Code": code_name})
                add(
                    books,
                    "ExchangeRate",
                    {"SourceCurrencyCode": code_name, "Rate": Decimal(RATES[code_name])},
                )


def taxes(books: Books) -> None:
    company = books.company
    if company.is_us:
        for name, taxable in (("TAX", True), ("NON", False)):
            pseudo_code(books, name, taxable)
    agency_name, codes = TAXES.get(company.country, TAXES["GB"])
    agency = add(books, "TaxAgency", {"DisplayName": agency_name})
    rates: dict[str, str] = {}
    for code, parts in codes:
        for rate, percent in parts:
            if rate not in rates:
                rates[rate] = tax_rate(books, rate, percent, agency["Id"])
        tax_code(books, code, [(rates[rate], rate) for rate, _ in parts])


def pseudo_code(books: Books, name: str, taxable: bool) -> None:
    """TAX and NON have neither SyncToken nor Active nor MetaData on the wire."""
    body = {
        "Name": name,
        "Description": name,
        "Taxable": taxable,
        "TaxGroup": False,
        "Hidden": False,
        "TaxCodeConfigType": "SYSTEM_GENERATED",
        "Id": name,
    }
    books.insert(KINDS["TaxCode"], body)


def tax_rate(books: Books, name: str, percent: str, agency: str) -> str:
    from sandbox.money import trimmed

    value = trimmed(Decimal(percent))
    body = {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": value,
        "AgencyRef": {"value": agency},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
        "EffectiveTaxRate": [{"RateValue": value, "EffectiveDate": "2020-01-01T00:00:00-08:00"}],
    }
    return str(books.insert(KINDS["TaxRate"], body)["Id"])


def tax_code(
    books: Books, name: str, rates: list[tuple[str, str]], *, for_sales: bool = True
) -> None:
    details = [
        {
            "TaxRateRef": {"value": id, "name": rate},
            "TaxTypeApplicable": "TaxOnAmount",
            "TaxOrder": 0,
        }
        for id, rate in rates
    ]
    books.insert(
        KINDS["TaxCode"],
        {
            "Name": name,
            "Description": name,
            "Active": True,
            "Hidden": False,
            "Taxable": True,
            "TaxGroup": True,
            "SalesTaxRateList": {"TaxRateDetail": details if for_sales else []},
            "PurchaseTaxRateList": {"TaxRateDetail": [] if books.company.is_us else details},
            "TaxCodeConfigType": "USER_DEFINED",
        },
    )
