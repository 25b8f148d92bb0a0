"""One of everything: every entity created, changed, read and, where possible, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import checking, jsontext
from sandbox.control import companies
from sandbox.messages import Request

if TYPE_CHECKING:
    from sandbox.core import Sandbox

Body = dict[str, Any]
BASIC = {"throttles": False, "custom_numbers": True, "payments_enabled": True}
WISHES: list[Body] = [
    {**BASIC, "demo": True},
    {**BASIC, "ast": True},
    {**BASIC, "custom_numbers": False, "auto_apply": True},
    {**BASIC, "country": "CA"},
    {**BASIC, "country": "GB"},
    {**BASIC, "multicurrency": True},
]


class Exercise:
    """A caller that goes through the core and checks each answer against the field lists."""

    def __init__(self, core: Sandbox, wish: Body) -> None:
        self.core, self.wish = core, wish
        with core.lock, core.store.transaction():
            made = companies.create(core, wish)
        self.realm, self.token = made["realm_id"], made["access_token"]
        self.us = wish.get("country", "US") == "US"
        self.problems: list[str] = []
        self.answers = 0

    # -- calls ---------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None) -> Body:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        text = jsontext.dumps(body).encode() if isinstance(body, dict) else body or b""
        target = f"/sandbox/v3/company/{self.realm}/{path}"
        response = self.core.handle(Request.to(method, target, headers, text))
        self.answers += 1
        if response.status != 200:
            self.problems.append(
                f"{method} {path}: {response.status} {response.body[:400].decode()}"
            )
            return {}
        if "json" not in response.headers["Content-Type"]:
            return {}
        found: Body = jsontext.loads(response.body)
        self.problems += [f"{method} {path}: {line}" for line in checking.of_answer(found)]
        return found

    def write(self, entity: str, body: Body, more: str = "") -> Body:
        answer = self.call("POST", entity.lower() + more, body)
        found: Body = answer.get(entity) or answer.get("CreditCardPaymentTxn") or {}
        return found

    def first(self, entity: str, where: str = "") -> Body:
        found: Body = self.call(
            "GET", f"query?query=select%20*%20from%20{entity}{where.replace(' ', '%20')}"
        )
        rows: list[Body] = found.get("QueryResponse", {}).get(entity, [{}])
        return rows[0]

    def account(self, kind: str, subtype: str | None = None) -> str:
        where = (
            f" where AccountSubType = '{subtype}'" if subtype else f" where AccountType = '{kind}'"
        )
        return str(self.first("Account", where).get("Id"))

    def change(self, entity: str, body: Body, **changed: Any) -> Body:
        return self.write(
            entity, {"Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True, **changed}
        )

    # -- the round -------------------------------------------------------------------------------

    def run(self) -> None:
        self.customer = self.write(
            "Customer",
            {
                "GivenName": "Charlie",
                "FamilyName": "Else",
                "PrimaryEmailAddr": {"Address": "charlie@example.com"},
                "BillAddr": {
                    "Line1": "1 Main Street",
                    "City": "Oakland",
                    "CountrySubDivisionCode": "CA",
                },
                "WebAddr": {"URI": "https://example.com"},
                "Notes": "A note",
            },
        )
        self.vendor = self.write("Vendor", {"DisplayName": "Vendor One"})
        self.lists()
        self.sales()
        self.money_in()
        self.money_out()
        self.others()
        self.reads()

    def lists(self) -> None:
        self.write("Employee", {"GivenName": "Bob", "FamilyName": "Exercise"})
        income, expense = self.account("Income"), self.account("Expense")
        self.item = self.write(
            "Item",
            {
                "Name": "Hour",
                "Type": "Service",
                "UnitPrice": 12.5,
                "Sku": "H-1",
                "IncomeAccountRef": {"value": income},
                "ExpenseAccountRef": {"value": expense},
            },
        )
        self.stock = self.write(
            "Item",
            {
                "Name": "Part",
                "Type": "Inventory",
                "UnitPrice": 10,
                "PurchaseCost": 4,
                "TrackQtyOnHand": True,
                "QtyOnHand": 100,
                "InvStartDate": "2026-01-01",
                "IncomeAccountRef": {"value": income},
                "ExpenseAccountRef": {"value": self.account("", "SuppliesMaterialsCogs")},
                "AssetAccountRef": {"value": self.account("", "Inventory")},
            },
        )
        account = self.write("Account", {"Name": "Stripe clearing", "AccountSubType": "Checking"})
        self.change("Account", account, Active=False)
        for entity in ("Class", "Department", "PaymentMethod"):
            made = self.write(entity, {"Name": f"A {entity}"})
            self.change(entity, made, Name=f"Other {entity}")
        self.write("Term", {"Name": "Net 45", "DueDays": 45})
        self.write("TaxAgency", {"DisplayName": "An agency"})
        rate = {
            "TaxRateName": "New rate",
            "RateValue": 3,
            "TaxAgencyId": "1",
            "TaxApplicableOn": "Sales",
        }
        self.call("POST", "taxservice/taxcode", {"TaxCode": "New code", "TaxRateDetails": [rate]})

    def line(self, amount: Any, item: Body | None = None, **detail: Any) -> Body:
        code = "TAX" if self.us else str(self.first("TaxCode").get("Id"))
        inner = {
            "ItemRef": {"value": (item or self.item)["Id"]},
            "TaxCodeRef": {"value": code},
            **detail,
        }
        return {
            "Amount": amount,
            "DetailType": "SalesItemLineDetail",
            "Description": "Work",
            "SalesItemLineDetail": inner,
        }

    def form(self, **more: Any) -> Body:
        body: Body = {
            "CustomerRef": {"value": self.customer["Id"]},
            "Line": [
                self.line(25, Qty=2, UnitPrice=12.5),
                {"DetailType": "DescriptionOnly", "Description": "Note"},
            ],
        }
        if not self.us:
            body["GlobalTaxCalculation"] = "TaxExcluded"
        return {**body, **more}

    def sales(self) -> None:
        self.estimate = self.write("Estimate", self.form())
        self.invoice = self.write(
            "Invoice",
            self.form(
                DocNumber="X-1",
                LinkedTxn=[{"TxnId": self.estimate["Id"], "TxnType": "Estimate"}],
                CustomerMemo={"value": "Thanks"},
                AllowOnlineCreditCardPayment=True,
            ),
        )
        discount = {
            "DetailType": "DiscountLineDetail",
            "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
        }
        if not self.us:
            discount["DiscountLineDetail"]["TaxCodeRef"] = {"value": self.first("TaxCode")["Id"]}  # type: ignore[index]
        form = self.form(DocNumber="X-2")
        self.discounted = self.write(
            "Invoice",
            {
                **form,
                "Line": [*form["Line"], discount, self.line(20, self.stock, Qty=2, UnitPrice=10)],
            },
        )
        self.credit = self.write("CreditMemo", self.form())
        self.receipt = self.write("SalesReceipt", self.form())
        self.write(
            "RefundReceipt",
            self.form(DepositToAccountRef={"value": self.account("Bank")}, PaymentRefNum="1"),
        )
        self.change("Invoice", self.current("Invoice", self.discounted), PrivateNote="Changed")
        self.call("POST", f"invoice/{self.invoice['Id']}/send")
        self.call("GET", f"invoice/{self.invoice['Id']}/pdf")
        for entity, made in (
            ("Estimate", self.estimate),
            ("CreditMemo", self.credit),
            ("SalesReceipt", self.receipt),
        ):
            self.call("POST", f"{entity.lower()}/{made['Id']}/send?sendTo=c@example.com")

    def current(self, entity: str, body: Body) -> Body:
        found: Body = self.call("GET", f"{entity.lower()}/{body['Id']}")[entity]
        return found

    def money_in(self) -> None:
        customer = {"value": self.customer["Id"]}
        invoice = self.current("Invoice", self.invoice)
        applied = {"Amount": 5, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        payment = self.write("Payment", {"CustomerRef": customer, "TotalAmt": 8, "Line": [applied]})
        self.call("POST", f"payment/{payment['Id']}/send?sendTo=c@example.com")
        self.write(
            "Deposit",
            {
                "DepositToAccountRef": {"value": self.account("Bank")},
                "Line": [
                    {
                        "Amount": 8,
                        "LinkedTxn": [
                            {"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}
                        ],
                    },
                    {
                        "Amount": -1,
                        "DetailType": "DepositLineDetail",
                        "DepositLineDetail": {"AccountRef": {"value": self.account("Expense")}},
                    },
                ],
            },
        )
        credit = self.current("CreditMemo", self.credit)
        if credit["RemainingCredit"]:
            self.write(
                "Payment",
                {
                    "CustomerRef": customer,
                    "TotalAmt": 0,
                    "Line": [
                        {
                            "Amount": 2,
                            "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}],
                        },
                        {
                            "Amount": 2,
                            "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "CreditMemo"}],
                        },
                    ],
                },
            )
        from sandbox.quickbooks import paynow

        with self.core.lock, self.core.store.transaction():
            paynow.pay(self.core.books(self.realm), invoice["Id"], "card")
        self.core.clock.advance(2 * 86400)
        self.token = self.fresh_token()

    def fresh_token(self) -> str:
        from sandbox.oauth import grants

        with self.core.lock, self.core.store.transaction():
            grant = grants.create(
                self.core, self.realm, next(iter(self.core.apps)), companies.ACCOUNTING
            )
            return str(grants.new_access(self.core, grant)["access_token"])

    def money_out(self) -> None:
        vendor, bank, expense = (
            {"value": self.vendor["Id"]},
            self.account("Bank"),
            self.account("Expense"),
        )
        line = {
            "Amount": 9.99,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": expense}},
        }
        purchase = self.write(
            "Purchase",
            {
                "PaymentType": "Cash",
                "AccountRef": {"value": bank},
                "Line": [line],
                "EntityRef": {**vendor, "type": "Vendor"},
                "DocNumber": "RG1",
            },
        )
        self.write(
            "Purchase",
            {"Id": purchase["Id"], "SyncToken": purchase["SyncToken"]},
            "?operation=delete",
        )
        bill = self.write("Bill", {"VendorRef": vendor, "Line": [line]})
        credit = self.write("VendorCredit", {"VendorRef": vendor, "Line": [{**line, "Amount": 2}]})
        self.write(
            "BillPayment",
            {
                "VendorRef": vendor,
                "TotalAmt": 3,
                "PayType": "Check",
                "CheckPayment": {"BankAccountRef": {"value": bank}},
                "Line": [
                    {"Amount": 5, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]},
                    {
                        "Amount": 2,
                        "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "VendorCredit"}],
                    },
                ],
            },
        )
        order = self.write("PurchaseOrder", {"VendorRef": vendor, "Line": [line]})
        self.call("POST", f"purchaseorder/{order['Id']}/send?sendTo=v@example.com")
        self.write(
            "Transfer",
            {
                "Amount": 5,
                "FromAccountRef": {"value": bank},
                "ToAccountRef": {"value": self.account("", "Savings")},
            },
        )
        sides = [("Debit", expense), ("Credit", bank)]
        self.write(
            "JournalEntry",
            {
                "Line": [
                    {
                        "Amount": 3,
                        "DetailType": "JournalEntryLineDetail",
                        "JournalEntryLineDetail": {
                            "PostingType": side,
                            "AccountRef": {"value": account},
                        },
                    }
                    for side, account in sides
                ]
            },
        )
        self.write(
            "CreditCardPayment",
            {
                "Amount": 4,
                "BankAccountRef": {"value": bank},
                "CreditCardAccountRef": {"value": self.account("Credit Card")},
            },
        )

    def others(self) -> None:
        self.write(
            "TimeActivity",
            {"NameOf": "Vendor", "VendorRef": {"value": self.vendor["Id"]}, "Hours": 2},
        )
        template = {
            **self.form(),
            "RecurringInfo": {"Name": "Monthly", "RecurType": "Automated", "Active": True},
        }
        self.call("POST", "recurringtransaction", {"RecurringTransaction": {"Invoice": template}})
        self.write(
            "Attachable",
            {
                "Note": "A note",
                "AttachableRef": [{"EntityRef": {"type": "Invoice", "value": self.invoice["Id"]}}],
            },
        )
        self.upload()
        if self.wish.get("multicurrency"):
            self.write("ExchangeRate", {"SourceCurrencyCode": "EUR", "Rate": 1.1})
            euro = self.write("Customer", {"DisplayName": "Euro", "CurrencyRef": {"value": "EUR"}})
            invoice = self.write(
                "Invoice", self.form(CustomerRef={"value": euro["Id"]}, ExchangeRate=1.25)
            )
            self.write(
                "Payment",
                {
                    "CustomerRef": {"value": euro["Id"]},
                    "TotalAmt": invoice["TotalAmt"],
                    "ExchangeRate": 1.3,
                    "Line": [
                        {
                            "Amount": invoice["TotalAmt"],
                            "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}],
                        }
                    ],
                },
            )

    def upload(self) -> None:
        body = (
            b'--b\nContent-Disposition: form-data; name="file_metadata_01"\nContent-Type: application/json\n\n'
            b'{"FileName":"a.txt"}\n--b\nContent-Disposition: form-data; name="file_content_01"; filename="a.txt"\n'
            b"Content-Type: text/plain\n\nhello\n--b--\n"
        )
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "Content-Type": "multipart/form-data; boundary=b",
        }
        response = self.core.handle(
            Request.to("POST", f"/sandbox/v3/company/{self.realm}/upload", headers, body)
        )
        if response.status != 200:
            self.problems.append(f"upload: {response.status} {response.body[:300].decode()}")

    def reads(self) -> None:
        self.call("GET", f"companyinfo/{self.realm}")
        self.call("GET", "preferences")
        self.call(
            "GET",
            "cdc?entities=Invoice,Payment,Customer,Item,Account,Deposit&changedSince=2026-03-01",
        )
        for entity in (
            "Invoice",
            "Customer",
            "Account",
            "Item",
            "TaxCode",
            "TaxRate",
            "Attachable",
            "RecurringTransaction",
        ):
            self.first(entity)
        for name in (
            "AgedReceivables",
            "AgedReceivableDetail",
            "ProfitAndLoss",
            "BalanceSheet",
            "TrialBalance",
        ):
            self.call("GET", f"reports/{name}")
        invoice = self.current("Invoice", self.discounted)
        self.write(
            "Invoice", {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"]}, "?operation=void"
        )
