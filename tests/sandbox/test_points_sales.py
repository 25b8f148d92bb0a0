"""Points 12 to 14 and 27: invoices, names, inactive records, sales tax."""

from typing import Any

import pytest

from sandbox import Box
from tests.sandbox.client import Company, bill, code, control, line

# -- 12 ------------------------------------------------------------------------------------------


def test_point_12_minimal_invoice_is_filled_in_as_on_the_wire(company: Company) -> None:
    customer = company.customer(
        BillAddr={"Line1": "1 Main Street"}, PrimaryEmailAddr={"Address": "charlie@example.com"}
    )
    item = company.item()
    detail = {"ItemRef": {"value": item["Id"]}}
    sold = {"Amount": 100.0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    invoice = company.write("Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [sold]})
    assert invoice["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert (invoice["Line"][0]["Id"], invoice["Line"][0]["LineNum"]) == ("1", 1)
    assert invoice["Line"][1] == {
        "Amount": 100,
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }
    assert (invoice["TxnDate"], invoice["DueDate"]) == ("2026-03-10", "2026-04-09")
    assert invoice["BillAddr"]["Line1"] == "1 Main Street"
    assert invoice["BillEmail"] == {"Address": "charlie@example.com"}
    assert (invoice["EmailStatus"], invoice["PrintStatus"]) == ("NotSet", "NeedToPrint")
    assert (invoice["Balance"], invoice["TxnTaxDetail"], invoice["LinkedTxn"]) == (
        100,
        {"TotalTax": 0},
        [],
    )
    assert not any(
        invoice[f"Allow{name}"] for name in ("IPNPayment", "OnlinePayment", "OnlineACHPayment")
    )


def line_without(item: Any, *names: str, **more: Any) -> dict[str, Any]:
    return {k: v for k, v in {**line(item), **more}.items() if k not in names}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"Line": None}, "2020"), ({"Line": []}, "2250"), ({"CustomerRef": None}, "2020"),
        ({"CustomerRef": {"value": "99"}}, "2500"), ({"DocNumber": "x" * 22}, "2050"),
        ({"CustomerMemo": {"value": "x" * 1001}}, "2050"), ({"PrivateNote": "x" * 4001}, "2050"),
        ({"BillEmail": {"Address": "nobody"}}, "2210"), ({"EmailStatus": "NeedToSend"}, "6420"),
        ({"TxnDate": "10.3.2026"}, "2060"), ({"TxnDate": "2026-02-30"}, "2070"),
        ({"SalesTermRef": {"value": "99"}}, "2500"), ({"EmailStatus": "Sometimes"}, "2170"),
        ({"AllowOnlineACHPayment": "perhaps"}, "2230"), ({"PrivateNote": "emoji \U0001f600"}, "2040"),
        ({"CurrencyRef": {"value": "EUR"}}, "6000"),
    ],
)  # fmt: skip
def test_point_12_bad_invoices_are_refused(
    company: Company, changed: dict[str, Any], fault: str
) -> None:
    customer, item = company.customer(), company.item()
    assert company.refused("Invoice", {**bill(customer, item), **changed}) == fault
    assert company.rows("Invoice") == []


@pytest.mark.parametrize(
    ("detail", "amount", "fault"),
    [
        ({"Qty": 14.5, "UnitPrice": 128.35}, "1861.07", "6070"), ({"TaxCodeRef": {"value": "5"}}, 1, "6100"),
        ({"ItemRef": {"value": "99"}}, 1, "2500"), ({"TaxCodeRef": {"value": "CustomSalesTax"}}, 1, "6160"),
        ({"Qty": 1, "UnitPrice": "0.12345678"}, "0.12", "2110"), ({"Qty": "many"}, 1, "2100"),
    ],
)  # fmt: skip
def test_point_12_bad_lines_are_refused(
    company: Company, detail: Any, amount: Any, fault: str
) -> None:
    customer, item = company.customer(), company.item()
    body = {**bill(customer, item), "Line": [line(item, amount, **detail)]}
    assert company.refused("Invoice", body) == fault


def test_point_12_6070_names_the_supplied_value(company: Company) -> None:
    customer, item = company.customer(), company.item()
    body = {**bill(customer, item), "Line": [line(item, "1861.07", Qty=14.5, UnitPrice=128.35)]}
    assert "UnitPrice * Qty. Supplied value:1,861.07" in company.post("invoice", body).text
    body["Line"] = [line(item, "1861.08", Qty=14.5, UnitPrice=128.35)]
    assert company.write("Invoice", body)["TotalAmt"] == 1861.08


