"""Points 25, 26 and 28: what people do in their browser, and Intuit's own payments."""

from typing import Any

import pytest
import requests

from sandbox import Box
from tests.sandbox.client import HTTP, Company, advance, bill, code, control, paying, version
from tests.sandbox.test_points_money import fresh_token


def look(company: Company, path: str = "") -> requests.Response:
    return HTTP.get(f"{company.box.url}/company/{company.realm}/{path}", timeout=10)


def press(company: Company, path: str, **form: Any) -> requests.Response:
    """Send a form; the answer is the page one is led to."""
    answer = HTTP.post(f"{company.box.url}/company/{company.realm}/{path}", data=form, timeout=10)
    assert answer.status_code == 200, answer.text[-600:]
    return answer


def refused(company: Company, path: str, **form: Any) -> str:
    answer = HTTP.post(f"{company.box.url}/company/{company.realm}/{path}", data=form, timeout=10)
    assert answer.status_code == 400
    return answer.text


@pytest.fixture
def invoice(company: Company) -> dict[str, Any]:
    return company.invoice(
        company.customer(), company.item(), 100, DocNumber="INV-1", PrivateNote="Our #3f2a9c"
    )


# -- 25 ------------------------------------------------------------------------------------------


def test_point_25_merge_moves_the_documents_and_the_loser_vanishes(
    company: Company, invoice: Any
) -> None:
    payment = company.payment(invoice, 30)
    survivor = company.customer("Survivor")
    press(company, "customers/1/merge", into=survivor["Id"])
    assert code(company.get("customer/1")) == "610"
    assert company.read("Invoice", invoice["Id"])["CustomerRef"] == {
        "value": survivor["Id"],
        "name": "Survivor",
    }
    assert company.read("Payment", payment["Id"])["CustomerRef"]["value"] == survivor["Id"]
    assert company.read("Customer", survivor["Id"])["Balance"] == 70
    gone = company.get("cdc", entities="Customer", changedSince="2026-03-01").json()
    rows = gone["CDCResponse"][0]["QueryResponse"][0]["Customer"]
    assert [row["Id"] for row in rows if row.get("status") == "Deleted"] == ["1"]
    assert company.box.core.out_of_balance(company.realm) == []


def test_point_25_a_customer_cannot_be_merged_into_itself(company: Company, invoice: Any) -> None:
    assert "two different" in refused(company, "customers/1/merge", into="1")


def test_point_25_merged_item_is_gone_and_its_lines_are_the_survivors(
    company: Company, invoice: Any
) -> None:
    loser = invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]
    survivor = company.item("Survivor")
    press(company, f"items/{loser}/merge", into=survivor["Id"])
    assert code(company.get(f"item/{loser}")) == "610"
    line = company.read("Invoice", invoice["Id"])["Line"][0]
    assert line["SalesItemLineDetail"]["ItemRef"] == {"value": survivor["Id"], "name": "Survivor"}
    gone = company.get("cdc", entities="Item", changedSince="2026-03-01").json()
    rows = gone["CDCResponse"][0]["QueryResponse"][0]["Item"]
    assert [row["Id"] for row in rows if row.get("status") == "Deleted"] == [loser]
    assert company.box.core.out_of_balance(company.realm) == []
    assert "Survivor" in look(company, "items").text


def test_point_25_merged_item_stays_inactive_where_it_is_switched_so(
    company: Company, invoice: Any
) -> None:
    control(company.box, "POST", "switches", {"merged_entry_vanishes": False})
    loser = invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]
    press(company, f"items/{loser}/merge", into=company.item("Survivor")["Id"])
    assert company.read("Item", loser)["Active"] is False


