"""Invoices for people: list, view, edit, copy, void, delete, send, record a payment."""

from __future__ import annotations

from decimal import Decimal

from sandbox import jsontext
from sandbox.messages import Request, Response
from sandbox.people.html import button, esc, field, select, table
from sandbox.people.layout import address, back_to, money, shown
from sandbox.quickbooks import paynow, sending, writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.kinds import KINDS, Body

PERSON = {"by": "person"}
SHOWN = 200


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Invoices", listing(books))
    if rest == ["new"]:
        return new(books, request)
    if len(rest) > 2:
        return None
    invoice = books.must_find("Invoice", rest[0])
    if request.method != "POST":
        return (
            shown(books.company, f"Invoice {number(invoice)}", view(books, invoice))
            if len(rest) == 1
            else None
        )
    action = ACTIONS.get(rest[1] if len(rest) == 2 else "")
    if action is None:
        return None
    return back_to(
        books.company, action(books, invoice, request.form()) or f"invoices/{invoice['Id']}"
    )


def number(body: Body) -> str:
    return str(body.get("DocNumber") or f"(no number, id {body['Id']})")


def is_voided(body: Body) -> bool:
    return str(body.get("PrivateNote", "")).startswith("Voided") and not body.get("TotalAmt")


def state(invoice: Body) -> str:
    if is_voided(invoice):
        return "Voided"
    if not invoice["Balance"]:
        return "Paid"
    return "Partly paid" if invoice["Balance"] != invoice["TotalAmt"] else "Open"


def latest(books: Books, kind: str, condition: str = "") -> list[Body]:
    rows = books.store.all(
        f"SELECT body FROM objects WHERE realm=? AND kind=? AND gone=0 {condition} ORDER BY id DESC LIMIT {SHOWN}",
        books.realm,
        kind,
    )
    return [jsontext.loads(row[0]) for row in rows]


def listing(books: Books) -> str:
    new_one = (
        f'<p><a class="button" href="{address(books.company, "invoices/new")}">New invoice</a></p>'
    )
    return new_one + invoice_table(books, latest(books, "Invoice"))


def overview(books: Books) -> str:
    return "<h2>Open invoices</h2>" + invoice_table(
        books, latest(books, "Invoice", "AND balance>0")
    )


def invoice_table(books: Books, found: list[Body]) -> str:
    at = address(books.company, "invoices")
    return table(
        ["Number", "Date", "Customer", "Due", "Total", "Balance", "State"],
        [
            [
                f'<a href="{at}/{i["Id"]}">{esc(number(i))}</a>',
                i["TxnDate"],
                esc(i["CustomerRef"].get("name")),
                i.get("DueDate", ""),
                money(i["TotalAmt"]),
                money(i["Balance"]),
                state(i),
            ]
            for i in found
        ],
        {4, 5},
    )


def facts(pairs: list[tuple[str, object]]) -> str:
    return "<dl>" + "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in pairs) + "</dl>"


def view(books: Books, invoice: Body) -> str:
    at = address(books.company, f"invoices/{invoice['Id']}")
    parts = [summary(invoice), "<h2>Lines</h2>", lines(invoice), applied(books, invoice)]
    if paynow.payable(books, invoice) and invoice["Balance"]:
        parts.append(
            f'<p><a href="{paynow.path(books, invoice["Id"])}">Pay link of the customer</a></p>'
        )
    if invoice["Balance"]:
        parts += ["<h2>Record a payment</h2>", payment_form(books, at, invoice)]
    parts += [
        "<h2>Edit</h2>",
        edit_form(at, invoice),
        "<h2>More</h2>",
        button(f"{at}/copy", "Copy"),
    ]
    parts += [
        button(f"{at}/send", "Send"),
        button(f"{at}/void", "Void", "danger"),
        button(f"{at}/delete", "Delete", "danger"),
    ]
    return "".join(parts)


