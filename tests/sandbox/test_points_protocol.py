"""Points 6 to 11: formats, versions, ids, updates, refusals of bad requests."""

from typing import Any

import pytest

from sandbox import Box
from tests.sandbox.client import HTTP, Company, advance, bill, code, control, line, paying, version

# -- 6 -------------------------------------------------------------------------------------------


def test_point_06_xml_unless_json_is_asked_for(company: Company) -> None:
    company.customer("Charlie & Sons")
    bare = {"Authorization": f"Bearer {company.token}"}
    answer = HTTP.get(f"{company.base}/customer/1", headers={**bare, "Accept": "*/*"}, timeout=10)
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert "<DisplayName>Charlie &amp; Sons</DisplayName>" in answer.text
    refused = HTTP.get(f"{company.base}/customer/99", headers={**bare, "Accept": "*/*"}, timeout=10)
    assert refused.status_code == 400
    assert '<Fault type="ValidationFault"><Error code="610"' in refused.text


def test_point_06_headers_of_every_answer(company: Company) -> None:
    answers = [company.get("preferences"), company.get("customer/99"), company.get("nothing")]
    tids = [answer.headers["intuit_tid"] for answer in answers]
    assert len(set(tids)) == 3
    assert all(answer.headers["QBO-Version"] for answer in answers)
    assert answers[0].json()["time"].endswith("-07:00")


# -- 7 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["1", "40", "75", "999", "x"])
def test_point_07_any_minorversion_acts_as_75(company: Company, given: str) -> None:
    plain = company.get("preferences").json()["Preferences"]
    assert company.get("preferences", minorversion=given).json()["Preferences"] == plain


# -- 8 -------------------------------------------------------------------------------------------


def test_point_08_no_op_update_keeps_sync_token(company: Company) -> None:
    customer = company.customer("Charlie")
    advance(company.box, minutes=5)
    again = company.change("Customer", customer, DisplayName="Charlie")
    assert again["SyncToken"] == "0"
    assert again["MetaData"] == customer["MetaData"]
    changed = company.change("Customer", customer, Notes="new")
    assert changed["SyncToken"] == "1"
    assert changed["MetaData"]["LastUpdatedTime"] > customer["MetaData"]["LastUpdatedTime"]


def test_point_08_transactions_share_one_sequence_and_names_another(company: Company) -> None:
    customer, item = company.customer(), company.item()
    invoice = company.invoice(customer, item)
    payment = company.payment(invoice, 10)
    vendor = company.write("Vendor", {"DisplayName": "V"})
    assert (invoice["Id"], payment["Id"]) == ("1", "2")
    assert (customer["Id"], vendor["Id"]) == ("1", "2")


def test_point_08_stale_and_missing_versions_are_refused(company: Company) -> None:
    customer = company.customer()
    company.change("Customer", customer, Notes="one")
    stale = {**version(customer), "sparse": True, "Notes": "two"}
    assert company.refused("Customer", stale) == "5010"
    assert company.refused("Customer", {"Id": customer["Id"], "sparse": True}) == "2020"
    assert (
        company.refused("Customer", {"SyncToken": "1", "Notes": "x"}, operation="update") == "2020"
    )
    assert company.read("Customer", customer["Id"])["Notes"] == "one"


# -- 9 -------------------------------------------------------------------------------------------


def test_point_09_unknown_property_path_and_id(company: Company) -> None:
    assert company.refused("Customer", {"DisplayName": "C", "Nickname": "x"}) == "2010"
    assert company.refused("Customer", {"DisplayName": "C", "BillAddr": {"Street": "x"}}) == "2010"
    assert code(company.get("nothing/1")) == "500"
    assert code(company.get("customer/99")) == "610"
    assert code(company.get("customer/abc")) == "2030"
    assert company.rows("Customer") == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[1]",
        b'"x"',
        b"\xff\xfe",
        b'{"DisplayName": NaN}',
        b"[" * 5000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
    ],
)
def test_point_09_malformed_bodies_are_400(company: Company, body: bytes) -> None:
    answer = HTTP.post(f"{company.base}/customer", data=body, headers=company.headers(), timeout=10)
    assert answer.status_code == 400
    assert answer.json()["Fault"]["Error"]


def test_point_09_unsupported_methods_and_operations(company: Company) -> None:
    assert (
        code(HTTP.put(f"{company.base}/customer", headers=company.headers(), timeout=10)) == "500"
    )
    assert company.refused("Customer", {"DisplayName": "x"}, operation="explode") == "500"
    assert company.refused("CompanyInfo", {"CompanyName": "x"}) == "500"


# -- 10 ------------------------------------------------------------------------------------------


def test_point_10_full_update_blanks_what_is_left_out_sparse_keeps_it(company: Company) -> None:
    customer = company.customer(Notes="keep", CompanyName="Firm")
    kept = company.change("Customer", customer, CompanyName="Other")
    assert kept["Notes"] == "keep"
    full = company.write("Customer", {**version(kept), "DisplayName": "Charlie"})
    assert "Notes" not in full
    assert full["sparse"] is False


def test_point_10_lines_are_replaced_as_a_whole_and_ids_kept(company: Company) -> None:
    customer, item = company.customer(), company.item()
    body = {**bill(customer, item), "Line": [line(item, 10), line(item, 20)]}
    invoice = company.write("Invoice", body)
    first, second = invoice["Line"][:2]
    changed = company.change(
        "Invoice",
        invoice,
        Line=[{**line(item, 25), "Id": second["Id"]}, {**line(item, 5), "Id": "77"}],
    )
    ids = [row.get("Id") for row in changed["Line"] if row["DetailType"] != "SubTotalLineDetail"]
    assert ids == ["2", "3"]
    assert changed["TotalAmt"] == 30
    assert first["Id"] not in ids


