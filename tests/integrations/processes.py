"""Other processes of the product, with the settings of the running test."""

import os
from pathlib import Path

from django.conf import settings
from django.db import connection as database

ROOT = Path(__file__).parents[2]

HANDED_OVER = (
    "INTUIT_DISCOVERY_URL",
    "INTUIT_CLIENT_ID",
    "INTUIT_CLIENT_SECRET",
    "QUICKBOOKS_API_URL",
    "QUICKBOOKS_SANDBOX_API_URL",
)


def same_settings() -> dict[str, str]:
    """The settings of this test, as the environment of another process."""
    place = database.settings_dict
    host = str(place["HOST"])
    where = host if not host.startswith("/") else host.replace("/", "%2F")
    url = f"postgres://{place['USER']}:{place['PASSWORD']}@{where}:{place['PORT']}/{place['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        **{name: str(getattr(settings, name)) for name in HANDED_OVER},
    }
