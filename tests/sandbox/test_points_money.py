"""Points 15 to 19: payments, credits, deposits, void, delete and what follows from them."""

from typing import Any

import pytest

from sandbox import Box
from tests.sandbox.client import (
    Company,
    advance,
    bill,
    code,
    control,
    line,
    linked,
    paying,
    version,
)


@pytest.fixture
def customer(company: Company) -> dict[str, Any]:
    return company.customer()


@pytest.fixture
def item(company: Company) -> dict[str, Any]:
    return company.item()


@pytest.fixture
def invoice(company: Company, customer: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    return company.invoice(customer, item, 100)


def again(company: Company, entity: str, body: dict[str, Any]) -> dict[str, Any]:
    return company.read(entity, body["Id"])


# -- 15 ------------------------------------------------------------------------------------------


def test_point_15_payment_goes_to_undeposited_funds_and_moves_balances(
    company: Company, invoice: Any
) -> None:
    payment = company.payment(invoice, 60, total=80)
    assert payment["UnappliedAmt"] == 20
    found = again(company, "Invoice", invoice)
    assert (found["Balance"], found["LinkedTxn"]) == (40, [linked(payment["Id"], "Payment")])
    assert company.read("Customer", invoice["CustomerRef"]["value"])["Balance"] == 20
    assert company.balances()["Undeposited Funds"] == 8000
    assert company.balances()["Accounts Receivable (A/R)"] == 2000


def test_point_15_bad_payments_are_refused(company: Company, customer: Any, invoice: Any) -> None:
    good = paying(invoice, 10)
    income = company.account("Services")["Id"]
    for changed, fault in [
        ({"TotalAmt": None}, "6000"),
        ({"CustomerRef": None}, "2020"),
        ({"TotalAmt": -1}, "2290"),
        ({"Line": [{"Amount": 10, "LinkedTxn": [linked("99", "Invoice")]}]}, "620"),
        ({"Line": [{"Amount": 10, "LinkedTxn": [linked(invoice["Id"], "Estimate")]}]}, "620"),
        ({"Line": [{"Amount": 10, "LinkedTxn": []}]}, "2020"),
        ({"PaymentRefNum": "x" * 22}, "2050"),
        ({"TotalAmt": 5}, "6000"),
        ({"DepositToAccountRef": {"value": income}}, "6430"),
        ({"PaymentMethodRef": {"value": "99"}}, "2500"),
        ({"CreditCardPayment": {"CreditChargeInfo": {"Number": "4242424242424242"}}}, "6530"),
    ]:
        assert company.refused("Payment", {**good, **changed}) == fault, changed
    assert again(company, "Invoice", invoice)["Balance"] == 100


def test_point_15_paying_too_much_is_refused_or_left_unapplied(
    company: Company, invoice: Any
) -> None:
    assert company.refused("Payment", paying(invoice, 150)) == "6000"
    control(company.box, "POST", "switches", {"over_application": "unapplied"})
    payment = company.payment(invoice, 150)
    assert (payment["UnappliedAmt"], payment["Line"][0]["Amount"]) == (50, 100)


def test_point_15_another_customers_invoice_is_refused_or_left_out(
    company: Company, invoice: Any
) -> None:
    other = company.customer("Other")
    body = {**paying(invoice, 50), "CustomerRef": {"value": other["Id"]}}
    assert company.refused("Payment", body) == "6000"
    control(company.box, "POST", "switches", {"foreign_customer_application": "unapplied"})
    assert company.write("Payment", body)["UnappliedAmt"] == 50
    assert again(company, "Invoice", invoice)["Balance"] == 100


def test_point_15_credit_is_applied_by_a_payment_of_zero(
    company: Company, customer: Any, item: Any, invoice: Any
) -> None:
    credit = company.write("CreditMemo", bill(customer, item, 30))
    body = {**paying(invoice, 30, total=0)}
    body["Line"].append({"Amount": 30, "LinkedTxn": [linked(credit["Id"], "CreditMemo")]})
    assert company.write("Payment", body)["UnappliedAmt"] == 0
    assert again(company, "Invoice", invoice)["Balance"] == 70
    assert again(company, "CreditMemo", credit)["RemainingCredit"] == 0
    assert company.refused("Payment", body) == "6000"


def test_point_15_credits_are_applied_by_quickbooks_itself_when_the_company_says_so(
    box: Box,
) -> None:
    company = Company.made(box, auto_apply=True)
    customer, item = company.customer(), company.item()
    credit = company.write("CreditMemo", bill(customer, item, 30))
    invoice = company.invoice(customer, item, 100)
    assert invoice["Balance"] == 70
    payment = company.rows("Payment")[0]
    assert payment["TotalAmt"] == 0
    kinds = {
        row["LinkedTxn"][0]["TxnType"]: row["LinkedTxn"][0]["TxnId"] for row in payment["Line"]
    }
    assert kinds == {"Invoice": invoice["Id"], "CreditMemo": credit["Id"]}


# -- 16 ------------------------------------------------------------------------------------------


def test_point_16_refund_receipt_needs_an_account_and_a_check_number(
    company: Company, customer: Any, item: Any
) -> None:
    body = bill(customer, item, 20)
    checking = {"value": company.account("Checking")["Id"]}
    assert company.refused("RefundReceipt", body) == "2020"
    assert company.refused("RefundReceipt", {**body, "DepositToAccountRef": checking}) == "2020"
    company.write(
        "RefundReceipt", {**body, "DepositToAccountRef": checking, "PaymentRefNum": "1001"}
    )
    assert company.balances()["Checking"] == -2000
    assert company.balances()["Services"] == 2000


def test_point_16_purchase_needs_type_account_and_lines(company: Company) -> None:
    spent = {
        "Amount": 2.9,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": {"value": company.account("Bank Charges")["Id"]}
        },
    }
    bank, card = company.account("Checking")["Id"], company.account("Mastercard")["Id"]
    good = {
        "PaymentType": "Cash",
        "AccountRef": {"value": bank},
        "Line": [spent],
        "DocNumber": "RG1",
    }
    for changed, fault in [
        ({"PaymentType": None}, "2020"),
        ({"PaymentType": "Barter"}, "2170"),
        ({"AccountRef": None}, "2020"),
        ({"AccountRef": {"value": card}}, "6430"),
        ({"PaymentType": "CreditCard"}, "6430"),
        ({"Line": None}, "2020"),
        (
            {
                "Line": [
                    {**spent, "AccountBasedExpenseLineDetail": {"BillableStatus": "NotBillable"}}
                ]
            },
            "6440",
        ),
        ({"Credit": True}, "6000"),
    ]:
        assert company.refused("Purchase", {**good, **changed}) == fault, changed
    company.write("Purchase", good)
    assert company.refused("Purchase", good) == "6140"
    assert company.balances()["Bank Charges"] == 290


