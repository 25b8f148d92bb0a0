"""Every rule in words, as the page shows it. Pure."""

from integrations import wordings
from integrations.policies.choices import (
    BY_EMAIL,
    FROM_THE_BEGINNING,
    Approval,
    ArchiveEffect,
    ClosedPeriod,
    CustomerCreate,
    CustomerFieldOwner,
    CustomersThere,
    CustomerTerms,
    Direction,
    DisplayName,
    DocumentsThere,
    FieldOwner,
    InactiveEntries,
    IncomeAccountUse,
    InvoicesThere,
    ItemOwner,
    ItemsThere,
    LookBack,
    MatchKey,
    NightlyLinking,
    OAuthApp,
    PriceBasis,
    PushWhen,
    RefundPosting,
    RemoteDelete,
    RuleChanges,
    SeenWithin,
    SignChange,
    Since,
    SourcesExcluded,
    SyncCadence,
    TaxMode,
    UnmappedLine,
    UnpaidEdit,
)
from integrations.policies.rules import Choice, DayRule, Ranking, Rule, Wording

# What holds of all wordings.
PLACED = (
    f"Others are {', '.join(f'{{{name}}}' for name in wordings.PLACEHOLDERS)}. A line of which nothing is filled in is "
    "left out. It holds for invoices from the next time they are sent; a text changed in QuickBooks is taken over "
    "without its wording."
)


def _owner(part: str) -> Rule:
    """All alike: one row each of the table on the page."""
    return Rule(
        f"Whose {part} holds?",
        "",
        FieldOwner.ASK,
        (
            Choice(FieldOwner.OURS, "Ours", "A change in QuickBooks is undone there."),
            Choice(FieldOwner.THEIRS, "QuickBooks’", "A change here stays here."),
            Choice(
                FieldOwner.ASK,
                "Who changed it",
                "Only when both have changed it is somebody asked.",
            ),
        ),
    )


def _direction(documents: str) -> Rule:
    return Rule(
        f"Which way do {documents} go?",
        "What is in both places already is kept equal whatever is chosen.",
        Direction.BOTH,
        (
            Choice(Direction.BOTH, "Both ways", "Those made here go, those made there come in."),
            Choice(Direction.PUSH, "To QuickBooks only", "Those made there stay there."),
            Choice(Direction.PULL, "From QuickBooks only", "Those made here stay here."),
            Choice(Direction.OFF, "Neither way", "Each side has its own."),
        ),
    )


def _item_owner(field: str) -> Rule:
    return Rule(
        f"Whose {field} of a service and its item holds?",
        "It counts for a service whose item no other service has. Of several companies, QuickBooks’ is that of the "
        "default one.",
        ItemOwner.EACH,
        (
            Choice(ItemOwner.EACH, "Each side has its own", "Neither is changed by the other."),
            Choice(
                ItemOwner.OURS,
                "Ours",
                "A change in the catalogue goes to QuickBooks; a change there is undone there.",
            ),
            Choice(
                ItemOwner.THEIRS,
                "QuickBooks’",
                "A change there comes over into the catalogue, and over a change made here.",
            ),
        ),
    )


def _customer_owner(field: str) -> Rule:
    return Rule(
        f"Whose {field} of a customer holds?",
        "It counts for a customer that is in both places.",
        CustomerFieldOwner.EACH,
        (
            Choice(
                CustomerFieldOwner.EACH,
                "Each side has its own",
                "A change here goes to QuickBooks; a change there stays there.",
            ),
            Choice(CustomerFieldOwner.OURS, "Ours", "A change in QuickBooks is undone there."),
            Choice(
                CustomerFieldOwner.THEIRS,
                "QuickBooks’",
                "A change there comes over here; a change here stays here.",
            ),
            Choice(
                CustomerFieldOwner.ASK,
                "Who changed it",
                "Only when both have changed it is somebody asked.",
            ),
        ),
    )


