"""Tables without row-level security, each with the reason.

Every other table belongs to a tenant and is kept apart by the database; `tests/tenants/test_catalog.py` compares.
User and Organization apart, these hold ids, hashes, times and counters only.
"""

PLATFORM_TABLES = {
    "tenants_organization": "the tenants themselves; found by the name in the URL",
    "tenants_user": "people, who may belong to several organizations; found at log-in",
    "tenants_membership": "says which organizations a user may enter, before one is entered",
    "tenants_route": "finds the organization behind an outside key, by hash",
    "billing_wake": "says which organizations have something to relay",
    "integrations_oauthstate": "single-use tickets, found by hash when a consent page sends back",
    "integrations_syncdue": "says which connections have work, for the scheduler; ids and times",
    "integrations_readbudget": "metered reads of the installation's Intuit app, all tenants together",
    "integrations_round": "when each organization is looked over again; an id and a time",
    "integrations_pulse": "when the timetable last ran, so that an outage of our own is noticed",
    "integrations_knowndatabase": "which database this is, so that a restored one is noticed",
    "integrations_tally": "counters of pushes for /metrics, summed over all tenants; ids and counts",
    "integrations_companycount": "how many are in each state for /metrics; ids, counts, a status",
    "webhooks_delivery": "stored before the organization is known; hashes, unrouted text sealed",
    "django_session": "found by cookie, before anybody is known",
    "django_migrations": "which migrations have run",
    "django_content_type": "Django's list of models",
    "auth_permission": "Django's own; roles are in Membership",
    "auth_group": "Django's own; roles are in Membership",
    "auth_group_permissions": "Django's own; roles are in Membership",
    "account_emailaddress": "allauth: the addresses with which people log in",
    "account_emailconfirmation": "allauth: addresses that wait for confirmation",
}
