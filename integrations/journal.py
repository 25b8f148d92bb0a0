"""The call ledger: what was asked of a vendor, for which document, and what it cost."""

import re
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from integrations import tallies
from integrations.governor import reads
from integrations.governor.gate import TOO_MANY
from integrations.models import ApiCall, Connection
from integrations.ports import CallRecord

# The company's id is a secret at rest; the connection says which company it was.
_ACCOUNT_IN_PATH = re.compile(r"(/company/)[^/?]+")


def store(
    connection: Connection,
    records: Sequence[CallRecord],
    kind: str = "",
    local_id: UUID | None = None,
) -> None:
    """Adds the calls in the current transaction, under the document they were made for when there is one.

    Metered ones also count against the month, in a row that tenants may share: keep the transaction short.
    """
    ApiCall.objects.bulk_create(_row(connection, record, kind, local_id) for record in records)
    reads.count(records, connection.environment, connection.client_hash, company=connection.pk)
    if throttled := sum(record.status == TOO_MANY for record in records):
        tallies.add(connection, Counter({(tallies.THROTTLED, "", ""): throttled}))


def _row(connection: Connection, record: CallRecord, kind: str, local_id: UUID | None) -> ApiCall:
    return ApiCall(
        connection=connection,
        kind=kind,
        local_id=local_id,
        method=record.method,
        path=_ACCOUNT_IN_PATH.sub(r"\1-", record.path),
        status=record.status,
        metered=record.metered,
        items=record.items,
        started_at=record.started_at,
        duration_ms=record.duration_ms,
        reference=record.reference,
        request_id=record.request_id,
        outcome=record.outcome,
    )