@pytest.mark.parametrize(
    ("mode", "amount", "detail", "total"),
    [
        ("TaxExcluded", 100, {}, 113),
        ("TaxInclusive", 88.5, {"TaxInclusiveAmt": 100}, 100),
        ("NotApplicable", 100, {}, 100),
    ],
)
def test_point_16_purchase_bears_the_tax_of_what_is_bought(
    box: Box, mode: str, amount: float, detail: dict[str, Any], total: float
) -> None:
    company = Company.made(box, country="CA")
    (hst,) = [one for one in company.rows("TaxCode") if one["Name"] == "HST ON"]
    spent = {"AccountRef": {"value": company.account("Bank Charges")["Id"]}, **detail}
    line = {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {**spent, "TaxCodeRef": {"value": hst["Id"]}},
    }
    bank = company.account("Checking")["Id"]
    body = {"PaymentType": "Cash", "AccountRef": {"value": bank}, "Line": [line]}
    made = company.write("Purchase", {**body, "GlobalTaxCalculation": mode})
    assert (made["TotalAmt"], made["Line"][0]["Amount"]) == (total, amount)
    tax = round(total - amount, 2)
    assert made["TxnTaxDetail"]["TotalTax"] == tax
    balances = company.balances()
    assert (balances["Bank Charges"], balances["Checking"]) == (
        round(amount * 100),
        round(-total * 100),
    )


def deposit(company: Company, *lines: Any) -> dict[str, Any]:
    return {
        "DepositToAccountRef": {"value": company.account("Checking")["Id"]},
        "Line": list(lines),
    }


def held(payment: dict[str, Any], amount: Any, kind: str = "Payment") -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{**linked(payment["Id"], kind), "TxnLineId": "0"}]}


def fee(company: Company, amount: Any) -> dict[str, Any]:
    detail = {"AccountRef": {"value": company.account("Bank Charges")["Id"]}}
    return {"Amount": amount, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}


