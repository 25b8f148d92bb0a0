"""What is left to do until QuickBooks works by itself, for the check-list on the Overview."""

from dataclasses import dataclass

from integrations.documents import Kind
from integrations.models import Connection, SyncJob, company_in_use, latest_connection
from tenants.models import AuditEntry, Role

# The audit line of somebody having looked at the mapping and saved it.
MAPPED = "quickbooks.mapping_saved"


@dataclass(frozen=True)
class Step:
    """One step: the page where it is done, the least role for it, and whether it is done."""

    title: str
    page: str
    role: Role
    is_done: bool


def first_steps() -> list[Step]:
    """In the order they are taken. What was done for a company stays done while that is disconnected."""
    in_use = company_in_use()
    connection = in_use or latest_connection()
    return [
        Step(
            "Connect QuickBooks",
            "integrations:quickbooks",
            Role.ADMIN,
            connection is not None and connection.is_connected,
        ),
        Step(
            "Choose what invoice lines book against",
            "integrations:mapping" if in_use else "integrations:quickbooks",
            Role.ADMIN,
            connection is not None and is_mapped(connection),
        ),
        Step(
            "Send the first invoice to QuickBooks",
            "billing:generate",
            Role.STAFF,
            connection is not None and _has_sent(connection),
        ),
    ]


def is_mapped(connection: Connection) -> bool:
    """Whether somebody has looked at the mapping and saved it."""
    lines = AuditEntry.objects.filter(object_kind="connection", object_id=str(connection.id))
    return bool(lines.filter(action=MAPPED).exists())


def _has_sent(connection: Connection) -> bool:
    jobs = SyncJob.objects.filter(connection=connection, kind=Kind.INVOICE, done__gt=0)
    return bool(jobs.exists())
