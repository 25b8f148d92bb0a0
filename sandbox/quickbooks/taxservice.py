"""`POST /taxservice/taxcode`: a new tax code with new or existing rates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import setup
from sandbox.money import trimmed
from sandbox.quickbooks import fields
from sandbox.quickbooks.faults import Fault, bad_reference, missing
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def create(books: Books, body: Any) -> dict[str, Any]:
    """Answers the request with the ids filled in; there is no envelope around it."""
    wish = fields.cleaned("TaxService", body)
    name = wish.get("TaxCode")
    if not name:
        raise missing("TaxCode")
    if not wish.get("TaxRateDetails"):
        raise missing("TaxRateDetails")
    if any(c["Name"].casefold() == name.casefold() for c in books.where("TaxCode")):
        raise Fault(6240, "The name supplied already exists. : null")
    details = [rate(books, detail) for detail in wish["TaxRateDetails"]]
    setup.tax_code(
        books,
        name,
        [(d["TaxRateId"], d.get("TaxRateName", "")) for d in details],
        # A rate for purchases alone stands in the list of purchases, and its code on no sale.
        for_sales=any(d.get("TaxApplicableOn", "Sales") == "Sales" for d in details),
    )
    code = next(c for c in books.where("TaxCode") if c["Name"] == name)
    return {"TaxCode": name, "TaxCodeId": code["Id"], "TaxRateDetails": details}


def rate(books: Books, detail: Body) -> Body:
    if detail.get("TaxRateId"):
        found = books.find("TaxRate", detail["TaxRateId"])
        if found is None:
            raise bad_reference(KINDS["TaxRate"].plural, detail["TaxRateId"])
        return {**detail, "TaxRateName": found["Name"]}
    for name in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if name not in detail:
            raise missing(name)
    if not 0 <= detail["RateValue"] <= 100:
        raise Fault(6470, "Invalid tax liability account or rate", element="RateValue")
    if books.find("TaxAgency", detail["TaxAgencyId"]) is None:
        raise bad_reference(KINDS["TaxAgency"].plural, detail["TaxAgencyId"])
    percent = trimmed(Decimal(detail["RateValue"]))
    id_ = setup.tax_rate(books, detail["TaxRateName"], str(percent), detail["TaxAgencyId"])
    return {**detail, "RateValue": percent, "TaxRateId": id_}
