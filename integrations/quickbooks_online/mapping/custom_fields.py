"""The custom fields of sales forms: up to three of text, told apart by the id of their definition (reference 5.4)."""

from typing import Any

from integrations.documents import Company, CustomField, InvoiceDocument
from integrations.quickbooks_online.mapping.fields import Payload, flag_of, part_of, text_of
from integrations.quickbooks_online.mapping.text import TextRules

PLACES = ("1", "2", "3")
LONGEST = 31


def in_use(preferences: Payload) -> tuple[tuple[str, str], ...]:
    """Those that the company has switched on: definition id and name."""
    said = {
        text_of(one, "Name"): one
        for group in part_of(preferences, "SalesFormsPrefs", "CustomField") or ()
        for one in group.get("CustomField") or ()
    }
    used = [
        (place, text_of(said.get(f"SalesFormsPrefs.SalesCustomName{place}", {}), "StringValue"))
        for place in PLACES
        if flag_of(said.get(f"SalesFormsPrefs.UseSalesCustom{place}", {}), "BooleanValue")
    ]
    return tuple((place, name or f"Custom field {place}") for place, name in used)


def payload(document: InvoiceDocument, company: Company, rules: TextRules) -> dict[str, Any]:
    """Every field in use, also the empty ones: nobody says what becomes of those that are left out."""
    values = {one.id: one.value for one in document.custom_fields}
    fields = [
        {
            "DefinitionId": id_,
            "Name": name,
            "Type": "StringType",
            "StringValue": rules.line(values.get(id_, ""), f"custom field “{name}”", LONGEST),
        }
        for id_, name in company.custom_fields
    ]
    return {"CustomField": fields} if fields else {}


def read(invoice: Payload) -> tuple[CustomField, ...]:
    """What stands in them, by the ids of their definitions."""
    found = (
        CustomField(text_of(one, "DefinitionId"), text_of(one, "StringValue"))
        for one in invoice.get("CustomField") or ()
    )
    return tuple(sorted((one for one in found if one.value), key=lambda one: one.id))
