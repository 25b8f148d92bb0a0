"""What the fuzz test sends: mostly sensible calls that hang together, with junk sprinkled in.

Ids cannot be known when a call is drawn: `@Customer:3` stands for the fourth living customer (counted
round) and `@token` for the current version of the object whose Id is beside it.
"""

from typing import Any

from hypothesis import strategies as st

from sandbox import jsontext
from sandbox.exercise import Exercise
from sandbox.quickbooks import fields

Strategy = st.SearchStrategy[Any]
JUNK: Strategy = st.one_of(
    st.sampled_from(
        [
            None,
            "",
            " ",
            "0",
            "-1",
            "99",
            "1" * 30,
            "x" * 5000,
            "\ud800",
            "\x00",
            "\U0001f600",
            "é",
            "2026-13-45",
            "1900-01-01",
            "9" * 12,
            "NaN",
            "1e400",
            True,
            False,
            0,
            -1,
            10**18,
            10**30,
            0.005,
            -0.01,
            1e-12,
            [],
            {},
            [[]],
            [None],
            {"value": "1"},
            {"value": None},
            {"value": "1", "name": 5},
            [{"Id": "1"}],
            "'",
            "\\",
            "TAX",
            "NON",
        ]
    ),
    st.text(max_size=12),
    st.integers(-5, 200),
    st.decimals(-100, 10_000, places=2),
)
INDEX = st.integers(0, 40)
MONEY = st.sampled_from(["0", "0.01", "1", "5", "10", "33.33", "100", "-5", "1861.07", 12.5, 250])
DAYS = st.sampled_from(["2026-01-15", "2026-03-10", "2026-03-31", "2027-01-01"])


def ref(kind: str) -> Strategy:
    return INDEX.map(lambda n: {"value": f"@{kind}:{n}"})


def known(_required: dict[str, Strategy], **optional: Strategy) -> Strategy:
    return st.fixed_dictionaries(_required, optional=optional)


def line(kind: str, detail: Strategy, amount: Strategy = MONEY, **more: Strategy) -> Strategy:
    return known({"Amount": amount, "DetailType": st.just(kind), kind: detail}, **more)


TAX = st.sampled_from([{"value": "TAX"}, {"value": "NON"}])
SOLD = st.one_of(
    line(
        "SalesItemLineDetail",
        known({"ItemRef": ref("Item")}, TaxCodeRef=TAX),
        Id=st.sampled_from(["1", "2", "9"]),
    ),
    line(
        "SalesItemLineDetail",
        st.fixed_dictionaries(
            {"ItemRef": ref("Item"), "Qty": st.just(2), "UnitPrice": st.just("5")}
        ),
        st.just(10),
    ),
    line(
        "DiscountLineDetail",
        known(
            {"PercentBased": st.just(True), "DiscountPercent": st.sampled_from([0, 10, 100, 101])}
        ),
    ),
    st.just({"DetailType": "DescriptionOnly", "Description": "d"}),
)
EXPENSE = st.one_of(
    line(
        "AccountBasedExpenseLineDetail",
        known(
            {"AccountRef": ref("Account/Expense")},
            BillableStatus=st.just("Billable"),
            CustomerRef=ref("Customer"),
        ),
    ),
    line(
        "AccountBasedExpenseLineDetail", known({"AccountRef": ref("Account/Accounts Receivable")})
    ),
    line("ItemBasedExpenseLineDetail", known({"ItemRef": ref("Item")})),
)
PARTY = st.sampled_from(["Customer", "Vendor"]).flatmap(
    lambda k: st.fixed_dictionaries({"Type": st.just(k), "EntityRef": ref(k)})
)


def side(posting: str) -> Strategy:
    detail = known({"PostingType": st.just(posting), "AccountRef": ref("Account")}, Entity=PARTY)
    return line("JournalEntryLineDetail", detail, st.sampled_from(["5", "10"]))


def applied(*kinds: str) -> Strategy:
    link = st.sampled_from(kinds).flatmap(
        lambda kind: st.fixed_dictionaries(
            {
                "TxnId": INDEX.map(lambda n: f"@{'Purchase' if kind == 'Expense' else kind}:{n}"),
                "TxnType": st.just(kind),
            }
        )
    )
    return st.fixed_dictionaries(
        {"Amount": MONEY, "LinkedTxn": st.lists(link, min_size=1, max_size=1)}
    )


