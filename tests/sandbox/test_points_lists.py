"""Points 20 to 23: queries, batch, change feed, requestid, throttles and metering."""

from typing import Any

import pytest

from sandbox import Box
from tests.sandbox.client import HTTP, Company, advance, code, control, version
from tests.sandbox.test_points_money import fresh_token

# -- 20 ------------------------------------------------------------------------------------------


@pytest.fixture
def filled(company: Company) -> Company:
    item = company.item()
    for n, name in enumerate(["Ada's Shop", "Bob \\ Co", "Cedar", "cedar two"]):
        customer = company.customer(name, PrimaryEmailAddr={"Address": f"c{n}@example.com"})
        company.invoice(
            customer, item, 100 * (n + 1), DocNumber=f"INV-{n}", TxnDate=f"2026-01-0{n + 1}"
        )
    return company


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("where DisplayName = 'Ada\\'s Shop'", ["Ada's Shop"]),
        ("where DisplayName = 'Bob \\\\ Co'", ["Bob \\ Co"]),
        ("where DisplayName like 'Cedar%'", ["Cedar", "cedar two"]),
        ("where DisplayName like '%o'", ["Bob \\ Co", "cedar two"]),
        ("WHERE Id IN ('1', '3') ORDER BY DisplayName DESC", ["Cedar", "Ada's Shop"]),
        ("where PrimaryEmailAddr = 'C2@example.com'", ["Cedar"]),
        ("where Active = true startposition 4", ["cedar two"]),
        ("ORDERBY Id DESC MAXRESULTS 1", ["cedar two"]),
        ("maxresults 1 startposition 2", ["Bob \\ Co"]),
        ("where Id > '2' and DisplayName < 'cedar m'", ["Cedar"]),
        ("where DisplayName = 'nobody'", []),
        ("where MetaData.LastUpdatedTime >= '2026-03-10T18:00:00Z' and Id = '1'", ["Ada's Shop"]),
    ],
)
def test_point_20_queries_that_work(filled: Company, where: str, found: list[str]) -> None:
    answer = filled.query(f"select * from Customer {where}")
    assert [row["DisplayName"] for row in answer.get("Customer", [])] == found
    assert answer == {} or answer["maxResults"] == len(found)


def test_point_20_invoices_by_number_balance_customer_and_date(filled: Company) -> None:
    def numbers(where: str) -> list[str]:
        return [row["DocNumber"] for row in filled.rows("Invoice", where)]

    assert numbers("where DocNumber in ('INV-1', 'INV-3', 'x')") == ["INV-1", "INV-3"]
    assert numbers("where Balance > '250' orderby Balance desc") == ["INV-3", "INV-2"]
    assert numbers("where CustomerRef = '2'") == ["INV-1"]
    assert numbers("where TxnDate >= '2026-01-03'") == ["INV-2", "INV-3"]
    assert numbers("where TotalAmt = '100.00'") == ["INV-0"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("select * from Customer where PrivateNote = 'x'", "4001"),
        ("select * from Invoice where PrivateNote = 'x'", "4001"),
        ("select * from Invoice where Line = 'x'", "4001"),
        ("select * from Invoice where EmailStatus = 'NotSet'", "4001"),
        ("select * from Customer where Id = '1' or Id = '2'", "4000"),
        ("select * from Customer, Invoice", "4000"),
        ("select * from Customer join Invoice", "4000"),
        ("select * from Customer startposition 0", "4001"),
        ("select * from Nothing", "4001"),
        ("select * frm Customer", "4000"),
        ("delete from Customer", "4000"),
        ("select * from Customer where Id = 1 group by Id", "4000"),
        ("select * from Customer where not Active", "4000"),
        ("select * from Customer where DisplayName = 'Ada's Shop'", "4000"),
        ("", "4000"),
        ("select * from Customer where DisplayName = 'x\\' or Id > '0'", "4000"),
        ("select * from Customer orderby Notes", "4001"),
        ("select * from Invoice where TxnDate = 'soon'", "4001"),
        ("select * from Purchase where DocNumber = 'x'", "4001"),
        ("select * from Invoice where Balance like '1%'", "4001"),
        ("select * from Invoice where Balance > 'lots'", "4001"),
        ("select * from Customer where Active = 'maybe'", "4001"),
        ("select count(*) from", "4000"),
    ],
)
def test_point_20_queries_that_are_refused(filled: Company, text: str, fault: str) -> None:
    assert code(filled.get("query", query=text)) == fault