def test_point_16_deposit_takes_payments_and_a_negative_fee(company: Company, invoice: Any) -> None:
    payment = company.payment(invoice, 100)
    made = company.write("Deposit", deposit(company, held(payment, 100), fee(company, -3.2)))
    assert made["TotalAmt"] == 96.8
    balances = company.balances()
    assert (balances["Checking"], balances["Bank Charges"], balances["Undeposited Funds"]) == (
        9680,
        320,
        0,
    )
    assert again(company, "Payment", payment)["LinkedTxn"] == [linked(made["Id"], "Deposit")]


def test_point_16_bad_deposits_are_refused(
    company: Company, customer: Any, item: Any, invoice: Any
) -> None:
    payment = company.payment(invoice, 100)
    direct = company.payment(
        company.invoice(customer, item),
        100,
        DepositToAccountRef={"value": company.account("Checking")["Id"]},
    )
    refund = company.write(
        "RefundReceipt",
        bill(
            customer,
            item,
            20,
            DepositToAccountRef={"value": company.account("Undeposited Funds")["Id"]},
        ),
    )
    no_line_id = {"Amount": 100, "LinkedTxn": [linked(payment["Id"], "Payment")]}
    for body, fault in [
        ({"Line": [held(payment, 100)]}, "2020"),
        (deposit(company), "2250"),
        (deposit(company, no_line_id), "2020"),
        (deposit(company, held(direct, 100)), "6000"),
        (deposit(company, held(payment, 90)), "6000"),
        (deposit(company, held(payment, 100), held(payment, 100)), "6000"),
        (deposit(company, fee(company, -5)), "6000"),
        (deposit(company, held(refund, -20, "RefundReceipt")), "620"),
    ]:
        assert company.refused("Deposit", body) == fault, body
    control(company.box, "POST", "switches", {"deposit_links_refund_receipt": True})
    made = company.write(
        "Deposit", deposit(company, held(payment, 100), held(refund, -20, "RefundReceipt"))
    )
    assert made["TotalAmt"] == 80


def test_point_16_deposited_payment_is_locked_until_the_deposit_goes(
    company: Company, invoice: Any
) -> None:
    payment = company.payment(invoice, 100)
    made = company.write("Deposit", deposit(company, held(payment, 100)))
    payment = again(company, "Payment", payment)
    assert (
        company.refused("Payment", {**version(payment), "sparse": True, "PrivateNote": "x"})
        == "6540"
    )
    assert company.refused("Payment", version(payment), operation="delete") == "6540"
    assert (
        company.refused(
            "Payment", {**version(payment), "sparse": True}, operation="update", include="void"
        )
        == "6540"
    )
    assert company.refused("Deposit", deposit(company, held(payment, 100))) == "6000"
    company.write("Deposit", version(made), operation="delete")
    payment = again(company, "Payment", payment)
    assert company.write("Payment", version(payment), operation="delete")["status"] == "Deleted"


def test_point_16_journal_entries_balance(company: Company, customer: Any) -> None:
    def side(kind: str, account: str, amount: Any, **more: Any) -> dict[str, Any]:
        detail = {
            "PostingType": kind,
            "AccountRef": {"value": company.account(account)["Id"]},
            **more,
        }
        return {
            "Amount": amount,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": detail,
        }

    assert (
        company.refused(
            "JournalEntry",
            {"Line": [side("Debit", "Rent or Lease", 5), side("Credit", "Checking", 4)]},
        )
        == "2300"
    )
    assert (
        company.refused(
            "JournalEntry",
            {
                "Line": [
                    side("Debit", "Accounts Receivable (A/R)", 5),
                    side("Credit", "Checking", 5),
                ]
            },
        )
        == "6000"
    )
    named = {"Entity": {"Type": "Customer", "EntityRef": {"value": customer["Id"]}}}
    company.write(
        "JournalEntry",
        {
            "Line": [
                side("Debit", "Accounts Receivable (A/R)", 5, **named),
                side("Credit", "Checking", 5),
            ]
        },
    )
    assert company.read("Customer", customer["Id"])["Balance"] == 5