def test_point_12_more_line_rules(company: Company) -> None:
    customer, item = company.customer(), company.item()
    base = bill(customer, item)
    for bad, fault in [
        (line_without(item, "DetailType"), "2020"), (line_without(item, "Amount"), "2020"),
        (line_without(item, DetailType="DepositLineDetail"), "2170"),
        (line_without(item, DepositLineDetail={}), "2600"),
        (line(item, -5), "6000"),
    ]:  # fmt: skip
        assert company.refused("Invoice", {**base, "Line": [bad]}) == fault
    negative = company.write("Invoice", {**base, "Line": [line(item, 100), line(item, -40)]})
    assert negative["TotalAmt"] == 60
    memo = {
        "Amount": 50,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {},
        "Description": "Note",
    }
    noted = company.write("Invoice", {**base, "Line": [line(item, 10), memo]})
    assert (noted["TotalAmt"], noted["Line"][1]["DetailType"]) == (10, "DescriptionOnly")


def test_point_12_discount_lines(company: Company) -> None:
    customer, item = company.customer(), company.item()
    off: dict[str, Any] = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 8.5},
    }
    base = bill(customer, item)
    invoice = company.write("Invoice", {**base, "Line": [line(item, 200), off]})
    assert invoice["TotalAmt"] == 183
    assert [row["DetailType"] for row in invoice["Line"]][1:] == [
        "SubTotalLineDetail",
        "DiscountLineDetail",
    ]
    assert company.balances()["Discounts given"] == 1700
    missing = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True}}
    assert company.refused("Invoice", {**base, "Line": [line(item, 200), missing]}) == "6090"
    assert company.refused("Invoice", {**base, "Line": [line(item, 200), off, off]}) == "6000"


def test_point_12_numbers_are_taken_as_given_or_null_when_custom(company: Company) -> None:
    customer, item = company.customer(), company.item()
    assert "DocNumber" not in company.invoice(customer, item)
    assert company.invoice(customer, item, DocNumber="INV-7")["DocNumber"] == "INV-7"


def test_point_12_numbers_are_counted_by_quickbooks_otherwise(box: Box) -> None:
    company = Company.made(box, custom_numbers=False)
    customer, item = company.customer(), company.item()
    assert company.invoice(customer, item)["DocNumber"] == "1001"
    assert company.invoice(customer, item, DocNumber="5000")["DocNumber"] == "5000"
    assert company.invoice(customer, item)["DocNumber"] == "5001"  # the counter is "wrong" now
    control(box, "POST", "switches", {"docnumber_ignored_when_automatic": True})
    assert company.invoice(customer, item, DocNumber="INV-7")["DocNumber"] == "5002"


def test_point_12_duplicate_number_names_the_holder(company: Company) -> None:
    customer, item = company.customer(), company.item()
    first = company.invoice(customer, item, DocNumber="INV-7")
    answer = company.post("invoice", bill(customer, item, DocNumber="INV-7"))
    assert code(answer) == "6140"
    assert f"DocNumber=INV-7 is assigned to TxnType=Invoice with TxnId={first['Id']}" in answer.text
    body = bill(customer, item, DocNumber="INV-7")
    assert company.write("Invoice", body, include="allowduplicatedocnum")["DocNumber"] == "INV-7"
    control(company.box, "POST", "switches", {"warn_duplicate_numbers": False})
    assert company.write("Invoice", body)["DocNumber"] == "INV-7"


def test_point_12_online_flags_follow_the_company_unless_said(box: Box, company: Company) -> None:
    customer, item = company.customer(), company.item()
    assert (
        company.invoice(customer, item, AllowOnlineACHPayment=True)["AllowOnlineACHPayment"]
        is False
    )
    paid = Company.made(box, payments_enabled=True)
    customer, item = paid.customer(), paid.item()
    assert paid.invoice(customer, item)["AllowOnlineCreditCardPayment"] is True
    off = paid.invoice(customer, item, AllowOnlineCreditCardPayment=False)
    assert off["AllowOnlineCreditCardPayment"] is False


def test_point_12_due_date_follows_the_terms(company: Company) -> None:
    customer, item = company.customer(), company.item()
    term = company.write("Term", {"Name": "10th", "DayOfMonthDue": 10, "DueNextMonthDays": 5})
    invoice = company.invoice(
        customer, item, SalesTermRef={"value": term["Id"]}, TxnDate="2026-03-07"
    )
    assert invoice["DueDate"] == "2026-04-10"
    assert company.invoice(customer, item, DueDate="2026-12-24")["DueDate"] == "2026-12-24"


