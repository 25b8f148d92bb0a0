"""What is sealed opens only where it was sealed, and only with a key of the ring."""

import base64
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import vault
from integrations.vault import BadKeys, Place, Unsealable

HERE = Place(UUID(int=1), UUID(int=2), "integrations_credential.refresh")
KEY = base64.b64encode(b"o" * 32).decode()


@given(st.text())
def test_what_is_sealed_can_be_read_again(secret: str) -> None:
    assert vault.unseal(vault.seal(secret, HERE), HERE) == secret


def test_the_same_secret_never_looks_the_same() -> None:
    assert vault.seal("secret", HERE) != vault.seal("secret", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place(UUID(int=9), HERE.owner, HERE.field),
        Place(HERE.organization, UUID(int=9), HERE.field),
        Place(HERE.organization, HERE.owner, "integrations_credential.access"),
    ],
)
def test_a_value_copied_elsewhere_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(Unsealable):
        vault.unseal(vault.seal("secret", HERE), elsewhere)


@given(st.data())
def test_a_value_with_one_character_changed_does_not_open(data: st.DataObject) -> None:
    sealed = vault.seal("secret", HERE)
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda one: one != sealed[at]))
    changed = sealed[:at] + other + sealed[at + 1 :]
    # The last base64 character of a group may differ in bits that carry nothing.
    if base64_of(changed) != base64_of(sealed):
        with pytest.raises(Unsealable):
            vault.unseal(changed, HERE)


def base64_of(sealed: str) -> tuple[str, bytes | None]:
    key_id, _, text = sealed.partition(":")
    try:
        return key_id, base64.b64decode(text, validate=True)
    except ValueError:
        return key_id, None


@given(st.text())
def test_text_that_was_never_sealed_is_refused(text: str) -> None:
    with pytest.raises(Unsealable):
        vault.unseal(text, HERE)


def test_an_older_key_of_the_ring_still_opens_and_the_newest_seals(settings: Any) -> None:
    old = vault.seal("secret", HERE)
    settings.ENCRYPTION_KEYS = [f"new:{KEY}", *settings.ENCRYPTION_KEYS]
    assert vault.unseal(old, HERE) == "secret"
    assert vault.seal("secret", HERE).startswith("new:")
    assert not vault.is_current(old)


def test_without_its_key_a_value_stays_shut_and_the_error_names_the_key(settings: Any) -> None:
    sealed = vault.seal("secret", HERE)
    settings.ENCRYPTION_KEYS = [f"new:{KEY}"]
    with pytest.raises(Unsealable, match="'test' is not in the ring"):
        vault.unseal(sealed, HERE)


@pytest.mark.parametrize(
    "pairs",
    [[], [""], ["id"], [f":{KEY}"], ["id:short"], [f"id:{KEY}", f"id:{KEY}"], ["id:not base64!"]],
)
def test_a_ring_that_is_none_is_refused_without_showing_it(pairs: list[str]) -> None:
    with pytest.raises(BadKeys) as refusal:
        vault.parse_keys(pairs)
    assert KEY not in str(refusal.value)
