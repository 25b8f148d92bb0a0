"""Checks that several entities share: lengths, characters, e-mail addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.quickbooks.entities.active import SUFFIX
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import Body

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

ADDRESS_LENGTHS = {
    "Line1": 500, "Line2": 500, "Line3": 500, "Line4": 500, "Line5": 500, "City": 255,
    "CountrySubDivisionCode": 255, "PostalCode": 30, "Country": 255,
}  # fmt: skip
# RFC 822 in full accepts nearly everything; Intuit's page asks for an @ and a dot.
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")


def length(value: str, longest: int, element: str, shortest: int = 0) -> None:
    if not shortest <= len(value) <= longest:
        raise Fault(
            2050,
            "String length specified does not match the supported length. "
            f"Min:{shortest} Max:{longest} supported. Supplied length:{len(value)}",
            element=element,
        )


def lengths(body: Body, limits: dict[str, int]) -> None:
    for name, longest in limits.items():
        if isinstance(body.get(name), str):
            length(body[name], longest, name)


def no_characters(body: Body, names: tuple[str, ...], forbidden: str) -> None:
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and any(c in forbidden for c in value):
            raise Fault(2040, f"Element contains invalid characters : {name}", element=name)


def address(body: Body, *names: str) -> None:
    for name in names:
        if name in body:
            lengths(body[name], ADDRESS_LENGTHS)


def email(body: Body, *names: str) -> None:
    """Each address of a comma separated list; 100 characters altogether."""
    for name in names:
        value = body.get(name, {}).get("Address")
        if not value:
            body.pop(name, None)
            continue
        length(value, 100, f"{name}.Address")
        for one in value.split(","):
            if not EMAIL.fullmatch(one.strip()):
                raise Fault(
                    2210,
                    "Email Address does not conform to the syntax rules of RFC 822. "
                    f"Supplied value:{value}",
                    element=f"{name}.Address",
                )


def phones(body: Body, *names: str) -> None:
    for name in names:
        if name in body:
            if not body[name].get("FreeFormNumber"):
                del body[name]
            else:
                length(body[name]["FreeFormNumber"], 30, f"{name}.FreeFormNumber")


def characters(books: Books, value: object) -> None:
    """Astral characters (emoji) are refused or mangled, as the switch says."""
    if isinstance(value, str):
        if any(ord(c) > 0xFFFF for c in value) and books.switches.astral_characters == "refuse":
            raise Fault(2040, f"Element contains invalid characters : {value[:40]}")
    elif isinstance(value, dict):
        for item in value.values():
            characters(books, item)
    elif isinstance(value, list):
        for item in value:
            characters(books, item)


def name_free(books: Books, kinds: tuple[str, ...], name: str, own: tuple[str, str] | None) -> None:
    """Names are unique without regard to case. Raises 6240."""
    kept = f"{name}{SUFFIX}" if books.switches.inactive_names_stay_taken else name
    for kind in kinds:
        rows = books.store.all(
            "SELECT id FROM objects WHERE realm=? AND kind=? AND name IN (?, ?) AND gone=0",
            books.realm, kind, name.casefold(), kept.casefold(),
        )  # fmt: skip
        for (id,) in rows:
            if (kind, str(id)) != own:
                raise Fault(
                    6240,
                    "The name supplied already exists. : Another "
                    f"{kind.lower()} is already using this name. Please use a different name. "
                    f"Id={id}",
                )


def addresses_get_ids(books: Books, body: Body, *names: str) -> None:
    for name in names:
        if name in body and "Id" not in body[name]:
            body[name] = {"Id": str(books.next("address")), **body[name]}
