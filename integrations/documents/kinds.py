"""The kinds of document and list that both sides have. Pure."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of document that exist on both sides, in the order they depend on each other."""

    CUSTOMER = "customer"
    ACCOUNT = "account"
    ITEM = "item"
    INVOICE = "invoice"
    CREDIT_MEMO = "creditmemo"
    PAYMENT = "payment"
    EXPENSE = "expense"
    REFUND_RECEIPT = "refundreceipt"
    MAIL = "mail"


class ListKind(StrEnum):
    """The other side's lists that we keep a mirror of and only refer to."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    EMPLOYEE = "employee"
    ITEM = "item"
    ACCOUNT = "account"
    CLASS = "class"
    DEPARTMENT = "department"
    TERM = "term"
    PAYMENT_METHOD = "payment_method"
    TAX_CODE = "tax_code"
    TAX_RATE = "tax_rate"
    CUSTOM_FIELD = "custom_field"


# What is read as a list; custom fields are among the settings of a company.
LISTS: tuple[ListKind, ...] = tuple(kind for kind in ListKind if kind is not ListKind.CUSTOM_FIELD)


class Settings(StrEnum):
    """What of a company is neither a document nor a list, and can change, too."""

    COMPANY = "company"


class Operation(StrEnum):
    """What a write does over there."""

    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    SEND = "send"
