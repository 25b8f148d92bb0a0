"""One effect for each rendered form, however often it is sent: double click, back button, two tabs.

A form carries a random token (``{% form_token %}``). The first POST with it that ends in a redirect is written down in
the same transaction as its effect; every further one is answered with that same redirect. Posts that arrive at the
same time wait for one another on the token. An invitation, whose link only its answer shows, keeps to this by itself:
`tenants.people.invite`.
"""

import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from tenants.models import Submission
from tenants.scope import current_organization_id

FIELD = "form_token"
NOT_CONTENT = {FIELD, "csrfmiddlewaretoken"}

View = Callable[..., HttpResponseBase]


def submitted_once(view: View) -> View:
    """For a view below `requires` whose POST makes something: sent again, it answers as it did the first time.

    A POST that does not end in a redirect made nothing and may be corrected and sent again.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        token = token_of(request.POST)
        _wait_for_others(token)
        former = Submission.objects.filter(token=token).first()
        if former is not None:
            return _answer_again(request, former)
        response = view(request, *args, **kwargs)
        _write_down(request, token, response)
        return response

    return guarded


def token_of(posted: QueryDict) -> uuid.UUID:
    """What this rendered form carries. Raises `SuspiciousOperation` without."""
    try:
        return uuid.UUID(posted.get(FIELD, ""))
    except ValueError:
        raise SuspiciousOperation("A form came without its token.") from None


def _wait_for_others(token: uuid.UUID) -> None:
    """Until the transaction ends, nobody else works on this form (of this organization)."""
    name = hashlib.sha256(current_organization_id().bytes + token.bytes).digest()
    with connection.cursor() as cursor:
        key = int.from_bytes(name[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _answer_again(request: Any, former: Submission) -> HttpResponse:
    if former.user_id != request.user.pk or former.digest != _digest(request.POST):
        messages.warning(
            request,
            "This form was sent before, and that is what it made. To make another one, open the form anew.",
        )
    return redirect(former.location)


def _write_down(request: Any, token: uuid.UUID, response: HttpResponseBase) -> None:
    if response.status_code == 302:
        Submission.objects.create(
            token=token,
            user=request.user,
            digest=_digest(request.POST),
            location=response.headers["Location"],
        )


def _digest(posted: QueryDict) -> str:
    content = sorted((name, posted.getlist(name)) for name in posted if name not in NOT_CONTENT)
    return hashlib.sha256(repr(content).encode()).hexdigest()
