"""Takes what vendors post: verified over the raw bytes, stored once, answered at once.

Nothing here asks Redis or a vendor, and nothing of a body that is not genuine is kept.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations import gateway
from regentra.nudge import Nudge
from webhooks import stored, tasks
from webhooks.body import BadBody, read_body

Store = Callable[[str, str, list[gateway.Event]], None]

waiting = Nudge(tasks.hand_over_soon)


@csrf_exempt
@require_POST
def quickbooks(request: HttpRequest) -> HttpResponse:
    """Intuit's notifications, of several companies in one post. Unknown companies and kinds are kept, too."""
    return _take(request, _verifiers(), stored.store)


@csrf_exempt
@require_POST
def own_quickbooks(request: HttpRequest, token: str) -> HttpResponse:
    """The same from an organization's own Intuit app. It can speak of that organization's companies only."""
    listener = gateway.listener_at(token)
    if listener is None:
        raise Http404
    return _take(request, listener.verifiers, partial(stored.store, only=listener.organization_id))


def _take(request: HttpRequest, verifiers: list[str], store: Store) -> HttpResponse:
    try:
        raw = read_body(request)
    except BadBody as problem:
        return HttpResponse(str(problem), status=problem.status, content_type="text/plain")
    signature = request.headers.get("intuit-signature", "")
    if not gateway.verify_quickbooks(raw, signature, verifiers):
        return HttpResponse("The signature does not fit.", status=400, content_type="text/plain")
    try:
        events = gateway.read_quickbooks(raw)
    except gateway.Unreadable:
        return HttpResponse("The body cannot be read.", status=400, content_type="text/plain")
    store(gateway.QUICKBOOKS, gateway.QUICKBOOKS_COMPANY, events)
    waiting.ring()
    return HttpResponse(status=200)


def _verifiers() -> list[str]:
    """Several while one replaces another, separated by commas; none when the webhook is not set up."""
    return [part for part in settings.INTUIT_WEBHOOK_VERIFIER.split(",") if part]