def test_point_16_bills_and_their_payments(company: Company) -> None:
    vendor = company.write("Vendor", {"DisplayName": "V"})
    spent = {
        "Amount": 50,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": {"value": company.account("Software")["Id"]}
        },
    }
    bill_ = company.write("Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [spent]})
    assert bill_["Balance"] == 50
    body = {
        "VendorRef": {"value": vendor["Id"]},
        "TotalAmt": 50,
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": company.account("Checking")["Id"]}},
        "Line": [{"Amount": 50, "LinkedTxn": [linked(bill_["Id"], "Bill")]}],
    }
    assert company.refused("BillPayment", {**body, "PayType": None}) == "2020"
    assert company.refused("BillPayment", {**body, "TotalAmt": 10}) == "6000"
    company.write("BillPayment", body)
    assert again(company, "Bill", bill_)["Balance"] == 0
    assert company.balances()["Accounts Payable (A/P)"] == 0


# -- 17 ------------------------------------------------------------------------------------------


def test_point_17_void_invoice_frees_its_payment(company: Company, invoice: Any) -> None:
    payment = company.payment(invoice, 100)
    paid = again(company, "Invoice", invoice)
    company.change("Invoice", paid, PrivateNote="INV-1")
    current = again(company, "Invoice", invoice)
    voided = company.write("Invoice", version(current), operation="void")
    assert (voided["TotalAmt"], voided["Balance"], voided["LinkedTxn"]) == (0, 0, [])
    assert voided["PrivateNote"].startswith("Voided")
    assert "INV-1" in voided["PrivateNote"]
    assert int(voided["SyncToken"]) == int(current["SyncToken"]) + 1
    assert voided["Line"][0]["Amount"] == 0
    freed = again(company, "Payment", payment)
    assert (freed["UnappliedAmt"], freed["Line"]) == (100, [])


def test_point_17_void_payment_reopens_its_invoice(company: Company, invoice: Any) -> None:
    payment = company.payment(invoice, 100)
    voided = company.write(
        "Payment", {**version(payment), "sparse": True}, operation="update", include="void"
    )
    assert (voided["TotalAmt"], voided["UnappliedAmt"], voided["Line"], voided["PrivateNote"]) == (
        0,
        0,
        [],
        "Voided",
    )
    assert again(company, "Invoice", invoice)["Balance"] == 100
    assert company.balances().get("Undeposited Funds", 0) == 0


def test_point_17_void_sales_receipt_by_include_only(
    company: Company, customer: Any, item: Any
) -> None:
    sale = company.write("SalesReceipt", bill(customer, item, 10))
    assert company.refused("SalesReceipt", version(sale), operation="void") == "500"
    voided = company.write(
        "SalesReceipt", {**version(sale), "sparse": True}, operation="update", include="void"
    )
    assert voided["TotalAmt"] == 0


@pytest.mark.parametrize("entity", ["CreditMemo", "RefundReceipt"])
def test_point_17_credits_and_refunds_cannot_be_voided(
    company: Company, customer: Any, item: Any, entity: str
) -> None:
    body = bill(
        customer,
        item,
        10,
        DepositToAccountRef={"value": company.account("Undeposited Funds")["Id"]},
    )
    made = company.write(entity, body)
    assert company.refused(entity, version(made), operation="void") == "500"
    assert (
        company.refused(
            entity, {**version(made), "sparse": True}, operation="update", include="void"
        )
        == "500"
    )


# -- 18 ------------------------------------------------------------------------------------------


def test_point_18_deleted_is_gone_but_in_the_change_feed_for_thirty_days(
    company: Company, invoice: Any
) -> None:
    answer = company.write("Invoice", version(invoice), operation="delete")
    assert answer == {"domain": "QBO", "status": "Deleted", "Id": invoice["Id"]}
    assert code(company.get(f"invoice/{invoice['Id']}")) == "610"
    assert company.refused("Invoice", version(invoice), operation="delete") == "610"
    assert company.rows("Invoice") == []
    assert feed(company)["Invoice"][0].keys() == {"domain", "status", "Id", "MetaData"}
    advance(company.box, days=31)
    company.token = fresh_token(company)
    assert feed(company) == {}


def feed(company: Company) -> dict[str, Any]:
    answer = company.get("cdc", entities="Invoice", changedSince="2026-03-01T00:00:00Z").json()
    found: dict[str, Any] = answer["CDCResponse"][0]["QueryResponse"][0]
    return found


def fresh_token(company: Company) -> str:
    from tests.sandbox.test_points_oauth import refresh

    token: str = refresh(company).json()["access_token"]
    return token


def test_point_18_deleting_a_paid_invoice_frees_the_payment(company: Company, invoice: Any) -> None:
    payment = company.payment(invoice, 100)
    company.write("Invoice", version(again(company, "Invoice", invoice)), operation="delete")
    assert again(company, "Payment", payment)["UnappliedAmt"] == 100
    assert company.box.core.out_of_balance(company.realm) == []


# -- 19 ------------------------------------------------------------------------------------------


def test_point_19_derived_changes_move_times_and_show_in_the_feed(
    company: Company, customer: Any, invoice: Any
) -> None:
    advance(company.box, minutes=10)
    before = again(company, "Customer", customer)
    company.payment(invoice, 10)
    after = again(company, "Customer", customer)
    assert after["SyncToken"] == before["SyncToken"] == "0"
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]
    answer = company.get(
        "cdc", entities="Customer,Invoice", changedSince="2026-03-10T18:05:00Z"
    ).json()
    groups = answer["CDCResponse"][0]["QueryResponse"]
    assert [group["maxResults"] for group in groups] == [1, 1]


