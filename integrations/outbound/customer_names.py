"""The name of a customer in the company's list of customers (T-05), and its place there (X-10). Pure."""

from billing.models import Customer
from integrations.documents import CustomerDocument, Document
from integrations.policies import DisplayName


def display_name(customer: Customer, rule: DisplayName) -> str:
    """As it is to be made."""
    if rule is DisplayName.CONTACT and customer.contact_name:
        return customer.contact_name
    return customer.name


def kept_name(customer: Customer, rule: DisplayName, agreed: Document | None) -> str:
    """As it is to stand there; another rule renames nobody who is there already."""
    mine = (customer.name, customer.contact_name)
    if isinstance(agreed, CustomerDocument) and agreed.name and agreed.name in mine:
        return agreed.name
    return display_name(customer, rule)


def kept_parent(ours: str, agreed: Document | None, *, made_by_us: bool) -> str:
    """Whose part it is to be there; one that was made there stays where it is, as does what is no part here (X-108)."""
    theirs = agreed.parent if isinstance(agreed, CustomerDocument) else ""
    return ours if ours and made_by_us else theirs
