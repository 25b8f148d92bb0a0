"""Every address of the product; pages of an organization stand under ``/o/<slug>/``."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path

from regentra.accounts import closed
from regentra.health import healthz, readyz
from regentra.metrics import metrics

# By hand instead of `allauth.account.urls`: its page of e-mail addresses lets anybody take an address that they have
# not proven, and with it an organization that is made for its owner later. Names are those that allauth reverses.
ACCOUNTS: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("signup/", closed, name="account_signup"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    # Before the pages, of which there are many to try: vendors post several hundred times a second.
    path("", include("webhooks.urls")),
    path("accounts/", include(ACCOUNTS)),
    path("", include("tenants.urls")),
    path("", include("billing.urls")),
    path("", include("integrations.urls")),
]