def summary(invoice: Body) -> str:
    return facts(
        [
            ("Customer", invoice["CustomerRef"].get("name")),
            ("Date", invoice["TxnDate"]),
            ("Due", invoice.get("DueDate")),
            ("Tax", money(invoice["TxnTaxDetail"]["TotalTax"])),
            ("Total", money(invoice["TotalAmt"])),
            ("Balance", money(invoice["Balance"])),
            ("State", state(invoice)),
            ("E-mail", invoice.get("EmailStatus")),
            ("Memo", invoice.get("PrivateNote")),
            ("Message", invoice.get("CustomerMemo", {}).get("value")),
            ("Id", invoice["Id"]),
            ("Version", invoice["SyncToken"]),
        ]
    )


def applied(books: Books, invoice: Body) -> str:
    links = [link for link in invoice["LinkedTxn"] if link["TxnType"] == "Payment"]
    at = address(books.company, "payments")
    return "".join(
        f'<p>Paid with <a href="{at}/{link["TxnId"]}">payment {link["TxnId"]}</a>.</p>'
        for link in links
    )


def lines(document: Body) -> str:
    rows = []
    for line in document.get("Line", []):
        detail = line.get(line.get("DetailType", ""), {})
        name = (detail.get("ItemRef") or detail.get("AccountRef") or {}).get("name")
        linked = ", ".join(
            f"{link['TxnType']} {link['TxnId']}" for link in line.get("LinkedTxn", [])
        )
        what = (
            "Subtotal"
            if line.get("DetailType") == "SubTotalLineDetail"
            else line.get("Description") or linked
        )
        side = detail.get("PostingType", "")
        rows.append(
            [
                esc(name),
                esc(what),
                esc(detail.get("Qty") or side),
                esc(detail.get("UnitPrice")),
                money(line.get("Amount", 0)),
            ]
        )
    return table(["Item or account", "Description", "Qty", "Price", "Amount"], rows, {2, 3, 4})


def payment_form(books: Books, at: str, invoice: Body) -> str:
    methods = [("", "–")] + [
        (m["Id"], m["Name"]) for m in books.where("PaymentMethod") if m["Active"]
    ]
    return (
        f'<form method="post" action="{at}/pay">'
        + field("Amount", "amount", f"{invoice['Balance']:.2f}")
        + field("Date", "date", books.today.isoformat(), "date")
        + select("Method", "method", methods)
        + field("Reference", "reference")
        + '<button class="main">Record payment</button></form>'
    )


def edit_form(at: str, invoice: Body) -> str:
    sold = [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    amounts = "".join(
        field(f"Amount of line {line['LineNum']}", f"amount_{line['Id']}", f"{line['Amount']:.2f}")
        for line in sold
    )
    return (
        f'<form method="post" action="{at}/edit">'
        + field("Due date", "due_date", invoice.get("DueDate"), "date")
        + field("Memo", "memo", invoice.get("PrivateNote"))
        + field("Message", "message", invoice.get("CustomerMemo", {}).get("value"))
        + field("Number", "doc_number", invoice.get("DocNumber"))
        + amounts
        + "<button>Save</button></form>"
    )


def new(books: Books, request: Request) -> Response:
    if request.method == "POST":
        form = request.form()
        line = {
            "Amount": form["amount"],
            "DetailType": "SalesItemLineDetail",
            "Description": form.get("description", ""),
            "SalesItemLineDetail": {
                "ItemRef": {"value": form["item"]},
                "TaxCodeRef": tax_code(books, form),
            },
        }
        body: Body = {
            "CustomerRef": {"value": form["customer"]},
            "Line": [line],
            "DocNumber": form.get("doc_number", ""),
        }
        if not books.company.is_us:
            body["GlobalTaxCalculation"] = "TaxExcluded"
        made = writing.create(books, KINDS["Invoice"], body, PERSON)
        return back_to(books.company, f"invoices/{made['Id']}")
    customers = [(c["Id"], c["FullyQualifiedName"]) for c in books.where("Customer") if c["Active"]]
    items = [
        (i["Id"], i["FullyQualifiedName"])
        for i in books.where("Item")
        if i["Active"] and i["Type"] != "Category"
    ]
    codes = [
        (c["Id"], c["Name"])
        for c in books.where("TaxCode")
        if not books.company.is_us or c["Id"] in {"TAX", "NON"}
    ]
    form_html = (
        f'<form method="post" action="{address(books.company, "invoices/new")}">'
        + select("Customer", "customer", customers)
        + select("Item", "item", items)
        + field("Description", "description")
        + field("Amount", "amount")
        + select("Tax", "tax_code", codes, "NON")
        + field("Number", "doc_number")
        + '<button class="main">Save</button></form>'
    )
    return shown(books.company, "New invoice", form_html)


def tax_code(books: Books, form: dict[str, str]) -> Body:
    return {"value": form.get("tax_code") or ("NON" if books.company.is_us else "")}


def pay(books: Books, invoice: Body, form: dict[str, str]) -> None:
    amount = form.get("amount", "")
    body: Body = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount,
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
        "TxnDate": form.get("date", ""),
        "PaymentRefNum": form.get("reference", ""),
    }
    if form.get("method"):
        body["PaymentMethodRef"] = {"value": form["method"]}
    writing.create(books, KINDS["Payment"], body, PERSON)


