"""QuickBooks' codes, and what each means for us and for a bookkeeper.

Codes and meanings: reference quickbooks 6.4; HTTP statuses 6.2. `docs/errors.md` is this table.
"""

from dataclasses import dataclass

from integrations.errors import (
    AlreadyThere,
    Locked,
    NeedsConsent,
    NotUnderstood,
    OutcomeUnknown,
    PeriodClosed,
    Refused,
    Stale,
    SyncError,
    Temporary,
    TokenRejected,
    Vanished,
    Waiting,
)

# Intuit asks for a minute after a 429 and documents no Retry-After (reference 3.1).
THROTTLE_SECONDS = 60.0
LOCKED_OUT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Row:
    """A code, what happens next, and what a bookkeeper reads. ``when`` tells rows of one code apart.

    `OutcomeUnknown` speaks of writes; a read that ends so is `Temporary`.
    """

    code: str
    becomes: type[SyncError]
    sentence: str
    hint: str = ""
    when: str = ""
    retry_after_seconds: float | None = None


_RECONNECT = "An admin opens Settings → Integrations → QuickBooks and chooses Reconnect."
_OURS = "This is a mistake in Regentra. Send this line to support with the reference beside it."
_IN_QUICKBOOKS = "Change it in QuickBooks, then send again."
_DATE = "Reopen the period in QuickBooks (Account and settings → Advanced), or change the date."
_REMAP = "Make it active again in QuickBooks, or choose another one here, then send again."
_LOCKED = "Take it out of the deposit or match in QuickBooks first, then send again."
_REFUND = "Take theirs, so that it is paid here, too, then refund it."

