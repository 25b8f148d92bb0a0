"""Items and accounts that were confirmed to be made over there, or have been."""

from billing.models import LedgerAccount, Service
from integrations.documents import AccountDocument, ItemDocument, Kind
from integrations.outbound import items, new_entries, referred
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import Missing, Need


def compose_item(materials: Materials, service: Service) -> Composition:
    """A service that was confirmed to become an item, or has one; its name is unique over there."""
    link = materials.links.get((Kind.ITEM, service.id))
    agreed = link.our_document() if link else None
    if isinstance(agreed, ItemDocument):
        return Composed(items.as_owned(agreed, service, materials.policies), service.name)
    account = materials.mirror.account_of_new_item(service.id)
    if account is None:
        return [Missing(Need.ITEM, f"No income account was confirmed for {service.name}.")]
    missing = list(materials.mirror.gone([referred.by_item(service)]))
    new = ItemDocument(service.name, income_account=account)
    return missing or Composed(items.as_owned(new, service, materials.policies), service.name)


def compose_account(account: LedgerAccount) -> Composition:
    """A ledger account that was confirmed to be made; its name is unique over there."""
    type_ = new_entries.ACCOUNT_TYPES.get(account.kind)
    if type_ is None:
        sentence = f"{account} is no income or expense account; make it in QuickBooks."
        return [Missing(Need.LEDGER_ACCOUNT, sentence)]
    return Composed(AccountDocument(account.name, type_), str(account))


def compose_item_of_account(materials: Materials, account: LedgerAccount) -> Composition:
    """The item that lines of a ledger account book against, where the company has none that books to it."""
    theirs = materials.mirror.account(account.pk)
    if theirs is None:
        sentence = f"No QuickBooks account is chosen for the ledger account {account}."
        return [Missing(Need.LEDGER_ACCOUNT, sentence)]
    missing = list(materials.mirror.gone([referred.by_account(account)]))
    return missing or Composed(ItemDocument(str(account), income_account=theirs), str(account))