def test_point_10_payment_lines_are_all_or_none(company: Company) -> None:
    customer, item = company.customer(), company.item()
    one, two = company.invoice(customer, item, 50), company.invoice(customer, item, 50)
    payment = company.payment(one, 50, total=80)
    lines = paying(two, 30)["Line"]
    moved = company.change("Payment", payment, Line=lines)
    assert moved["UnappliedAmt"] == 50
    assert company.read("Invoice", one["Id"])["Balance"] == 50
    assert company.read("Invoice", two["Id"])["Balance"] == 20
    emptied = company.change("Payment", moved, Line=[])
    assert emptied["UnappliedAmt"] == 80


# -- 11 ------------------------------------------------------------------------------------------


def test_point_11_read_only_fields_are_ignored_and_recomputed(company: Company) -> None:
    customer, item = company.customer(), company.item()
    invoice = company.invoice(
        customer,
        item,
        100,
        TotalAmt=1,
        Balance=1,
        MetaData={"CreateTime": "2001-01-01T00:00:00Z"},
        domain="X",
    )
    assert (invoice["TotalAmt"], invoice["Balance"]) == (100, 100)
    assert invoice["MetaData"]["CreateTime"].startswith("2026-03-10")
    changed = company.change("Customer", customer, Balance=5, BalanceWithJobs=7)
    assert changed["Balance"] == 100
    payment = company.payment(invoice, 40, UnappliedAmt=99)
    assert payment["UnappliedAmt"] == 0


def test_point_11_preferences_that_only_people_change(company: Company) -> None:
    before = company.get("preferences").json()["Preferences"]
    after = company.change(
        "Preferences", before, SalesFormsPrefs={"AutoApplyCredit": True, "AllowDeposit": False}
    )
    assert after["SalesFormsPrefs"]["AutoApplyCredit"] is False
    assert after["SalesFormsPrefs"]["AllowDeposit"] is False
    assert after["SalesFormsPrefs"]["CustomTxnNumbers"] is True


# -- 30 and 29: how times and money look -------------------------------------------------------------


def test_point_30_times_have_the_companys_offset(box: Box) -> None:
    company = Company.made(box, country="AU")
    customer = company.customer()
    assert customer["MetaData"]["CreateTime"] == "2026-03-11T05:00:00+11:00"
    assert company.get("preferences").json()["time"] == "2026-03-11T05:00:00.000+11:00"


def test_point_30_query_reads_offset_zulu_and_bare_times(company: Company) -> None:
    company.customer()
    for text in ("2026-03-10T18:00:00Z", "2026-03-10T11:00:00-07:00", "2026-03-10T11:00:00"):
        assert len(company.rows("Customer", f"where MetaData.CreateTime = '{text}'")) == 1
    assert company.rows("Customer", "where MetaData.CreateTime > '2026-03-10T11:00:00'") == []


def test_point_29_money_has_two_decimals_and_zero_none(company: Company) -> None:
    customer, item = company.customer(), company.item()
    answer = company.post("invoice", bill(customer, item, "100.1"))
    assert '"TotalAmt":100.10,' in answer.text
    assert '"TotalTax":0}' in answer.text
    assert '"Balance":100.10,' in answer.text


def test_point_29_half_a_cent_goes_up(company: Company) -> None:
    customer, item = company.customer(), company.item()
    detail = {"Qty": 0.5, "UnitPrice": 0.01}
    assert company.invoice(customer, item, 1)["TotalAmt"] == 1
    body = {**bill(customer, item), "Line": [line(item, 0.01, **detail)]}
    assert company.write("Invoice", body)["TotalAmt"] == 0.01
    assert (
        company.refused("Invoice", {**bill(customer, item), "Line": [line(item, 0, **detail)]})
        == "6070"
    )


def test_point_29_other_currencies_are_off_by_default(box: Box, company: Company) -> None:
    assert (
        company.refused("Customer", {"DisplayName": "E", "CurrencyRef": {"value": "EUR"}}) == "2220"
    )
    several = Company.made(box, multicurrency=True)
    euro = several.customer("E", CurrencyRef={"value": "EUR"})
    item = several.item()
    invoice = several.invoice(euro, item, 100, ExchangeRate=1.25)
    assert (invoice["CurrencyRef"]["value"], invoice["HomeTotalAmt"]) == ("EUR", 125)
    assert several.refused("Invoice", bill(euro, item, CurrencyRef={"value": "USD"})) == "6000"
    several.payment(invoice, 100, ExchangeRate=1.3)
    assert several.balances()["Exchange Gain or Loss"] == -500
    assert several.balances()["Accounts Receivable (A/R)"] == 0


def test_control_page_refuses_what_it_does_not_know(box: Box) -> None:
    answers: list[Any] = [
        HTTP.post(f"{box.url}/_sandbox/companies", json={"colour": "red"}, timeout=10),
        HTTP.post(f"{box.url}/_sandbox/faults", json={"kind": "unheard of"}, timeout=10),
        HTTP.post(f"{box.url}/_sandbox/switches", json={"unknown": 1}, timeout=10),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert control(box, "GET", "companies") == []


def test_point_11_a_write_to_one_group_of_preferences_leaves_the_others(company: Company) -> None:
    before = company.get("preferences").json()["Preferences"]
    after = company.change("Preferences", before, TimeTrackingPrefs={"BillCustomers": False})
    changed = {k for k in before if before[k] != after[k]}
    assert changed == {"TimeTrackingPrefs", "SyncToken"}
    assert company.get("preferences").json()["Preferences"] == after