def test_point_12_closed_books_refuse(company: Company) -> None:
    customer, item = company.customer(), company.item()
    invoice = company.invoice(customer, item, TxnDate="2026-01-15")
    close_books(company, "2026-01-31")
    assert company.refused("Invoice", bill(customer, item, TxnDate="2026-01-20")) == "6200"
    changed = {"Id": invoice["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    assert company.refused("Invoice", changed) == "6200"
    assert company.refused("Invoice", changed, operation="delete") == "6200"
    assert company.invoice(customer, item, TxnDate="2026-02-01")["Id"]


def close_books(company: Company, day: str, **form: str) -> None:
    from tests.sandbox.client import HTTP

    address = f"{company.box.url}/company/{company.realm}/settings"
    answer = HTTP.post(address, data={"close_date": day, **form}, timeout=10)
    assert answer.status_code == 200, answer.text


# -- 13 ------------------------------------------------------------------------------------------


def test_point_13_customers_vendors_and_employees_share_their_names(company: Company) -> None:
    company.write("Vendor", {"DisplayName": "Oak"})
    assert company.refused("Customer", {"DisplayName": "oak"}) == "6240"
    company.write("Employee", {"GivenName": "Bob", "FamilyName": "Staff"})
    assert company.refused("Customer", {"GivenName": "Bob", "FamilyName": "Staff"}) == "6240"
    customer = company.customer("Elm")
    assert (
        company.refused(
            "Customer",
            {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "DisplayName": "Oak"},
        )
        == "6240"
    )


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "6080"), ({"DisplayName": "  "}, "6080"), ({"DisplayName": "a:b"}, "2040"),
        ({"DisplayName": "a\tb"}, "2040"), ({"GivenName": "a\nb"}, "2040"), ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": "x", "GivenName": "y" * 101}, "2050"), ({"DisplayName": "x", "Notes": "n" * 2001}, "2050"),
        ({"DisplayName": "x", "PrimaryPhone": {"FreeFormNumber": "1" * 31}}, "2050"),
        ({"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody@nowhere"}}, "2210"),
        ({"DisplayName": "x", "WebAddr": {"URI": "not a url"}}, "2200"),
        ({"DisplayName": "x", "BillAddr": {"City": "c" * 256}}, "2050"), ({"DisplayName": "x", "Job": True}, "6150"),
        ({"DisplayName": "x", "ParentRef": {"value": "99"}}, "2500"), ({"DisplayName": "x", "Balance": 5}, "6060"),
        ({"DisplayName": "x", "TaxExemptionReasonId": "16"}, "2240"), ({"DisplayName": "\ud83d"}, "2040"),
    ],
)  # fmt: skip
def test_point_13_bad_customers_are_refused(
    company: Company, fields: dict[str, Any], fault: str
) -> None:
    assert company.refused("Customer", fields) == fault


def test_point_13_display_name_is_composed_and_not_blanked(company: Company) -> None:
    made = company.write(
        "Customer", {"Title": "Dr", "GivenName": "Charlie", "FamilyName": "Else", "Suffix": "Jr"}
    )
    assert made["DisplayName"] == made["PrintOnCheckName"] == "Dr Charlie Else Jr"
    assert company.change("Customer", made, DisplayName="")["DisplayName"] == "Dr Charlie Else Jr"


def test_point_13_five_levels_and_no_circles(company: Company) -> None:
    parent = top = company.customer("Level 0")
    for n in range(1, 5):
        parent = company.customer(f"Level {n}", Job=True, ParentRef={"value": parent["Id"]})
    assert parent["FullyQualifiedName"] == "Level 0:Level 1:Level 2:Level 3:Level 4"
    assert (
        company.refused(
            "Customer",
            {"DisplayName": "Level 5", "Job": True, "ParentRef": {"value": parent["Id"]}},
        )
        == "6180"
    )
    circle = {
        "Id": top["Id"],
        "SyncToken": "0",
        "sparse": True,
        "Job": True,
        "ParentRef": {"value": parent["Id"]},
    }
    assert company.refused("Customer", circle) == "900"