def test_point_20_not_equal_works_as_switched(filled: Company) -> None:
    text = "select * from Customer where DisplayName != 'Cedar'"
    assert len(filled.query(text)["Customer"]) == 3
    control(filled.box, "POST", "switches", {"query_not_equal": False})
    assert code(filled.get("query", query=text)) == "4000"


def test_point_20_pseudo_tax_codes_come_first(company: Company) -> None:
    assert [row["Id"] for row in company.rows("TaxCode")][:2] == ["TAX", "NON"]


def test_point_20_start_below_one_is_named(filled: Company) -> None:
    text = filled.get("query", query="select * from Customer startposition 0").text
    assert "QueryValidationError: value 0 is too small. Min allowed value is 1" in text


def test_point_20_pages_count_and_post(filled: Company) -> None:
    assert filled.query("SELECT COUNT(*) FROM Invoice") == {"totalCount": 4}
    answer = HTTP.post(
        f"{filled.base}/query",
        data="select * from customer",
        timeout=10,
        headers=filled.headers(**{"Content-Type": "application/text"}),
    )
    assert len(answer.json()["QueryResponse"]["Customer"]) == 4
    for n in range(100):
        filled.write("Term", {"Name": f"T{n}", "DueDays": n})
    assert filled.query("select * from Term")["maxResults"] == 100
    assert filled.query("select * from Term maxresults 5000")["maxResults"] == 105


def test_point_20_sku_is_shown_only_when_asked(company: Company) -> None:
    company.item(Sku="S-1")
    assert "Sku" not in company.query("select * from Item")["Item"][0]
    assert company.query("select *, Sku from Item")["Item"][0]["Sku"] == "S-1"


def test_point_20_switched_filter_of_purchases(company: Company) -> None:
    control(company.box, "POST", "switches", {"purchase_docnumber_filterable": True})
    assert company.query("select * from Purchase where DocNumber = 'RG1'") == {}


# -- 21 ------------------------------------------------------------------------------------------


def batch(company: Company, *items: Any, **params: str) -> Any:
    answer = company.post("batch", {"BatchItemRequest": list(items)}, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["BatchItemResponse"]


def test_point_21_items_succeed_and_fail_alone(company: Company) -> None:
    answers = batch(
        company,
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": "A"}},
        {"bId": "2", "operation": "create", "Customer": {"DisplayName": "a"}},
        {"bId": "3", "Query": "select * from Customer"},
        {"operation": "explode", "Customer": {}},
        {
            "bId": "5",
            "operation": "update",
            "Customer": {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "n"},
        },
        "nonsense",
    )
    assert answers[0]["Customer"]["Id"] == "1"
    assert answers[1]["Fault"]["Error"][0]["code"] == "6240"
    assert len(answers[2]["QueryResponse"]["Customer"]) == 1
    assert answers[3]["Fault"]["Error"][0]["code"] == "500"
    assert "bId" not in answers[3]
    assert answers[4]["Customer"]["Notes"] == "n"
    assert answers[5]["Fault"]


def test_point_21_void_and_delete_in_a_batch(company: Company) -> None:
    customer, item = company.customer(), company.item()
    invoice = company.invoice(customer, item)
    payment = company.payment(invoice, 50)
    current = company.read("Invoice", invoice["Id"])
    answers = batch(
        company,
        {
            "bId": "p",
            "operation": "update",
            "optionsData": "void",
            "Payment": {**version(payment), "sparse": True},
        },
        {"bId": "x", "operation": "delete", "Invoice": {"Id": current["Id"], "SyncToken": "2"}},
    )
    assert answers[0]["Payment"]["TotalAmt"] == 0
    assert answers[1]["Invoice"]["status"] == "Deleted"


def test_point_21_more_than_thirty_are_refused_whole(company: Company) -> None:
    items = [
        {"bId": str(n), "operation": "create", "Customer": {"DisplayName": f"C{n}"}}
        for n in range(31)
    ]
    assert code(company.post("batch", {"BatchItemRequest": items})) == "1040"
    assert company.rows("Customer") == []


def test_point_21_answers_may_come_in_another_order(company: Company) -> None:
    control(company.box, "POST", "switches", {"batch_shuffled": True})
    items = [{"bId": str(n), "Query": "select * from Term"} for n in range(20)]
    order = [answer["bId"] for answer in batch(company, *items)]
    assert order != sorted(order, key=int)
    assert sorted(order, key=int) == [str(n) for n in range(20)]


def test_point_21_change_feed_ends_at_a_thousand_objects_without_notice(company: Company) -> None:
    for n in range(35):
        items = [{"operation": "create", "Class": {"Name": f"{n}-{m}"}} for m in range(30)]
        batch(company, *items)
    customer = company.customer("Last")
    answer = company.get("cdc", entities="Class,Customer", changedSince="2026-03-01").json()
    groups = answer["CDCResponse"][0]["QueryResponse"]
    assert groups == [{**groups[0], "maxResults": 1000}, {}]
    assert customer["Id"]


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"entities": "TaxCode", "changedSince": "2026-03-01"}, "500"),
        ({"entities": "Invoice"}, "2020"),
        ({"changedSince": "2026-03-01"}, "2020"),
        ({"entities": "Nothing", "changedSince": "2026-03-01"}, "2000"),
        ({"entities": "Invoice", "changedSince": "yesterday"}, "2070"),
    ],
)
def test_point_21_change_feed_refusals(
    company: Company, params: dict[str, str], fault: str
) -> None:
    assert code(company.get("cdc", **params)) == fault


