"""Seals secrets before they reach the database: AES-256-GCM, a key id in front, a ring of keys from the environment.

What a secret is for (organization, connection, field) is authenticated with it, so a sealed value copied to another row
does not open there.
"""

import base64
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32


class Unsealable(Exception):
    """This secret cannot be opened with the keys at hand, or belongs to another row."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words or self.__doc__)


class BadKeys(ValueError):
    """ENCRYPTION_KEYS must be id:base64 of 32 bytes, comma-separated, newest first."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands; part of what is authenticated."""

    organization: UUID
    owner: UUID
    field: str

    def as_bytes(self) -> bytes:
        return f"{self.organization}/{self.owner}/{self.field}".encode()


def seal(secret: str, place: Place) -> str:
    """The secret sealed with the newest key, as text ``<key id>:<base64>``."""
    key_id, key = next(iter(_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    box = AESGCM(key).encrypt(nonce, secret.encode(), place.as_bytes())
    return f"{key_id}:{base64.b64encode(nonce + box).decode()}"


def unseal(sealed: str, place: Place) -> str:
    """The secret again. Raises `Unsealable` when the key is gone or the value belongs elsewhere."""
    key_id, _, text = sealed.partition(":")
    key = _ring().get(key_id)
    if key is None:
        raise Unsealable(f"The encryption key {key_id!r} is not in the ring.")
    try:
        box = base64.b64decode(text, validate=True)
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place.as_bytes()).decode()
    except (ValueError, InvalidTag):
        # Not "from": the chained error would carry the sealed text into a log.
        raise Unsealable from None


def is_current(sealed: str) -> bool:
    """Whether a value is sealed with the key that new secrets are sealed with."""
    return sealed.startswith(current_start())


def current_start() -> str:
    """What every value begins with that is sealed now."""
    return f"{next(iter(_ring()))}:"


def parse_keys(pairs: list[str]) -> dict[str, bytes]:
    """The key ring in its order. Raises `BadKeys`, whose message holds no key."""
    ring: dict[str, bytes] = {}
    for pair in pairs:
        key_id, _, text = pair.strip().partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            raise BadKeys from None
        if not key_id or len(key) != KEY_BYTES or key_id in ring:
            raise BadKeys
        ring[key_id] = key
    if not ring:
        raise BadKeys
    return ring


def _ring() -> dict[str, bytes]:
    return parse_keys(settings.ENCRYPTION_KEYS)