def edit(books: Books, invoice: Body, form: dict[str, str]) -> None:
    changed: Body = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"], "sparse": True}
    for name, key in (
        ("due_date", "DueDate"),
        ("memo", "PrivateNote"),
        ("doc_number", "DocNumber"),
    ):
        if name in form and form[name] != str(invoice.get(key, "")):
            changed[key] = form[name]
    if "message" in form and form["message"] != invoice.get("CustomerMemo", {}).get("value", ""):
        changed["CustomerMemo"] = {"value": form["message"]}
    kept = [line for line in invoice["Line"] if line["DetailType"] != "SubTotalLineDetail"]
    new_lines = [edited(line, form) for line in kept]
    if new_lines != kept:
        changed["Line"] = new_lines
    writing.update(books, KINDS["Invoice"], changed, PERSON)


def edited(line: Body, form: dict[str, str]) -> Body:
    """A changed amount becomes the price of one unit, as a person would type it."""
    wanted = form.get(f"amount_{line.get('Id')}")
    if wanted is None or Decimal(wanted) == line.get("Amount"):
        return line
    detail = {k: v for k, v in line["SalesItemLineDetail"].items() if k not in {"Qty", "UnitPrice"}}
    detail |= {"Qty": 1, "UnitPrice": Decimal(wanted)}
    return {**line, "Amount": Decimal(wanted), "SalesItemLineDetail": detail}


def void(books: Books, invoice: Body, form: dict[str, str]) -> None:
    writing.cancel(books, KINDS["Invoice"], invoice)


def delete(books: Books, invoice: Body, form: dict[str, str]) -> str:
    writing.erase(books, KINDS["Invoice"], invoice)
    return "invoices"


def send(books: Books, invoice: Body, form: dict[str, str]) -> None:
    sending.send(books, KINDS["Invoice"], invoice["Id"], Request("POST", "", {}))


COPIED = (
    "CustomerRef",
    "Line",
    "BillAddr",
    "ShipAddr",
    "BillEmail",
    "SalesTermRef",
    "CustomerMemo",
    "ClassRef",
    "DepartmentRef",
    "GlobalTaxCalculation",
    "ApplyTaxAfterDiscount",
    "CurrencyRef",
    "ExchangeRate",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
)


def copy(books: Books, invoice: Body, form: dict[str, str]) -> str:
    """QuickBooks' Copy: a new invoice of today without number or payments; the memo as switched."""
    body = jsontext.loads(jsontext.dumps({k: invoice[k] for k in COPIED if k in invoice}))
    if books.switches.copy_keeps_memo and invoice.get("PrivateNote"):
        body["PrivateNote"] = invoice["PrivateNote"]
    made = writing.create(books, KINDS["Invoice"], body, PERSON)
    return f"invoices/{made['Id']}"


ACTIONS = {"pay": pay, "edit": edit, "void": void, "delete": delete, "send": send, "copy": copy}