def test_point_21_change_feed_looks_back_thirty_days_at_most(company: Company) -> None:
    company.customer("Old")
    advance(company.box, days=31)
    company.token = fresh_token(company)
    answer = company.get("cdc", entities="Customer", changedSince="2011-01-01T00:00:00Z")
    assert answer.json()["CDCResponse"][0]["QueryResponse"] == [{}]
    control(company.box, "POST", "switches", {"cdc_refuses_old": True})
    assert (
        code(company.get("cdc", entities="Customer", changedSince="2011-01-01T00:00:00Z")) == "2190"
    )


# -- 22 ------------------------------------------------------------------------------------------


def test_point_22_repeated_requestid_writes_once_and_answers_the_same(company: Company) -> None:
    first = company.post("customer", {"DisplayName": "A"}, requestid="key-1")
    advance(company.box, minutes=1)
    second = company.post("customer", {"DisplayName": "A"}, requestid="key-1")
    other = company.post("customer", {"DisplayName": "B"}, requestid="key-1")
    assert first.content == second.content == other.content
    assert len(company.rows("Customer")) == 1
    calls = [c for c in control(company.box, "GET", "journal") if c["requestid"]]
    assert [c["replayed"] for c in calls] == [False, True, True]


def test_point_22_faults_are_replayed_too_unless_switched_off(company: Company) -> None:
    company.customer("A")
    assert company.refused("Customer", {"DisplayName": "A"}, requestid="k") == "6240"
    assert company.refused("Customer", {"DisplayName": "B"}, requestid="k") == "6240"
    control(company.box, "POST", "switches", {"requestid_stores_faults": False})
    assert company.refused("Customer", {"DisplayName": "A"}, requestid="l") == "6240"
    assert company.post("customer", {"DisplayName": "B"}, requestid="l").status_code == 200


def test_point_22_companies_do_not_share_ids_of_requests(box: Box, company: Company) -> None:
    other = Company.made(box)
    assert company.post("customer", {"DisplayName": "A"}, requestid="k").status_code == 200
    assert other.write("Customer", {"DisplayName": "B"}, requestid="k")["DisplayName"] == "B"


def test_point_22_format_of_the_id(company: Company) -> None:
    assert company.refused("Customer", {"DisplayName": "A"}, requestid="x" * 51) == "2130"
    assert company.write("Customer", {"DisplayName": "A"}, requestid="x" * 50)
    item = {"bId": "a" * 11, "operation": "create", "Customer": {"DisplayName": "C"}}
    assert code(company.post("batch", {"BatchItemRequest": [item]}, requestid="k")) == "2130"
    assert code(company.post("batch", {"BatchItemRequest": []}, requestid="k" * 37)) == "2130"


def test_point_22_forgotten_after_its_time_and_strict_when_switched(company: Company) -> None:
    control(
        company.box,
        "POST",
        "switches",
        {"requestid_retention_seconds": 60, "requestid_strict": True},
    )
    company.write("Customer", {"DisplayName": "A"}, requestid="k")
    assert company.refused("Customer", {"DisplayName": "B"}, requestid="k") == "600"
    advance(company.box, seconds=61)
    assert company.write("Customer", {"DisplayName": "B"}, requestid="k")["DisplayName"] == "B"


def test_point_22_answer_is_stored_although_nobody_heard_it(company: Company) -> None:
    control(company.box, "POST", "faults", {"kind": "answer_dropped", "entity": "Customer"})
    with pytest.raises(OSError):
        company.post("customer", {"DisplayName": "A"}, requestid="k")
    assert (
        company.post("customer", {"DisplayName": "A"}, requestid="k").json()["Customer"]["Id"]
        == "1"
    )
    assert len(company.rows("Customer")) == 1


