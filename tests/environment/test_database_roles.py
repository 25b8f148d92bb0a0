"""Test bodies run as the plain role, on a database that the owner made."""

import pytest
from django.db import ProgrammingError, connection, connections

from tenants.models import Organization


@pytest.mark.django_db
def test_body_runs_as_a_role_that_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb,"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("regentra", False, False, False, 0)


@pytest.mark.django_db
def test_body_may_not_change_the_schema() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("CREATE TABLE mine (id int)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", [1, 2])
def test_committed_rows_are_gone_in_the_next_test(round_number: int) -> None:
    assert not Organization.objects.exists()
    Organization.objects.create(name="Alice's MSP", slug="alice")


@pytest.mark.django_db(databases=["default", "owner"])
def test_both_ways_lead_into_the_same_test_database() -> None:
    names = {connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}
    assert len(names) == 1
    assert names.pop().startswith("test_")