def test_point_13_jobs_add_up_in_the_parent(company: Company) -> None:
    parent, item = company.customer("Parent"), company.item()
    child = company.customer("Child", Job=True, ParentRef={"value": parent["Id"]})
    company.invoice(child, item, 70)
    company.invoice(parent, item, 30)
    found = company.read("Customer", parent["Id"])
    assert (found["Balance"], found["BalanceWithJobs"]) == (30, 100)


# -- 14 ------------------------------------------------------------------------------------------


def test_point_14_inactive_names_get_a_suffix_and_hide(company: Company) -> None:
    customer = company.customer("Oak")
    gone = company.change("Customer", customer, Active=False)
    assert gone["DisplayName"] == gone["FullyQualifiedName"] == "Oak (deleted)"
    assert company.rows("Customer") == []
    assert len(company.rows("Customer", "where Active in (true, false)")) == 1
    assert len(company.rows("Customer", "where Active = false")) == 1
    back = company.change("Customer", gone, Active=True)
    assert back["DisplayName"] == "Oak"


def test_point_14_references_to_inactive_records_fail(company: Company) -> None:
    customer, item = company.customer(), company.item()
    company.change("Item", item, Active=False)
    assert company.refused("Invoice", bill(customer, item)) == "610"
    other = company.item("Other")
    company.change("Customer", customer, Active=False)
    assert company.refused("Invoice", bill(customer, other)) == "610"
    assert (
        company.refused(
            "Item", {"Name": "N", "Type": "Service", "IncomeAccountRef": {"value": "99"}}
        )
        == "2500"
    )


def test_point_14_name_lists_cannot_be_deleted(company: Company) -> None:
    customer = company.customer()
    assert (
        company.refused("Customer", {"Id": customer["Id"], "SyncToken": "0"}, operation="delete")
        == "500"
    )


# -- 27 ------------------------------------------------------------------------------------------


def taxed(
    company: Company, customer: Any, item: Any, code_: str | None, **fields: Any
) -> dict[str, Any]:
    detail = {"ItemRef": {"value": item["Id"]}} | (
        {"TaxCodeRef": {"value": code_}} if code_ else {}
    )
    sold = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return company.write(
        "Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [sold], **fields}
    )


def test_point_27_automated_tax_ignores_the_code_and_taxes_what_is_not_non(box: Box) -> None:
    company = Company.made(box, ast=True)
    customer, item = company.customer(), company.item()
    for given in ("TAX", None):
        invoice = taxed(
            company, customer, item, given, TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}
        )
        assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (8, 108)
    assert taxed(company, customer, item, "NON")["TotalAmt"] == 100
    far = company.customer("Far", ShipAddr={"CountrySubDivisionCode": "OR"})
    assert taxed(company, far, item, "TAX")["TotalAmt"] == 100


def test_point_27_automated_tax_honours_an_explicit_total(box: Box) -> None:
    company = Company.made(box, ast=True)
    customer, item = company.customer(), company.item()
    invoice = taxed(company, customer, item, "TAX", TxnTaxDetail={"TotalTax": 6.66})
    assert (invoice["TotalAmt"], invoice["TxnTaxDetail"]["TaxReviewStatus"]) == (
        106.66,
        "AST_TAX_OVERRIDE",
    )
    control(box, "POST", "switches", {"ast_adjustment_cents": 1})
    assert taxed(company, customer, item, "TAX")["TotalAmt"] == 108.01


