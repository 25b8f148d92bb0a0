"""What an answer of theirs means, in the shapes seen on the wire, and what survives both ways."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.money import Money
from integrations.documents import (
    AccountDocument,
    Address,
    Application,
    Company,
    CreditMemoDocument,
    CustomerDocument,
    CustomField,
    Document,
    ExpenseDocument,
    Held,
    InvoiceDocument,
    ItemDocument,
    Kind,
    LineDocument,
    ListKind,
    OtherPart,
    PaymentDocument,
    RefundReceiptDocument,
    UsedCredit,
    changed_fields,
    fingerprint,
    from_json,
    kind_of,
    to_json,
)
from integrations.quickbooks_online import jsontext
from integrations.quickbooks_online.mapping import company as companies
from integrations.quickbooks_online.mapping import entries
from integrations.quickbooks_online.mapping.bodies import QuickBooksBodies
from integrations.quickbooks_online.mapping.held import ENTITIES, held
from integrations.quickbooks_online.mapping.payment import in_order

# Of the receipt below, as it was reckoned when a receipt bore neither a class nor a location.
FORMER_EXPENSE = "f47297efade36f80df48a3e341b82880192d1d9e36e7aac2d4864f17cab3a533"
FORMER_FINGERPRINT = "29e192f0b276cf66604f4efc4771a4a58e08cae0e0d43901298b96288b5e2ba2"
# Of the invoice below, when none bore a deposit.
FORMER_INVOICE = "b03e0bfbdabd12cab04a5943946f37ef2923b406b1dc45f18cd55a9705c5fc0a"
MARKER, LABEL = "3f2a9c1b0d4e", "INV-1042"
US = Company(name="Alice's Company", country="US", currency="USD", custom_numbers=True)
CANADA = Company(name="Alice's Company", country="CA", currency="CAD", custom_numbers=True)

META = {
    "CreateTime": "2026-11-20T22:58:07-08:00",
    "LastUpdatedTime": "2026-11-21T04:00:00-08:00",
}
INVOICE: dict[str, Any] = {
    "AllowIPNPayment": False,
    "AllowOnlinePayment": False,
    "AllowOnlineCreditCardPayment": False,
    "AllowOnlineACHPayment": True,
    "domain": "QBO",
    "sparse": False,
    "Id": "145",
    "SyncToken": "2",
    "MetaData": META,
    "CustomField": [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}],
    "DocNumber": "1038",
    "TxnDate": "2026-11-20",
    "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
    "LinkedTxn": [],
    "Line": [
        {
            "Id": "1",
            "LineNum": 1,
            "Description": "Garden",
            "Amount": Decimal("100.0"),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": {"value": "1", "name": "Services"},
                "UnitPrice": 25,
                "Qty": 4,
                "TaxCodeRef": {"value": "NON"},
            },
        },
        {"Amount": Decimal("100.0"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
    ],
    "TxnTaxDetail": {"TotalTax": 0},
    "CustomerRef": {"value": "58", "name": "Alice"},
    "CustomerMemo": {"value": "Thank you"},
    "SalesTermRef": {"value": "3"},
    "DueDate": "2026-12-20",
    "TotalAmt": Decimal("100.0"),
    "PrintStatus": "NeedToPrint",
    "EmailStatus": "EmailSent",
    "BillEmail": {"Address": "alice@example.com"},
    "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": "2026-11-21T05:00:00-08:00"},
    "Balance": Decimal("40.0"),
}
PAYMENT: dict[str, Any] = {
    "CustomerRef": {"value": "58", "name": "Alice"},
    "DepositToAccountRef": {"value": "4"},
    "PaymentMethodRef": {"value": "2"},
    "PaymentRefNum": "wire 7",
    "TotalAmt": Decimal("60.0"),
    "UnappliedAmt": 0,
    "ProcessPayment": False,
    "domain": "QBO",
    "sparse": False,
    "Id": "154",
    "SyncToken": "0",
    "MetaData": META,
    "TxnDate": "2026-11-21",
    "CurrencyRef": {"value": "USD"},
    "PrivateNote": "by phone",
    "Line": [
        {
            "Amount": Decimal("60.0"),
            "LinkedTxn": [{"TxnId": "145", "TxnType": "Invoice"}],
            "LineEx": {"any": []},
        }
    ],
}


def invoice(**changes: Any) -> Held:
    return held(Kind.INVOICE, {**INVOICE, **changes}, US)


def lines(*changed: dict[str, Any], company: Company = US) -> tuple[LineDocument, ...]:
    payload = {**INVOICE, "Line": list(changed), "CurrencyRef": {"value": company.currency}}
    document = held(Kind.INVOICE, payload, company).document
    assert isinstance(document, InvoiceDocument)
    return document.lines


def sales_line(amount: str, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": Decimal(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}, **detail},
    }


# --- shapes from the wire --------------------------------------------------------------------


def test_invoice() -> None:
    assert invoice() == Held(
        kind=Kind.INVOICE,
        id="145",
        version="2",
        document=InvoiceDocument(
            number="1038",
            customer="58",
            issued_on=date(2026, 11, 20),
            due_on=date(2026, 12, 20),
            currency="USD",
            lines=(LineDocument("1", "Garden", Money(10000, "USD"), Decimal(4), Decimal(25)),),
            tax=Money(0, "USD"),
            customer_memo="Thank you",
            email="alice@example.com",
            term="3",
            pay_by_bank=True,
        ),
        created_at=datetime(2026, 11, 21, 6, 58, 7, tzinfo=UTC),
        updated_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
        total=Money(10000, "USD"),
        balance=Money(4000, "USD"),
        emailed_at=datetime(2026, 11, 21, 13, tzinfo=UTC),
        number="1038",
    )


def test_invoice_with_the_least_there_can_be() -> None:
    least = {"Id": 7, "SyncToken": 0, "TxnDate": "2026-11-20", "CustomerRef": {"value": 58}}
    found = held(Kind.INVOICE, least, US)
    assert (found.id, found.version, found.updated_at, found.total) == ("7", "0", None, None)
    assert found.document == InvoiceDocument(
        number="", customer="58", issued_on=date(2026, 11, 20), due_on=date(2026, 11, 20),
        currency="USD",
    )  # fmt: skip


def test_payment() -> None:
    found = held(Kind.PAYMENT, PAYMENT, US)
    assert found.document == PaymentDocument(
        customer="58",
        received_on=date(2026, 11, 21),
        amount=Money(6000, "USD"),
        applications=(Application("145", Money(6000, "USD")),),
        method="2",
        reference="wire 7",
        memo="by phone",
        deposit_account="4",
    )
    assert (found.total, found.unapplied, found.marker) == (Money(6000, "USD"), Money(0, "USD"), "")


def test_payment_that_uses_a_credit_says_how_much() -> None:
    parts = [
        {"Amount": Decimal("60.00"), "LinkedTxn": [{"TxnId": "145", "TxnType": "Invoice"}]},
        {"Amount": Decimal("20.00"), "LinkedTxn": [{"TxnId": "99", "TxnType": "CreditMemo"}]},
    ]
    found = held(Kind.PAYMENT, {**PAYMENT, "TotalAmt": Decimal("40"), "Line": parts}, US).document
    assert isinstance(found, PaymentDocument)
    assert found.credits == (UsedCredit("99", Money(2000, "USD")),)
    assert found.applications == (Application("145", Money(6000, "USD")),)


def test_parts_of_a_payment_have_one_order() -> None:
    cents = [Money(n, "USD") for n in (1, 2, 3, 4)]
    mixed = [
        Application(i, money) for i, money in zip(("131", "9", "131", "10"), cents, strict=True)
    ]
    assert in_order(mixed) == (
        Application("9", cents[1]),
        Application("10", cents[3]),
        Application("131", Money(4, "USD")),
    )


FREE_LINE = {**INVOICE["Line"][0], "Amount": 0}
VOIDED_LINE = {
    **FREE_LINE,
    "SalesItemLineDetail": {**FREE_LINE["SalesItemLineDetail"], "Qty": 0},
}


def bundle(line: dict[str, Any]) -> dict[str, Any]:
    """As QuickBooks answers one: what is sold is inside."""
    return {
        "DetailType": "GroupLineDetail",
        "Amount": 0,
        "GroupLineDetail": {"GroupItemRef": {"value": "7"}, "Quantity": 1, "Line": [line]},
    }


@pytest.mark.parametrize(
    "changes, voided",
    [
        ({"TotalAmt": 0, "Line": [VOIDED_LINE], "PrivateNote": "Voided"}, True),
        ({"TotalAmt": 0, "Line": [], "PrivateNote": "Voided - hello"}, True),
        # Zero by itself is a free invoice, and the word by itself a remark.
        ({"TotalAmt": 0, "Line": [VOIDED_LINE], "PrivateNote": "free"}, False),
        ({"TotalAmt": 0, "Line": [FREE_LINE], "PrivateNote": "Voided contract"}, False),
        ({"TotalAmt": 0, "Line": [bundle(FREE_LINE)], "PrivateNote": "Voided contract"}, False),
        ({"TotalAmt": 0, "Line": [bundle(VOIDED_LINE)], "PrivateNote": "Voided"}, True),
        ({"PrivateNote": "Voided last year"}, False),
        ({"TotalAmt": 0, "PrivateNote": "Voided"}, False),
    ],
)
def test_void_is_told_by_zeroes_and_the_note(changes: dict[str, Any], voided: bool) -> None:
    found = invoice(**changes).document
    assert isinstance(found, InvoiceDocument)
    assert found.voided is voided
    assert voided == (found.lines == ())


def test_voided_payment() -> None:
    note = f"Voided - by phone\nRegentra {LABEL} #{MARKER}"
    voided = held(Kind.PAYMENT, {**PAYMENT, "TotalAmt": 0, "Line": [], "PrivateNote": note}, US)
    assert isinstance(voided.document, PaymentDocument)
    assert voided.document.voided
    assert (voided.document.memo, voided.marker) == ("by phone", MARKER)
    # Money put aside for later has no lines either.
    assert not held(Kind.PAYMENT, {**PAYMENT, "Line": []}, US).document.voided  # type: ignore[union-attr]


def test_number_of_ours_stands_in_the_note_where_they_count() -> None:
    counting = Company(name="Alice's Company", country="US", currency="USD")
    note = {"PrivateNote": f"Regentra {LABEL} #{MARKER}"}
    ours = held(Kind.INVOICE, {**INVOICE, **note}, counting)
    assert isinstance(ours.document, InvoiceDocument)
    assert (ours.document.number, ours.number) == (LABEL, "1038")
    theirs = held(Kind.INVOICE, INVOICE, counting)
    assert theirs.document.number == "1038"  # type: ignore[union-attr]


def test_lines_of_all_sorts_add_up() -> None:
    group = {
        "DetailType": "GroupLineDetail",
        "Amount": Decimal("30"),
        "GroupLineDetail": {"Line": [sales_line("10"), sales_line("20")]},
    }
    discount = {
        "DetailType": "DiscountLineDetail",
        "Amount": Decimal("5"),
        "DiscountLineDetail": {"PercentBased": False},
    }
    remark = {"DetailType": "DescriptionOnly", "Description": "Hello", "DescriptionLineDetail": {}}
    found = lines(sales_line("1"), group, discount, remark)
    assert [(line.item, line.amount.minor) for line in found] == [
        ("1", 100), ("1", 1000), ("1", 2000), ("", -500), ("", 0),
    ]  # fmt: skip
    assert [line.description for line in found[3:]] == ["Discount", "Hello"]


def test_factors_that_do_not_make_the_amount_are_left_aside() -> None:
    (line,) = lines(sales_line("100.00", Qty=Decimal("3"), UnitPrice=Decimal("33.33")))
    assert (line.quantity, line.unit_price) == (None, None)


@pytest.mark.parametrize(
    "code, automated, taxable",
    [("TAX", False, True), ("NON", False, False), (None, False, False), (None, True, True)],
)
def test_us_line_without_a_code_is_taxed_by_automated_tax(
    code: str | None, automated: bool, taxable: bool
) -> None:
    company = Company(name="A", country="US", currency="USD", automated_tax=automated)
    detail = {"TaxCodeRef": {"value": code}} if code else {}
    (line,) = lines(sales_line("1", **detail), company=company)
    assert line.taxable is taxable


def test_codes_of_lines_elsewhere_are_kept_apart() -> None:
    found = lines(
        sales_line("1", TaxCodeRef={"value": "3"}),
        sales_line("1", TaxCodeRef={"value": "5"}),
        sales_line("1", TaxCodeRef={"value": "3"}),
        sales_line("1"),
        company=CANADA,
    )
    assert [(line.taxable, line.tax_code) for line in found] == [
        (True, ""), (False, "5"), (True, ""), (False, ""),
    ]  # fmt: skip


def test_inactive_customer_has_its_own_name() -> None:
    payload = {"Id": "7", "SyncToken": "1", "DisplayName": "Alice (deleted)", "Active": False}
    found = held(Kind.CUSTOMER, payload, US)
    assert (found.active, found.document) == (False, CustomerDocument("Alice", active=False))
    real = {**payload, "Active": True}
    assert held(Kind.CUSTOMER, real, US).document == CustomerDocument("Alice (deleted)")


def test_contact_is_made_of_all_its_parts() -> None:
    parts = {
        "Title": "Dr",
        "GivenName": "Alice",
        "MiddleName": "B",
        "FamilyName": "C",
        "Suffix": "Jr",
    }
    found = held(Kind.CUSTOMER, {"Id": "7", "SyncToken": "1", **parts}, US).document
    assert isinstance(found, CustomerDocument)
    assert found.contact_name == "Dr Alice B C Jr"


def test_address_that_was_flowed_anew_loses_nothing() -> None:
    address = {"Id": "2", "Line1": "Alice", "Line2": "1 Main", "Line4": "Floor 2", "Lat": "INVALID"}
    found = held(Kind.CUSTOMER, {"Id": "7", "SyncToken": "1", "BillAddr": address}, US).document
    assert isinstance(found, CustomerDocument)
    assert found.address == Address(line1="Alice", line2="1 Main, Floor 2")


@pytest.mark.parametrize("broken", [{}, {"Id": "1"}, {"Id": "1", "SyncToken": "0"},
                                    {**INVOICE, "TxnDate": "soon"}, {**INVOICE, "TotalAmt": "x"}])  # fmt: skip
def test_what_is_no_invoice_is_not_read_as_one(broken: dict[str, Any]) -> None:
    with pytest.raises((LookupError, ValueError, ArithmeticError)):
        held(Kind.INVOICE, broken, US)


# --- company and lists -----------------------------------------------------------------------


def test_company() -> None:
    info = {
        "CompanyName": "Alice's Company",
        "Country": "CA",
        "NameValue": [{"Name": "Industry", "Value": "x"}, {"Name": "OfferingSku", "Value": "Plus"}],
    }
    preferences = {
        "SalesFormsPrefs": {
            "CustomTxnNumbers": True,
            "ETransactionPaymentEnabled": True,
            "AutoApplyCredit": True,
            "AutoApplyPayments": True,
        },
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": False},
        "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "CAD"}},
        "AccountingInfoPrefs": {"BookCloseDate": "2025-12-31"},
    }
    assert companies.read(info, preferences) == Company(
        name="Alice's Company",
        country="CA",
        currency="CAD",
        edition="Plus",
        multicurrency=True,
        custom_numbers=True,
        uses_tax=True,
        online_payments=True,
        auto_apply_credits=True,
        auto_apply_payments=True,
        books_closed_on=date(2025, 12, 31),
    )


@pytest.mark.parametrize(
    "there, country", [("US", "US"), ("USA", "US"), ("us", "US"), ("ca", "CA"), ("", "")]
)
def test_country_of_a_company_is_a_code_however_it_is_written(there: str, country: str) -> None:
    info = {"CompanyName": "Alice's Company", "Country": there}
    preferences = {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}
    assert companies.read(info, preferences).country == country


def test_company_without_a_currency_is_none() -> None:
    with pytest.raises(ValueError):
        companies.read({"CompanyName": "Alice's Company", "Country": "US"}, {})


@pytest.mark.parametrize(
    "kind, payload, name, active",
    [
        (ListKind.CUSTOMER, {"DisplayName": "Alice (deleted)", "Active": False}, "Alice", False),
        (ListKind.VENDOR, {"DisplayName": "Bob", "Active": True}, "Bob", True),
        (ListKind.ACCOUNT, {"Name": "Fees", "FullyQualifiedName": "Bank:Fees"}, "Bank:Fees", True),
        (ListKind.ITEM, {"Name": "Hours", "FullyQualifiedName": "Work:Hours"}, "Hours", True),
        (ListKind.TAX_CODE, {"Name": "TAX"}, "TAX", True),
        (ListKind.TAX_RATE, {"Name": "HST ON", "RateValue": 13, "Active": True}, "HST ON", True),
    ],
)
def test_entries_bear_the_name_people_know(
    kind: ListKind, payload: dict[str, Any], name: str, active: bool
) -> None:
    entry = entries.read(kind, {"Id": "1", **payload})
    assert (entry.kind, entry.id, entry.name, entry.active) == (kind, "1", name, active)


def test_entry_keeps_what_choices_need() -> None:
    item = {
        "Id": "1",
        "Name": "Hours",
        "Type": "Service",
        "Taxable": False,
        "UnitPrice": Decimal("9.50"),
    }
    detail = dict(entries.read(ListKind.ITEM, item).detail)
    assert detail == {"type": "Service", "taxable": "false", "unit_price": "9.50"}


# --- both ways -------------------------------------------------------------------------------

WORDS = st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12)
LATIN = st.text(alphabet=st.characters(codec="latin-1", categories=["L", "N", "P"]), max_size=12)
NAMES = LATIN.map(lambda text: text.replace(":", "")).filter(bool)
IDS = st.integers(1, 10**6).map(str)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
CENTS = st.integers(0, 10**9)


def moneys(currency: str) -> st.SearchStrategy[Money]:
    return CENTS.map(lambda minor: Money(minor, currency))


@st.composite
def plain_lines(draw: st.DrawFn, currency: str) -> LineDocument:
    description = draw(LATIN)
    if draw(st.booleans()):
        money = draw(moneys(currency))
        tracked = draw(st.just("") | IDS)
        taxable = draw(st.booleans())
        return LineDocument(draw(IDS), description, money, taxable=taxable, tracking_class=tracked)
    quantity, price = draw(st.integers(1, 999)), draw(st.decimals(0, 1000, places=2))
    money = Money.of(quantity * price, currency)
    return LineDocument(
        draw(IDS), description, money, Decimal(quantity), price, draw(st.booleans())
    )


@st.composite
def discounts(draw: st.DrawFn, currency: str) -> LineDocument:
    """By percentage or by amount; it stands last."""
    percent = draw(st.none() | st.decimals("0.01", 100, places=2))
    off = -draw(moneys(currency))
    words = draw(LATIN.filter(bool))
    after_it_tax = draw(st.booleans())
    return LineDocument("", words, off, taxable=after_it_tax, discount=True, percent=percent)


@st.composite
def invoices(draw: st.DrawFn, currency: str) -> InvoiceDocument:
    return InvoiceDocument(
        number=draw(NAMES),
        customer=draw(IDS),
        issued_on=draw(DAYS),
        due_on=draw(DAYS),
        currency=currency,
        lines=(
            *draw(st.lists(plain_lines(currency), max_size=4)),
            *draw(st.lists(discounts(currency), max_size=1)),
        ),
        tracking_class=draw(st.just("") | IDS),
        location=draw(st.just("") | IDS),
        customer_memo=draw(LATIN),
        memo=draw(LATIN),
        email=draw(WORDS),
        term=draw(st.just("") | IDS),
        pay_by_card=draw(st.booleans()),
        pay_by_bank=draw(st.booleans()),
    )


@st.composite
def credit_memos(draw: st.DrawFn, currency: str) -> CreditMemoDocument:
    return CreditMemoDocument(
        number=draw(NAMES),
        customer=draw(IDS),
        issued_on=draw(DAYS),
        currency=currency,
        lines=tuple(draw(st.lists(plain_lines(currency), max_size=4))),
        customer_memo=draw(LATIN),
        memo=draw(LATIN),
        email=draw(WORDS),
        tracking_class=draw(st.just("") | IDS),
        location=draw(st.just("") | IDS),
    )


@st.composite
def refund_receipts(draw: st.DrawFn, currency: str) -> RefundReceiptDocument:
    """Without a reference it bears its number as one over there."""
    return RefundReceiptDocument(
        number=draw(NAMES),
        customer=draw(IDS),
        paid_on=draw(DAYS),
        currency=currency,
        lines=tuple(draw(st.lists(plain_lines(currency), max_size=4))),
        account=draw(IDS),
        method=draw(st.just("") | IDS),
        reference=draw(NAMES),
        memo=draw(LATIN),
        tracking_class=draw(st.just("") | IDS),
        location=draw(st.just("") | IDS),
    )


EXPENSES = st.builds(
    ExpenseDocument, number=NAMES, customer=IDS, paid_on=DAYS, amount=moneys("USD"),
    account=IDS, expense_account=IDS, memo=LATIN,
)  # fmt: skip
APPLICATIONS = st.lists(st.builds(Application, IDS, moneys("USD")), max_size=4).map(in_order)
PAYMENTS = st.builds(
    PaymentDocument, customer=IDS, received_on=DAYS, amount=moneys("USD"),
    applications=APPLICATIONS, method=st.just("") | IDS, reference=LATIN, memo=LATIN,
    deposit_account=st.just("") | IDS,
)  # fmt: skip
ADDRESSES = st.builds(Address, LATIN, LATIN, LATIN, LATIN, LATIN, LATIN)
CUSTOMERS = st.builds(
    CustomerDocument, NAMES, LATIN, st.lists(NAMES, max_size=3).map(" ".join), WORDS, LATIN, ADDRESSES, LATIN
)  # fmt: skip
ITEMS = st.builds(
    ItemDocument,
    NAMES,
    st.just("Service"),
    IDS,
    description=LATIN,
    unit_price=st.decimals(0, 99999, places=5),
    taxable=st.booleans(),
)


# These bear no mark.
NAMED = (Kind.CUSTOMER, Kind.ACCOUNT, Kind.ITEM)


def there_and_back(document: Document, company: Company) -> Document | None:
    """What QuickBooks would answer if it added nothing of its own."""
    bodies = QuickBooksBodies(company)
    sent = jsontext.read(bodies.text(bodies.create(document, marker=MARKER, label=LABEL)))
    answer = {"Id": "1", "SyncToken": "0", **sent}
    if isinstance(document, ExpenseDocument):
        # The sums that are not sent and always answered.
        (line,) = sent["Line"]
        gross = line["AccountBasedExpenseLineDetail"].get("TaxInclusiveAmt", line["Amount"])
        answer["TotalAmt"] = gross
        answer["TxnTaxDetail"] = {"TotalTax": gross - line["Amount"]}
    found = held(kind_of(document), answer, company)
    assert found.marker == ("" if kind_of(document) in NAMED else MARKER)
    return found.document


@given(
    invoices("USD")
    | credit_memos("USD")
    | refund_receipts("USD")
    | EXPENSES
    | PAYMENTS
    | CUSTOMERS
    | ITEMS
)
def test_document_comes_back_as_it_left(document: Document) -> None:
    back = there_and_back(document, US)
    assert back == document
    assert back is not None
    assert fingerprint(back) == fingerprint(document)


@given(invoices("CAD"), IDS)
def test_document_elsewhere_comes_back_but_for_what_is_not_taxed(
    document: InvoiceDocument, code: str
) -> None:
    taxed = any(line.taxable for line in document.lines if not line.discount)
    # Without a code there is no tax that a discount could come before.
    assume(taxed or not any(line.taxable for line in document.lines))
    back = there_and_back(_with_code(document, code if taxed else ""), CANADA)
    assert back == _with_code(document, code if taxed else "")


def _with_code(document: InvoiceDocument, code: str) -> InvoiceDocument:
    return InvoiceDocument(**{**_fields(document), "tax_code": code})


def _fields(document: InvoiceDocument) -> dict[str, Any]:
    return {name: getattr(document, name) for name in InvoiceDocument.__slots__}


ABROAD = Company(
    name="Alice's Company",
    country="US",
    currency="USD",
    custom_numbers=True,
    multicurrency=True,
    custom_fields=(("1", "PO number"),),
)
TAXED = LineDocument(
    "7", "Work", Money(10000, "EUR"), Decimal(2), Decimal(50), taxable=True, tracking_class="11"
)
OFF = LineDocument(
    "", "Discount", Money(-1000, "EUR"), taxable=True, discount=True, percent=Decimal(10)
)
SALE: dict[str, Any] = {
    "currency": "EUR",
    "tax": Money(720, "EUR"),
    "tax_code": "4",
    "memo": "Call first",
}
# One of each with everything said that can be said of a new one.
WHOLE: list[Document] = [
    CustomerDocument(
        "Adatum", "Adatum Inc", "Dr Pat Doe", "ap@adatum.example", "555 0100",
        Address("1 Main", "Floor 2", "Springfield", "CA", "90001", "USA"), "Pays late", "EUR",
        parent="57",
    ),
    AccountDocument("Support", "Expense"),
    ItemDocument("Hours", "Service", "79", "By the hour", Decimal("95.5"), taxable=True),
    InvoiceDocument(
        number=LABEL, customer="58", issued_on=date(2026, 11, 1), due_on=date(2026, 12, 1),
        lines=(TAXED, OFF), customer_memo="Thank you", email="ap@adatum.example", term="3",
        tracking_class="12", location="13", pay_by_card=True, pay_by_bank=True,
        exchange_rate=Decimal("1.25"), custom_fields=(CustomField("1", "PO 7"),), **SALE,
    ),
    CreditMemoDocument(
        number="CM-1", customer="58", issued_on=date(2026, 11, 1), lines=(TAXED, OFF),
        customer_memo="Sorry", email="ap@adatum.example", tracking_class="12", location="13",
        **SALE,
    ),
    PaymentDocument(
        customer="58", received_on=date(2026, 11, 20), amount=Money(6000, "EUR"),
        applications=(Application("145", Money(9000, "EUR")),), method="2", reference="wire 7",
        memo="by phone", deposit_account="4", credits=(UsedCredit("99", Money(2000, "EUR")),),
        others=(OtherPart("JournalEntry", "17", Money(1000, "EUR")),), exchange_rate=Decimal("1.25"),
    ),
    ExpenseDocument(
        "RG1", "58", date(2026, 11, 20), Money(6000, "EUR"), "35", "80", memo="by phone",
        tax_code="7", tax=Money(1000, "EUR"),
    ),
    RefundReceiptDocument(
        number="RF-1", customer="58", paid_on=date(2026, 11, 20), lines=(TAXED,), account="35",
        method="2", reference="check 7", tracking_class="900", location="3", **SALE,
    ),
]  # fmt: skip
# What a new document never says.
UNSAID = {"voided", "active", "deposit", "deposit_account"}


@pytest.mark.parametrize("document", WHOLE, ids=lambda one: kind_of(one).value)
def test_everything_that_is_said_of_each_kind_comes_back(document: Document) -> None:
    said = {field.name: getattr(document, field.name) for field in fields(document)}
    assert all(value for name, value in said.items() if name not in UNSAID), "say all of it"
    # Purchases bear no tax in the US.
    is_taxed_abroad = isinstance(document, ExpenseDocument)
    company = replace(ABROAD, country="CA") if is_taxed_abroad else ABROAD
    assert there_and_back(document, company) == document


def test_receipt_of_before_it_bore_a_class_and_a_location_keeps_its_fingerprint() -> None:
    line = LineDocument("1", "Work", Money(100, "USD"), Decimal(1), Decimal(1))
    receipt = RefundReceiptDocument(
        number="RF-1",
        customer="58",
        paid_on=date(2026, 11, 20),
        currency="USD",
        lines=(line,),
        account="35",
    )
    assert fingerprint(receipt) == FORMER_FINGERPRINT
    assert fingerprint(replace(receipt, location="3")) != FORMER_FINGERPRINT


def test_expense_of_before_it_bore_tax_keeps_its_fingerprint() -> None:
    expense = ExpenseDocument("RG1", "58", date(2026, 11, 20), Money(6000, "USD"), "35", "80")
    assert fingerprint(expense) == FORMER_EXPENSE
    assert fingerprint(replace(expense, tax_code="7", tax=Money(0, "USD"))) != FORMER_EXPENSE


def test_invoice_of_before_it_bore_a_deposit_keeps_its_fingerprint() -> None:
    line = LineDocument("3", "Work", Money(100, "USD"))
    days = (date(2026, 11, 1), date(2026, 12, 1))
    invoice = InvoiceDocument("INV-1", "7", *days, "USD", (line,), Money(0, "USD"))
    assert fingerprint(invoice) == FORMER_INVOICE
    assert fingerprint(replace(invoice, deposit=Money(50, "USD"))) != FORMER_INVOICE


@pytest.mark.parametrize(
    ("said", "means"),
    [({}, None), ({"Deposit": 0}, None), ({"Deposit": Decimal("50.5")}, Money(5050, "USD"))],
)
def test_deposit_of_an_invoice_is_an_amount_or_none(
    said: dict[str, Any], means: Money | None
) -> None:
    document = held(Kind.INVOICE, {**INVOICE, **said}, US).document
    assert isinstance(document, InvoiceDocument)
    assert document.deposit == means
    assert from_json(to_json(document)) == document


def test_account_that_a_deposit_went_to_is_kept_and_is_no_difference_by_itself() -> None:
    fund, bank = ({**INVOICE, "Deposit": 50, "DepositToAccountRef": {"value": to}} for to in "47")
    before, after = (held(Kind.INVOICE, payload, US).document for payload in (fund, bank))
    assert isinstance(before, InvoiceDocument)
    assert isinstance(after, InvoiceDocument)
    assert (before.deposit_account, after.deposit_account) == ("4", "7")
    stored = from_json(to_json(after))
    assert isinstance(stored, InvoiceDocument)
    assert stored.deposit_account == "7"
    assert not changed_fields(before, after)
    assert fingerprint(before) == fingerprint(after)


def test_each_kind_that_is_held_there_has_its_row() -> None:
    assert {kind_of(document) for document in WHOLE} == set(ENTITIES)
