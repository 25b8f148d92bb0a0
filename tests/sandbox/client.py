"""A thin client on bare `requests`: no product code, no vendor library."""

from typing import Any

import requests

from sandbox import Box

HTTP = requests.Session()
HTTP.trust_env = False


class Company:
    """One company of the sandbox as an app sees it."""

    def __init__(self, box: Box, made: dict[str, Any], environment: str = "sandbox") -> None:
        self.box, self.made = box, made
        self.realm: str = made["realm_id"]
        self.token: str = made["access_token"]
        prefix = "/sandbox" if environment == "sandbox" else ""
        self.base = f"{box.url}{prefix}/v3/company/{self.realm}"

    @classmethod
    def made(cls, box: Box, **wish: Any) -> "Company":
        wish = {"throttles": False, "custom_numbers": True, **wish}
        answer = control(box, "POST", "companies", wish)
        return cls(box, answer, wish.get("environment", "sandbox"))

    # -- bare calls ------------------------------------------------------------------------

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **more}

    def get(self, path: str, **params: Any) -> requests.Response:
        return HTTP.get(f"{self.base}/{path}", params=params, headers=self.headers(), timeout=10)

    def post(self, path: str, body: Any, **params: Any) -> requests.Response:
        return HTTP.post(
            f"{self.base}/{path}", json=body, params=params, headers=self.headers(), timeout=10
        )

    # -- what should work --------------------------------------------------------------------

    def write(self, entity: str, body: Any, **params: Any) -> dict[str, Any]:
        answer = self.post(entity.lower(), body, **params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()[entity]
        return found

    def read(self, entity: str, id: str, **params: Any) -> dict[str, Any]:
        answer = self.get(f"{entity.lower()}/{id}", **params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()[entity]
        return found

    def query(self, text: str) -> dict[str, Any]:
        answer = self.get("query", query=text)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["QueryResponse"]
        return found

    def rows(self, entity: str, where: str = "") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.query(
            f"select * from {entity} {where} maxresults 1000"
        ).get(entity, [])
        return rows

    def change(self, entity: str, body: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A sparse update of some fields."""
        return self.write(
            entity, {"Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True, **fields}
        )

    # -- what should not -----------------------------------------------------------------------

    def refused(self, entity: str, body: Any, **params: Any) -> str:
        """The fault code of a write that must be refused with HTTP 400."""
        return code(self.post(entity.lower(), body, **params))

    # -- things that most tests need -------------------------------------------------------------

    def customer(self, name: str = "Charlie", **fields: Any) -> dict[str, Any]:
        return self.write("Customer", {"DisplayName": name, **fields})

    def account(self, name: str) -> dict[str, Any]:
        return self.rows("Account", f"where Name = '{name}'")[0]

    def item(self, name: str = "Hour", **fields: Any) -> dict[str, Any]:
        income = self.account("Services")["Id"]
        return self.write(
            "Item",
            {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}, **fields},
        )

    def invoice(
        self, customer: dict[str, Any], item: dict[str, Any], amount: Any = 100, **fields: Any
    ) -> dict[str, Any]:
        return self.write("Invoice", bill(customer, item, amount, **fields))

    def payment(
        self, invoice: dict[str, Any], amount: Any, total: Any = None, **fields: Any
    ) -> dict[str, Any]:
        return self.write("Payment", paying(invoice, amount, total, **fields))

    def balances(self) -> dict[str, Any]:
        """Account name → balance in cents, debit positive, from the ledger."""
        out: dict[str, int] = {}
        for posting in self.state()["postings"]:
            out[posting["name"]] = out.get(posting["name"], 0) + posting["home_cents"]
        return out

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = control(self.box, "GET", f"state/{self.realm}")
        return state


def line(item: dict[str, Any], amount: Any = 100, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item["Id"]},
            "TaxCodeRef": {"value": "NON"},
            **detail,
        },
    }


def bill(
    customer: dict[str, Any], item: dict[str, Any], amount: Any = 100, **fields: Any
) -> dict[str, Any]:
    return {"CustomerRef": {"value": customer["Id"]}, "Line": [line(item, amount)], **fields}


def paying(
    invoice: dict[str, Any], amount: Any, total: Any = None, **fields: Any
) -> dict[str, Any]:
    return {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount if total is None else total,
        "Line": [{"Amount": amount, "LinkedTxn": [linked(invoice["Id"], "Invoice")]}],
        **fields,
    }


def linked(id: str, kind: str) -> dict[str, str]:
    return {"TxnId": id, "TxnType": kind}


def version(body: dict[str, Any]) -> dict[str, str]:
    return {"Id": body["Id"], "SyncToken": body["SyncToken"]}


def code(answer: requests.Response) -> str:
    """The first fault code of an HTTP 400 in the service's envelope."""
    assert answer.status_code == 400, answer.text
    fault = answer.json()["Fault"]
    assert fault["type"] and fault["Error"][0]["Message"] and fault["Error"][0]["Detail"]
    found: str = fault["Error"][0]["code"]
    return found


def control(box: Box, method: str, path: str, wish: Any = None) -> Any:
    """A call of `/_sandbox/…` that must work."""
    answer = HTTP.request(method, f"{box.url}/_sandbox/{path}", json=wish, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def advance(box: Box, **spans: float) -> None:
    """Let sandbox time pass: seconds, minutes, hours, days."""
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
    control(box, "POST", "clock", {"advance": sum(seconds[unit] * n for unit, n in spans.items())})
