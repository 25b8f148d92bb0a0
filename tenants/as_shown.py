"""An answer is about what its page showed, or it is not taken.

What a question says can change while its page stands open: others work on, here and in QuickBooks. So beside its
buttons stands, hidden, a mark of all that the page showed of it: ``{% as_shown mark %}``. The view that takes the
answer keeps the question from changing, makes the mark of what stands by then, and compares the two with `is_as_shown`.
An answer without a mark, as from a page of before, is about nothing that is known, so it is not taken either.

A form whose fields change something has each of them compared by itself: `tenants.changed_meanwhile`.
"""

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.utils.safestring import SafeString

from tenants.changed_meanwhile import SHOWN

FIELD = f"{SHOWN}mark"
CHANGED = "It has changed since this page was opened; look again."


def mark(*shown: str) -> str:
    """32 hex digits that stand for all of this, in this order, and for nothing else."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def hidden(of: str) -> SafeString:
    """The mark as a field of the form that the answer is sent with."""
    return forms.HiddenInput().render(FIELD, of)


def is_as_shown(request: Any, now: str) -> bool:
    """Whether the page that this answer comes from showed what has this mark now; the next page says where not."""
    if request.POST.get(FIELD) == now:
        return True
    messages.error(request, CHANGED)
    return False