def test_point_25_merged_account_leaves_all_that_was_posted_to_the_survivor(
    company: Company, invoice: Any
) -> None:
    item = company.read("Item", invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"])
    loser = company.read("Account", item["IncomeAccountRef"]["value"])
    kind = {name: loser[name] for name in ("AccountType", "AccountSubType")}
    survivor = company.write("Account", {"Name": "Survivor", **kind})
    press(company, f"accounts/{loser['Id']}/merge", into=survivor["Id"])
    assert company.read("Item", item["Id"])["IncomeAccountRef"]["value"] == survivor["Id"]
    assert code(company.get(f"account/{loser['Id']}")) == "610"
    assert "INV-1" in look(company, f"accounts/{survivor['Id']}").text
    assert company.box.core.out_of_balance(company.realm) == []


def test_point_25_records_of_different_types_are_not_merged(company: Company) -> None:
    bank = company.write("Account", {"Name": "Second bank", "AccountType": "Bank"})
    income = company.write("Account", {"Name": "More income", "AccountType": "Income"})
    assert "different types" in refused(company, f"accounts/{bank['Id']}/merge", into=income["Id"])


# -- 26 ------------------------------------------------------------------------------------------


def test_point_26_person_records_a_payment_without_any_token(
    company: Company, invoice: Any
) -> None:
    assert "INV-1" in look(company, "invoices").text
    press(
        company,
        f"invoices/{invoice['Id']}/pay",
        amount="40.00",
        date="2026-03-10",
        reference="Cheque 7",
    )
    assert company.read("Invoice", invoice["Id"])["Balance"] == 60
    assert company.rows("Payment")[0]["PaymentRefNum"] == "Cheque 7"


def test_point_26_person_edits_an_invoice(company: Company, invoice: Any) -> None:
    press(
        company,
        f"invoices/{invoice['Id']}/edit",
        amount_1="120",
        memo="Changed",
        due_date="2026-05-01",
    )
    found = company.read("Invoice", invoice["Id"])
    assert (found["TotalAmt"], found["PrivateNote"], found["DueDate"], found["SyncToken"]) == (
        120,
        "Changed",
        "2026-05-01",
        "1",
    )


def test_point_26_person_voids_and_deletes(company: Company, invoice: Any) -> None:
    press(company, f"invoices/{invoice['Id']}/void")
    assert company.read("Invoice", invoice["Id"])["TotalAmt"] == 0
    press(company, f"invoices/{invoice['Id']}/delete")
    assert code(company.get(f"invoice/{invoice['Id']}")) == "610"


def test_point_26_copy_keeps_the_memo_as_switched(company: Company, invoice: Any) -> None:
    press(company, f"invoices/{invoice['Id']}/copy")
    control(company.box, "POST", "switches", {"copy_keeps_memo": False})
    press(company, f"invoices/{invoice['Id']}/copy")
    notes = [row.get("PrivateNote") for row in company.rows("Invoice")]
    assert notes == ["Our #3f2a9c", "Our #3f2a9c", None]


def test_point_26_person_makes_a_deposit_with_a_fee(company: Company, invoice: Any) -> None:
    payment = company.payment(invoice, 100)
    checking = company.account("Checking")["Id"]
    assert f'value="{payment["Id"]}"' in look(company, "deposits/new").text
    press(
        company,
        "deposits/new",
        account=checking,
        payment=payment["Id"],
        fee="2.90",
        date="2026-03-10",
    )
    (deposit,) = company.rows("Deposit")
    assert deposit["TotalAmt"] == 97.1
    press(company, f"deposits/{deposit['Id']}/delete")
    assert company.rows("Deposit") == []


def test_point_26_person_closes_and_reopens_the_books(company: Company, invoice: Any) -> None:
    changed = {**version(invoice), "sparse": True, "PrivateNote": "x"}
    press(company, "settings", close_date="2026-03-31")
    assert company.refused("Invoice", changed) == "6200"
    press(company, "settings", close_password="true")
    assert company.refused("Invoice", changed) == "6210"
    assert "closed" in refused(company, f"invoices/{invoice['Id']}/void")
    press(company, "settings", close_date="")
    assert company.write("Invoice", changed)["PrivateNote"] == "x"


def test_point_26_person_inactivates_and_renames(company: Company, invoice: Any) -> None:
    press(company, "customers/1/edit", display_name="New name", email="")
    assert company.read("Invoice", invoice["Id"])["CustomerRef"]["name"] == "New name"
    assert company.read("Invoice", invoice["Id"])["SyncToken"] == "0"
    press(company, "customers/1/inactivate")
    assert company.refused("Invoice", bill({"Id": "1"}, {"Id": "1"})) == "610"
    press(company, "customers/1/activate")
    assert company.read("Customer", "1")["DisplayName"] == "New name"


def test_point_26_subscription_lapses_and_writes_are_refused(
    company: Company, invoice: Any
) -> None:
    press(company, "settings", subscription="SUSPENDED")
    assert company.refused("Customer", {"DisplayName": "x"}) == "6190"
    info = company.get(f"companyinfo/{company.realm}").json()["CompanyInfo"]
    assert {"Name": "SubscriptionStatus", "Value": "SUSPENDED"} in info["NameValue"]


def test_point_26_ended_subscription_mails_nothing(company: Company, invoice: Any) -> None:
    control(company.box, "PATCH", f"companies/{company.realm}", {"subscription": "EXPIRED"})
    answer = company.post(f"invoice/{invoice['Id']}/send", None, sendTo="a@example.com")
    assert code(answer) == "6190"


def test_point_26_connecting_person_loses_the_admin_rights(company: Company) -> None:
    press(company, "settings", admin="false")
    answer = company.get("preferences")
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (401, "120")


def test_point_26_preferences_that_the_api_may_only_read(company: Company, invoice: Any) -> None:
    press(
        company, "settings", custom_numbers="false", automated_tax="true", auto_apply_credit="true"
    )
    found = company.get("preferences").json()["Preferences"]
    assert found["SalesFormsPrefs"]["CustomTxnNumbers"] is False
    assert found["TaxPrefs"]["PartnerTaxEnabled"] is True
    assert found["SalesFormsPrefs"]["AutoApplyCredit"] is True


def test_point_26_receive_payment_over_several_invoices(company: Company, invoice: Any) -> None:
    second = company.invoice({"Id": "1"}, {"Id": "1"}, 50)
    form = {
        "customer": "1",
        "amount": "130",
        f"invoice_{invoice['Id']}": "80",
        f"invoice_{second['Id']}": "50",
    }
    press(company, "payments/new", **form)
    assert [row["Balance"] for row in company.rows("Invoice")] == [20, 0]


def test_every_page_of_a_company_is_there(company: Company, invoice: Any) -> None:
    payment = company.payment(invoice, 10)
    pages = [
        "",
        "invoices",
        f"invoices/{invoice['Id']}",
        "invoices/new",
        "payments",
        f"payments/{payment['Id']}",
        "payments/new",
        "payments/new?customer=1",
        "deposits",
        "deposits/new",
        "customers",
        "customers/1",
        "customers/new",
        "documents",
        "documents/Invoice",
        f"documents/Invoice/{invoice['Id']}",
        "documents/TaxCode",
        "accounts",
        "accounts/9",
        "reports",
        "reports/AgedReceivables",
        "reports/AgedReceivableDetail",
        "reports/ProfitAndLoss",
        "reports/BalanceSheet",
        "reports/TrialBalance",
        "settings",
        "apps",
        f"invoice?txnId={invoice['Id']}",
        f"recvpayment?txnId={payment['Id']}",
    ]
    assert {path: look(company, path).status_code for path in pages} == dict.fromkeys(pages, 200)
    assert look(company, "nothing").status_code == 404
    assert look(company, "invoices/99").status_code == 400
    deep = HTTP.get(
        f"{company.box.url}/app/invoice?txnId={invoice['Id']}&companyId={company.realm}", timeout=10
    )
    assert "INV-1" in deep.text


def test_point_26_person_names_a_custom_field_and_takes_it_out_of_use(
    company: Company, invoice: Any
) -> None:
    assert invoice["CustomField"] == []
    press(company, "settings", custom_field_2="Site")
    changed = company.change("Invoice", invoice, PrivateNote="x")
    assert [one["Name"] for one in changed["CustomField"]] == ["Site"]
    (preferences,) = company.rows("Preferences")
    (used, named) = preferences["SalesFormsPrefs"]["CustomField"]
    assert [one["BooleanValue"] for one in used["CustomField"]] == [False, True, False]
    assert named["CustomField"][0]["StringValue"] == "Site"
    press(company, "settings", custom_field_2="")
    assert company.change("Invoice", changed, PrivateNote="y")["CustomField"] == []


def test_pages_escape_what_people_write(company: Company) -> None:
    customer = company.customer("<script>alert(1)</script>")
    company.invoice(customer, company.item(), DocNumber="<b>")
    for path in ("invoices", "customers", "customers/1", "accounts/9"):
        assert "<script>alert" not in look(company, path).text


def test_a_refused_form_changes_nothing(company: Company, invoice: Any) -> None:
    refused(company, f"invoices/{invoice['Id']}/pay", amount="1000")
    refused(company, f"invoices/{invoice['Id']}/pay", amount="much")
    assert company.rows("Payment") == []


# -- 28 ------------------------------------------------------------------------------------------


@pytest.fixture
def payable(box: Box) -> tuple[Company, dict[str, Any]]:
    company = Company.made(box, payments_enabled=True)
    customer = company.customer(PrimaryEmailAddr={"Address": "c@example.com"})
    return company, company.invoice(customer, company.item(), 100)


def link(company: Company, invoice: dict[str, Any]) -> str:
    address: str = company.read("Invoice", invoice["Id"], include="invoiceLink")["InvoiceLink"]
    return address


def test_point_28_pay_link_exists_only_when_it_can_be_paid(
    company: Company, payable: Any, invoice: Any
) -> None:
    paid, theirs = payable
    assert "InvoiceLink" not in theirs
    assert "/hosted/" in link(paid, theirs)
    assert "InvoiceLink" not in company.read("Invoice", invoice["Id"], include="invoiceLink")
    no_mail = paid.invoice(paid.customer("No mail"), {"Id": "1"})
    assert "InvoiceLink" not in paid.read("Invoice", no_mail["Id"], include="invoiceLink")
    assert HTTP.get(link(paid, theirs)[:-1] + "x", timeout=10).status_code == 404


def test_point_28_card_payment_is_intuits_and_cannot_be_touched(payable: Any) -> None:
    company, invoice = payable
    page = HTTP.post(link(company, invoice), data={"method": "card"}, timeout=10)
    assert "This invoice is paid" in page.text
    (payment,) = company.rows("Payment")
    response = payment["CreditCardPayment"]["CreditChargeResponse"]
    assert (
        response["Status"],
        payment["CreditCardPayment"]["CreditChargeInfo"]["ProcessPayment"],
    ) == ("Completed", True)
    assert response["CCTransId"]
    assert (
        company.refused("Payment", {**version(payment), "sparse": True, "PrivateNote": "x"})
        == "6110"
    )
    assert company.refused("Payment", version(payment), operation="delete") == "6120"
    assert (
        company.refused(
            "Payment", {**version(payment), "sparse": True}, operation="update", include="void"
        )
        == "6450"
    )


def test_point_28_the_deposit_comes_by_itself_less_the_fee(payable: Any) -> None:
    company, invoice = payable
    HTTP.post(link(company, invoice), data={"method": "card"}, timeout=10)
    assert company.rows("Deposit") == []
    advance(company.box, hours=25)
    company.token = fresh_token(company)
    (deposit,) = company.rows("Deposit")
    assert deposit["TotalAmt"] == 97.01
    assert company.refused("Deposit", version(deposit), operation="delete") == "6120"
    assert (
        company.refused("Deposit", {**version(deposit), "sparse": True, "PrivateNote": "x"})
        == "6110"
    )


def test_point_28_bank_debit_can_come_back(payable: Any) -> None:
    company, invoice = payable
    HTTP.post(link(company, invoice), data={"method": "bank", "amount": "60"}, timeout=10)
    (payment,) = company.rows("Payment")
    assert "CreditCardPayment" not in payment
    assert company.refused("Payment", version(payment), operation="delete") == "6120"
    press(company, f"payments/{payment['Id']}/return")
    assert company.read("Invoice", invoice["Id"])["Balance"] == 100
    assert company.read("Payment", payment["Id"])["TotalAmt"] == 0


def test_point_28_no_more_than_is_due_can_be_paid(payable: Any) -> None:
    company, invoice = payable
    answer = HTTP.post(
        link(company, invoice), data={"method": "card", "amount": "100.01"}, timeout=10
    )
    assert answer.status_code == 400
    company.write("Payment", paying(invoice, 100))
    assert HTTP.post(link(company, invoice), data={"method": "card"}, timeout=10).status_code == 400
    off = company.invoice({"Id": "1"}, {"Id": "1"}, AllowOnlineCreditCardPayment=False)
    assert HTTP.post(link(company, off), data={"method": "card"}, timeout=10).status_code == 400