def held() -> Strategy:
    link = st.sampled_from(["Payment", "SalesReceipt"]).flatmap(
        lambda kind: st.fixed_dictionaries(
            {
                "TxnId": INDEX.map(lambda n: f"@{kind}:{n}"),
                "TxnType": st.just(kind),
                "TxnLineId": st.just("0"),
            }
        )
    )
    return st.fixed_dictionaries({"LinkedTxn": st.lists(link, min_size=1, max_size=1)})


FEE = line("DepositLineDetail", known({"AccountRef": ref("Account/Expense")}))


def lines(of: Strategy, least: int = 1) -> Strategy:
    return st.lists(of, min_size=least, max_size=3)


SALE = {"CustomerRef": ref("Customer"), "Line": lines(SOLD)}
NAMES = st.integers(0, 400).map(lambda n: f"N{n}")
BANK, FUNDS = ref("Account/Bank"), ref("Account/Other Current Asset")
BODIES: dict[str, dict[str, Strategy]] = {
    "Customer": {"DisplayName": NAMES},
    "Vendor": {"DisplayName": NAMES},
    "Employee": {"DisplayName": NAMES},
    "Item": {
        "Name": NAMES,
        "Type": st.just("Service"),
        "IncomeAccountRef": ref("Account/Income"),
        "ExpenseAccountRef": ref("Account/Expense"),
    },
    "Account": {"Name": NAMES, "AccountType": st.sampled_from(["Bank", "Income", "Expense"])},
    "Class": {"Name": NAMES},
    "Department": {"Name": NAMES},
    "Term": {"Name": NAMES, "DueDays": st.integers(-1, 40)},
    "PaymentMethod": {"Name": NAMES},
    "Invoice": SALE,
    "CreditMemo": SALE,
    "SalesReceipt": SALE,
    "Estimate": SALE,
    "RefundReceipt": {**SALE, "DepositToAccountRef": FUNDS, "PaymentRefNum": st.just("7")},
    "Payment": {
        "CustomerRef": ref("Customer"),
        "TotalAmt": MONEY,
        "Line": lines(applied("Invoice", "Invoice", "CreditMemo", "Expense", "JournalEntry"), 0),
    },
    "Purchase": {
        "PaymentType": st.just("Cash"),
        "AccountRef": BANK,
        "Line": lines(EXPENSE),
        "EntityRef": INDEX.map(lambda n: {"value": f"@Customer:{n}", "type": "Customer"}),
    },
    "Deposit": {"DepositToAccountRef": BANK, "Line": lines(st.one_of(held(), FEE))},
    "JournalEntry": {"Line": st.tuples(side("Debit"), side("Credit")).map(list)},
    "Bill": {"VendorRef": ref("Vendor"), "Line": lines(EXPENSE)},
    "VendorCredit": {"VendorRef": ref("Vendor"), "Line": lines(EXPENSE)},
    "BillPayment": {
        "VendorRef": ref("Vendor"),
        "TotalAmt": MONEY,
        "PayType": st.just("Check"),
        "CheckPayment": st.fixed_dictionaries({"BankAccountRef": BANK}),
        "Line": lines(applied("Bill", "VendorCredit"), 0),
    },
    "Transfer": {"Amount": MONEY, "FromAccountRef": BANK, "ToAccountRef": FUNDS},
    "CreditCardPayment": {
        "Amount": MONEY,
        "BankAccountRef": BANK,
        "CreditCardAccountRef": ref("Account/Credit Card"),
    },
    "TimeActivity": {
        "NameOf": st.just("Vendor"),
        "VendorRef": ref("Vendor"),
        "Hours": st.integers(0, 9),
    },
    "Attachable": {"Note": st.just("n")},
    "PurchaseOrder": {"VendorRef": ref("Vendor"), "Line": lines(EXPENSE)},
    "TaxAgency": {"DisplayName": NAMES},
}
OPTIONAL: dict[str, Strategy] = {
    "TxnDate": DAYS,
    "DocNumber": NAMES,
    "PrivateNote": st.text(max_size=5),
    "DepositToAccountRef": FUNDS,
    "Credit": st.booleans(),
    "BillEmail": st.just({"Address": "c@example.com"}),
    "EmailStatus": st.sampled_from(["NotSet", "NeedToSend"]),
    "SalesTermRef": ref("Term"),
    "TxnTaxDetail": known({}, TotalTax=MONEY, TxnTaxCodeRef=ref("TaxCode")),
    "Active": st.booleans(),
    "ParentRef": ref("Customer"),
    "Job": st.booleans(),
    "ApplyTaxAfterDiscount": st.booleans(),
    "Deposit": MONEY,
    "ClassRef": ref("Class"),
    "CashBack": known({"AccountRef": BANK, "Amount": MONEY}),
    "LinkedTxn": st.lists(
        INDEX.map(lambda n: {"TxnId": f"@Estimate:{n}", "TxnType": "Estimate"}), max_size=1
    ),
    "PaymentMethodRef": ref("PaymentMethod"),
    "BillWithParent": st.booleans(),
    "Balance": MONEY,
    "OpenBalanceDate": DAYS,
    "Taxable": st.booleans(),
    "CustomerRef": ref("Customer"),
    "QtyOnHand": st.integers(-2, 9),
    "UnitPrice": MONEY,
    "CurrencyRef": st.sampled_from([{"value": "USD"}, {"value": "EUR"}]),
    "DueDate": DAYS,
}
ENTITIES = [
    *BODIES,
    "TaxCode",
    "CompanyCurrency",
    "RecurringTransaction",
    "ExchangeRate",
    "Preferences",
    "CompanyInfo",
    "Budget",
]


