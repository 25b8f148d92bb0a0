import pytest

from billing.errors import TextRefused
from billing.events import CustomerArchived, CustomerChanged, CustomerCreated
from billing.models import Customer, Source
from billing.services import customers
from tenants.models import AuditEntry, Organization, User
from tests import factories
from tests.billing.told import actions, told


def test_a_new_customer_is_told_of(books: Organization, alice: User) -> None:
    customer = customers.create(
        name="  Fabrikam, Inc. ",
        email="ap@fabrikam.example",
        source=Source.INTAKE_FORM,
        actor=alice,
    )
    assert (customer.name, customer.source) == ("Fabrikam, Inc.", "intake_form")
    assert told() == [
        CustomerCreated(customer_id=customer.pk, actor_id=alice.pk, source="intake_form")
    ]
    assert actions(customer.pk) == ["customer.created"]


def test_only_what_differs_is_changed_and_told(books: Organization, alice: User) -> None:
    customer = factories.customer("Fabrikam", phone="1")
    changed = customers.update(customer=customer, name="Fabrikam", phone="2", actor=alice)
    assert changed.phone == "2"
    assert told()[-1] == CustomerChanged(
        customer_id=customer.pk, fields=frozenset({"phone"}), actor_id=alice.pk
    )


def test_a_change_that_changes_nothing_is_not_told(books: Organization) -> None:
    customer = factories.customer("Fabrikam")
    before = customer.updated_at
    assert customers.update(customer=customer, name=" Fabrikam ").updated_at == before
    assert len(told()) == 1


def test_terms_and_tax_region_can_be_set_and_taken_away(books: Organization) -> None:
    customer = factories.customer(terms=factories.term(), tax_region=factories.tax_region())
    customer = customers.update(customer=customer, terms=None, tax_region=None)
    assert (customer.terms, customer.tax_region) == (None, None)
    assert told()[-1].fields == {"terms", "tax_region"}


def test_archiving_twice_is_told_once_and_can_be_undone(books: Organization) -> None:
    customer = factories.customer()
    for _ in range(2):
        customer = customers.archive(customer=customer)
    assert customer.is_archived
    assert told()[1:] == [CustomerArchived(customer_id=customer.pk)]
    assert not customers.restore(customer=customer).is_archived


def test_the_origin_is_passed_on(books: Organization) -> None:
    customer = customers.create(name="Fabrikam", origin="quickbooks_online:7")
    assert told()[0].origin == "quickbooks_online:7"
    assert AuditEntry.objects.get(object_id=str(customer.pk)).detail["origin"] == (
        "quickbooks_online:7"
    )


@pytest.mark.parametrize(
    "name", ["🛠 Bits 👩‍💻 Bytes", "<script>alert(1)</script>", "O'Brien \\ Söhne", "x" * 200]
)
def test_names_are_kept_as_they_are(books: Organization, name: str) -> None:
    customer = customers.create(name=name)
    assert Customer.objects.get(pk=customer.pk).name == name


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"name": ""}, "The name is missing"),
        ({"name": " \t"}, "The name is missing"),
        ({"name": "x" * 201}, "The name is too long: 201"),
        ({"name": "a\0b"}, "The name contains a character that cannot be stored"),
        ({"name": "a\ud83d"}, "The name contains a character that cannot be stored"),
        ({"name": "F", "notes": "\0"}, "The text of the notes contains a character"),
        ({"name": "F", "country": "USA"}, "The country is too long"),
        ({"name": "F", "email": "nobody"}, "“nobody” is not an e-mail address"),
        ({"name": "F", "email": "a@x.com, b@x.com"}, "is not an e-mail address"),
        ({"name": "F", "email": "a@x.com\nb"}, "is not an e-mail address"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(
    books: Organization, details: dict[str, str], words: str
) -> None:
    with pytest.raises(TextRefused, match=words):
        customers.create(**details)  # type: ignore[arg-type]
    assert not Customer.objects.exists()
    assert told() == []
