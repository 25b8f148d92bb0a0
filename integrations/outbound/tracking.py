"""Which class and location a document bears over there, where the company keeps them. Asks nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing.models import CreditMemo, CreditMemoLine, Invoice, InvoiceLine, Location, Refund
from integrations.documents import Company, Document
from integrations.models import MappingSubject
from integrations.outbound import referred
from integrations.outbound.mirror import Mirror
from integrations.outbound.referred import Referred


@dataclass(frozen=True, slots=True)
class Tracking:
    """Their ids: a class for each line, or one for the document; "" for none.

    ``rests_on`` are the choices behind them. ``unsaid`` are the fields for which "" does not mean none: the
    company does not keep them, or nothing was chosen that ours could stand for.
    """

    of_lines: tuple[str, ...]
    of_document: str
    location: str
    rests_on: tuple[Referred, ...]
    unsaid: frozenset[str]


def of(
    company: Company,
    mirror: Mirror,
    document: Invoice | CreditMemo,
    lines: Sequence[InvoiceLine | CreditMemoLine],
    agreed: Document | None,
) -> Tracking:
    """By line where the company keeps classes by line; what it does not keep is not said.

    ``agreed`` is the document as both sides agreed on it last: moved to a place for which nothing was chosen, it does
    not stay where it stood before.
    """
    choices = [_first_chosen(mirror, _classes_of(company, line)) for line in lines]
    of_all = _first_chosen(mirror, [referred.DEFAULT_CLASS] if _once(company) else [])
    place = _location_of(document)
    location = _first_chosen(mirror, _locations_of(company, place))
    has_left = place is None or _is_elsewhere(mirror, place, getattr(agreed, "location", ""))
    is_empty = company.tracks_locations and has_left
    return _tracking(mirror, choices, of_all, location, is_empty=is_empty)


def of_refund(company: Company, mirror: Mirror, refund: Refund) -> Tracking:
    """One line without a service; it takes off where the invoice stands that its payment settled alone."""
    classes = [referred.DEFAULT_CLASS]
    of_line = _first_chosen(mirror, classes if company.class_per_line else [])
    of_all = _first_chosen(mirror, classes if _once(company) else [])
    settled = [part.invoice.location for part in refund.payment.allocations.all()]
    place = settled[0] if len(settled) == 1 else None
    location = _first_chosen(mirror, _locations_of(company, place))
    is_empty = company.tracks_locations and place is None
    return _tracking(mirror, [of_line], of_all, location, is_empty=is_empty)


def _tracking(
    mirror: Mirror,
    of_lines: Sequence[Referred | None],
    of_all: Referred | None,
    location: Referred | None,
    *,
    is_empty: bool,
) -> Tracking:
    every = (*of_lines, of_all, location)
    found = {"tracking_class": of_all is not None, "location": location is not None or is_empty}
    return Tracking(
        tuple(_id(mirror, one) for one in of_lines),
        _id(mirror, of_all),
        _id(mirror, location),
        tuple(dict.fromkeys(one for one in every if one is not None)),
        frozenset(name for name, is_said in found.items() if not is_said),
    )


def _once(company: Company) -> bool:
    return company.class_per_document and not company.class_per_line


def _location_of(document: Invoice | CreditMemo) -> Location | None:
    """A credit memo takes off where its invoice stands."""
    if isinstance(document, Invoice):
        return document.location
    return document.invoice.location if document.invoice else None


def _classes_of(company: Company, line: InvoiceLine | CreditMemoLine) -> list[Referred]:
    """That of its service goes before the default one."""
    if not company.class_per_line:
        return []
    own = [referred.by_class(line.service)] if line.service else []
    return [*own, referred.DEFAULT_CLASS]


def _locations_of(company: Company, location: Location | None) -> list[Referred]:
    if not company.tracks_locations:
        return []
    own = [referred.by_location(location)] if location else []
    return [*own, referred.DEFAULT_LOCATION]


def _is_elsewhere(mirror: Mirror, place: Location, theirs: str) -> bool:
    """Whether a location of theirs was chosen for another place of ours."""
    others = {
        chosen
        for (subject, ours), chosen in mirror.choices.items()
        if subject == MappingSubject.LOCATION and ours != str(place.pk)
    }
    return bool(theirs) and theirs in others


def _first_chosen(mirror: Mirror, candidates: Iterable[Referred]) -> Referred | None:
    return next((one for one in candidates if mirror.choice(one)), None)


def _id(mirror: Mirror, one: Referred | None) -> str:
    return (mirror.choice(one) or "") if one else ""
