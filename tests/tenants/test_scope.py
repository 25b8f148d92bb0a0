"""within() is the only door, in Python and in PostgreSQL."""

from dataclasses import replace
from threading import Thread
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from billing.home import organization
from billing.models import Customer, Term
from integrations.models import policies_in_force, set_policies
from integrations.policies import PushWhen
from tenants import audit
from tenants.errors import OutsideOrganization
from tenants.models import AuditEntry, Organization
from tenants.scope import ask_again, asked_once, current_organization_id, within
from tests import factories

COUNT = "SELECT count(*) FROM billing_customer"


def raw(sql: str, *params: object, alias: str = "default") -> list[tuple[object, ...]]:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def customer(northwind: Organization) -> Customer:
    with within(northwind):
        return factories.customer("Fabrikam")


def test_python_refuses_a_query_outside(customer: Customer) -> None:
    with pytest.raises(OutsideOrganization, match="outside within"):
        Customer.objects.count()
    with pytest.raises(OutsideOrganization):
        customer.reload_locked()
    with pytest.raises(OutsideOrganization):
        Customer(name="nobody's")


@pytest.mark.parametrize(
    "sql",
    [
        COUNT,
        "SELECT id FROM billing_customer WHERE name = 'Fabrikam'",
        "UPDATE billing_customer SET name = ''",
        "DELETE FROM billing_customer",
    ],
)
def test_the_database_refuses_a_query_outside(customer: Customer, sql: str) -> None:
    with pytest.raises(ProgrammingError, match="no organization is set"):
        raw(sql)


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_the_owner_is_bound_as_well(customer: Customer) -> None:
    with pytest.raises(ProgrammingError, match="no organization is set"):
        raw(COUNT, alias="owner")


def test_another_organizations_rows_are_invisible(
    customer: Customer, contoso: Organization
) -> None:
    with within(contoso):
        assert not Customer.objects.filter(pk=customer.pk).exists()
        assert raw(COUNT) == [(0,)]
        assert Customer.objects.update(name="taken over") == 0
        with pytest.raises(Customer.DoesNotExist):
            customer.reload_locked()


def test_a_row_for_another_organization_is_refused(
    northwind: Organization, contoso: Organization
) -> None:
    with (
        within(contoso),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Term.objects.create(organization=northwind, name="Net 7", due_days=7)


def test_a_row_cannot_be_handed_over(customer: Customer, contoso: Organization) -> None:
    with (
        within(customer.organization_id),
        pytest.raises(ProgrammingError, match="row-level"),
        transaction.atomic(),
    ):
        Customer.objects.filter(pk=customer.pk).update(organization=contoso)


def test_a_reference_to_another_organizations_row_is_refused(
    northwind: Organization, contoso: Organization
) -> None:
    with within(contoso):
        theirs = factories.term()
    with within(northwind):
        factories.customer(terms=theirs)
        with (
            pytest.raises(IntegrityError, match="billing_customer_terms_id_tenant"),
            transaction.atomic(),
        ):
            connection.check_constraints()
        Customer.objects.update(terms=None)


def test_nesting_brings_the_former_organization_back(
    northwind: Organization, contoso: Organization
) -> None:
    with within(northwind):
        with within(contoso):
            assert current_organization_id() == contoso.pk
            assert in_force() == str(contoso.pk)
        assert current_organization_id() == northwind.pk
        assert in_force() == str(northwind.pk)
    assert in_force() == ""


def test_an_exception_brings_the_former_organization_back(
    northwind: Organization, contoso: Organization
) -> None:
    with within(northwind):
        with pytest.raises(LookupError), within(contoso):
            factories.customer()
            raise LookupError
        assert current_organization_id() == northwind.pk
        assert in_force() == str(northwind.pk)
        assert not Customer.objects.exists()


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_nothing_is_left_behind_on_the_connection(customer: Customer) -> None:
    with within(customer.organization_id):
        pass
    assert in_force() == ""
    with pytest.raises(ProgrammingError, match="no organization is set"):
        raw(COUNT)


def test_a_thread_starts_outside(northwind: Organization) -> None:
    seen: list[type[Exception]] = []

    def look() -> None:
        try:
            current_organization_id()
        except OutsideOrganization as error:
            seen.append(type(error))

    with within(northwind):
        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [OutsideOrganization]


def test_an_answer_is_kept_while_its_organization_is_in_force(
    northwind: Organization, contoso: Organization
) -> None:
    asked: list[UUID] = []

    @asked_once
    def question() -> UUID:
        asked.append(current_organization_id())
        return asked[-1]

    with within(northwind):
        assert {question(), question()} == {northwind.pk}
        assert len(asked) == 1
        with within(contoso):
            assert {question(), question()} == {contoso.pk}
        assert question() == northwind.pk
        assert asked == [northwind.pk, contoso.pk, northwind.pk]
        ask_again()
        assert {question(), question()} == {northwind.pk}
        assert len(asked) == 4
    with within(northwind):
        question()
    assert len(asked) == 5
    with pytest.raises(OutsideOrganization):
        question()


def test_within_itself_an_organization_stays_in_force_with_its_answers(
    northwind: Organization,
) -> None:
    asked: list[UUID] = []

    @asked_once
    def question() -> UUID:
        asked.append(current_organization_id())
        return asked[-1]

    with within(northwind):
        question()
        with within(northwind):
            assert question() == northwind.pk
            assert in_force() == str(northwind.pk)
        with pytest.raises(LookupError), within(northwind):
            factories.customer()
            raise LookupError
        assert question() == northwind.pk
        assert in_force() == str(northwind.pk)
        assert not Customer.objects.exists()
    assert len(asked) == 2, "what was taken back is asked anew"
    assert in_force() == ""


def test_who_is_saved_is_read_anew(northwind: Organization) -> None:
    with within(northwind):
        assert organization().country == "US"
        northwind.country = "CA"
        northwind.save(update_fields=["country"])
        assert organization().country == "CA"


def test_after_a_change_nothing_is_kept(northwind: Organization) -> None:
    with within(northwind):
        usual = policies_in_force()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            set_policies(replace(usual, push_when=PushWhen.NEVER))
            assert policies_in_force().push_when is PushWhen.NEVER
            raise ZeroDivisionError
        assert policies_in_force() == usual
        with within(northwind):
            set_policies(replace(usual, push_when=PushWhen.NEVER))
        assert policies_in_force().push_when is PushWhen.NEVER


def test_the_audit_log_cannot_be_rewritten(northwind: Organization) -> None:
    with within(northwind):
        audit.record("customer.created", object_kind="customer", object_id="1", name="Fabrikam")
        for rewrite in (lambda rows: rows.update(action=""), lambda rows: rows.delete()):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rewrite(AuditEntry.objects.all())
        assert AuditEntry.objects.get().detail == {"name": "Fabrikam"}


def in_force() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.organization', true)")
        return str(cursor.fetchone()[0])
