"""How long rows are kept that nobody needs for ever, each with its reason. What is not named here is kept.

Books, links, writes, decisions and the audit log are never removed.
"""

from datetime import timedelta

# Told events say nothing that the rows and the audit log do not; a month is enough to follow a question back.
RELAYED_EVENTS = timedelta(days=30)

# Marks that were answered; what came of them stands in the books.
CLOSED_DOORBELLS = timedelta(days=30)

# A page is signed in for 12 hours, so no form that is older can be sent again; a month is far beyond any open tab.
FORM_TOKENS = timedelta(days=30)

# Thirteen months: a month can be laid beside the same one a year ago. The sums of each month are kept for ever.
CALLS = timedelta(days=400)

# A captured delivery can be played to us again; its key must still be known then.
WEBHOOKS = timedelta(days=400)

# What people were told, as long as the calls that may explain it.
SETTLED_NOTICES = timedelta(days=400)

# A sign-in at a vendor that was begun takes ten minutes at most; a day is enough to say why it came too late.
SIGN_IN_TICKETS = timedelta(days=1)
