"""What leaves for each kind of document, and what is refused before it leaves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.money import Money
from integrations.documents import (
    AccountDocument,
    Address,
    Application,
    Company,
    CustomerDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    Kind,
    LineDocument,
    PaymentDocument,
    UsedCredit,
)
from integrations.errors import Refused
from integrations.quickbooks_online.mapping.bodies import QuickBooksBodies
from integrations.quickbooks_online.mapping.payment import read as read_payment

MARKER, LABEL = "3f2a9c1b0d4e", "INV-1042"
NOTE = f"Regentra {LABEL} #{MARKER}"
US = Company(name="Alice's Company", country="US", currency="USD", custom_numbers=True)
CANADA = Company(name="Alice's Company", country="CA", currency="CAD", custom_numbers=True)

INVOICE = InvoiceDocument(
    number=LABEL,
    customer="58",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 12, 1),
    currency="USD",
    lines=(LineDocument("7", "Work", Money(15050, "USD"), Decimal("1.5"), Decimal("100.3333333")),),
)
PAYMENT = PaymentDocument(
    customer="58",
    received_on=date(2026, 11, 20),
    amount=Money(20000, "USD"),
    applications=(Application("131", Money(5000, "USD")), Application("9", Money(100, "USD"))),
)


def create(document: Document, company: Company = US) -> dict[str, Any]:
    return QuickBooksBodies(company).create(document, marker=MARKER, label=LABEL)


def update(document: Document, *changed: str, company: Company = US) -> dict[str, Any]:
    body = QuickBooksBodies(company).update(
        document, id="145", version="3", changed=frozenset(changed), marker=MARKER, label=LABEL
    )
    assert (body.pop("Id"), body.pop("SyncToken"), body.pop("sparse")) == ("145", "3", True)
    return body


def only_line(document: InvoiceDocument, company: Company = US) -> dict[str, Any]:
    (line,) = create(document, company)["Line"]
    return dict(line)


# --- creating --------------------------------------------------------------------------------


def test_customer() -> None:
    customer = CustomerDocument(
        name="Alice",
        company_name="Alice Ltd",
        contact_name="Alice  van der Berg",
        email="alice@example.com",
        phone="555 0100",
        address=Address("1 Main", "Floor 2", "Springfield", "CA", "90001", "USA"),
        notes="Pays late",
    )
    assert create(customer) == {
        "DisplayName": "Alice",
        "CompanyName": "Alice Ltd",
        "GivenName": "Alice",
        "FamilyName": "van der Berg",
        "PrimaryEmailAddr": {"Address": "alice@example.com"},
        "PrimaryPhone": {"FreeFormNumber": "555 0100"},
        "BillAddr": {
            "Line1": "1 Main",
            "Line2": "Floor 2",
            "City": "Springfield",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "90001",
            "Country": "USA",
        },
        "Notes": "Pays late",
    }


def test_what_a_customer_leaves_open_is_not_sent() -> None:
    assert create(CustomerDocument("Alice")) == {"DisplayName": "Alice"}


def test_item() -> None:
    assert create(ItemDocument("Hours", income_account="79")) == {
        "Name": "Hours",
        "Type": "Service",
        "IncomeAccountRef": {"value": "79"},
    }


def test_invoice_of_a_us_company() -> None:
    assert create(INVOICE) == {
        "DocNumber": LABEL,
        "CustomerRef": {"value": "58"},
        "TxnDate": "2026-11-01",
        "DueDate": "2026-12-01",
        "Line": [
            {
                "Amount": Decimal("150.50"),
                "Description": "Work",
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": "7"},
                    "TaxCodeRef": {"value": "NON"},
                },
            }
        ],
        "PrivateNote": NOTE,
        "AllowOnlineCreditCardPayment": False,
        "AllowOnlineACHPayment": False,
    }


def test_all_else_an_invoice_can_say() -> None:
    invoice = replace(
        INVOICE, customer_memo="Thank you", memo="Call first", email="a@example.com", term="3",
        pay_by_card=True, pay_by_bank=True,
    )  # fmt: skip
    body = create(invoice)
    assert body["CustomerMemo"] == {"value": "Thank you"}
    assert body["PrivateNote"] == f"Call first\n{NOTE}"
    assert body["BillEmail"] == {"Address": "a@example.com"}
    assert (body["SalesTermRef"], body["DueDate"]) == ({"value": "3"}, "2026-12-01")
    assert body["AllowOnlineCreditCardPayment"] is body["AllowOnlineACHPayment"] is True


def test_number_stays_here_when_quickbooks_counts_for_itself() -> None:
    body = create(INVOICE, replace(US, custom_numbers=False))
    assert "DocNumber" not in body
    assert LABEL in body["PrivateNote"]


def test_currency_is_named_only_with_multicurrency() -> None:
    assert "CurrencyRef" not in create(INVOICE)
    several = replace(US, multicurrency=True)
    assert create(INVOICE, several)["CurrencyRef"] == {"value": "USD"}
    assert create(PAYMENT, several)["CurrencyRef"] == {"value": "USD"}


FACTORS = [
    # quantity, price, amount in cents, whether both factors are sent
    ("2", "100", 20000, True),
    ("1.5", "0.10", 15, True),
    ("0.3333333", "3", 100, False),  # 0.9999999 is not 1.00
    ("128.35", "14.50", 186108, False),  # 1861.075 rounded half-up (fault 6070)
    ("1", "0.0000001", 0, False),
    ("10000000", "0.0000001", 100, True),
    ("100000000", "0.00000001", 100, False),  # eight decimals are one too many
    ("1.50000000000", "100.000000000", 15000, True),  # zeroes at the end are no decimals
    ("-1", "50", -5000, True),
]


@pytest.mark.parametrize("quantity, price, minor, sent", FACTORS)
def test_factors_are_sent_only_when_their_product_is_the_amount(
    quantity: str, price: str, minor: int, sent: bool
) -> None:
    line = LineDocument("7", "", Money(minor, "USD"), Decimal(quantity), Decimal(price))
    found = only_line(replace(INVOICE, lines=(line,)))
    detail = found["SalesItemLineDetail"]
    assert found["Amount"] == Decimal(minor) / 100
    assert (detail.get("Qty"), detail.get("UnitPrice")) == (
        (Decimal(quantity), Decimal(price)) if sent else (None, None)
    )


def test_line_without_item_and_amount_is_a_remark() -> None:
    line = LineDocument("", "Thank you", Money(0, "USD"))
    assert only_line(replace(INVOICE, lines=(line,))) == {
        "DetailType": "DescriptionOnly",
        "Description": "Thank you",
        "DescriptionLineDetail": {},
    }


@pytest.mark.parametrize(
    "currency, minor, text",
    [("USD", 5, "0.05"), ("USD", 100, "1.00"), ("JPY", 100, "100.00"), ("KWD", 1234, "1.234")],
)
def test_amounts_have_two_decimals_or_more(currency: str, minor: int, text: str) -> None:
    body = create(replace(PAYMENT, amount=Money(minor, currency), applications=()))
    assert f'"TotalAmt":{text}' in QuickBooksBodies(US).text(body)


def test_payment() -> None:
    assert create(PAYMENT) == {
        "CustomerRef": {"value": "58"},
        "TxnDate": "2026-11-20",
        "TotalAmt": Decimal("200.00"),
        # By id, whatever order they came in.
        "Line": [
            {"Amount": Decimal("1.00"), "LinkedTxn": [{"TxnId": "9", "TxnType": "Invoice"}]},
            {"Amount": Decimal("50.00"), "LinkedTxn": [{"TxnId": "131", "TxnType": "Invoice"}]},
        ],
        "PrivateNote": NOTE,
    }


def test_all_else_a_payment_can_say() -> None:
    payment = replace(PAYMENT, method="2", reference="wire 7", deposit_account="35", memo="thanks")
    body = create(payment)
    assert body["PaymentMethodRef"] == {"value": "2"}
    assert body["PaymentRefNum"] == "wire 7"
    assert body["DepositToAccountRef"] == {"value": "35"}
    assert body["PrivateNote"] == f"thanks\n{NOTE}"


@pytest.mark.parametrize("memo", ["", "thanks", "two\nlines"])
def test_a_long_reference_is_cut_and_stands_whole_in_the_note(memo: str) -> None:
    whole = "Wire 2026-11-20 for INV-1 and INV-2"
    payment = replace(PAYMENT, reference=whole, memo=memo)
    body = create(payment)
    assert body["PaymentRefNum"] == "Wire 2026-11-20 for I"
    said = [*filter(None, [memo]), f"Reference: {whole}", NOTE]
    assert body["PrivateNote"] == "\n".join(said)
    there = read_payment({**body, "Id": "154", "SyncToken": "0"}, US)
    assert (there.reference, there.memo) == (whole, memo)
    changed = read_payment({**body, "PaymentRefNum": "Check 7"}, US)
    assert changed.reference == "Check 7"


# --- tax -------------------------------------------------------------------------------------


def test_us_lines_say_whether_they_are_taxed_and_nothing_global() -> None:
    lines = tuple(
        LineDocument("7", "", Money(100, "USD"), taxable=taxed) for taxed in (True, False)
    )
    body = create(replace(INVOICE, lines=lines))
    codes = [line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in body["Line"]]
    assert codes == ["TAX", "NON"]
    assert "GlobalTaxCalculation" not in body
    assert "TxnTaxDetail" not in body


def test_us_tax_of_ours_goes_with_taxed_lines() -> None:
    line = LineDocument("7", "", Money(100, "USD"), taxable=True)
    invoice = replace(INVOICE, lines=(line,), tax=Money(8, "USD"), tax_code="4")
    assert create(invoice)["TxnTaxDetail"] == {
        "TxnTaxCodeRef": {"value": "4"},
        "TotalTax": Decimal("0.08"),
    }
    untaxed = replace(invoice, lines=(replace(line, taxable=False),), tax=Money(0, "USD"))
    assert "TxnTaxDetail" not in create(untaxed)


def test_lines_elsewhere_bear_the_code_of_the_document_or_their_own() -> None:
    lines = (
        LineDocument("7", "", Money(100, "CAD"), taxable=True),
        LineDocument("7", "", Money(100, "CAD"), tax_code="5"),
        LineDocument("7", "", Money(100, "CAD")),
    )
    body = create(replace(INVOICE, lines=lines, tax_code="3", tax=Money(5, "CAD")), CANADA)
    codes = [line["SalesItemLineDetail"].get("TaxCodeRef") for line in body["Line"]]
    assert codes == [{"value": "3"}, {"value": "5"}, None]
    assert body["GlobalTaxCalculation"] == "TaxExcluded"
    # QuickBooks works it out; a total of ours would keep it from doing so.
    assert "TxnTaxDetail" not in body


def test_code_of_a_document_without_taxed_lines_is_for_all_of_them() -> None:
    untaxed = create(replace(INVOICE, tax_code="5"), CANADA)
    assert untaxed["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "5"}
    assert untaxed["GlobalTaxCalculation"] == "TaxExcluded"


def test_document_without_any_code_says_that_tax_does_not_apply() -> None:
    assert create(INVOICE, CANADA)["GlobalTaxCalculation"] == "NotApplicable"


# --- changing --------------------------------------------------------------------------------

# Said with every write of an invoice, because QuickBooks may switch them on by itself (C-21).
WAYS = {"AllowOnlineCreditCardPayment": False, "AllowOnlineACHPayment": False}

CHANGES: list[tuple[Document, str, dict[str, Any]]] = [
    (INVOICE, "due_on", {"DueDate": "2026-12-01"}),
    # QuickBooks would work the due date out anew.
    (INVOICE, "issued_on", {"TxnDate": "2026-11-01", "DueDate": "2026-12-01"}),
    (replace(INVOICE, term="3"), "term", {"SalesTermRef": {"value": "3"}, "DueDate": "2026-12-01"}),
    (INVOICE, "number", {"DocNumber": LABEL}),
    (INVOICE, "customer", {"CustomerRef": {"value": "58"}}),
    (INVOICE, "customer_memo", {"CustomerMemo": {"value": ""}}),
    (INVOICE, "memo", {"PrivateNote": NOTE}),
    (INVOICE, "email", {"BillEmail": {"Address": ""}}),
    (replace(INVOICE, pay_by_card=True), "pay_by_card", {"AllowOnlineCreditCardPayment": True}),
    (replace(INVOICE, pay_by_bank=True), "pay_by_bank", {"AllowOnlineACHPayment": True}),
    (PAYMENT, "received_on", {"TxnDate": "2026-11-20"}),
    # Its note may hold the rest of a former reference.
    (PAYMENT, "reference", {"PaymentRefNum": "", "PrivateNote": NOTE}),
    (CustomerDocument("Alice"), "phone", {"PrimaryPhone": {"FreeFormNumber": ""}}),
    (CustomerDocument("Alice"), "notes", {"Notes": ""}),
    (
        CustomerDocument("Alice", contact_name="Bob"),
        "contact_name",
        {"Title": "", "GivenName": "Bob", "MiddleName": "", "FamilyName": "", "Suffix": ""},
    ),
]


@pytest.mark.parametrize("document, field, body", CHANGES)
def test_change_sends_its_own_field_and_what_is_always_said(
    document: Document, field: str, body: dict[str, Any]
) -> None:
    always = dict(WAYS) if isinstance(document, InvoiceDocument) else {}
    if isinstance(document, PaymentDocument):
        always = {name: create(document)[name] for name in ("TotalAmt", "Line")}
    assert update(document, field) == {**always, **body}


@pytest.mark.parametrize("field", ["lines", "tax", "tax_code"])
def test_lines_and_their_tax_go_together(field: str) -> None:
    assert update(INVOICE, field)["Line"] == create(INVOICE)["Line"]


@pytest.mark.parametrize("field", ["amount", "applications"])
def test_amount_and_what_it_settles_go_together(field: str) -> None:
    whole = create(PAYMENT)
    assert update(PAYMENT, field) == {"TotalAmt": whole["TotalAmt"], "Line": whole["Line"]}


def test_every_change_of_a_payment_says_what_it_settles() -> None:
    whole, said = create(PAYMENT), update(PAYMENT, "reference")
    assert (said["TotalAmt"], said["Line"]) == (whole["TotalAmt"], whole["Line"])


def test_releasing_a_payment_sends_an_empty_list() -> None:
    assert update(replace(PAYMENT, applications=()), "applications")["Line"] == []


OF_NO_SPARSE_UPDATE = [
    (
        ItemDocument("Hours"),
        "active",
        {"Name": "Hours (deleted)", "Active": False, "Sku": "H"},
        {"Name": "Hours", "Active": True, "Sku": "H"},
    ),
    (
        AccountDocument("Support"),
        "active",
        {"Name": "Support (deleted)", "Active": False, "AcctNum": "4000"},
        {"Name": "Support", "Active": True, "AcctNum": "4000"},
    ),
    (
        ExpenseDocument("RG1", "7", date(2026, 3, 2), Money(4000, "USD"), "35", "7"),
        "paid_on",
        {"TxnDate": "2026-01-15", "Line": [{"Id": "1"}], "PaymentType": "Cash"},
        {"TxnDate": "2026-03-02", "Line": [{"Id": "1"}], "PaymentType": "Cash"},
    ),
]


@pytest.mark.parametrize("document, field, theirs, said", OF_NO_SPARSE_UPDATE)
def test_what_knows_no_sparse_update_is_sent_as_it_was_read_with_ours_on_top(
    document: Document, field: str, theirs: dict[str, Any], said: dict[str, Any]
) -> None:
    bodies, changed = QuickBooksBodies(US), frozenset({field})
    assert bodies.needs_whole(document, changed)
    assert not bodies.needs_whole(document, frozenset())
    body = bodies.update(
        document, id="7", version="2", changed=changed, marker=MARKER, label=LABEL, whole=theirs
    )
    assert body == {**said, "Id": "7", "SyncToken": "2", "sparse": False}


def test_same_change_is_the_same_text() -> None:
    texts = {QuickBooksBodies(US).text(update(INVOICE, *names)) for names in (
        ("memo", "due_on", "email"), ("email", "memo", "due_on"), ("due_on", "email", "memo"),
    )}  # fmt: skip
    assert len(texts) == 1


def test_voiding() -> None:
    bodies = QuickBooksBodies(US)
    assert bodies.void(Kind.INVOICE, id="145", version="3") == {"Id": "145", "SyncToken": "3"}
    assert bodies.void(Kind.PAYMENT, id="145", version="3") == {
        "Id": "145",
        "SyncToken": "3",
        "sparse": True,
    }
    with pytest.raises(Refused):
        bodies.void(Kind.CUSTOMER, id="145", version="3")


# --- refused before anything is sent ---------------------------------------------------------

TOO_MUCH: list[tuple[Document, str]] = [
    (replace(INVOICE, number="1" * 22), "number"),
    (replace(INVOICE, customer_memo="x" * 1001), "customer notes"),
    (replace(INVOICE, memo="x" * 4000), "internal memo"),  # with our marker it is too long
    (replace(INVOICE, email="x" * 101), "e-mail"),
    (
        replace(INVOICE, lines=(*INVOICE.lines, LineDocument("7", "x" * 4001, Money(1, "USD")))),
        "description of line 2",
    ),
    (replace(INVOICE, lines=(LineDocument("", "Discount", Money(-1, "USD")),)), "no item"),
    (replace(INVOICE, memo="🙂"), "🙂"),
    (CustomerDocument("x" * 501), "customer name"),
    (CustomerDocument("Alice: Bob"), "customer name"),
    (CustomerDocument("Alice", company_name="x" * 101), "company name"),
    (CustomerDocument("Alice", contact_name="x" * 101), "contact name"),
    (CustomerDocument("Alice", phone="x" * 31), "phone"),
    (CustomerDocument("Alice", notes="x" * 2001), "customer notes"),
    (CustomerDocument("Alice", address=Address(postal_code="x" * 31)), "address"),
    (CustomerDocument("Алиса"), "customer name"),
    (ItemDocument("x" * 101), "item name"),
    (AccountDocument("x" * 101), "account name"),
    (AccountDocument('Support "gold"'), "account name"),
]


@pytest.mark.parametrize("document, words", TOO_MUCH)
def test_what_cannot_be_held_is_refused_and_named(document: Document, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        create(document)
    assert refusal.value.hint


def test_lengths_that_just_fit_are_sent() -> None:
    invoice = create(replace(INVOICE, number="1" * 21, customer_memo="x" * 1000, memo="y" * 3900))
    assert invoice["DocNumber"] == "1" * 21
    assert invoice["CustomerMemo"]["value"] == "x" * 1000
    assert invoice["PrivateNote"].startswith("y" * 3900)
    customer = create(CustomerDocument("x" * 500, notes="y" * 2000, phone="z" * 30))
    assert customer["DisplayName"] == "x" * 500
    assert customer["Notes"].startswith("y" * 2000)
    assert customer["PrimaryPhone"] == {"FreeFormNumber": "z" * 30}


def test_payment_with_credits_settles_more_than_it_brings() -> None:
    payment = replace(PAYMENT, credits=(UsedCredit("99", Money(100, "USD")),))
    lines = update(payment, "credits")["Line"]
    assert {"Amount": Decimal(1), "LinkedTxn": [{"TxnId": "99", "TxnType": "CreditMemo"}]} in lines
    assert update(payment, "memo")["PrivateNote"] == NOTE
