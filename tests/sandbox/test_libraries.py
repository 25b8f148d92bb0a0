"""The vendor's libraries as they are: only their base addresses are changed."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException
from quickbooks.objects import (
    Account,
    Attachable,
    Bill,
    BillPayment,
    CompanyInfo,
    CreditMemo,
    Customer,
    Department,
    Deposit,
    Employee,
    Estimate,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    PaymentMethod,
    Preferences,
    Purchase,
    RefundReceipt,
    SalesReceipt,
    TaxCode,
    Term,
    Transfer,
    Vendor,
)  # fmt: skip
from quickbooks.objects.base import EmailAddress, LinkedTxn
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.company_info import CompanyInfo as Info
from quickbooks.objects.creditcardpayment_entity import CreditCardPayment
from quickbooks.objects.deposit import DepositLine, DepositLineDetail
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)  # fmt: skip
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.journalentry import JournalEntryLine, JournalEntryLineDetail
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.purchaseorder import PurchaseOrder
from quickbooks.objects.recurringtransaction import (
    RecurringInfo,
    RecurringInvoice,
    RecurringTransaction,
    ScheduleInfo,
)  # fmt: skip
from quickbooks.objects.refundreceipt import RefundReceiptCheckPayment
from quickbooks.objects.taxservice import TaxRateDetails, TaxService
from quickbooks.objects.timeactivity import TimeActivity
from quickbooks.objects.trackingclass import Class

from sandbox import Box
from tests.sandbox.client import Company

REDIRECT = "http://127.0.0.1:8000/callback/"


@pytest.fixture
def qb(box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    client = library_client(box, Company.made(box, payments_enabled=True), monkeypatch)
    yield client
    if client.session is not None:
        client.session.close()


def library_client(box: Box, company: Company, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the library for a company, made through the library's own OAuth client."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    auth = auth_client(box, company)
    client = QuickBooks(
        auth_client=auth,
        refresh_token=company.made["refresh_token"],
        company_id=company.realm,
        minorversion=75,
    )
    client.sandbox_api_url_v3 = f"{box.url}/sandbox/v3"
    client.api_url_v3 = f"{box.url}/v3"
    client.company = company
    return client


def auth_client(box: Box, company: Company) -> AuthClient:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        client = AuthClient(
            company.made["client_id"], company.made["client_secret"], REDIRECT,
            environment=f"{box.url}/.well-known/openid_sandbox_configuration", access_token=company.token,
        )  # fmt: skip
    # The library tells sandbox from production by this word only.
    client.environment = "sandbox"
    return client


def a_customer(qb: Any, name: str = "Charlie") -> Customer:
    customer = Customer()
    customer.DisplayName = name
    customer.PrimaryEmailAddr = EmailAddress()
    customer.PrimaryEmailAddr.Address = "charlie@example.com"
    return customer.save(qb=qb)


def account(qb: Any, name: str) -> Account:
    found: Account = Account.filter(Name=name, qb=qb)[0]
    return found


def an_item(qb: Any) -> Item:
    item = Item()
    item.Name, item.Type = "Hour", "Service"
    item.IncomeAccountRef = account(qb, "Services").to_ref()
    item.ExpenseAccountRef = account(qb, "Bank Charges").to_ref()
    return item.save(qb=qb)


def sold(item: Item, amount: float = 100) -> SalesItemLine:
    line = SalesItemLine()
    line.Amount, line.Description = amount, "Work"
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    line.SalesItemLineDetail.Qty = 1
    line.SalesItemLineDetail.UnitPrice = amount
    return line


def form(qb: Any, kind: Any, customer: Customer | None = None) -> Any:
    document = kind()
    document.CustomerRef = (customer or a_customer(qb)).to_ref()
    document.Line.append(sold(an_item(qb)))
    return document


def test_oauth_client_goes_the_whole_way(box: Box) -> None:
    from tests.sandbox.client import HTTP
    from tests.sandbox.test_points_oauth import callback

    # The library compares the id_token with the machine's own clock.
    box.core.clock.frozen_at, box.core.clock.offset = None, 0.0
    company = Company.made(box, redirect_uris=[REDIRECT])
    client = auth_client(box, company)
    address = client.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID], state_token="s")
    asked = dict(pair.split("=") for pair in address.split("?")[1].split("&"))
    assert asked["client_id"] == company.made["client_id"]
    from urllib.parse import unquote_plus

    form_values = {k: unquote_plus(v) for k, v in asked.items()} | {
        "realm": company.realm,
        "decision": "connect",
    }
    back = callback(
        HTTP.post(f"{box.url}/connect/oauth2", data=form_values, allow_redirects=False, timeout=10)
    )
    client.get_bearer_token(back["code"], realm_id=back["realmId"])
    assert client.access_token
    assert client.id_token
    client.refresh()
    assert client.get_user_info().status_code == 200
    assert client.revoke(token=client.refresh_token)
    with pytest.raises(AuthClientError):
        client.refresh()


def test_customers(qb: Any) -> None:
    customer = a_customer(qb)
    customer.Notes = "Noted"
    assert customer.save(qb=qb).SyncToken == "1"
    assert [c.DisplayName for c in Customer.all(qb=qb)] == ["Charlie"]
    assert Customer.where("Active = True", order_by="DisplayName", qb=qb)[0].Notes == "Noted"
    assert Customer.count("Active = True", qb=qb) == 1
    assert Customer.choose([customer.Id], qb=qb)[0].Id == customer.Id
    with pytest.raises(ObjectNotFoundException):
        Customer.get(99, qb=qb)


def test_invoices_are_saved_sent_printed_and_voided(qb: Any) -> None:
    invoice = form(qb, Invoice).save(qb=qb)
    assert (invoice.TotalAmt, invoice.Balance) == (100, 100)
    invoice.send(qb=qb)
    assert qb.company.read("Invoice", invoice.Id)["EmailStatus"] == "EmailSent"
    assert invoice.download_pdf(qb=qb).startswith(b"%PDF")
    Invoice.get(invoice.Id, qb=qb).void(qb=qb)
    assert Invoice.get(invoice.Id, qb=qb).TotalAmt == 0
    invoice = Invoice.get(invoice.Id, qb=qb)
    invoice.delete(qb=qb)
    assert Invoice.all(qb=qb) == []


def test_payments_deposits_and_voids(qb: Any) -> None:
    customer = a_customer(qb)
    invoice = form(qb, Invoice, customer).save(qb=qb)
    payment = Payment()
    payment.CustomerRef, payment.TotalAmt = customer.to_ref(), 100
    line = PaymentLine()
    line.Amount = 100
    line.LinkedTxn.append(invoice.to_linked_txn())
    payment.Line.append(line)
    payment.save(qb=qb)
    assert Invoice.get(invoice.Id, qb=qb).Balance == 0
    deposit = Deposit()
    deposit.DepositToAccountRef = account(qb, "Checking").to_ref()
    held = DepositLine()
    held.Amount = 100
    link = LinkedTxn()
    link.TxnId, link.TxnType, link.TxnLineId = payment.Id, "Payment", 0
    held.LinkedTxn.append(link)
    fee = DepositLine()
    fee.Amount, fee.DetailType = -3, "DepositLineDetail"
    fee.DepositLineDetail = DepositLineDetail()
    fee.DepositLineDetail.AccountRef = account(qb, "Bank Charges").to_ref()
    deposit.Line = [held, fee]
    deposit = deposit.save(qb=qb)
    assert deposit.TotalAmt == 97
    with pytest.raises(QuickbooksException) as refusal:
        Payment.get(payment.Id, qb=qb).void(qb=qb)
    assert refusal.value.error_code == 6540
    deposit.delete(qb=qb)
    Payment.get(payment.Id, qb=qb).void(qb=qb)
    assert Invoice.get(invoice.Id, qb=qb).Balance == 100


def test_other_sales_forms(qb: Any) -> None:
    customer = a_customer(qb)
    item = an_item(qb)
    for kind in (Estimate, CreditMemo, SalesReceipt, RefundReceipt):
        document = kind()
        document.CustomerRef = customer.to_ref()
        document.Line.append(sold(item))
        if kind is RefundReceipt:
            document.DepositToAccountRef = account(qb, "Undeposited Funds").to_ref()
        document.save(qb=qb)
        assert kind.get(document.Id, qb=qb).TotalAmt == 100


def spent(qb: Any) -> AccountBasedExpenseLine:
    line = AccountBasedExpenseLine()
    line.Amount = 20
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = account(qb, "Software").to_ref()
    return line


def test_money_that_goes_out(qb: Any) -> None:
    vendor = Vendor()
    vendor.DisplayName = "Vendor"
    vendor.save(qb=qb)
    purchase = Purchase()
    purchase.PaymentType, purchase.AccountRef = "Cash", account(qb, "Checking").to_ref()
    purchase.Line.append(spent(qb))
    purchase.save(qb=qb)
    bill = Bill()
    bill.VendorRef = vendor.to_ref()
    bill.Line.append(spent(qb))
    bill.save(qb=qb)
    paid = BillPayment()
    paid.PayType, paid.TotalAmt, paid.VendorRef = "Check", 20, vendor.to_ref()
    paid.CheckPayment = CheckPayment()
    paid.CheckPayment.BankAccountRef = account(qb, "Checking").to_ref()
    line = BillPaymentLine()
    line.Amount = 20
    line.LinkedTxn.append(bill.to_linked_txn())
    paid.Line.append(line)
    paid.save(qb=qb)
    assert Bill.get(bill.Id, qb=qb).Balance == 0
    BillPayment.get(paid.Id, qb=qb).void(qb=qb)
    assert Bill.get(bill.Id, qb=qb).Balance == 20
    transfer = Transfer()
    transfer.Amount = 5
    transfer.FromAccountRef, transfer.ToAccountRef = (
        account(qb, "Checking").to_ref(),
        account(qb, "Savings").to_ref(),
    )
    transfer.save(qb=qb)
    assert Transfer.all(qb=qb)[0].Amount == 5


def test_journal_entries(qb: Any) -> None:
    entry = JournalEntry()
    for side, name in (("Debit", "Software"), ("Credit", "Checking")):
        line = JournalEntryLine()
        line.Amount = 12
        line.JournalEntryLineDetail = JournalEntryLineDetail()
        line.JournalEntryLineDetail.PostingType = side
        line.JournalEntryLineDetail.AccountRef = account(qb, name).to_ref()
        entry.Line.append(line)
    entry.save(qb=qb)
    assert len(JournalEntry.get(entry.Id, qb=qb).Line) == 2


def test_lists_and_settings(qb: Any) -> None:
    for kind in (Class, Department, PaymentMethod):
        made = kind()
        made.Name = "New"
        made.save(qb=qb)
        assert any(found.Name == "New" for found in kind.all(qb=qb))
    term = Term()
    term.Name, term.DueDays = "Net 45", 45
    term.save(qb=qb)
    assert any(found.DueDays == 45 for found in Term.all(qb=qb))
    assert {"TAX", "NON"} <= {found.Id for found in TaxCode.all(qb=qb)}
    assert Preferences.get(qb=qb).SalesFormsPrefs.CustomTxnNumbers is True
    assert CompanyInfo.get(1, qb=qb).Country == "US"
    assert Info.all(qb=qb)[0].CompanyName.startswith("Sandbox Company")
    assert qb.get_report("ProfitAndLoss")["Header"]["ReportName"] == "ProfitAndLoss"


def test_batches(qb: Any) -> None:
    customers = []
    for n in range(31):
        customer = Customer()
        customer.DisplayName = f"C{n}"
        customers.append(customer)
    made = batch_create(customers, qb=qb)
    assert (len(made.successes), len(made.faults)) == (31, 0)
    again = batch_create(customers[:1], qb=qb)
    assert again.faults[0].Error[0].code == "6240"
    found = Customer.all(qb=qb)
    for customer in found:
        customer.Notes = "x"
    assert len(batch_update(found, qb=qb).successes) == 31
    item = an_item(qb)
    invoices = []
    for _ in range(2):
        invoice = Invoice()
        invoice.CustomerRef = found[0].to_ref()
        invoice.Line.append(sold(item))
        invoices.append(invoice.save(qb=qb))
    assert len(batch_delete(invoices, qb=qb).successes) == 2


def test_change_data_capture(qb: Any) -> None:
    invoice = form(qb, Invoice).save(qb=qb)
    gone = form_again(qb).save(qb=qb)
    gone.delete(qb=qb)
    changes = change_data_capture([Invoice, Customer], "2026-03-10T00:00:00-08:00", qb=qb)
    assert [i.Id for i in changes.Invoice] == [invoice.Id, gone.Id]
    assert len(changes.Customer) == 1


def form_again(qb: Any) -> Invoice:
    document = Invoice()
    document.CustomerRef = Customer.all(qb=qb)[0].to_ref()
    document.Line.append(sold(Item.all(qb=qb)[0]))
    return document


def test_attachments(qb: Any, tmp_path: Any) -> None:
    note = Attachable()
    note.Note = "Remember"
    note.save(qb=qb)
    path = tmp_path / "contract.txt"
    path.write_text("signed")
    file = Attachable()
    file.FileName, file.ContentType, file._FilePath = "contract.txt", "text/plain", str(path)
    file.save(qb=qb)
    found = Attachable.get(file.Id, qb=qb)
    assert found.Size == 6
    import requests

    assert requests.get(found.TempDownloadUri, timeout=10).content == b"signed"


def recurring(name: str) -> RecurringInfo:
    info = RecurringInfo()
    info.Name, info.RecurType, info.Active = name, "Automated", True
    info.ScheduleInfo = ScheduleInfo()
    info.ScheduleInfo.IntervalType, info.ScheduleInfo.DayOfMonth = "Monthly", 1
    return info


def test_recurring_transactions(qb: Any) -> None:
    template = form(qb, RecurringInvoice)
    template.RecurringInfo = recurring("Monthly")
    wrapped = RecurringTransaction()
    wrapped.Invoice = template
    made = wrapped.save(qb=qb)
    found = RecurringTransaction.get(made.Invoice.Id, qb=qb)
    found.Invoice.RecurringInfo.ScheduleInfo.DayOfMonth = 15
    found.save(qb=qb)
    (again,) = RecurringTransaction.where("Type = 'Invoice'", qb=qb)
    assert again.Invoice.RecurringInfo.ScheduleInfo.DayOfMonth == 15
    assert again.Invoice.SyncToken == "1"
    assert RecurringTransaction.where("Type = 'Bill'", qb=qb) == []
    again.delete(qb=qb)
    assert RecurringTransaction.all(qb=qb) == []


def test_accounts_employees_and_time(qb: Any) -> None:
    made = Account()
    made.Name, made.AcctNum, made.AccountSubType = "Petty cash", "1234", "CashOnHand"
    made.save(qb=qb)
    assert Account.get(made.Id, qb=qb).AcctNum == "1234"
    assert Account.where(
        "Classification = 'Asset' AND FullyQualifiedName != 'Checking'", max_results=1, qb=qb
    )
    employee = Employee()
    employee.GivenName, employee.FamilyName = "Bob", "Staff"
    employee.save(qb=qb)
    activity = TimeActivity()
    activity.NameOf, activity.EmployeeRef = "Employee", employee.to_ref()
    activity.StartTime, activity.EndTime = "2026-03-02T10:00:00-07:00", "2026-03-02T11:00:00-07:00"
    activity.save(qb=qb)
    found = TimeActivity.all(qb=qb)[0]
    found.Description = "Changed"
    found.save(qb=qb)
    assert TimeActivity.get(found.Id, qb=qb).Description == "Changed"


def test_preferences_are_saved_whole(qb: Any) -> None:
    found = Preferences.get(qb=qb)
    found.EmailMessagesPrefs.EstimateMessage.Subject = "New subject"
    found.save(qb=qb)
    again = Preferences.get(qb=qb)
    assert again.EmailMessagesPrefs.EstimateMessage.Subject == "New subject"
    assert again.SalesFormsPrefs.CustomTxnNumbers is True
    raw = qb.company.get("preferences").json()["Preferences"]
    assert raw["CurrencyPrefs"]["HomeCurrency"] == {"value": "USD"}


def test_tax_service_and_purchase_orders(qb: Any) -> None:
    service, rate = TaxService(), TaxRateDetails()
    service.TaxCode = rate.TaxRateName = "City"
    rate.RateValue, rate.TaxAgencyId, rate.TaxApplicableOn = 10, 1, "Sales"
    service.TaxRateDetails.append(rate)
    made = service.save(qb=qb)
    assert (made.TaxRateDetails[0].RateValue, made.TaxRateDetails[0].TaxAgencyId) == (10, "1")
    vendor = Vendor()
    vendor.DisplayName = "Vendor"
    vendor.save(qb=qb)
    order = PurchaseOrder()
    order.VendorRef, order.APAccountRef = vendor.to_ref(), account(qb, "Checking").to_ref()
    order.Line.append(spent(qb))
    order.save(qb=qb)
    assert PurchaseOrder.get(order.Id, qb=qb).TotalAmt == 20


def test_refund_by_check_and_card_payments(qb: Any) -> None:
    refund = RefundReceipt()
    refund.DocNumber, refund.DepositToAccountRef = "R-1", account(qb, "Checking").to_ref()
    refund.CheckPayment = RefundReceiptCheckPayment()
    refund.CheckPayment.CheckNum = "1001"
    refund.Line.append(sold(an_item(qb)))
    refund.save(qb=qb)
    assert RefundReceipt.get(refund.Id, qb=qb).DocNumber == "R-1"
    card = CreditCardPayment()
    card.Amount = 10
    card.BankAccountRef, card.CreditCardAccountRef = (
        account(qb, "Checking").to_ref(),
        account(qb, "Mastercard").to_ref(),
    )
    card.save(qb=qb)
    assert CreditCardPayment.get(card.Id, qb=qb).Amount == 10


def test_exchange_rates(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    client = library_client(box, Company.made(box, multicurrency=True), monkeypatch)
    rate = ExchangeRate.where("SourceCurrencyCode = 'EUR'", qb=client)[0]
    rate.Rate += 1
    rate.save(qb=client)
    (again,) = ExchangeRate.where("SourceCurrencyCode = 'EUR'", qb=client)
    assert (again.Rate, again.TargetCurrencyCode) == (2.1, "USD")
    client.session.close()


def test_invoice_object_saved_with_a_request_id_is_made_once(qb: Any) -> None:
    item, customer = an_item(qb), a_customer(qb)
    for _ in range(2):
        document = Invoice()
        document.CustomerRef = customer.to_ref()
        document.Line.append(sold(item))
        document.save(qb=qb, request_id="once")
    assert len(Invoice.all(qb=qb)) == 1
