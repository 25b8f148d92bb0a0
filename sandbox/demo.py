"""A company that looks like a real one: a managed service provider in its second year."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import setup
from sandbox.company import Company
from sandbox.quickbooks import writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.core import Sandbox

REALM = "9130357849016536"
NAME = "Northwind Managed IT"
CUSTOMERS = [
    "Amber Dental Group", "Birchwood Accounting", "Bluebird Bakery", "Cedar & Stone Architects",
    "City Optics", "Clearwater Logistics", "Copper Kettle Cafe", "Crestline Realty",
    "Delta Auto Parts", "Evergreen Landscaping", "Fairview Clinic", "Foxglove Interiors",
    "Granite Legal LLP", "Harbor Fitness", "Highland School", "Ironbridge Engineering",
    "Juniper Pharmacy", "Kestrel Travel", "Lakeside Hotel", "Maple Street Books",
    "Meridian Insurance", "Nimbus Media", "Oak Valley Vets", "Pinecone Toys",
    "Quarry Construction", "Redwood Foundation", "Silverline Couriers", "Tidewater Marine",
    "Upland Farms", "Willow Creek Church",
]  # fmt: skip
SERVICES = [
    ("Managed Workstation", "45.00"), ("Managed Server", "180.00"), ("Help Desk Hour", "125.00"),
    ("On-site Hour", "150.00"), ("After-hours Hour", "225.00"), ("Project Hour", "140.00"),
    ("Backup per Server", "75.00"), ("Email Security", "4.50"), ("Endpoint Protection", "6.25"),
    ("Microsoft 365 Business", "22.00"), ("Firewall Management", "95.00"), ("Network Monitoring", "60.00"),
    ("Security Awareness Training", "3.75"), ("Onboarding", "350.00"),
]  # fmt: skip
HARDWARE = [("Laptop 14 inch", "1149.00"), ("Docking Station", "219.00"), ("Wi-Fi Access Point", "189.00"),
            ("UPS 1500VA", "239.50")]  # fmt: skip
# (name, price, cost, on hand)
STOCK = [("Patch Cable 2 m", "9.50", "3.20", 120), ("Barcode Scanner", "149.00", "88.00", 14)]
VENDORS = ["Cloud Distribution Inc.", "Metro Telecom", "Office Park Leasing", "Parts Warehouse"]
STREETS = ["Oak Street", "Mission Street", "Harrison Avenue", "Bay Road", "Market Street"]
CITIES = [
    ("San Francisco", "94105"),
    ("Oakland", "94607"),
    ("San Mateo", "94401"),
    ("Berkeley", "94704"),
]


def make(core: Sandbox, **wish: object) -> Company:
    """The demo company, connected to no app yet. Does nothing when it exists already."""
    if REALM in core.companies:
        return core.companies[REALM]
    with core.lock, core.store.transaction():
        company = core.add_company(
            Company(REALM, NAME, throttles=bool(wish.get("throttles", True)))
        )
        # Automated sales tax is on in companies made since November 2017 (reference quickbooks 5.5).
        modern = {"payments_enabled": True, "custom_numbers": True, "ast": True}
        setup.fill(core, company, {**modern, **wish})
        fill(core, company)
        core.keep()
    return company


def fill(core: Sandbox, company: Company) -> None:
    books = Books(core, company)
    items = [add_item(books, name, price, "Services") for name, price in SERVICES]
    items += [add_item(books, name, price, "Hardware Sales") for name, price in HARDWARE]
    for row in STOCK:
        add_stock(books, *row)
    add(books, "Employee", {"GivenName": "Bob", "FamilyName": "Staff"})
    customers = [add_customer(books, n, name) for n, name in enumerate(CUSTOMERS)]
    for name in VENDORS:
        add(books, "Vendor", {"DisplayName": name})
    for n in range(24):
        add_invoice(books, n, customers[n % len(customers)], items)


def add(books: Books, kind: str, body: Body) -> Body:
    return writing.create(books, KINDS[kind], body, {})


def add_item(books: Books, name: str, price: str, account: str) -> Body:
    income = next(a for a in books.accounts() if a["Name"] == account)
    kind = "Service" if account == "Services" else "NonInventory"
    return add(books, "Item", {"Name": name, "Description": name, "Type": kind, "UnitPrice": Decimal(price),
                               "Taxable": kind != "Service", "IncomeAccountRef": {"value": income["Id"]}})  # fmt: skip


def add_stock(books: Books, name: str, price: str, cost: str, on_hand: int) -> Body:
    accounts = {a["AccountSubType"]: {"value": a["Id"]} for a in books.accounts()}
    return add(books, "Item", {
        "Name": name, "Description": name, "Type": "Inventory",
        "UnitPrice": Decimal(price), "PurchaseCost": Decimal(cost),
        "TrackQtyOnHand": True, "QtyOnHand": on_hand, "InvStartDate": "2020-01-01", "Taxable": True,
        "IncomeAccountRef": accounts["SalesOfProductIncome"], "AssetAccountRef": accounts["Inventory"],
        "ExpenseAccountRef": accounts["SuppliesMaterialsCogs"],
    })  # fmt: skip


def add_customer(books: Books, n: int, name: str) -> Body:
    city, code = CITIES[n % len(CITIES)]
    slug = "".join(c for c in name.lower() if c.isalnum())
    address = {"Line1": f"{100 + 7 * n} {STREETS[n % len(STREETS)]}", "City": city,
               "CountrySubDivisionCode": "CA", "PostalCode": code}  # fmt: skip
    return add(books, "Customer", {
        "DisplayName": name, "CompanyName": name, "PrimaryEmailAddr": {"Address": f"accounts@{slug}.example"},
        "PrimaryPhone": {"FreeFormNumber": f"(415) 555-{1000 + n}"}, "BillAddr": address, "ShipAddr": dict(address),
    })  # fmt: skip


def add_invoice(books: Books, n: int, customer: Body, items: list[Body]) -> None:
    """Every third is paid, every sixth in part; the rest is open, some overdue."""
    day = books.today - timedelta(days=3 * n)
    chosen = [items[n % len(items)], items[(n * 5 + 2) % len(items)]]
    lines = [sales_line(item, 1 + n % 4) for item in chosen]
    made = add(books, "Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": lines,
                                  "TxnDate": day.isoformat(), "DocNumber": str(1001 + n)})  # fmt: skip
    if n % 3 == 0:
        pay(books, made, made["TotalAmt"] if n % 6 else made["TotalAmt"] / 2, day)


def sales_line(item: Body, quantity: int) -> Body:
    return {
        "Amount": Decimal(item["UnitPrice"]) * quantity, "Description": item["Name"],
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "Qty": quantity,
                                "UnitPrice": item["UnitPrice"], "TaxCodeRef": {"value": "NON"}},
    }  # fmt: skip


def pay(books: Books, invoice: Body, amount: Decimal, day: date) -> None:
    cents = amount.quantize(Decimal("0.01"))
    add(books, "Payment", {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]}, "TotalAmt": cents,
        "TxnDate": min(day + timedelta(days=5), books.today).isoformat(),
        "Line": [{"Amount": cents, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
    })  # fmt: skip