def test_point_22_batch_is_replayed_as_a_whole(company: Company) -> None:
    items = [
        {"bId": str(n), "operation": "create", "Customer": {"DisplayName": f"C{n}"}}
        for n in range(3)
    ]
    assert batch(company, *items, requestid="k") == batch(company, *items, requestid="k")
    assert len(company.rows("Customer")) == 3


# -- 23 ------------------------------------------------------------------------------------------


def statuses(company: Company, calls: int, seconds: float = 0.0) -> list[int]:
    out = []
    for _ in range(calls):
        out.append(company.get("preferences").status_code)
        if seconds:
            company.box.core.clock.advance(seconds)
    return out


def test_point_23_ten_a_second_and_five_hundred_a_minute(box: Box) -> None:
    company = Company.made(box, throttles=True)
    assert statuses(company, 11) == [200] * 10 + [429]
    box.core.clock.advance(61)
    assert statuses(company, 501, 0.11)[499:] == [200, 429]


def test_point_23_body_of_a_429(box: Box) -> None:
    company = Company.made(box, throttles=True)
    statuses(company, 10)
    fault = company.get("preferences").json()["fault"]
    assert (fault["type"], fault["error"][0]["code"]) == ("SERVICE", "3001")
    assert (
        fault["error"][0]["message"] == "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    )
    control(box, "POST", "switches", {"throttle_as_xml": True, "retry_after_header": True})
    answer = company.get("preferences")
    assert answer.text.startswith("<?xml")
    assert answer.headers["Retry-After"] == "60"


def test_point_23_forty_batches_a_minute(box: Box) -> None:
    company = Company.made(box, throttles=True)
    items = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
    out = []
    for _ in range(41):
        out.append(company.post("batch", items).status_code)
        box.core.clock.advance(0.2)
    assert out == [200] * 40 + [429]
    assert company.get("preferences").status_code == 200


def test_point_23_reads_are_metered_in_production_and_blocked_at_the_limit(box: Box) -> None:
    control(box, "POST", "switches", {"builder_limit": 3})
    company = Company.made(box, environment="production")
    company.customer()
    assert [r.status_code for r in (company.get("preferences"), company.get("customer/9"))] == [
        200,
        400,
    ]
    company.query("select * from Term")
    company.get("cdc", entities="Invoice", changedSince="2026-03-01")
    assert company.get("preferences").status_code == 429
    assert company.customer("Still writing")["Id"] == "2"
    advance(box, days=25)
    company.token = fresh_token(company)
    assert company.get("preferences").status_code == 200


def test_point_23_sandbox_companies_are_not_blocked(box: Box, company: Company) -> None:
    control(box, "POST", "switches", {"builder_limit": 1})
    assert statuses(company, 3) == [200, 200, 200]


def test_journal_tells_what_is_metered(company: Company) -> None:
    customer = company.customer()
    company.rows("Customer")
    company.post("batch", {"BatchItemRequest": []})
    company.get("customer/99")
    metered = [(c["operation"], c["metered"]) for c in control(company.box, "GET", "journal")]
    assert metered == [("create", False), ("query", True), ("batch", True), ("read", False)]
    assert customer["Id"]


def test_point_21_batch_answer_holds_a_thousand_objects_at_most(company: Company) -> None:
    for first in range(0, 540, 30):
        new = [
            {"bId": str(place), "operation": "create", "Customer": {"DisplayName": f"C {place}"}}
            for place in range(first, first + 30)
        ]
        assert company.post("batch", {"BatchItemRequest": new}).status_code == 200
    everyone = "select * from Customer maxresults 1000"
    asked = [{"bId": str(place), "Query": everyone} for place in range(2)]
    answer = company.post("batch", {"BatchItemRequest": asked}).json()
    listed = [part["QueryResponse"] for part in answer["BatchItemResponse"]]
    assert [len(part["Customer"]) for part in listed] == [540, 460]
    assert [part["maxResults"] for part in listed] == [540, 460]


@pytest.mark.parametrize("taken", [True, False])
def test_point_14_name_of_an_inactive_customer_is_taken_as_switched(
    company: Company, taken: bool
) -> None:
    control(company.box, "POST", "switches", {"inactive_names_stay_taken": taken})
    company.change("Customer", company.customer("Adatum"), Active=False)
    answer = company.post("customer", {"DisplayName": "ADATUM"})
    assert answer.status_code == (400 if taken else 200)
    assert not taken or code(answer) == "6240"
