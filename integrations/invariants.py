"""What must always hold in an organization's own rows: one name, one sentence and one query each.

A query gives a line for each row that breaks it, in words an operator can look up. It reads one snapshot, so nothing
half done is ever seen. Row-level security keeps it to the organization in force. Numbers I1 to I18: the invariants of
the reliability reference, 5.4.
"""

from dataclasses import dataclass

from django.db import connection

from billing.money import WITH_THREE_DECIMALS, WITHOUT_DECIMALS
from integrations.governor.limits import REQUESTS_PER_MINUTE
from regentra import clock

# Enough to know what to look at.
SHOWN = 5
# One check of one organization; whatever takes longer is broken off and logged.
LONGEST_MILLISECONDS = 30_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold.

    ``stops`` is False for what is only late: to stop sending would make it later still.
    """

    name: str
    sentence: str
    query: str
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Violation:
    """A check that does not hold, and the first rows that break it."""

    check: Check
    rows: tuple[str, ...]

    @property
    def words(self) -> str:
        """For people: what must hold, and where it does not."""
        return f"{self.check.sentence} This does not hold for {', '.join(self.rows)}."


def violations() -> list[Violation]:
    """Every check that does not hold in the organization in force. Changes nothing."""
    found = ((check, _rows(check)) for check in CHECKS)
    return [Violation(check, rows) for check, rows in found if rows]


def _rows(check: Check) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true)", [str(LONGEST_MILLISECONDS)]
        )
        cursor.execute(
            f"SELECT what FROM ({check.query}) AS found (what) LIMIT {SHOWN}",  # noqa: S608 – queries of this file
            {
                "now": clock.now(),
                "no_decimals": sorted(WITHOUT_DECIMALS),
                "three_decimals": sorted(WITH_THREE_DECIMALS),
                "per_minute": REQUESTS_PER_MINUTE,
            },
        )
        return tuple(row[0] for row in cursor.fetchall())


# Whether the document that a link or a job (x) is about is here.
_IS_HERE = """
    CASE x.kind
    WHEN 'customer' THEN EXISTS (SELECT FROM billing_customer c WHERE c.id = x.local_id)
    WHEN 'invoice' THEN EXISTS (SELECT FROM billing_invoice i WHERE i.id = x.local_id)
    WHEN 'creditmemo' THEN EXISTS (SELECT FROM billing_creditmemo m WHERE m.id = x.local_id)
    WHEN 'payment' THEN EXISTS (SELECT FROM billing_payment p WHERE p.id = x.local_id)
    WHEN 'expense' THEN EXISTS (SELECT FROM billing_refund r WHERE r.id = x.local_id)
    WHEN 'refundreceipt' THEN EXISTS (SELECT FROM billing_refund r WHERE r.id = x.local_id)
    WHEN 'account' THEN EXISTS (SELECT FROM billing_ledgeraccount a WHERE a.id = x.local_id)
        OR EXISTS (SELECT FROM integrations_mirrorentry e WHERE e.id = x.local_id)
    WHEN 'item' THEN EXISTS (SELECT FROM billing_service s WHERE s.id = x.local_id)
        OR EXISTS (SELECT FROM billing_ledgeraccount a WHERE a.id = x.local_id)
        OR EXISTS (SELECT FROM integrations_mirrorentry e WHERE e.id = x.local_id)
    WHEN 'mail' THEN EXISTS (SELECT FROM billing_invoice i WHERE i.id = x.local_id)
    ELSE true END
