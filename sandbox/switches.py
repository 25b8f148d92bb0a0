"""Every behaviour that the reference leaves open, with its default and the reason.

A switch is set with `--switch name=value`, `POST /_sandbox/switches` or `Sandbox(switches={…})`;
`GET /_sandbox/switches` lists them. When somebody measures the real service, a default changes
here and no code does.
"""

from dataclasses import dataclass, fields
from typing import Any


@dataclass
class Switches:
    """One field per open question; the comment above it is the reason for its default."""

    # Previous refresh token after rotation: sources disagree (0 h or 24 h). The harsher one.
    previous_refresh_token_hours: int = 0
    # Intuit may read a reused refresh token as theft and revoke the whole grant.
    reuse_revokes_grant: bool = False
    # A code presented twice "may" revoke the tokens already issued.
    code_reuse_revokes_grant: bool = False
    # How long a `requestid` is remembered is nowhere written. 0: not at all; negative: for ever.
    requestid_retention_seconds: int = 24 * 3600
    # Same id, different body: undocumented. False replays the first answer, True answers 600.
    requestid_strict: bool = False
    # Whether a fault answered under a requestid is replayed too is unknown; the harsher: yes.
    requestid_stores_faults: bool = True
    # LastUpdatedTime of a paid invoice moves; whether SyncToken does is unconfirmed. Bills did.
    payment_bumps_invoice_sync_token: bool = True
    # The customer on the wire kept SyncToken 0 while LastUpdatedTime moved.
    balance_bumps_customer_sync_token: bool = False
    # Paying more than the open balance: "refuse" answers 6000, "unapplied" keeps the rest unapplied.
    over_application: str = "refuse"
    # Paying another customer's invoice: "refuse" answers 6000, "unapplied" drops the line.
    foreign_customer_application: str = "refuse"
    # Whether RefundReceipt may be linked from a Deposit: Intuit's pages disagree. Silent: refuse.
    deposit_links_refund_receipt: bool = False
    # A Deposit total below zero: from memory only. Refused.
    negative_deposit_allowed: bool = False
    # DocNumber of Purchase and JournalEntry in a query: unconfirmed. Silent: refuse with 4001.
    purchase_docnumber_filterable: bool = False
    # DueDate of Invoice as a filter is used by many clients, so it must work in practice.
    invoice_duedate_filterable: bool = True
    # Own-app changes come back as webhooks: assumed yes, nothing in Intuit's page excludes it.
    own_writes_echo: bool = True
    # Webhook payload: CloudEvents since 2026-07-31, before that `legacy`.
    webhook_format: str = "cloudevents"
    # Content-Type of the CloudEvents POST is not confirmed.
    webhook_content_type: str = "application/cloudevents-batch+json"
    # Sandbox companies see events near real time, production ones after up to minutes.
    webhook_delay_seconds: float = 0.0
    webhook_retry: bool = True
    # "Later events may be held back until the first is acknowledged."
    webhook_head_of_line_blocking: bool = True
    # A webhook of a void is of type voided or updated; both occur.
    void_event: str = "voided"
    # "Deposit account too" has to be of the customer's currency; one of the home currency is taken as well.
    account_currency_checked: bool = True
    # Inactive records occupy their suffixed name only; whether the one without suffix stays taken too is open.
    inactive_names_stay_taken: bool = False
    # Of merged customers the loser vanishes; of merged items and accounts that is not confirmed. False: it is inactive.
    merged_entry_vanishes: bool = True
    # Emoji and other astral characters are "rejected or mangled": the harsher: 2040.
    astral_characters: str = "refuse"
    # Retry-After on a 429 is not documented.
    retry_after_header: bool = False
    # A 429 came as XML although JSON was asked; JSON today.
    throttle_as_xml: bool = False
    # How a batch counts is not published: once ("call") or for each item ("item").
    batch_metered_as: str = "call"
    # The copy a person makes in the web pages keeps the private memo (and so our marker).
    copy_keeps_memo: bool = True
    # AST computes cents differently now and then; this many cents are added to its tax.
    ast_adjustment_cents: int = 0
    # "No order guarantee" of batch answers; False keeps the order of the request.
    batch_shuffled: bool = False
    # A change feed older than 30 days was accepted and cut, not refused.
    cdc_refuses_old: bool = False
    # The same requestid again while the first call is still going on: 600 for the second is plausible.
    requestid_in_flight_fault: bool = True
    # A full update on the wire kept fields that were not sent, the documentation blanks them.
    full_update_blanks: bool = True
    # TxnSource of a payment made through the pay link: IntuitPayment, EInvoice … not confirmed.
    paynow_txn_source: str = "IntuitPayment"
    # When Intuit pays out and books its automatic deposit: from memory, the next business day.
    paynow_deposit_hours: int = 24
    # Non-US documents: the page calls GlobalTaxCalculation required.
    global_tax_calculation_required: bool = True
    # A DocNumber sent while QuickBooks counts itself: "one should not send it", because "the
    # counter is wrong" then. python-quickbooks' integration tests find it stored; so it is.
    docnumber_ignored_when_automatic: bool = False
    # "!=" is in no list of operators, but python-quickbooks' integration tests query with it.
    query_not_equal: bool = True
    # The UI setting "warn about duplicate numbers" cannot be read; on in new companies.
    warn_duplicate_numbers: bool = True
    # The subscription's workspace is blocked at this number of metered calls per month.
    builder_limit: int = 500_000
    # Seconds of sandbox time a token call takes, to make overlapping refreshes reproducible.
    token_latency_seconds: float = 0.0

    def set(self, name: str, value: Any) -> None:
        """Set from a JSON value or text. Raises KeyError, ValueError."""
        known = {f.name: type(getattr(self, f.name)) for f in fields(self)}
        if name not in known:
            raise KeyError(name)
        setattr(self, name, self._typed(known[name], value))

    @staticmethod
    def _typed(kind: type, value: Any) -> Any:
        if kind is bool:
            return value if isinstance(value, bool) else {"true": True, "false": False}[value]
        return kind(value)
