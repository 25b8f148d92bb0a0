"""What an admin chose for this company: which of theirs stands for which of ours."""

from typing import ClassVar

from django.db import models

from integrations.models.connection import Connection
from tenants.tables import TenantForeignKey, TenantModel


class MappingSubject(models.TextChoices):
    """What is mapped. Those that stand alone have an empty ``local_key``; an answer without a target is kept too."""

    DEFAULT_ITEM = "default_item", "Default service item"
    ADJUSTMENT_ITEM = "adjustment_item", "Item for write-offs and rounding"
    DEFAULT_INCOME_ACCOUNT = "default_income_account", "Default income account"
    TAX_REGION = "tax_region", "Tax region"
    UNTAXED = "untaxed", "Lines without tax"
    SERVICE = "service", "Service"
    NEW_ITEM_ACCOUNT = "new_item_account", "Income account of an item to be made"
    LEDGER_ACCOUNT = "ledger_account", "Ledger account"
    TERM = "term", "Payment terms"
    PAYMENT_METHOD = "payment_method", "Payment method"
    DEPOSIT_ACCOUNT = "deposit_account", "Account that payments go to"
    DEFAULT_CLASS = "default_class", "Default class"
    SERVICE_CLASS = "service_class", "Class of a service"
    DEFAULT_LOCATION = "default_location", "Default location"
    LOCATION = "location", "Location"
    CUSTOM_FIELD = "custom_field", "Custom field"
    REFUND_ACCOUNT = "refund_account", "Account that refunds are paid from"
    REFUND_EXPENSE_ACCOUNT = "refund_expense_account", "Expense account of refunds"
    REFUND_TAX_CODE = "refund_tax_code", "Purchase tax of refunds"
    OWN_CUSTOMER = "own_customer", "Customer that only shares a mailbox"
    WANTED_CUSTOMER = "wanted_customer", "Customer that is to be made"
    MERGED_CUSTOMER = "merged_customer", "Customer of theirs that was merged into another"
    MERGED_ITEM = "merged_item", "Item of theirs that was merged into another"
    MERGED_ACCOUNT = "merged_account", "Account of theirs that was merged into another"
    UNLINKED_CUSTOMER = "unlinked_customer", "Customer that was taken off its link"
    LOST_CUSTOMER = "lost_customer", "Customer that has to be chosen anew"
    PART_OF_UNKNOWN = "part_of_unknown", "Customer whose whole is not known yet"


class Mapping(TenantModel):
    """One choice: ours (``local_key``, an id as text) is theirs (``remote_id``), called so when it was chosen.

    ``agreed`` is what the link of a customer held that has to be chosen anew.
    """

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="mappings")
    subject = models.CharField(max_length=30, choices=MappingSubject.choices)
    local_key = models.CharField(max_length=64, blank=True)
    remote_id = models.CharField(max_length=40, blank=True)
    remote_name = models.CharField(max_length=500, blank=True)
    agreed = models.JSONField(default=dict, db_default={})

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "subject", "local_key"], name="mapped_once"
            )
        ]
