"""When the settings of a company are read again: closing date, numbering, tax. Runs inside ``within()``."""

from datetime import datetime, timedelta

from integrations.documents import Company
from integrations.models import Connection, policies_in_force
from integrations.models.connection import company_to_json
from integrations.outbound import custom_fields, due, jobs
from integrations.outbound.prerequisites import CLOSED_NEEDS
from regentra import clock

# QuickBooks tells of a change by webhook; where none arrives, what waits for one is not held longer than this.
WAITED_FOR_EVERY = timedelta(hours=6)
# What was read as lately as this is as it is now.
FRESH = timedelta(minutes=10)


def ask_again(connection: Connection, at: datetime) -> None:
    """They are read on the first turn from then on; what is sent meanwhile goes by the old ones.

    A moment that has come may be under reading already, so that the later one counts; one to come is soon enough.
    """
    # First, as a turn holds this row before any other.
    due.send_by(connection.id, at)
    row = Connection.objects.filter(pk=connection.pk).exclude(company_asked_at__gt=clock.now())
    row.update(company_asked_at=at)


def are_due(connection: Connection) -> bool:
    """Whether somebody asked for them, or documents have waited for a change long enough."""
    if connection.company_asked_at is not None:
        return connection.company_asked_at <= clock.now()
    if are_fresh(connection) or not policies_in_force().sync_cadence.looks_by_itself:
        return False
    return bool(jobs.waiting_for(connection, *CLOSED_NEEDS))


def are_fresh(connection: Connection) -> bool:
    """Whether nobody asks for them and nothing can have waited for a change long enough."""
    is_young = is_read_since(connection, clock.now() - WAITED_FOR_EVERY)
    return connection.company_asked_at is None and is_young


def is_read_since(connection: Connection, moment: datetime) -> bool:
    """Whether they were read after this."""
    return connection.company_read_at is not None and connection.company_read_at > moment


def keep(connection: Connection, company: Company, began: datetime) -> None:
    """What a reading that began then has said; whatever waited for a change of it is looked at anew.

    Who asked since it began has it read once more.
    """
    connection.company = company_to_json(company)
    connection.company_read_at = clock.now()
    connection.save(update_fields=["company", "company_read_at"])
    answered = Connection.objects.filter(pk=connection.pk, company_asked_at__lte=began)
    answered.update(company_asked_at=None)
    connection.refresh_from_db(fields=["company_asked_at"])
    custom_fields.keep(connection, company)
    jobs.release_all(connection, *CLOSED_NEEDS)