@st.composite
def body_of(draw: st.DrawFn, entity: str) -> Any:
    """Needed fields, some fitting ones, and in one of twelve cases junk somewhere."""
    body = {name: draw(strategy) for name, strategy in BODIES.get(entity, {}).items()}
    fitting = sorted(OPTIONAL.keys() & fields.TYPES[fields.ENTITIES[entity]].keys())
    for name in draw(st.lists(st.sampled_from(fitting), max_size=2)) if fitting else []:
        body[name] = draw(OPTIONAL[name])
    if draw(st.integers(0, 11)) == 0:
        body[draw(st.sampled_from([*sorted(body), "Foo", "MetaData", "domain", "Id", "Line"]))] = (
            draw(JUNK)
        )
    return body if draw(st.integers(0, 60)) else draw(JUNK)


@st.composite
def change_of(draw: st.DrawFn, entity: str) -> Any:
    """An update of something that exists: sparse with a part, or full."""
    body = draw(body_of(entity))
    if isinstance(body, dict):
        keep = (
            draw(st.lists(st.sampled_from(sorted(body)), max_size=2))
            if body and draw(st.booleans())
            else list(body)
        )
        body = {name: body[name] for name in keep}
        body |= {
            "Id": f"@{entity}:{draw(INDEX)}",
            "SyncToken": draw(st.sampled_from(["@token", "@token", "@token", "0", "99"])),
            "sparse": draw(st.booleans()),
        }
    return body


def identity(entity: str) -> Strategy:
    return st.tuples(INDEX, st.sampled_from(["@token", "@token", "@token", "0"])).map(
        lambda t: {"Id": f"@{entity}:{t[0]}", "SyncToken": t[1]}
    )


