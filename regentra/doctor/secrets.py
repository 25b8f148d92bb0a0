"""Are the keys usable? Their values are never shown."""

from collections.abc import Iterator

from django.conf import settings

from integrations.vault import BadKeys, parse_keys
from regentra.doctor.findings import Finding

NEW_KEY = (
    "python -c \"import base64, os; print('key1:' + base64.b64encode(os.urandom(32)).decode())\""
)


def examine_secrets() -> Iterator[Finding]:
    try:
        parse_keys(settings.ENCRYPTION_KEYS)
    except BadKeys as bad:
        yield Finding(f"ENCRYPTION_KEYS cannot be read: {bad}", f"Make a key with: {NEW_KEY}")
    if len(settings.SECRET_KEY) < 50:
        yield Finding("SECRET_KEY is short.", "Use 50 or more random characters.")
