"""Which rules are read together, in the order of the page. Pure."""

from dataclasses import dataclass

from integrations.policies.chosen import OWNED, OWNED_OF_CUSTOMERS, OWNED_OF_ITEMS


@dataclass(frozen=True, slots=True)
class Section:
    """Rules that are read together; those with an owner each stand below them as a table, under ``legend``."""

    key: str
    title: str
    rules: tuple[str, ...]
    owned: tuple[str, ...] = ()
    legend: str = ""
    note: str = ""


SECTIONS = (
    Section(
        "invoices",
        "Invoices that go to QuickBooks",
        ("push_when", "approval", "message_wording", "memo_wording", "closed_period"),
    ),
    Section(
        "made-there",
        "Invoices made in QuickBooks",
        ("invoices_made_there", "documents_made_there"),
    ),
    Section(
        "changes",
        "Changes and deletions",
        ("remote_delete_policy", "archive_effect", "sign_change", "unpaid_edit_owner"),
        tuple(OWNED),
        "Field by field: who holds which part of an unpaid invoice?",
        "It counts where “Field by field” is chosen above. Ours: a change in QuickBooks is undone there. QuickBooks’: "
        "it is taken over here, and a change here stays here. Who changed it: only when both have changed it is "
        "somebody asked.",
    ),
    Section(
        "customers",
        "Customers",
        (
            "customer_create_policy",
            "customer_sources_excluded",
            "customer_display_name",
            "customer_match_keys",
            "nightly_linking",
            "customers_made_there",
            "customer_terms",
        ),
        tuple(OWNED_OF_CUSTOMERS),
        "Field by field: who holds which part of a customer?",
        "It counts for a customer that is in both places. Each side has its own: a change here goes to QuickBooks, a "
        "change there stays there. Ours: a change in QuickBooks is undone there. QuickBooks’: a change there comes "
        "over here, and a change here stays here. Who changed it: only when both have changed it is somebody asked.",
    ),
    Section(
        "items",
        "Items and accounts",
        ("unmapped_line", "income_account_use", "inactive_entries", "items_made_there"),
        tuple(OWNED_OF_ITEMS),
        "Field by field: who holds which part of a service and its item?",
        "It counts for a service whose item no other service has. Each side has its own: neither is changed by the "
        "other. Ours: a change in the catalogue goes to QuickBooks, a change there is undone there. QuickBooks’: a "
        "change there comes over into the catalogue, and over a change made here.",
    ),
    Section("tax", "Tax", ("tax_mode", "price_basis")),
    Section(
        "money",
        "Payments, credit memos and refunds",
        (
            "payments_direction",
            "payments_since",
            "credit_memos_direction",
            "payment_refund_posting",
        ),
    ),
    Section(
        "looking",
        "When Regentra looks at QuickBooks",
        ("sync_cadence", "seen_within", "look_back"),
    ),
    Section("administration", "Administration", ("oauth_app", "rule_changes")),
)
