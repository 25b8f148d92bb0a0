"""How people get in: accounts are made by the operator and by owners who invite; nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import Http404, HttpRequest, HttpResponse


class AccountAdapter(DefaultAccountAdapter):
    """django-allauth's way of doing things, less the public sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def closed(request: HttpRequest) -> HttpResponse:
    """Not found: stands where allauth wants an address of its sign-up for the mail to unknown addresses."""
    raise Http404