ROWS = (
    # Who may speak.
    Row("100", TokenRejected, "QuickBooks did not accept the access token.", _RECONNECT),
    Row("110", TokenRejected, "QuickBooks did not accept the access token.", _RECONNECT),
    Row(
        "120",
        NeedsConsent,
        "The person who connected QuickBooks no longer has access to the company.",
        "A current admin of the QuickBooks company reconnects it.",
    ),
    Row(
        "3100",
        NeedsConsent,
        "QuickBooks no longer lets Regentra into this company.",
        _RECONNECT,
    ),
    Row("3200", TokenRejected, "The access token has expired.", _RECONNECT),
    Row("3202", TokenRejected, "QuickBooks did not accept the access token.", _RECONNECT),
    # QuickBooks is not itself at the moment.
    Row(
        "130",
        Temporary,
        "QuickBooks is moving this company; we try again by ourselves.",
        retry_after_seconds=LOCKED_OUT_SECONDS,
    ),
    Row(
        "140",
        Temporary,
        "QuickBooks has locked this company for the moment; we try again by ourselves.",
        retry_after_seconds=LOCKED_OUT_SECONDS,
    ),
    Row(
        "150",
        Temporary,
        "QuickBooks is maintaining this company; we try again by ourselves.",
        retry_after_seconds=LOCKED_OUT_SECONDS,
    ),
    Row(
        "3001",
        Temporary,
        "QuickBooks asks us to slow down; we go on in a minute.",
        retry_after_seconds=THROTTLE_SECONDS,
    ),
    Row("1000", Temporary, "QuickBooks could not do this just now; we try again by ourselves."),
    Row("1010", Temporary, "QuickBooks could not create this just now; we try again by ourselves."),
    Row("1020", Temporary, "QuickBooks could not change this just now; we try again by ourselves."),
    Row(
        "600",
        OutcomeUnknown,
        "QuickBooks has met this request before; we look up what became of it.",
    ),
    Row("10000", OutcomeUnknown, "QuickBooks failed; we look up what became of the document."),
    Row(
        "10200",
        Waiting,
        "The QuickBooks company was reset.",
        "Check the company in QuickBooks, then disconnect it and connect it anew.",
    ),
    Row(
        "6190",
        Waiting,
        "The QuickBooks subscription has ended or has a billing problem; nothing can be written.",
        "Renew the subscription in QuickBooks; what waits goes out by itself then.",
    ),
    # The document over there is not the one we knew.
    Row("5010", Stale, "It was changed in QuickBooks since we last saw it."),
    Row(
        "610",
        Vanished,
        "This no longer exists in QuickBooks.",
        "Void it here as well, or choose Make it again in QuickBooks.",
        when="the document itself is gone",
    ),
    Row(
        "610",
        Refused,
        "Something this refers to was deleted or made inactive in QuickBooks.",
        _REMAP,
        when="a customer, item, account or invoice it refers to is gone",
    ),
    Row(
        "630",
        AlreadyThere,
        "QuickBooks already has this.",
        "Change this one here or the other one in QuickBooks, then send again.",
    ),
    Row(
        "6140",
        AlreadyThere,
        "This number is already taken in QuickBooks.",
        "Change the number of the other document in QuickBooks, then send again.",
    ),
    Row(
        "6240",
        AlreadyThere,
        "Something in QuickBooks already has this name.",
        "Link or choose the existing one, or change the name here.",
    ),
    # What a person can put right.
    Row("620", Refused, "The invoice can't take this payment.", "Compare both open balances."),
    Row("700", Refused, "The parent it is filed under does not fit.", _IN_QUICKBOOKS),
    Row("800", Refused, "It can't be removed while other documents depend on it.", _IN_QUICKBOOKS),
    Row("900", Refused, "Something can't be filed under itself.", _IN_QUICKBOOKS),
    Row("2040", Refused, "A text has characters that QuickBooks can't keep.", "Take them out."),
    Row("2050", Refused, "A text is longer than QuickBooks can keep.", "Shorten it."),
    Row("2200", Refused, "The web address is not a valid one.", "Correct it on the customer."),
    Row("2210", Refused, "The e-mail address is not a valid one.", "Correct it on the customer."),
    Row("2250", Refused, "An invoice needs at least one line.", "Add a line."),
    Row("2280", Refused, "QuickBooks misses the tax amount.", "Check the tax of this document."),
    Row("2290", Refused, "QuickBooks takes no negative amount here.", "Check the lines."),
    Row("2500", Refused, "Something this refers to does not exist in QuickBooks.", _REMAP),
    Row("5020", Refused, "The QuickBooks company does not permit this.", _IN_QUICKBOOKS),
    Row(
        "5030",
        Refused,
        "This edition of QuickBooks does not have that.",
        "Use another edition of QuickBooks, or do without it here.",
    ),
    Row("6000", Refused, "QuickBooks refused this document.", "See what QuickBooks says."),
    Row("6010", Refused, "The account has no usable type.", "Choose another account."),
    Row("6030", Refused, "The attachment is too large for QuickBooks.", "Attach a smaller file."),
    Row("6090", Refused, "The discount is incomplete.", "Check the discount line."),
    Row("6100", Refused, "A line has a tax code that QuickBooks does not take here.", _REMAP),
    Row(
        "6110",
        Locked,
        "QuickBooks Payments made this transaction; only QuickBooks can change it.",
        _IN_QUICKBOOKS,
    ),
    Row(
        "6120",
        Locked,
        "QuickBooks Payments made this transaction; only QuickBooks can delete it.",
        _IN_QUICKBOOKS,
    ),
    Row("6130", Refused, "It can't be changed who this customer bills with.", _IN_QUICKBOOKS),
    Row("6150", Refused, "QuickBooks misses the parent customer.", _IN_QUICKBOOKS),
    Row("6160", Refused, "This tax code can't be used on a document.", "Choose another tax code."),
    Row("6170", Refused, "A document without tax can't carry a tax amount.", "Check its tax."),
    Row("6180", Refused, "Customers can be nested five deep at most.", _IN_QUICKBOOKS),
    Row("6200", PeriodClosed, "The books are closed for this date.", _DATE),
    Row("6210", PeriodClosed, "The books are closed for this date.", _DATE),
    Row("6220", Refused, "It can't be removed while it has a balance.", _IN_QUICKBOOKS),
    Row("6230", Refused, "This tax code can't be used on a document.", "Choose another tax code."),
    Row("6250", Refused, "The customer is missing or inactive in QuickBooks.", _REMAP),
    Row("6270", Refused, "The date is before the item's stock began.", "Change the date."),
    Row("6280", Refused, "The customer has unbilled expenses in QuickBooks.", _IN_QUICKBOOKS),
    Row("6310", Refused, "QuickBooks misses the customer.", "Link the customer, then send again."),
    Row("6400", Refused, "Removing it would break an invoice.", _IN_QUICKBOOKS),
    Row("6420", Refused, "An e-mail address is needed.", "Enter one on the customer."),
    Row("6430", Refused, "The account has the wrong type for this.", "Choose another account."),
    Row("6440", Refused, "A line needs an item or an account.", "Choose an item for the line."),
    Row("6450", Locked, "The payment is settled and can't be voided.", _REFUND),
    Row("6460", Refused, "The deposit of QuickBooks Payments does not match.", _IN_QUICKBOOKS),
    Row("6470", Refused, "The tax liability account or rate is not usable.", _IN_QUICKBOOKS),
    Row("6480", Locked, "It is matched with a bank transaction in QuickBooks.", _LOCKED),
    Row("6520", Refused, "There is not enough of this item in stock.", _IN_QUICKBOOKS),
    Row("6540", Locked, "It is part of a deposit in QuickBooks.", _LOCKED),
    # What we should never have sent.
    Row("500", Refused, "QuickBooks does not know this operation.", _OURS),
    Row("1040", Refused, "Too many parts in one call.", _OURS),
    Row("2000", Refused, "QuickBooks does not know this kind of document.", _OURS),
    Row("2010", Refused, "QuickBooks does not know a field of this document.", _OURS),
    Row("2020", Refused, "A field that QuickBooks requires is missing.", _OURS),
    Row("2030", Refused, "An id is not one of QuickBooks'.", _OURS),
    Row("2130", Refused, "The id of the request has the wrong form.", _OURS),
    Row("2170", Refused, "A field has a value that QuickBooks does not know.", _OURS),
    Row("2220", Refused, "QuickBooks does not know this currency.", _OURS),
    Row("4000", Refused, "QuickBooks did not understand a query.", _OURS),
    Row("4001", Refused, "QuickBooks did not accept a query.", _OURS),
    Row("4002", Refused, "QuickBooks could not answer a query.", _OURS),
    Row("6070", Refused, "A line's amount is not quantity times price.", _OURS),
    Row("6080", Refused, "QuickBooks misses a name.", "Enter a name for the customer."),
    Row("6530", Refused, "QuickBooks takes no card numbers.", _OURS),
    Row("10100", Refused, "The answer would be too large for QuickBooks.", _OURS),
    *(
        Row(code, Refused, "A date, number or choice has a form QuickBooks does not take.", _OURS)
        for code in (
            *("2060", "2070", "2080", "2090", "2100", "2110", "2120", "2140", "2150", "2160"),
            *("2190", "2230", "2240", "2260", "2300", "2600", "3000", "5000", "6060"),
        )
    ),
    # Ours, before anything is sent.
    Row("characters", Refused, "A text has characters that QuickBooks can't keep."),
    Row("length", Refused, "A text is longer than QuickBooks can keep."),
    Row(
        "illegible",
        NotUnderstood,
        "This document in QuickBooks has a form that Regentra cannot read.",
        _OURS,
    ),
    Row("incomplete", Refused, "QuickBooks can't hold this document as it is."),
    # No fault to be read: the HTTP status speaks.
    Row("HTTP 401", TokenRejected, "QuickBooks did not accept the access token.", _RECONNECT),
    Row(
        "HTTP 429",
        Temporary,
        "QuickBooks asks us to slow down; we go on in a minute.",
        retry_after_seconds=THROTTLE_SECONDS,
    ),
    Row("HTTP 400", Refused, "QuickBooks refused this without saying why.", _OURS),
    Row("HTTP 413", Refused, "The document is too large for QuickBooks.", "Split it."),
    Row("HTTP 4xx", Temporary, "Something between us and QuickBooks stopped the call."),
    Row("HTTP 5xx", OutcomeUnknown, "QuickBooks failed; we look up what became of the document."),
    Row("no answer", OutcomeUnknown, "No answer came; we look up what became of the document."),
    Row("no connection", Temporary, "QuickBooks could not be reached; we try again by ourselves."),
    Row("unreadable", OutcomeUnknown, "QuickBooks' answer was cut off or could not be read."),
)
