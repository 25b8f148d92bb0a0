"""The usual way: a script on python-quickbooks, one call after another.

It finds the customer, finds the item, creates the invoice and reads it back. `python -m bench.usual_way URL REALM TOKEN
CUSTOMER MANY` prints seconds and CPU seconds.
"""

import json
import os
import sys
import time
from types import SimpleNamespace

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the sandbox speaks plain http on loopback

from quickbooks import QuickBooks
from quickbooks.objects.base import Ref
from quickbooks.objects.customer import Customer
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item


def client(url: str, realm: str, token: str) -> QuickBooks:
    """As its README opens it."""
    keys = SimpleNamespace(
        client_id="usual", access_token=token, refresh_token=None, environment="sandbox"
    )
    opened = QuickBooks(auth_client=keys, refresh_token=None, company_id=realm, minorversion=75)
    opened.sandbox_api_url_v3 = f"{url}/sandbox/v3"
    return opened


def push(books: QuickBooks, customer_name: str, number: str) -> None:
    """One invoice of one line."""
    customer = Customer.filter(DisplayName=customer_name, qb=books)[0]
    item = Item.filter(Name="IT services", qb=books)[0]
    invoice = Invoice()
    invoice.CustomerRef, invoice.DocNumber = customer.to_ref(), number
    line = SalesItemLine()
    line.Amount, line.Description = 100, "Managed workstation"
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.Qty, line.SalesItemLineDetail.UnitPrice = 1, 100
    line.SalesItemLineDetail.ItemRef = Ref()
    line.SalesItemLineDetail.ItemRef.value = item.Id
    invoice.Line.append(line)
    invoice.save(qb=books)
    Invoice.get(invoice.Id, qb=books)


def main(url: str, realm: str, token: str, customer: str, many: str) -> None:
    books = client(url, realm, token)
    push(books, customer, "USUAL-WARM")
    began, cpu = time.perf_counter(), time.process_time()
    for number in range(int(many)):
        push(books, customer, f"USUAL-{number}")
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(spent))


if __name__ == "__main__":
    main(*sys.argv[1:])