@pytest.mark.parametrize(("bumps", "token"), [(True, "1"), (False, "0")])
def test_point_19_invoice_version_follows_its_switch(
    company: Company, invoice: Any, bumps: bool, token: str
) -> None:
    control(company.box, "POST", "switches", {"payment_bumps_invoice_sync_token": bumps})
    company.payment(invoice, 10)
    assert again(company, "Invoice", invoice)["SyncToken"] == token


def test_every_document_balances(company: Company, customer: Any, item: Any, invoice: Any) -> None:
    company.change("Invoice", invoice, Line=[line(item, 70), line(item, 5)])
    assert company.box.core.out_of_balance(company.realm) == []
    assert sum(company.balances().values()) == 0


def test_stock_follows_sales_purchases_and_voids(company: Company, customer: Any) -> None:
    part = company.write("Item", {
        "Name": "Part", "Type": "Inventory", "TrackQtyOnHand": True, "QtyOnHand": 10, "InvStartDate": "2026-01-01",
        "PurchaseCost": 4, "IncomeAccountRef": {"value": company.account("Hardware Sales")["Id"]},
        "ExpenseAccountRef": {"value": company.account("Cost of Goods Sold")["Id"]},
        "AssetAccountRef": {"value": company.account("Inventory Asset")["Id"]},
    })  # fmt: skip
    body = {**bill(customer, part), "Line": [line(part, 30, Qty=3, UnitPrice=10)]}
    invoice = company.write("Invoice", body)
    assert again(company, "Item", part)["QtyOnHand"] == 7
    assert company.balances()["Cost of Goods Sold"] == 1200
    company.write("Invoice", version(invoice), operation="void")
    assert again(company, "Item", part)["QtyOnHand"] == 10
    assert company.balances().get("Cost of Goods Sold", 0) == 0
    assert (
        company.refused(
            "Item",
            {"Name": "P2", "Type": "Inventory", "IncomeAccountRef": part["IncomeAccountRef"]},
        )
        == "2020"
    )


def test_mail_that_waits_is_sent_by_quickbooks_itself(
    company: Company, customer: Any, item: Any
) -> None:
    made = company.invoice(
        customer, item, EmailStatus="NeedToSend", BillEmail={"Address": "c@example.com"}
    )
    assert again(company, "Invoice", made)["EmailStatus"] == "NeedToSend"
    advance(company.box, minutes=2)
    sent = again(company, "Invoice", made)
    assert (sent["EmailStatus"], sent["DeliveryInfo"]["DeliveryType"]) == ("EmailSent", "Email")
    assert company.state()["mails"][0]["address"] == "c@example.com"


def test_send_needs_an_address_and_overwrites_it(company: Company, invoice: Any) -> None:
    assert code(company.post(f"invoice/{invoice['Id']}/send", None)) == "6420"
    assert code(company.post(f"invoice/{invoice['Id']}/send?sendTo=nobody", None)) == "2210"
    sent = company.post(f"invoice/{invoice['Id']}/send?sendTo=x@example.com", None).json()[
        "Invoice"
    ]
    assert sent["BillEmail"] == {"Address": "x@example.com"}
    assert code(company.post("customer/1/send", None)) == "500"
    assert company.get(f"invoice/{invoice['Id']}/pdf").content.startswith(b"%PDF-1.4")
    assert code(company.get("customer/1/pdf")) == "500"


def test_voided_invoice_with_a_down_payment_owes_nothing(
    company: Company, customer: Any, item: Any
) -> None:
    made = company.invoice(customer, item, 100, Deposit=40)
    assert made["Balance"] == 60
    voided = company.write("Invoice", version(made), operation="void")
    assert voided["Balance"] == 0
    assert company.read("Customer", customer["Id"])["Balance"] == 0


