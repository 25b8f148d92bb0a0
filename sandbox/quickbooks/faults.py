"""Intuit's faults: codes, messages and the two envelopes. Source: error-codes page of Intuit."""

from typing import Any

MESSAGES = {
    "100": "General Authentication Error", "110": "OAuth Authentication Error",
    "120": "Authorization Failure", "130": "Wrong Cluster",
    "140": "Company Locked Out", "150": "Company Under Maintenance",
    "500": "Unsupported Operation", "600": "Duplicate Request ID",
    "610": "Object Not Found", "620": "Txn ID Cannot Be Linked", "630": "Duplicate Object",
    "700": "Parent Reference Invalid", "800": "Cannot delete object",
    "900": "Parent cannot be child", "1000": "Operation failed",
    "1010": "Create failed", "1020": "Update failed",
    "1040": "Batch size exceeds allowed limit",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID", "2040": "Invalid String",
    "2050": "Invalid String Length",
    "2060": "Invalid Date Format", "2070": "Invalid Date", "2080": "Invalid Number Format",
    "2090": "Invalid Number", "2100": "Invalid Decimal Format", "2110": "Invalid Decimal",
    "2120": "Invalid Type", "2130": "Invalid Request Id Format", "2140": "Invalid Amount",
    "2150": "Invalid Percent", "2160": "Invalid Quantity", "2170": "Invalid Enumeration",
    "2190": "Invalid Date Range", "2200": "Malformed Website Address Format",
    "2210": "Invalid Email Address format", "2220": "Invalid Currency Type",
    "2230": "Invalid Boolean", "2240": "Invalid Number Range", "2250": "Missing lines",
    "2260": "Missing Posting Type", "2280": "Missing Tax Amount", "2290": "Negative Amount",
    "2300": "Amount on debits not equal to credits", "2500": "Invalid Reference Id",
    "2600": "Invalid Request Conflict Element in Request", "3000": "Invalid Custom Field",
    "4000": "Error parsing query", "4001": "Invalid query",
    "4002": "The query could not be processed due to unexpected errors",
    "5000": "Deprecated Field", "5010": "Stale Object Error", "5020": "Permission Denied Error",
    "5030": "Feature Not Supported Error",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid Account.AccountType && Account.SubType",
    "6030": "Upload request size exceeds allowed limit",
    "6040": "The file metadata must be of Attachable type", "6041": "Invalid Uploaded File",
    "6050": "The entity reference type is unsupported for Attachable",
    "6060": "OpenBalanceDate must be specified with OpenBalance",
    "6070": "Amount calculation incorrect in the request", "6080": "No name provided",
    "6090": "Discount Line missing required info",
    "6100": "Invalid Line TaxCode in the request",
    "6110": "MAS Transaction cannot be updated", "6120": "MAS Transaction cannot be deleted",
    "6130": "Cannot change who customer bills with", "6140": "Duplicate Document Number Error",
    "6150": "ParentRef Required Validation Error", "6160": "Invalid TaxCodeRef Error",
    "6170": "Invalid TxnTaxDetail Error", "6180": "Sub Level Limit Error",
    "6190": "Invalid Company Status Error", "6200": "Account Period Closed Error",
    "6210": "Account Period Closed, Cannot Update Through Services Error",
    "6220": "Delete Entity Has Balance Error", "6230": "Invalid TaxCodeRef Error",
    "6240": "Duplicate Name Exists Error", "6250": "Invalid Sales Customer Error",
    "6270": "Inventory Txn Dated Before Item Start Date",
    "6280": "Delete Customer Has Unbilled Expenses Error",
    "6290": "Invalid Employee Or Vendor", "6310": "Missing Customer", "6320": "Invalid Billable",
    "6340": "Invalid Time", "6430": "Invalid account type used",
    "6400": "Delete would break an invoice", "6420": "Email address is required",
    "6440": "Line needs an item or an account", "6450": "Transaction is settled, cannot void",
    "6460": "Deposit of a MAS Transaction does not match",
    "6470": "Invalid tax liability account or rate",
    "6480": "Transaction is matched with a bank transaction",
    "6520": "Inventory quantity is not sufficient",
    "6530": "Raw card numbers are not accepted", "6540": "Deposited Transaction cannot be changed",
    "10000": "An application error has occurred while processing your request",
    "10100": "The result is too large", "10200": "The company was reset",
}  # fmt: skip
# Faults of Intuit's side and of rights travel under other type names (XSD FaultTypeEnum).
TYPES = {
    "100": "AuthenticationFault", "110": "AuthenticationFault", "120": "AuthorizationFault",
    "10000": "SystemFault", "10100": "SystemFault", "10200": "SystemFault",
}  # fmt: skip
# Who may not speak hears 401 (reference 6.2).
STATUSES = {"100": 401, "110": 401, "120": 401}


class Fault(Exception):
    """A refusal in Intuit's words; becomes `{"Fault": …}` with HTTP 400 unless said otherwise."""

    def __init__(
        self, code: str | int, detail: str = "", *, element: str | None = None, status: int = 400
    ) -> None:
        self.code, self.element, self.status = str(code), element, status
        self.message = MESSAGES[self.code]
        self.detail = detail or self.message
        super().__init__(f"{self.code} {self.detail}")

    def envelope(self) -> dict[str, Any]:
        error = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        return {"Error": [error], "type": TYPES.get(self.code, "ValidationFault")}


class GateFault(Exception):
    """A refusal of the gateway in front of the service: lower-case envelope, own error names."""

    def __init__(self, status: int, code: str, name: str, detail: str | None, kind: str) -> None:
        self.status, self.code, self.detail, self.kind = status, code, detail, kind
        self.message = f"message={name}; errorCode={int(code):06}; statusCode={status}"
        super().__init__(self.message)

    def error(self) -> dict[str, Any]:
        return {
            "message": self.message, "detail": self.detail, "code": self.code, "element": None
        }  # fmt: skip

    def envelope(self, now: float) -> dict[str, Any]:
        empty = dict.fromkeys(
            ("report", "queryResponse", "batchItemResponse", "attachableResponse",
             "syncErrorResponse", "requestId", "status", "cdcresponse")
        )  # fmt: skip
        fault = {"error": [self.error()], "type": self.kind}
        lists: dict[str, Any] = {
            "batchItemResponse": [],
            "attachableResponse": [],
            "cdcresponse": [],
        }
        return {"warnings": None, "intuitObject": None, "fault": fault, **empty, **lists,
                "time": int(now * 1000)}  # fmt: skip


def unauthenticated(detail: str) -> GateFault:
    return GateFault(401, "3200", "AuthenticationFailed", detail, "AUTHENTICATION")


def wrong_company() -> GateFault:
    return GateFault(403, "3100", "ApplicationAuthorizationFailed", None, "SERVICE")


def throttled() -> GateFault:
    detail = "The request limit was reached.  Try again later"
    return GateFault(429, "3001", "ThrottleExceeded", detail, "SERVICE")


def missing(element: str) -> Fault:
    detail = f"Required parameter {element} is missing in the request"
    return Fault(2020, detail, element=element)


def not_found(element: str | None = None) -> Fault:
    detail = (
        "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees."
    )
    return Fault(610, detail, element=element)


def deleted() -> Fault:
    return Fault(610, "Object Not Found : Another user has deleted this transaction.")


def business(text: str, element: str | None = None) -> Fault:
    return Fault(6000, f"Business Validation Error: {text}", element=element)


def bad_reference(plural: str, value: str) -> Fault:
    return Fault(2500, f"Invalid Reference Id : {plural} element id {value} not found")
