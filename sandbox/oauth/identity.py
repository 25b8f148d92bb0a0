"""OpenID: who connected. RS256 without a library, because the sandbox needs none."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.apps import App
from sandbox.chance import Chance
from sandbox.oauth import grants

if TYPE_CHECKING:
    from sandbox.core import Sandbox

ISSUER = "https://oauth.platform.intuit.com/op/v1"
EXPONENT = 65537
# ASN.1 prefix of a SHA-256 digest in PKCS#1 v1.5 (RFC 8017, 9.2 note 1).
PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
SMALL = (
    3,
    5,
    7,
    11,
    13,
    17,
    19,
    23,
    29,
    31,
    37,
    41,
    43,
    47,
    53,
    59,
    61,
    67,
    71,
    73,
    79,
    83,
    89,
    97,
)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def is_prime(number: int) -> bool:
    """Miller-Rabin with fixed bases: certain enough for numbers that nobody attacks."""
    if any(number % p == 0 for p in SMALL):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_witness(number, base, odd, twos) for base in SMALL[:12])


def _witness(number: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, number)
    if value in {1, number - 1}:
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def prime(chance: Chance, bits: int) -> int:
    number = int(chance.hex(bits // 4), 16) | (0b11 << (bits - 2)) | 1
    while not is_prime(number) or number % EXPONENT == 1:
        number += 2
    return number


def key(core: Sandbox) -> tuple[int, int]:
    """(modulus, private exponent), made from the seed at first use and kept."""
    kept = core.store.get("rsa")
    if kept is None:
        chance = Chance(f"{core.chance.seed}:rsa")
        p, q = prime(chance, 1024), prime(chance, 1024)
        kept = [f"{p * q:x}", f"{pow(EXPONENT, -1, (p - 1) * (q - 1)):x}"]
        core.store.set("rsa", kept)
    return int(kept[0], 16), int(kept[1], 16)


def key_id(modulus: int) -> str:
    return hashlib.sha256(str(modulus).encode()).hexdigest()[:16]


def public_key(core: Sandbox) -> dict[str, str]:
    modulus, _ = key(core)
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id(modulus),
            "n": b64(modulus.to_bytes(256, "big")), "e": b64(EXPONENT.to_bytes(3, "big"))}  # fmt: skip


def signed(core: Sandbox, claims: dict[str, Any]) -> str:
    modulus, private = key(core)
    head = {"kid": key_id(modulus), "typ": "JWT", "alg": "RS256"}
    text = b64(jsontext.dumps(head).encode()) + "." + b64(jsontext.dumps(claims).encode())
    digest = PREFIX + hashlib.sha256(text.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (256 - len(digest) - 3) + b"\x00" + digest
    signature = pow(int.from_bytes(padded, "big"), private, modulus)
    return text + "." + b64(signature.to_bytes(256, "big"))


def subject(realm: int | str) -> str:
    digest = hashlib.sha256(f"admin of {realm}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def with_id_token(core: Sandbox, app: App, answer: dict[str, Any]) -> dict[str, Any]:
    """Adds `id_token` when `openid` was asked for; the realm is one of its claims."""
    found = grants.access(core, answer["access_token"])
    assert found is not None
    if "openid" not in found.scopes:
        return answer
    now = int(core.clock.time())
    claims = {"sub": subject(found.realm), "aud": [app.client_id], "realmid": str(found.realm),
              "auth_time": now, "iss": ISSUER, "exp": now + 3600, "iat": now}  # fmt: skip
    return {**answer, "id_token": signed(core, claims)}


def claims(realm: int, scopes: frozenset[str]) -> dict[str, Any]:
    """What userinfo tells, by scope. The connecting person is the company's admin, Alice."""
    out: dict[str, Any] = {"sub": subject(realm)}
    if "email" in scopes:
        out |= {"email": "alice@example.com", "emailVerified": True}
    if "profile" in scopes:
        out |= {"givenName": "Alice", "familyName": "Owner"}
    if "phone" in scopes:
        out |= {"phoneNumber": "+1 4155550100", "phoneNumberVerified": False}
    if "address" in scopes:
        out["address"] = {"streetAddress": "1 Main Street", "locality": "San Francisco", "region": "CA",
                          "postalCode": "94105", "country": "US"}  # fmt: skip
    return out
