"""What can be done in the books. Functions are verbs, run inside `within()`, and are all or nothing.

Each locks what it changes, writes only the changed columns, one line of the audit log and one event. They return the
row as it is now; the one passed in may be stale. Refusals are `BillingError`s whose text is for staff.
"""
