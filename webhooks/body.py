"""The raw bytes of a post, as they came and no more than we take."""

from django.http import HttpRequest

LARGEST_BODY = 1024 * 1024  # the largest seen from Intuit are a few hundred events, about 100 kB


class BadBody(ValueError):
    """The body is too large or broke off."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


def read_body(request: HttpRequest) -> bytes:
    """The whole body. Raises `BadBody`; never reads more than the limit into memory."""
    if _announced_length(request) > LARGEST_BODY:
        raise BadBody("The body is larger than 1 MB.", 413)
    try:
        raw: bytes = request.read(LARGEST_BODY + 1)
    except OSError:
        raise BadBody("The body broke off.", 400) from None
    if len(raw) > LARGEST_BODY:
        raise BadBody("The body is larger than 1 MB.", 413)
    if len(raw) < _announced_length(request):
        raise BadBody("The body broke off.", 400)
    return raw


def _announced_length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0