WORDS = st.sampled_from(
    [
        "select",
        "*",
        "count(*)",
        "from",
        "Invoice",
        "Customer",
        "Account",
        "where",
        "and",
        "or",
        "Id",
        "=",
        "<",
        "in",
        "(",
        ")",
        ",",
        "'1'",
        "'x\\'y'",
        "'",
        "like",
        "'%a_%'",
        "orderby",
        "order by",
        "desc",
        "startposition",
        "maxresults",
        "1",
        "-1",
        "5000",
        "Balance",
        "Active",
        "true",
        "DocNumber",
        "MetaData.CreateTime",
        "'2026-03-10T00:00:00-08:00'",
        "TxnDate",
        "''",
        ";",
        "\U0001f600",
    ]
)
SENSIBLE = [
    f"select * from {e}{more}"
    for e in ENTITIES
    for more in ("", " maxresults 2", " where Id > '1'", " orderby Id desc")
]
STRANGE = [
    ("GET", "reports/AgedReceivables?report_date=2026-01-20&num_periods=2&customer=1,2", b""),
    ("GET", "cdc?entities=&changedSince=x", b""),
    ("POST", "taxservice/taxcode", b'{"TaxCode":"N","TaxRateDetails":[{"TaxRateId":"1"}]}'),
    ("DELETE", "invoice/1", b""),
    ("GET", "invoice/x", b""),
    ("GET", "invoice", b""),
    ("GET", "invoice/1/2/3/4", b""),
    ("GET", "download/1", b""),
    ("GET", "exchangerate", b""),
    ("GET", "preferences", b""),
    ("GET", "companyinfo/1", b""),
    ("POST", "invoice/@Invoice:1/send?sendTo=x", b""),
]
Call = tuple[str, str, Any]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Method, target below the company, body (a JSON value or bytes)."""
    kind = draw(st.integers(0, 19))
    entity = draw(st.sampled_from(sorted(BODIES) if kind < 14 else ENTITIES))
    path = entity.lower()
    if kind < 8:
        return (
            "POST",
            path
            + draw(st.sampled_from(["", "", "", "?include=allowduplicatedocnum", "?requestid=k1"])),
            draw(body_of(entity)),
        )
    if kind < 11:
        return "POST", path, draw(change_of(entity))
    if kind < 14:
        return (
            "POST",
            path
            + draw(
                st.sampled_from(
                    ["?operation=delete", "?operation=void", "?operation=update&include=void"]
                )
            ),
            draw(identity(entity)),
        )
    if kind == 14:
        return (
            "POST",
            "query",
            draw(
                st.one_of(st.sampled_from(SENSIBLE), st.lists(WORDS, max_size=14).map(" ".join))
            ).encode(),
        )
    if kind == 15:
        tail = draw(st.sampled_from(["", "", "/pdf", "/send"]))
        return "POST" if tail == "/send" else "GET", f"{path}/@{entity}:{draw(INDEX)}{tail}", b""
    if kind == 16:
        items = [
            {
                "bId": str(n),
                "operation": draw(st.sampled_from(["create", "create", "update", "delete", "x"])),
                e: draw(body_of(e)),
            }
            for n, e in enumerate(draw(st.lists(st.sampled_from(ENTITIES), max_size=3)))
        ]
        return "POST", "batch", {"BatchItemRequest": items}
    if kind == 17:
        report = draw(
            st.sampled_from(
                [
                    "AgedReceivables",
                    "AgedReceivableDetail",
                    "ProfitAndLoss",
                    "BalanceSheet",
                    "TrialBalance",
                    "X",
                ]
            )
        )
        return (
            "GET",
            draw(
                st.sampled_from(
                    [f"reports/{report}", f"cdc?entities={entity},Invoice&changedSince=2026-03-01"]
                )
            ),
            b"",
        )
    if kind == 18:
        return draw(st.sampled_from(STRANGE))
    return (
        "POST",
        draw(st.sampled_from(["invoice", "batch", "query", "upload", "customer/1", ""])),
        draw(st.binary(max_size=40)),
    )


CALLS = calls()


def resolved(exercise: Exercise, path: str, body: Any) -> tuple[str, bytes]:
    """Put living ids and current versions in the place of what stands for them."""
    if "@" in path:
        parts = [
            str(living(exercise, part[1:])) if part.startswith("@") else part
            for part in path.split("/")
        ]
        path = "/".join(parts)
    if isinstance(body, bytes):
        return path, body
    return path, jsontext.dumps(replaced(exercise, body)).encode("utf-8", "surrogatepass")


def replaced(exercise: Exercise, value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@") and ":" in value:
        return str(living(exercise, value[1:]))
    if isinstance(value, list):
        return [replaced(exercise, item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {name: replaced(exercise, item) for name, item in value.items()}
    if out.get("SyncToken") == "@token":
        out["SyncToken"] = version(exercise, str(value["Id"]), str(out["Id"]))
    return out


def living(exercise: Exercise, name: str) -> Any:
    """`Account/Bank:3` → the id of one of the bank accounts."""
    kind, _, number = name.partition(":")
    kind, _, account_type = kind.partition("/")
    if account_type:
        found = [
            a["Id"]
            for a in exercise.core.books(exercise.realm).accounts()
            if a["AccountType"] == account_type
        ]
    else:
        rows = exercise.core.store.all(
            "SELECT id FROM objects WHERE realm=? AND kind=? AND gone=0 AND active=1 ORDER BY id",
            int(exercise.realm),
            kind,
        )
        found = [row[0] for row in rows]
    return found[int(number) % len(found)] if found else 999


def version(exercise: Exercise, name: str, id_: str) -> str:
    kind = name[1:].partition(":")[0]
    body = exercise.core.books(exercise.realm).find(kind, id_)
    return str(body["SyncToken"]) if body else "0"
