"""The walk that everything else is built on: invoice, payment, change feed."""

from tests.sandbox.client import Company


def test_invoice_is_paid_and_the_change_feed_tells_it(company: Company) -> None:
    customer, item = company.customer(), company.item()
    invoice = company.invoice(customer, item, 100)
    company.payment(invoice, 100)
    feed = company.get(
        "cdc", entities="Invoice,Payment,Customer", changedSince="2026-03-10T00:00:00Z"
    ).json()
    groups = feed["CDCResponse"][0]["QueryResponse"]
    assert [group["maxResults"] for group in groups] == [1, 1, 1]
    assert groups[0]["Invoice"][0]["Balance"] == 0
    assert company.box.core.out_of_balance(company.realm) == []