def test_reports_come_from_the_ledger(
    company: Company, customer: Any, item: Any, invoice: Any
) -> None:
    company.payment(invoice, 30, TxnDate="2026-03-10")
    old = company.invoice(customer, item, 50, TxnDate="2026-01-01", DueDate="2026-01-15")
    aged = company.get("reports/AgedReceivables").json()
    assert [cell["value"] for cell in aged["Rows"]["Row"][0]["ColData"]] == [
        "Charlie",
        "70.00",
        "",
        "50.00",
        "",
        "",
        "120.00",
    ]
    before = company.get("reports/AgedReceivables", report_date="2026-03-09").json()
    assert before["Rows"]["Row"][0]["ColData"][-1]["value"] == "50.00"
    profit = company.get(
        "reports/ProfitAndLoss", start_date="2026-03-01", end_date="2026-03-31"
    ).json()
    net = next(row for row in profit["Rows"]["Row"] if row["group"] == "NetIncome")
    assert net["Summary"]["ColData"][1]["value"] == "100.00"
    sheet = {
        row["group"]: row["Summary"]["ColData"][1]["value"]
        for row in company.get("reports/BalanceSheet").json()["Rows"]["Row"]
    }
    assert sheet["TotalAssets"] == sheet["TotalLiabilitiesAndEquity"] == "150.00"
    trial = company.get("reports/TrialBalance").json()["Rows"]["Row"][-1]["Summary"]["ColData"]
    assert trial[1]["value"] == trial[2]["value"]
    detail = company.get("reports/AgedReceivableDetail").json()
    assert old["Id"] in str(detail)
    for params, fault in [({"start_date": "x"}, "2060"), ({"accounting_method": "Cash"}, "5030"),
                          ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "2190")]:  # fmt: skip
        assert code(company.get("reports/ProfitAndLoss", **params)) == fault
    assert code(company.get("reports/GeneralLedger")) == "500"


def test_an_order_that_is_to_be_mailed_needs_an_address(company: Company) -> None:
    vendor = company.write("Vendor", {"DisplayName": "V"})
    spent = {"Amount": 5, "DetailType": "AccountBasedExpenseLineDetail",
             "AccountBasedExpenseLineDetail": {"AccountRef": {"value": company.account("Software")["Id"]}}}  # fmt: skip
    order = {"VendorRef": {"value": vendor["Id"]}, "Line": [spent], "EmailStatus": "NeedToSend"}
    assert company.refused("PurchaseOrder", order) == "6420"
    made = company.write("PurchaseOrder", {**order, "BillEmail": {"Address": "v@example.com"}})
    advance(company.box, minutes=2)
    sent = company.read("PurchaseOrder", made["Id"])
    assert sent["EmailStatus"] == "EmailSent"
    assert "DeliveryInfo" not in sent


@pytest.mark.parametrize(("held_in", "fits"), [("USD", True), ("EUR", True), ("GBP", False)])
def test_point_29_money_lies_in_an_account_of_its_currency_or_of_the_companys(
    box: Box, held_in: str, fits: bool
) -> None:
    company = Company.made(box, multicurrency=True)
    bank = {"Name": "Bank", "AccountType": "Bank", "CurrencyRef": {"value": held_in}}
    place = {"value": company.write("Account", bank)["Id"]}
    customer = company.customer(CurrencyRef={"value": "EUR"})
    invoice = company.invoice(customer, company.item(), 100)
    answer = company.post("payment", paying(invoice, 100, DepositToAccountRef=place))
    assert answer.status_code == (200 if fits else 400)
    control(box, "POST", "switches", {"account_currency_checked": False})
    if not fits:
        company.write("Payment", paying(invoice, 100, DepositToAccountRef=place))


def test_point_19_expense_in_cash_comes_from_a_bank(company: Company) -> None:
    travel = {"AccountRef": {"value": company.account("Travel")["Id"]}}
    line = {"Amount": 5, "DetailType": "AccountBasedExpenseLineDetail"}
    body = {
        "PaymentType": "Cash",
        "AccountRef": {"value": company.account("Undeposited Funds")["Id"]},
        "Line": [{**line, "AccountBasedExpenseLineDetail": travel}],
    }
    assert company.refused("Purchase", body) == "6430"
    checking = {"value": company.account("Checking")["Id"]}
    made = company.write("Purchase", {**body, "AccountRef": checking})
    assert made["AccountRef"]["value"] == checking["value"]
