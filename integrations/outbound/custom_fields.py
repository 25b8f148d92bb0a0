"""What of an invoice stands in the company's own fields over there (X-79).

What an admin chose a field for rules it; what people wrote into the others is sent back with every change, as nobody
says what becomes of a field that is left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from billing.models import Invoice
from integrations.documents import Company, CustomField, Document, InvoiceDocument, ListKind
from integrations.models import Connection, Mapping, MappingSubject, MirrorEntry
from integrations.outbound.mirror import Mirror, name_key
from integrations.outbound.referred import Referred
from regentra import clock

PO_NUMBER = "po_number"
# What a field holds over there (reference 5.4).
LONGEST = 31


def _location(invoice: Invoice) -> str:
    """As much of its name as a field holds: on an invoice nobody can write another one."""
    return invoice.location.name.strip()[:LONGEST].strip() if invoice.location else ""


def _source(invoice: Invoice) -> str:
    return invoice.get_source_display()


# What can stand in a field: how staff call it, and where it is on an invoice.
FILLED: dict[str, tuple[str, Callable[[Invoice], str]]] = {
    PO_NUMBER: ("PO number", lambda invoice: invoice.po_number),
    "location": ("Location", _location),
    "source": ("Written for", _source),
}


@dataclass(frozen=True, slots=True)
class Fields:
    """What stands in the fields in use, by their ids; ``rests_on`` are the choices behind what is filled in."""

    values: tuple[CustomField, ...]
    rests_on: tuple[Referred, ...] = ()


def of(company: Company, mirror: Mirror, invoice: Invoice, theirs: Document | None) -> Fields:
    """What was chosen from ours, the rest as ``theirs`` was last."""
    chosen = {key: mirror.choice(_referred(key)) for key in FILLED}
    filled = {id_: FILLED[key][1](invoice) for key, id_ in chosen.items() if id_}
    rests_on = tuple(_referred(key) for key, id_ in chosen.items() if id_ and filled[id_])
    return Fields(_in_use(company, {**_values_of(theirs), **filled}), rests_on)


def with_po_number(
    company: Company, mirror: Mirror, invoice: Invoice, theirs: InvoiceDocument
) -> tuple[CustomField, ...]:
    """Of an invoice that was made there nothing is filled in but a PO number that was entered here."""
    id_ = mirror.choice(_referred(PO_NUMBER))
    if not id_ or not invoice.po_number:
        return theirs.custom_fields
    return _in_use(company, {**_values_of(theirs), id_: invoice.po_number})


def filled_here(connection: Connection) -> dict[str, str]:
    """What stands in a field of theirs, by the id of its definition."""
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.CUSTOM_FIELD)
    return {id_: key for key, id_ in rows.values_list("local_key", "remote_id") if id_}


def differ(one: InvoiceDocument, other: InvoiceDocument, ids: Iterable[str]) -> bool:
    """Whether one of these fields does not hold the same in both."""
    first, second = _values_of(one), _values_of(other)
    return any(first.get(id_) != second.get(id_) for id_ in ids)


def keep(connection: Connection, company: Company) -> None:
    """The fields in use as entries of the mirror, so that they are chosen like entries of a list."""
    now = clock.now()
    MirrorEntry.objects.bulk_create(
        [
            MirrorEntry(
                connection=connection,
                kind=ListKind.CUSTOM_FIELD,
                remote_id=id_,
                name=name,
                name_key=name_key(name),
                seen_at=now,
            )
            for id_, name in company.custom_fields
        ],
        update_conflicts=True,
        unique_fields=["organization", "connection", "kind", "remote_id"],
        update_fields=["name", "name_key", "active", "seen_at"],
    )
    known = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOM_FIELD)
    known.exclude(remote_id__in=dict(company.custom_fields)).update(active=False)


def _in_use(company: Company, values: dict[str, str]) -> tuple[CustomField, ...]:
    """Those that say something; of a field that is not in use nothing is kept there."""
    ids = sorted(dict(company.custom_fields))
    return tuple(CustomField(id_, values[id_]) for id_ in ids if values.get(id_))


def _values_of(document: Document | None) -> dict[str, str]:
    fields = document.custom_fields if isinstance(document, InvoiceDocument) else ()
    return {one.id: one.value for one in fields}


def _referred(key: str) -> Referred:
    return Referred(MappingSubject.CUSTOM_FIELD, key, f"the {FILLED[key][0]} of invoices")