def test_point_27_without_it_the_code_decides_and_non_is_the_default(company: Company) -> None:
    customer, item = company.customer(), company.item()
    tucson = next(c for c in company.rows("TaxCode") if c["Name"] == "Tucson")
    detail = {"TxnTaxCodeRef": {"value": tucson["Id"]}}
    invoice = taxed(company, customer, item, "TAX", TxnTaxDetail=detail)
    assert invoice["TotalAmt"] == 109.10
    assert [row["Amount"] for row in invoice["TxnTaxDetail"]["TaxLine"]] == [7.1, 2]
    stored = taxed(company, customer, item, None, TxnTaxDetail=detail)
    assert stored["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert stored["TotalAmt"] == 100
    assert company.balances()["Sales Tax Payable"] == -910


def test_point_27_other_countries_want_a_code_and_a_mode(box: Box) -> None:
    company = Company.made(box, country="CA")
    customer, item = company.customer(), company.item()
    hst = next(c["Id"] for c in company.rows("TaxCode") if c["Name"] == "HST ON")
    base = {
        "CustomerRef": {"value": customer["Id"]},
        "Line": [line(item, 100, TaxCodeRef={"value": hst})],
    }
    assert company.refused("Invoice", base) == "2020"
    assert (
        company.write("Invoice", {**base, "GlobalTaxCalculation": "TaxExcluded"})["TotalAmt"] == 113
    )
    bare = {**base, "Line": [line_with_no_code(item)], "GlobalTaxCalculation": "TaxExcluded"}
    assert company.refused("Invoice", bare) == "6000"
    none = {**base, "GlobalTaxCalculation": "NotApplicable", "TxnTaxDetail": {"TotalTax": 5}}
    assert company.refused("Invoice", none) == "6170"
    assert (
        company.refused(
            "Invoice", {**base, "Line": [line(item)], "GlobalTaxCalculation": "TaxExcluded"}
        )
        == "2500"
    )


def line_with_no_code(item: Any) -> dict[str, Any]:
    return {
        "Amount": 100,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
    }


def test_point_12_custom_fields_in_use_are_listed_by_name_and_others_are_not_kept(box: Box) -> None:
    company = Company.made(box, custom_fields=["P.O. Number", "", "Site"])
    customer, item = company.customer(), company.item()
    field = {"Type": "StringType", "StringValue": "4711"}
    fields = [{"DefinitionId": "1", **field}, {"DefinitionId": "2", **field}]
    invoice = company.invoice(customer, item, CustomField=fields)
    site = {"DefinitionId": "3", "Name": "Site", "Type": "StringType"}
    assert invoice["CustomField"] == [{**fields[0], "Name": "P.O. Number"}, site]
    kept = company.change("Invoice", invoice, PrivateNote="x")
    assert kept["CustomField"] == invoice["CustomField"]
    moved = company.change("Invoice", kept, CustomField=[{"DefinitionId": "3", **field}])
    assert [one.get("StringValue") for one in moved["CustomField"]] == [None, "4711"]


@pytest.mark.parametrize(
    "field", [{"StringValue": "x" * 32, "DefinitionId": "1"}, {"Name": "Site"}]
)
def test_point_12_custom_fields_without_definition_or_too_long_are_refused(
    box: Box, field: dict[str, str]
) -> None:
    company = Company.made(box, custom_fields=["P.O. Number"])
    body = bill(company.customer(), company.item(), CustomField=[{**field, "Type": "StringType"}])
    assert company.refused("Invoice", body) == "3000"


def test_point_12_amounts_that_hold_their_tax_are_rounded_line_by_line(box: Box) -> None:
    company = Company.made(box, country="CA")
    customer, item = company.customer(), company.item()
    (hst,) = [one for one in company.rows("TaxCode") if one["Name"] == "HST ON"]
    code = {"TaxCodeRef": {"value": hst["Id"]}}
    lines = [line(item, "8.85", TaxInclusiveAmt=10, **code) for _ in range(10)]
    inclusive = {"Line": lines, "GlobalTaxCalculation": "TaxInclusive"}
    invoice = company.invoice(customer, item, **inclusive)
    assert (invoice["TotalAmt"], invoice["TxnTaxDetail"]["TotalTax"]) == (100, 11.5)
    excluded = [line(item, "8.85", **code) for _ in range(10)]
    other = company.invoice(customer, item, Line=excluded, GlobalTaxCalculation="TaxExcluded")
    assert (other["TotalAmt"], other["TxnTaxDetail"]["TotalTax"]) == (100.01, 11.51)


def test_point_17_taxed_document_has_750_lines_at_most(company: Company) -> None:
    customer, item = company.customer(), company.item()
    (california,) = [row for row in company.rows("TaxCode") if row["Name"] == "California"]
    lines = [line(item, 1, TaxCodeRef={"value": "TAX"}) for _ in range(751)]
    body = {
        "CustomerRef": {"value": customer["Id"]},
        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": california["Id"]}},
    }
    assert company.refused("Invoice", {**body, "Line": lines}) == "6000"
    assert len(company.write("Invoice", {**body, "Line": lines[1:]})["Line"]) == 751, (
        "with the subtotal"
    )


def test_point_29_home_balance_has_two_decimals(box: Box) -> None:
    company = Company.made(box, multicurrency=True)
    customer = company.customer(CurrencyRef={"value": "EUR"})
    invoice = company.invoice(customer, company.item(), "33.33", ExchangeRate=1.2345)
    company.payment(invoice, "3.33")
    assert '"HomeBalance":37.04' in company.get(f"invoice/{invoice['Id']}").text
