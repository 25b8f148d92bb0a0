"""Addresses of a document in the accounting system's own pages (reference quickbooks 8)."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from integrations import gateway, sealed
from integrations.documents import Kind
from integrations.models import Connection, Environment

APP_URLS = {
    Environment.PRODUCTION: "https://app.qbo.intuit.com/app",
    Environment.SANDBOX: "https://app.sandbox.qbo.intuit.com/app",
}
ROUTES = {
    Kind.CUSTOMER: "customerdetail?nameId=",
    Kind.INVOICE: "invoice?txnId=",
    Kind.CREDIT_MEMO: "creditmemo?txnId=",
    Kind.PAYMENT: "recvpayment?txnId=",
    Kind.EXPENSE: "expense?txnId=",
    Kind.REFUND_RECEIPT: "refundreceipt?txnId=",
}


def document_address(connection: Connection, kind: Kind, remote_id: str) -> str:
    """Where a person sees this document, with the company named, so theirs switches to it.

    Empty without a page, and where the company's id cannot be opened any more.
    """
    route, account = ROUTES.get(kind), sealed.readable(connection, "account")
    if not route or not account:
        return ""
    return f"{_app_url(connection)}/{route}{remote_id}&companyId={account}"


def _app_url(connection: Connection) -> str:
    """Intuit's pages; where the company is a sandbox's on this machine, the sandbox's."""
    parts = urlsplit(gateway.api_address(connection))
    if _is_loopback(parts.hostname or ""):
        return f"{parts.scheme}://{parts.netloc}/app"
    return APP_URLS[Environment(connection.environment)]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