"""


def _is_anothers(kind: str, row: str) -> str:
    """Whether a payment (p) settles, or uses, what is another customer's, although it did not come so from elsewhere.

    Over there a customer pays for its parts. That it was above them only the history of both says for good: customers
    are filed anew, merged and unlinked at any time.
    """
    return f"""
        p.customer_id <> {row}.customer_id AND 2 > (
            SELECT count(DISTINCT e.object_kind) FROM tenants_auditentry e
            WHERE (e.object_kind, e.object_id)
                    IN (('payment', p.id::text), ('{kind}', {row}.id::text))
                AND e.action IN ('payment.recorded', 'payment.changed',
                    'invoice.payment_applied', 'creditmemo.applied')
                AND e.detail ->> 'origin' <> '')
    """  # noqa: S608


CHECKS = (
    Check(
        "invoice_applied",  # I1
        "What is applied to an invoice is the sum of its parts of payments.",
        """
        SELECT 'invoice ' || i.number FROM billing_invoice i
        LEFT JOIN billing_allocation a ON a.invoice_id = i.id
        GROUP BY i.id HAVING i.applied_minor <> COALESCE(sum(a.amount_minor), 0)
        """,
    ),
    Check(
        "payment_allocated",  # I8
        "What a payment has put on invoices is the sum of its parts.",
        """
        SELECT 'payment ' || p.id FROM billing_payment p
        LEFT JOIN billing_allocation a ON a.payment_id = p.id
        GROUP BY p.id HAVING p.allocated_minor <> COALESCE(sum(a.amount_minor), 0)
        """,
    ),
    Check(
        "credit_used",  # I8
        "What is used of a credit memo, and what a payment uses of credit, are the sums of the uses.",
        """
        SELECT 'credit memo ' || m.number FROM billing_creditmemo m
        LEFT JOIN billing_credituse u ON u.credit_memo_id = m.id
        GROUP BY m.id HAVING m.applied_minor <> COALESCE(sum(u.amount_minor), 0)
        UNION ALL
        SELECT 'payment ' || p.id FROM billing_payment p
        LEFT JOIN billing_credituse u ON u.payment_id = p.id
        GROUP BY p.id HAVING p.credit_minor <> COALESCE(sum(u.amount_minor), 0)
        """,
    ),
    Check(
        "credit_memo_lines",  # I1
        "A credit memo comes to what its lines and its tax come to.",
        """
        SELECT 'credit memo ' || m.number FROM billing_creditmemo m
        LEFT JOIN billing_creditmemoline l ON l.credit_memo_id = m.id
        GROUP BY m.id HAVING COALESCE(sum(l.amount_minor), 0) <>
                CASE WHEN m.prices_include_tax THEN m.total_minor ELSE m.subtotal_minor END
            OR m.total_minor <> m.subtotal_minor + m.tax_minor
        """,
    ),
    Check(
        "credit_fits",  # I1
        "A line of an invoice is credited with no more than it came to, and credit is used by its own customer "
        "unless QuickBooks said otherwise.",
        f"""
        SELECT 'invoice ' || i.number || ' line ' || l.position
        FROM billing_creditmemoline c JOIN billing_creditmemo m ON m.id = c.credit_memo_id
        JOIN billing_invoiceline l ON l.id = c.invoice_line_id
        JOIN billing_invoice i ON i.id = l.invoice_id
        WHERE m.voided_at IS NULL
        GROUP BY i.id, l.id HAVING abs(sum(c.amount_minor)) > abs(l.amount_minor)
        UNION ALL
        SELECT 'credit memo ' || m.number || ' by payment ' || p.id FROM billing_credituse u
        JOIN billing_creditmemo m ON m.id = u.credit_memo_id
        JOIN billing_payment p ON p.id = u.payment_id
        WHERE p.currency <> m.currency OR {_is_anothers("creditmemo", "m")}
        """,  # noqa: S608
    ),
    Check(
        "invoice_lines",  # I1
        "An invoice comes to what its lines and its tax come to.",
        """
        SELECT 'invoice ' || i.number FROM billing_invoice i
        LEFT JOIN billing_invoiceline l ON l.invoice_id = i.id
        GROUP BY i.id HAVING COALESCE(sum(l.amount_minor), 0) <>
                CASE WHEN i.prices_include_tax THEN i.total_minor ELSE i.subtotal_minor END
            OR i.total_minor <> i.subtotal_minor + i.tax_minor
        """,
    ),
    Check(
        "line_amounts",  # I1; PostgreSQL rounds numerics half away from zero, as billing.money does
        "A line comes to its quantity times its price, less what is off it alone.",
        """
        SELECT 'invoice ' || i.number || ' line ' || l.position
        FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id
        WHERE l.amount_minor <> round(l.quantity * l.unit_price * CASE
            WHEN i.currency = ANY (%(no_decimals)s) THEN 1
            WHEN i.currency = ANY (%(three_decimals)s) THEN 1000 ELSE 100 END
            * (100 - CASE WHEN l.kind = 'discount' THEN 0
                ELSE COALESCE(l.discount_percent, 0) END) / 100)
        """,
    ),
    Check(
        "payments_fit",  # I1
        "A payment pays invoices in its own currency, and of its own customer unless QuickBooks said otherwise.",
        f"""
        SELECT 'payment ' || p.id || ' on invoice ' || i.number FROM billing_allocation a
        JOIN billing_payment p ON p.id = a.payment_id JOIN billing_invoice i ON i.id = a.invoice_id
        WHERE p.currency <> i.currency OR {_is_anothers("invoice", "i")}
        """,  # noqa: S608
    ),
    Check(
        "history_complete",  # I10
        "Every invoice, credit memo and payment has its history.",
        """
        SELECT 'invoice ' || i.number FROM billing_invoice i WHERE NOT EXISTS (
            SELECT FROM tenants_auditentry e
            WHERE e.object_kind = 'invoice' AND e.object_id = i.id::text)
        UNION ALL
        SELECT 'credit memo ' || m.number FROM billing_creditmemo m WHERE NOT EXISTS (
            SELECT FROM tenants_auditentry e
            WHERE e.object_kind = 'creditmemo' AND e.object_id = m.id::text)
        UNION ALL
        SELECT 'payment ' || p.id FROM billing_payment p WHERE NOT EXISTS (
            SELECT FROM tenants_auditentry e
            WHERE e.object_kind = 'payment' AND e.object_id = p.id::text)
        """,
    ),
    Check(
        "refunded_once",  # C-13
        "No more of a payment is paid back than came in, and that is what its refunds say; each is posted in one way.",
        """
        SELECT 'payment ' || p.id FROM billing_payment p
        LEFT JOIN billing_refund r ON r.payment_id = p.id AND r.voided_at IS NULL
        GROUP BY p.id HAVING p.paid_back_minor > p.amount_minor
            OR p.paid_back_minor <> COALESCE(sum(r.amount_minor), 0)
        UNION ALL
        SELECT 'refund ' || r.number FROM billing_refund r
        JOIN integrations_link k ON k.local_id = r.id AND k.kind IN ('expense', 'refundreceipt')
        WHERE NOT COALESCE((k.ours ->> 'voided')::boolean, false)
        GROUP BY r.id HAVING count(*) + count(r.credit_memo_id) > 1
        """,
    ),
    Check(
        "links_once",  # I2, I18
        "A document is linked to one document in QuickBooks, and that to no other.",
        """
        SELECT min(kind) || ' ' || min(remote_id) FROM integrations_link
        GROUP BY connection_id, kind, local_id HAVING count(*) > 1
        UNION ALL
        SELECT kind || ' ' || remote_id FROM integrations_link
        GROUP BY connection_id, kind, remote_id HAVING count(*) > 1
        """,
    ),
    Check(
        "links_lead_somewhere",  # I18
        "A link leads to a document that is here.",
        f"""
        SELECT x.kind || ' ' || x.remote_id FROM integrations_link x WHERE NOT {_IS_HERE}
        """,  # noqa: S608
    ),
    Check(
        "link_halves",  # I18
        "A link says whole what both sides agreed on.",
        """
        SELECT kind || ' ' || remote_id FROM integrations_link
        WHERE remote_id = '' OR fingerprint = '' OR ours ->> 'kind' IS DISTINCT FROM kind
            OR (theirs IS NULL) <> (their_fingerprint = '') OR theirs ->> 'kind' <> kind
        """,
    ),
    Check(
        "made_once",  # I2, I12; a customer that was merged away over there is made anew under its own mark
        "What we made in QuickBooks was made once.",
        """
        SELECT min(kind) || ' ' || string_agg(DISTINCT answer ->> 'id', ' and ')
        FROM integrations_intent
        WHERE operation = 'create' AND state IN ('answered', 'adopted') AND kind <> 'customer'
        GROUP BY connection_id, marker HAVING count(DISTINCT answer ->> 'id') > 1
        """,
    ),
    Check(
        "nothing_after_disconnect",  # I14; a write begun at that very moment may end within its 20 s
        "Nothing is written to a company after it was disconnected.",
        """
        SELECT 'write ' || w.id FROM integrations_intent w
        JOIN integrations_connection c ON c.id = w.connection_id
        WHERE w.epoch > c.epoch OR (c.status = 'disconnected'
            AND w.created_at > c.disconnected_at + interval '20 seconds')
        UNION ALL
        SELECT 'keys of connection ' || c.id FROM integrations_credential k
        JOIN integrations_connection c ON c.id = k.connection_id WHERE c.status = 'disconnected'
        """,
    ),
    Check(
        "jobs_lead_somewhere",  # I15
        "What is to be sent is here.",
        f"""
        SELECT x.kind || ' ' || x.local_id FROM integrations_syncjob x WHERE NOT {_IS_HERE}
        """,  # noqa: S608
    ),
    Check(
        "jobs_not_ahead",  # I12
        "Nothing newer than what was wanted counts as sent, and what is synced is the newest.",
        """
        SELECT kind || ' ' || local_id FROM integrations_syncjob
        WHERE done > wanted OR (state = 'synced' AND done <> wanted)
        """,
    ),
    Check(
        "no_write_forgotten",  # I15
        "A write whose outcome is unknown has a job that asks for it.",
        """
        SELECT w.kind || ' ' || w.local_id FROM integrations_intent w
        JOIN integrations_syncjob j ON j.id = w.job_id
        WHERE w.state = 'open' AND (j.state = 'synced' OR j.connection_id <> w.connection_id)
        """,
    ),
    Check(
        "jobs_have_a_moment",  # I15; the scheduler sees connections, not jobs
        "Whatever can be sent has a moment at which it is.",
        """
        SELECT j.kind || ' ' || j.local_id FROM integrations_syncjob j
        JOIN integrations_connection c ON c.id = j.connection_id
        LEFT JOIN integrations_syncdue d ON d.connection_id = c.id
        WHERE j.state = 'pending' AND c.status = 'connected'
            AND j.state_since < %(now)s - interval '15 minutes'
            AND (d.lease_until IS NULL OR d.lease_until < %(now)s)
            AND (j.next_attempt_at IS NULL OR d.send_due_at IS NULL)
        """,
        stops=False,
    ),
    Check(
        "events_relayed",  # I15
        "What happened here is passed on within 15 minutes.",
        """
        SELECT kind || ' ' || id FROM billing_outboxevent
        WHERE relayed_at IS NULL AND created_at < %(now)s - interval '15 minutes'
        """,
        stops=False,
    ),
    Check(
        "pace_kept",  # I16
        "No company is asked more often than Intuit allows.",
        """
        SELECT count(*) || ' calls at ' || date_trunc('minute', started_at)
        FROM integrations_apicall WHERE started_at > %(now)s - interval '20 minutes'
        GROUP BY connection_id, date_trunc('minute', started_at) HAVING count(*) > %(per_minute)s
        """,
        stops=False,
    ),
)
