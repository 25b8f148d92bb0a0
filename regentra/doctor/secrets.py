"""Are the keys usable, and do they open what is stored? Their values are never shown."""

from collections.abc import Iterator

from django.conf import settings

from integrations import sealed
from integrations.vault import BadKeys, parse_keys
from regentra.doctor.findings import Finding

NEW_KEY = (
    "python -c \"import base64, os; print('key1:' + base64.b64encode(os.urandom(32)).decode())\""
)


def examine_secrets() -> Iterator[Finding]:
    """Are the settings themselves as they should be? Nothing is connected to."""
    try:
        parse_keys(settings.ENCRYPTION_KEYS)
    except BadKeys as bad:
        yield Finding(f"ENCRYPTION_KEYS cannot be read: {bad}", f"Make a key with: {NEW_KEY}")
    if len(settings.SECRET_KEY) < 50:
        yield Finding("SECRET_KEY is short.", "Use 50 or more random characters.")


def examine_sealed() -> Iterator[Finding]:
    """Does each key that was ever sealed with open what it sealed? One secret of each is tried; needs the database."""
    for key in sorted(set(_keys_that_do_not_open())):
        yield Finding(
            f"Secrets in the database are sealed with the key {key}, which ENCRYPTION_KEYS does not hold or holds "
            "with another value.",
            "Put that key back, behind the others. If it is lost, admins press Reconnect on their QuickBooks page.",
        )


def _keys_that_do_not_open() -> Iterator[str]:
    for model in sealed.sealed_models():
        names = sealed.columns(model)
        for owner in sealed.owners(model):
            with sealed.inside(owner):
                rows = [
                    (name, row) for name in names for row in sealed.one_of_each_key(model, name)
                ]
            yield from (row.key for name, row in rows if not sealed.readable(row, name))