RULES: dict[str, Rule] = {
    "push_when": Rule(
        "When does an invoice go to QuickBooks?",
        "Whatever is chosen, an invoice that is already in QuickBooks is kept equal there: edits, voiding and payments "
        "follow.",
        PushWhen.GENERATED,
        (
            Choice(
                PushWhen.GENERATED,
                "As soon as it is generated",
                "Drafts go too. QuickBooks is ticked on a new invoice; without the tick it goes by its button.",
            ),
            Choice(
                PushWhen.FINALISED,
                "Once it is sent to the customer",
                "A draft waits here until somebody presses Send. Its customer is not made in QuickBooks before that.",
            ),
            Choice(
                PushWhen.NIGHTLY,
                "In the night",
                "Everything that happens in a day goes at 2:00 in the organization's time zone. The button on a "
                "document sends it at once.",
            ),
            Choice(
                PushWhen.PAID,
                "Once it is paid in full",
                "An unpaid invoice waits here. With the payment that settles it, the invoice goes, then its payments.",
            ),
            Choice(
                PushWhen.BUTTON,
                "Only by its button",
                "Nothing goes until somebody presses Send to QuickBooks on the invoice.",
            ),
            Choice(
                PushWhen.NEVER,
                "Never",
                "No further invoice goes to QuickBooks, by no button either.",
            ),
        ),
    ),
    "customer_create_policy": Rule(
        "When is a customer made in QuickBooks?",
        "Whatever is chosen, one that is recognised there is linked and not made a second time, and a linked one is "
        "kept equal there.",
        CustomerCreate.BUTTON_AND_ON_EDIT,
        (
            Choice(
                CustomerCreate.BUTTON_AND_ON_EDIT,
                "When it is needed",
                "By its button, when it is edited, and before its first invoice goes.",
            ),
            Choice(
                CustomerCreate.TOGGLE_ON,
                "By a switch on its form, on for new customers",
                "“Create New Customer in QuickBooks” is ticked on the form of a new customer. Customers of intake "
                "forms are made by themselves. Nothing else makes one: an invoice waits for its customer.",
            ),
            Choice(
                CustomerCreate.TOGGLE_OFF,
                "By a switch on its form, off at first",
                "The same switch, not ticked. Customers of intake forms are not made by themselves.",
            ),
            Choice(
                CustomerCreate.AUTOMATIC,
                "As soon as it is added here",
                "Every new customer is made in QuickBooks, whether it is billed or not.",
            ),
            Choice(
                CustomerCreate.WIZARD,
                "In the customer wizard only",
                "One by one, under Customers → Match with QuickBooks. Until then its invoices wait.",
            ),
            Choice(
                CustomerCreate.NEVER,
                "Never",
                "Customers are made in QuickBooks by people. Until one is recognised or chosen, its invoices wait.",
            ),
        ),
    ),
    "customer_sources_excluded": Rule(
        "Which customers are never made in QuickBooks by themselves?",
        "This holds where customers are made as soon as they are added, or by the switch. On its own page such a "
        "customer can be made like any other.",
        SourcesExcluded.STOREFRONT,
        (
            Choice(
                SourcesExcluded.STOREFRONT,
                "Those of the storefront",
                "Customers that staff or an intake form have added are made.",
            ),
            Choice(
                SourcesExcluded.STOREFRONT_AND_INTAKE_FORM,
                "Those of the storefront and of intake forms",
                "Only customers that staff have added are made.",
            ),
            Choice(
                SourcesExcluded.NOTHING,
                "None of them",
                "Wherever a customer comes from, it is made.",
            ),
        ),
    ),
    "customer_display_name": Rule(
        "Under whose name is a customer made in QuickBooks?",
        "Both are sent: the company's name and the name of the primary contact. This is the one in QuickBooks' list of "
        "customers, where every name exists only once. One that is there keeps its name until it is changed here.",
        DisplayName.COMPANY,
        (
            Choice(
                DisplayName.COMPANY,
                "The company's",
                "Two customers here rarely bear the same.",
            ),
            Choice(
                DisplayName.CONTACT,
                "The primary contact's",
                "The company's where no contact is known. Two customers with the same contact are a question.",
            ),
        ),
    ),
    "customer_match_keys": Ranking(
        "By what is a customer recognised in QuickBooks?",
        "The first of these that finds anybody decides. Only an active customer that nobody else here is linked to is "
        "taken, and only when exactly one fits; several with one mailbox are a question. Every name exists only once "
        "in QuickBooks, so an equal name that is not taken is always asked about.",
        BY_EMAIL,
        (
            Choice(
                MatchKey.EMAIL,
                "The e-mail address",
                "Left out while others are chosen, it says nothing: several customers may share a mailbox.",
            ),
            Choice(MatchKey.NAME, "The full name", "The name under which it would be made there."),
            Choice(MatchKey.PHONE, "The phone number", "Its digits, without the country's code."),
            Choice(
                MatchKey.ID,
                "The id",
                "The id in QuickBooks that somebody entered on the customer, or that an import brought.",
            ),
        ),
    ),
    "customers_made_there": Rule(
        "What happens when somebody makes a customer in QuickBooks?",
        "Those that are there already can be brought in on the QuickBooks page. A customer comes in whatever is chosen "
        "with an invoice of its own that does.",
        CustomersThere.STAY,
        (
            Choice(
                CustomersThere.STAY,
                "It stays in QuickBooks",
                "One that is here as well is linked by the rule above.",
            ),
            Choice(
                CustomersThere.BRING_IN,
                "It becomes a customer here",
                "As soon as QuickBooks tells of it. One that is recognised here is linked instead, and where it may be "
                "one of ours, but not surely, somebody is asked.",
            ),
        ),
    ),
    "nightly_linking": Rule(
        "Are customers also linked in the night?",
        "Linking runs by itself after a company was connected, and whenever something is sent.",
        NightlyLinking.ON,
        (
            Choice(
                NightlyLinking.ON,
                "Every night",
                "At 2:00 in the organization's time zone, customers that are recognised since are linked.",
            ),
            Choice(
                NightlyLinking.OFF,
                "No",
                "A customer is linked when something of it is sent, or by hand.",
            ),
        ),
    ),
    "customer_terms": Rule(
        "Whose payment terms decide when the invoices of a customer are due?",
        "An invoice keeps its due date when terms change later. Of several companies, QuickBooks’ are those of the "
        "default one.",
        CustomerTerms.HERE,
        (
            Choice(
                CustomerTerms.HERE,
                "Those chosen here",
                "What a customer's terms are in QuickBooks means nothing here.",
            ),
            Choice(
                CustomerTerms.QUICKBOOKS,
                "Those of QuickBooks",
                "The terms of a linked customer come over from there with their rule, by days or by a day of the "
                "month. Terms that are missing here are added. A customer without terms there keeps those chosen here.",
            ),
        ),
    ),
    "customer_contact_owner": _customer_owner("primary contact"),
    "customer_email_owner": _customer_owner("e-mail address"),
    "customer_phone_owner": _customer_owner("phone number"),
    "customer_address_owner": _customer_owner("address"),
    "customer_notes_owner": _customer_owner("notes"),
    "unmapped_line": Rule(
        "What becomes of a line that no QuickBooks item was chosen for?",
        "Items are chosen on the mapping page, for each service and for lines without one.",
        UnmappedLine.DEFAULT_ITEM,
        (
            Choice(
                UnmappedLine.DEFAULT_ITEM,
                "It books against the default item",
                "Where none is chosen either, against the first active Service item.",
            ),
            Choice(
                UnmappedLine.BLOCK,
                "Its invoice waits",
                "Until an item is chosen for its service, or the default item for a line without a service.",
            ),
        ),
    ),
    "inactive_entries": Rule(
        "What happens when a document needs an item or account that was made inactive in QuickBooks?",
        "One that was deleted or merged into another cannot be made active again; another choice is proposed then.",
        InactiveEntries.ASK,
        (
            Choice(
                InactiveEntries.ASK,
                "It waits until somebody decides",
                "The mapping page offers to make it active again, or to choose another one.",
            ),
            Choice(
                InactiveEntries.REACTIVATE,
                "It is made active again",
                "Nothing else of it is changed. What nothing waits for stays inactive.",
            ),
        ),
    ),
    "income_account_use": Rule(
        "What decides the income account of an invoice line?",
        "In QuickBooks every line books against an item, and the item to its account. Ledger accounts are chosen for "
        "services in the catalogue, and linked on the mapping page.",
        IncomeAccountUse.REFERENCE,
        (
            Choice(
                IncomeAccountUse.REFERENCE,
                "The item that was chosen",
                "Ledger accounts here are for your reference; none of them has to be linked.",
            ),
            Choice(
                IncomeAccountUse.CREATE_ITEM_PER_ACCOUNT,
                "The ledger account of its service",
                "An invoice waits until all its ledger accounts are linked. Each line books against a Service item of "
                "its account: that of its service where it books there, else another one. Where there is none, one is "
                "made.",
            ),
        ),
    ),
    "tax_mode": Rule(
        "Who computes the tax of an invoice?",
        "Outside the United States every line bears one of the company's tax codes, whatever is chosen; they stand on "
        "the mapping page. Where both totals differ, the invoice shows by how much.",
        TaxMode.LOCAL,
        (
            Choice(
                TaxMode.LOCAL,
                "Regentra, by the rate of the tax region",
                "The tax is sent as it was computed here. QuickBooks keeps its own rates and may count otherwise.",
            ),
            Choice(
                TaxMode.MAPPED,
                "Regentra, under a tax code of the company",
                "A taxed invoice waits until a tax code is chosen for its region, in the United States as well. Where "
                "the company has automated sales tax, codes mean nothing, and the tax is sent as it was computed here.",
            ),
            Choice(
                TaxMode.DELEGATED,
                "QuickBooks",
                "No tax is sent. What QuickBooks computes, now or after a change there, becomes the tax of the invoice "
                "here, and its history says so. Until then it shows the tax by the region's rate.",
            ),
        ),
    ),
    "price_basis": Rule(
        "Do prices include tax?",
        "It holds for invoices that are generated from now on. In the United States prices are always without tax.",
        PriceBasis.WITHOUT_TAX,
        (
            Choice(
                PriceBasis.WITHOUT_TAX,
                "No",
                "Tax is added to what the lines come to, and rounded once.",
            ),
            Choice(
                PriceBasis.WITH_TAX,
                "Yes",
                "What the lines come to is the total, and each holds its tax, rounded line by line. In QuickBooks "
                "amounts are inclusive of tax. A discount is taken off single lines. Credit memos are alike.",
            ),
        ),
    ),
    "remote_delete_policy": Rule(
        "What happens when an invoice is deleted in QuickBooks, or a customer made inactive?",
        "A payment that is deleted there is taken back here by itself.",
        RemoteDelete.EXCEPTION,
        (
            Choice(
                RemoteDelete.EXCEPTION,
                "Somebody is asked",
                "It stands under Exceptions until somebody voids or archives it here, or makes it again there.",
            ),
            Choice(
                RemoteDelete.ARCHIVE,
                "It is voided or archived here",
                "An invoice is void, off the lists, and keeps its number and history; one that something was paid on "
                "is asked about. A customer is archived; its documents stay.",
            ),
            Choice(
                RemoteDelete.RECREATE,
                "It is made again",
                "Another invoice with the same number and content is made in QuickBooks; a customer is made active "
                "again.",
            ),
        ),
    ),
    "unpaid_edit_owner": Rule(
        "What happens when an unpaid invoice is changed in QuickBooks?",
        "One that something was paid on is always asked about. One that was made in QuickBooks and not changed here "
        "follows QuickBooks by itself.",
        UnpaidEdit.LOCAL,
        (
            Choice(
                UnpaidEdit.LOCAL,
                "Somebody is asked",
                "Both versions stand under Exceptions until somebody takes theirs or sends ours again. What is changed "
                "here goes to QuickBooks.",
            ),
            Choice(
                UnpaidEdit.QBO,
                "QuickBooks holds",
                "Dates, notes, lines and a void are taken over by themselves, also when the same was changed here. "
                "The lines of an invoice that is there cannot be changed here; what else is changed here stays here.",
            ),
            Choice(
                UnpaidEdit.PER_FIELD,
                "Field by field",
                "Whoever owns a field, by the table below, changes it. Changes of different fields go together.",
            ),
        ),
    ),
    "due_date_owner": _owner("due date"),
    "invoice_date_owner": _owner("invoice date"),
    "notes_owner": _owner("text for the customer"),
    "memo_owner": _owner("internal memo"),
    "email_owner": _owner("e-mail address"),
    "lines_owner": _owner("list of lines with its tax"),
    "custom_fields_owner": _owner("PO number, as a custom field,"),
    "message_wording": Wording(
        "How is the message to the customer worded in QuickBooks?",
        f"{{notes}} stands for the notes to the customer. {PLACED}",
        "{notes}",
        (),
        own="notes",
    ),
    "memo_wording": Wording(
        "How is the internal memo worded in QuickBooks?",
        f"{{memo}} stands for the internal memo. {PLACED}",
        "{memo}",
        (),
        own="memo",
    ),
    "archive_effect": Rule(
        "What happens in QuickBooks when an invoice is archived here?",
        "A void always goes to QuickBooks. Archiving never deletes anything there.",
        ArchiveEffect.NONE,
        (
            Choice(
                ArchiveEffect.NONE,
                "Nothing",
                "Here it stands apart, and what is owed on it counts on. It stays open there.",
            ),
            Choice(
                ArchiveEffect.VOID,
                "It is voided",
                "Here and there. One that something was paid on cannot be archived before that is taken back.",
            ),
        ),
    ),
    "invoices_made_there": Rule(
        "What happens when somebody makes an invoice in QuickBooks?",
        "Those that are there already can be brought in on the QuickBooks page. What is here is kept "
        "up to date whatever is chosen.",
        InvoicesThere.STAY,
        (
            Choice(
                InvoicesThere.STAY,
                "It stays in QuickBooks",
                "Only invoices made here are in both places.",
            ),
            Choice(
                InvoicesThere.BRING_IN,
                "It is brought in here",
                "With its number, its customer and what is paid on it. It is never sent back as a new one.",
            ),
        ),
    ),
    "documents_made_there": Rule(
        "May documents that were made in QuickBooks be changed here?",
        "The lines of such an invoice are always changed in QuickBooks. What is changed there follows here.",
        DocumentsThere.EDITABLE,
        (
            Choice(
                DocumentsThere.EDITABLE,
                "Yes",
                "Dates, notes and a void go to QuickBooks.",
            ),
            Choice(
                DocumentsThere.READ_ONLY,
                "No, QuickBooks keeps the books",
                "Once it is finalised, an invoice, credit memo or payment of theirs is read only here. It can be "
                "e-mailed, paid and credited as before.",
            ),
        ),
    ),
    "items_made_there": Rule(
        "What happens when somebody makes an item in QuickBooks?",
        "Items that are sold count: services, products that are not counted and those of the inventory. One that a "
        "service here stands for already is never brought in twice.",
        ItemsThere.STAY,
        (
            Choice(
                ItemsThere.STAY, "It stays in QuickBooks", "It can be chosen on the mapping page."
            ),
            Choice(
                ItemsThere.BRING_IN,
                "It becomes a service of the catalogue",
                "With its name, text, price and whether it is taxed. A service of the same name that no item is chosen "
                "for is taken for it. Items that are there already come in as well.",
            ),
        ),
    ),
    "item_name_owner": _item_owner("name"),
    "item_description_owner": _item_owner("description"),
    "item_price_owner": _item_owner("price"),
    "item_tax_owner": _item_owner("being taxed or not"),
    "approval": Rule(
        "Does an invoice have to be approved before it goes to QuickBooks?",
        "Whatever is chosen, an invoice that somebody put on hold waits until it is approved, and one that is in "
        "QuickBooks already is kept equal there.",
        Approval.NOT_NEEDED,
        (
            Choice(
                Approval.NOT_NEEDED,
                "No",
                "It goes by the rule above unless it is on hold.",
            ),
            Choice(
                Approval.NEEDED,
                "Yes",
                "It waits here until somebody presses Approve on it. Its customer is not made there before that.",
            ),
        ),
    ),
    "closed_period": Rule(
        "What happens to a document whose date lies in closed books?",
        "QuickBooks refuses every write dated up to the closing date. The closing date is read from the company. "
        "When the books are opened again, what waits goes on by itself.",
        ClosedPeriod.ASK,
        (
            Choice(
                ClosedPeriod.ASK,
                "Somebody is asked",
                "It stands under Exceptions until it gets the first open day in QuickBooks, or the books are opened.",
            ),
            Choice(
                ClosedPeriod.HOLD,
                "It waits",
                "Until the books are opened. Nobody is asked.",
            ),
            Choice(
                ClosedPeriod.SHIFT,
                "It is dated the first open day in QuickBooks",
                "Here it keeps its date. A change of what is in the closed books already is asked about.",
            ),
        ),
    ),
    "payment_refund_posting": Rule(
        "How is a refund of a payment posted?",
        "In one way only, decided when it is recorded. Neither the payment nor its invoice changes by it; a refund of "
        "an invoice is always a credit memo.",
        RefundPosting.EXCEPTION,
        (
            Choice(
                RefundPosting.EXCEPTION,
                "Somebody is asked",
                "It stands under Exceptions until somebody issues a credit memo for it, with one click.",
            ),
            Choice(
                RefundPosting.CREDIT_MEMO,
                "As a credit memo",
                "A credit memo over the amount is issued for the customer.",
            ),
            Choice(
                RefundPosting.EXPENSE,
                "As an expense",
                "Paid from the account that the payment went to, or the one chosen for refunds, and booked to the "
                "expense account of refunds. Both are chosen on the mapping page.",
            ),
            Choice(
                RefundPosting.REFUND_RECEIPT,
                "As a refund receipt",
                "Paid from the same account, and booked against the default service item.",
            ),
        ),
    ),
    "sign_change": Rule(
        "What happens when the lines of a synced invoice come to less than zero?",
        "QuickBooks knows no invoice below zero. One that is not in QuickBooks yet is always refused.",
        SignChange.REFUSE,
        (
            Choice(
                SignChange.REFUSE,
                "It is refused",
                "An already synced invoice cannot change sign; a new invoice is created instead.",
            ),
            Choice(
                SignChange.CONVERT,
                "It becomes a credit memo",
                "The invoice is voided, here and in QuickBooks, and a credit memo with the same lines is issued for "
                "the amount below zero. Somebody confirms it first.",
            ),
        ),
    ),
    "sync_cadence": Rule(
        "When is QuickBooks looked at for payments and changes?",
        "A look that somebody asks for is taken at once. Each look is a call that Intuit counts.",
        SyncCadence.WEBHOOK,
        (
            Choice(
                SyncCadence.WEBHOOK,
                "As soon as QuickBooks tells of a change",
                "Within seconds. So that a lost message costs little, Regentra also looks by itself now and then.",
            ),
            Choice(
                SyncCadence.QUARTER_HOURLY,
                "Every 15 minutes",
                "Messages from QuickBooks wait for the next look.",
            ),
            Choice(
                SyncCadence.HOURLY,
                "Every hour",
                "Messages from QuickBooks wait for the next look.",
            ),
            Choice(
                SyncCadence.NIGHTLY,
                "In the night",
                "At 2:00 in the organization's time zone. A payment of the day shows here the next morning.",
            ),
            Choice(
                SyncCadence.MANUAL,
                "Only when somebody asks",
                "Nothing is read by itself: what is changed in QuickBooks shows here after somebody presses Sync now "
                "on the QuickBooks page. What is made here goes out all the same.",
            ),
        ),
    ),
    "look_back": Rule(
        "How far back does the first look of a day read?",
        "Every look reads what has changed since the one before. The first one after 2:00 reads further back, in the "
        "same call, so that what had no counterpart here at the time is met again once it has. Where more than 1,000 "
        "entries have changed since, it reads only to the last look.",
        LookBack.TWO_WEEKS,
        (
            Choice(LookBack.LAST_LOOK, "Only to the last look", "Nothing is read twice."),
            Choice(LookBack.ONE_DAY, "1 day", "What was changed there since yesterday."),
            Choice(LookBack.THREE_DAYS, "3 days", "Enough for a long weekend."),
            Choice(LookBack.WEEK, "7 days", "A week."),
            Choice(LookBack.TWO_WEEKS, "14 days", "Two weeks."),
            Choice(LookBack.FOUR_WEEKS, "28 days", "As far as QuickBooks' change feed goes."),
        ),
    ),
    "payments_direction": _direction("payments"),
    "credit_memos_direction": _direction("credit memos"),
    "payments_since": DayRule(
        "Since when are payments synced?",
        "An older payment neither goes to QuickBooks nor comes in from there. What is paid on an invoice that is "
        "brought in comes with it, and one that is in both places already is kept equal whatever is chosen.",
        FROM_THE_BEGINNING,
        (Choice(Since.ALWAYS, "Whatever their day", "Every payment is synced."),),
    ),
    "oauth_app": Rule(
        "Through whose app at Intuit is QuickBooks connected?",
        "It holds from the next Connect or Reconnect. A company that is connected stays with the app it was connected "
        "through.",
        OAuthApp.PLATFORM,
        (
            Choice(
                OAuthApp.PLATFORM,
                "Regentra's",
                "There is nothing to register. Reads count in an allowance shared with other organizations.",
            ),
            Choice(
                OAuthApp.TENANT,
                "Your own",
                "Recommended. You register an app at Intuit and save its keys on the QuickBooks page. Its calls, its "
                "allowance and its audit trail at Intuit are yours alone.",
            ),
        ),
    ),
    "seen_within": Rule(
        "How late may a change be seen?",
        "QuickBooks tells of most changes within seconds; this is for when its message is lost. Set times of looking, "
        "where they are chosen, hold instead. What would wait here for longer than this goes out in batches, which "
        "Intuit counts. While the metered calls run short, looks come less often than chosen.",
        SeenWithin.AS_NEEDED,
        (
            Choice(
                SeenWithin.AS_NEEDED,
                "As needed",
                "Within 15 minutes while something goes on, an hour after that, six hours while nothing happens.",
            ),
            Choice(
                SeenWithin.FIVE_MINUTES,
                "Within 5 minutes",
                "Around the clock, whether something goes on or not.",
            ),
            Choice(
                SeenWithin.QUARTER_HOUR,
                "Within 15 minutes",
                "Around the clock, whether something goes on or not.",
            ),
            Choice(
                SeenWithin.HOUR,
                "Within an hour",
                "Within 15 minutes while something goes on. Fewer batches than with the others.",
            ),
        ),
    ),
    "rule_changes": Rule(
        "When does a change of the sync rules or of the mapping count?",
        "Making an item or an account on the mapping page, making one active again and the switches for paying online "
        "count at once whatever is chosen.",
        RuleChanges.AT_ONCE,
        (
            Choice(RuleChanges.AT_ONCE, "At once", "Each owner and admin decides alone."),
            Choice(
                RuleChanges.SECOND_PERSON,
                "Once a second person has approved it",
                "What one owner or admin saves here, on the mapping page or by a file waits as a proposal until "
                "another one approves it. That holds for this rule as well.",
            ),
        ),
    ),
}
