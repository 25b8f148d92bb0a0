"""The chart of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.money import major
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import active
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

# AccountType → (Classification, default AccountSubType).
TYPES = {
    "Bank": ("Asset", "Checking"),
    "Accounts Receivable": ("Asset", "AccountsReceivable"),
    "Other Current Asset": ("Asset", "OtherCurrentAssets"),
    "Fixed Asset": ("Asset", "FurnitureAndFixtures"),
    "Other Asset": ("Asset", "OtherLongTermAssets"),
    "Accounts Payable": ("Liability", "AccountsPayable"),
    "Credit Card": ("Liability", "CreditCard"),
    "Other Current Liability": ("Liability", "OtherCurrentLiabilities"),
    "Long Term Liability": ("Liability", "OtherLongTermLiabilities"),
    "Equity": ("Equity", "OpeningBalanceEquity"),
    "Income": ("Revenue", "SalesOfProductIncome"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
    "Expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "Other Expense": ("Expense", "OtherMiscellaneousExpense"),
    "Non-Posting": ("Asset", "OtherCurrentAssets"),
}
# Subtypes that decide a type when only the subtype is given.
SUBTYPES = {
    "Checking": "Bank", "Savings": "Bank", "CashOnHand": "Bank", "MoneyMarket": "Bank",
    "TrustAccounts": "Bank", "RentsHeldInTrust": "Bank",
    "AccountsReceivable": "Accounts Receivable", "UndepositedFunds": "Other Current Asset",
    "OtherCurrentAssets": "Other Current Asset", "Inventory": "Other Current Asset",
    "PrepaidExpenses": "Other Current Asset", "AccountsPayable": "Accounts Payable",
    "CreditCard": "Credit Card", "SalesTaxPayable": "Other Current Liability",
    "GlobalTaxPayable": "Other Current Liability",
    "OtherCurrentLiabilities": "Other Current Liability",
    "OpeningBalanceEquity": "Equity", "RetainedEarnings": "Equity", "OwnersEquity": "Equity",
    "SalesOfProductIncome": "Income", "ServiceFeeIncome": "Income",
    "DiscountsRefundsGiven": "Income", "UnappliedCashPaymentIncome": "Income",
    "OtherPrimaryIncome": "Income", "NonProfitIncome": "Income",
    "SuppliesMaterialsCogs": "Cost of Goods Sold", "BankCharges": "Expense",
    "CommissionsAndFees": "Expense", "OfficeGeneralAdministrativeExpenses": "Expense",
    "RentOrLeaseOfBuildings": "Expense", "Insurance": "Expense", "Travel": "Expense",
    "Utilities": "Expense", "LegalProfessionalFees": "Expense", "BadDebts": "Expense",
    "AdvertisingPromotional": "Expense", "SuppliesMaterials": "Expense",
    "OtherMiscellaneousServiceCost": "Expense", "OtherBusinessExpenses": "Expense",
    "UnappliedCashBillPaymentExpense": "Expense",
    "ExchangeGainOrLoss": "Other Expense", "OtherMiscellaneousIncome": "Other Income",
    "FurnitureAndFixtures": "Fixed Asset", "MachineryAndEquipment": "Fixed Asset",
}  # fmt: skip
PERSONAL = {"Accounts Receivable", "Accounts Payable"}
# A company's books do not work without these; QuickBooks does not let go of them either.
INDISPENSABLE = {
    "AccountsReceivable",
    "UndepositedFunds",
    "RetainedEarnings",
    "OpeningBalanceEquity",
}


def complete(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    if not body.get("Name"):
        raise missing("Name")
    validation.characters(books, body["Name"])
    validation.lengths(body, {"Name": 100 + len(active.SUFFIX), "Description": 4000, "AcctNum": 20})
    validation.no_characters(body, ("Name",), '":')
    validation.no_characters(body, ("AcctNum",), ":")
    kind_of_account(body, former)
    body.setdefault("Active", former.get("Active", True))
    if not body["Active"] and former.get("Active"):
        check_dispensable(books, former)
    active.rename(draft, "Name")
    unique(books, draft)
    nesting(books, draft)
    currency(books, draft)
    for name in ("CurrentBalance", "CurrentBalanceWithSubAccounts"):
        body[name] = former.get(name, 0)


def kind_of_account(body: Body, former: Body) -> None:
    subtype = body.get("AccountSubType")
    if not body.get("AccountType") and not subtype:
        raise Fault(
            6010, "You must specify Account.AccountType or Account.AccountSubType attribute."
        )
    if not body.get("AccountType"):
        if subtype not in SUBTYPES:
            raise Fault(2170, f"Invalid Enumeration : AccountSubType. Supplied value:{subtype}")
        body["AccountType"] = SUBTYPES[str(subtype)]
    if subtype and SUBTYPES.get(subtype, body["AccountType"]) != body["AccountType"]:
        raise Fault(
            2170, f"Invalid Enumeration : AccountSubType {subtype} does not fit the AccountType"
        )
    types = {former.get("AccountType", body["AccountType"]), body["AccountType"]}
    if len(types) > 1 and types & PERSONAL:
        raise Fault(6430, "Invalid account type used : the type of this account cannot be changed")
    classification, default = TYPES[body["AccountType"]]
    body["AccountSubType"] = subtype or default
    body["Classification"] = classification


def check_dispensable(books: Books, former: Body) -> None:
    if former.get("AccountSubType") in INDISPENSABLE:
        raise Fault(6000, "Business Validation Error: This account is needed by QuickBooks and cannot "
                          "be made inactive.")  # fmt: skip
    if books.core.account_cents(books, former["Id"]):
        raise Fault(6220, "You can't make an account with a balance inactive.")


def unique(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    if body["Name"] != former.get("Name"):
        own = ("Account", former["Id"]) if former else None
        validation.name_free(books, ("Account",), body["Name"], own)
    number = body.get("AcctNum")
    if (
        number
        and number != former.get("AcctNum")
        and any(a.get("AcctNum") == number for a in books.accounts())
    ):
        raise Fault(6240, "The account number supplied already exists. : null", element="AcctNum")


def nesting(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    parent_ref = body.get("ParentRef")
    body["SubAccount"] = bool(parent_ref)
    body["FullyQualifiedName"] = body["Name"]
    if not parent_ref:
        return
    if former and parent_ref["value"] == former["Id"]:
        raise Fault(900, "Parent cannot be child")
    parent = books.reference("Account", parent_ref, "ParentRef")
    assert parent is not None
    parent_ref.pop("name", None)
    if parent["AccountType"] != body["AccountType"]:
        raise Fault(700, "Parent Reference Invalid : the types of the accounts differ")
    levels, up = 1, parent
    while up.get("ParentRef"):
        levels += 1
        up = books.account(up["ParentRef"]["value"])
        if former and up["Id"] == former["Id"]:
            raise Fault(900, "Parent cannot be child")
    if levels >= 5:
        raise Fault(6180, "You have exceeded the limit of 5 levels of nesting")
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['Name']}"


def currency(books: Books, draft: Draft) -> None:
    from sandbox.quickbooks.entities.names import known_currency

    body, former = draft.body, draft.former
    if former is not None:
        body["CurrencyRef"] = former["CurrencyRef"]
        return
    given = (body.get("CurrencyRef") or {}).get("value", books.home_currency)
    if given != books.home_currency and not books.multicurrency:
        raise Fault(2220, f"Invalid Currency Type. Supplied value:{given}", element="CurrencyRef")
    body["CurrencyRef"] = known_currency(books, given)


def shown(books: Books, body: Body) -> Body:
    """With balances of this moment; liabilities, equity and income show their normal sign."""
    sign = 1 if body["Classification"] in {"Asset", "Expense"} else -1
    own = books.core.account_cents(books, body["Id"])
    children = sum(
        books.core.account_cents(books, a["Id"])
        for a in books.accounts() if (a["FullyQualifiedName"] + ":").startswith(body["FullyQualifiedName"] + ":")
    )  # fmt: skip
    if body["Classification"] in {"Revenue", "Expense"}:
        own = children = 0  # QuickBooks shows balances of balance sheet accounts only
    if not books.preference("AccountingInfoPrefs", "UseAccountNumbers"):
        body = {k: v for k, v in body.items() if k != "AcctNum"}
    return {
        **body,
        "CurrentBalance": major(sign * own),
        "CurrentBalanceWithSubAccounts": major(sign * children),
    }


register(Kind(
    "Account", "account", complete, name_field="Name", plural="Accounts",
    events=events("Create Update Delete Merge"),
    read_only=words("Classification CurrentBalance CurrentBalanceWithSubAccounts FullyQualifiedName "
                    "OpeningBalance OpeningBalanceDate"),
    filters=words("Name AccountType AccountSubType Classification Active FullyQualifiedName AcctNum "
                  "SubAccount CurrentBalance Description"),
    sorts=words("Name AccountType AccountSubType Classification FullyQualifiedName AcctNum"),
))  # fmt: skip
