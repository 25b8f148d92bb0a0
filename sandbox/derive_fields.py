"""Derive `quickbooks/fields.json` from Intuit's XSD files: `python -m sandbox.derive_fields FOLDER`.

The schemas come from intuit/QuickBooks-V3-PHP-SDK (Apache License 2.0). Only names, types and
enumerations are taken over. The sandbox itself reads the derived file and never the schemas.
"""

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

XS = "{http://www.w3.org/2001/XMLSchema}"
TARGET = Path(__file__).parent / "quickbooks" / "fields.json"
# Every JSON entity shows these three; in the XSD they are XML attributes.
ATTRIBUTES = {"domain": "string", "status": "EntityStatusEnum", "sparse": "boolean"}
SIMPLE = {
    "string": "string", "normalizedString": "string", "token": "string", "anyURI": "string",
    "decimal": "decimal", "float": "decimal", "double": "decimal", "boolean": "boolean",
    "date": "date", "dateTime": "datetime", "integer": "integer", "int": "integer",
    "long": "integer", "positiveInteger": "integer", "nonNegativeInteger": "integer",
    "base64Binary": "string", "anyType": "any", "anySimpleType": "string", "time": "string",
}  # fmt: skip


def parse(folder: Path) -> tuple[dict, dict, dict]:
    """Complex types, simple types and substitutable elements of all files in `folder`."""
    complex_types: dict[str, ElementTree.Element] = {}
    simple_types: dict[str, ElementTree.Element] = {}
    elements: dict[str, str] = {}
    for path in sorted(folder.glob("*.xsd")):
        for node in ElementTree.parse(path).getroot():  # noqa: S314 - files one has chosen oneself
            name = node.get("name", "")
            if node.tag == XS + "complexType":
                complex_types[name] = node
            elif node.tag == XS + "simpleType":
                simple_types[name] = node
            elif node.tag == XS + "element" and node.get("type"):
                elements[name] = node.get("type", "").split(":")[-1]
    return complex_types, simple_types, elements


class Deriver:
    """Walks the types that can be reached from the entities and writes each down once."""

    def __init__(self, folder: Path) -> None:
        self.complex, self.simple, self.elements = parse(folder)
        self.types: dict[str, dict[str, str]] = {}
        self.enums: dict[str, list[str]] = {}
        self.read_only: dict[str, list[str]] = {}

    def simple_name(self, name: str) -> str:
        """The JSON type behind a simple type; an enumeration keeps its name."""
        if name in SIMPLE:
            return SIMPLE[name]
        if name not in self.simple:  # the report element refers to a schema that is not shipped
            return "any"
        node = self.simple[name]
        values = [e.get("value", "") for e in node.iter(XS + "enumeration")]
        if values:
            self.enums[name] = values
            return name
        if name == "id":
            return "id"
        restriction = node.find(XS + "restriction")
        base = restriction.get("base", "xs:string") if restriction is not None else "xs:string"
        return self.simple_name(base.split(":")[-1])

    def type_name(self, name: str) -> str:
        """The JSON type of an element; complex types are walked on the way."""
        if name == "ReferenceType" or name not in self.complex:
            return "reference" if name == "ReferenceType" else self.simple_name(name)
        if name == "IntuitAnyType":
            return "any"
        content = self.complex[name].find(XS + "simpleContent/" + XS + "extension")
        if content is not None and not content.findall(XS + "attribute"):
            return self.type_name(content.get("base", "").split(":")[-1])
        self.walk(name)
        return name

    def walk(self, name: str) -> None:
        if name in self.types:
            return
        fields = self.types[name] = {}
        node = self.complex[name]
        for extension in node.iter(XS + "extension"):
            base = extension.get("base", "").split(":")[-1]
            if base in self.complex:
                self.walk(base)
                fields.update(self.types[base])
                self.read_only.setdefault(name, []).extend(self.read_only.get(base, []))
            else:
                fields["value"] = self.simple_name(base)
        for element in node.iter(XS + "element"):
            self.add(name, fields, element)
        for attribute in node.iter(XS + "attribute"):
            kind = attribute.get("type", "xs:string").split(":")[-1]
            fields[attribute.get("name", "")] = self.type_name(kind)
        if name == "IntuitEntity":
            fields.update(ATTRIBUTES)

    def add(self, owner: str, fields: dict[str, str], element: ElementTree.Element) -> None:
        name = element.get("name") or element.get("ref", "").split(":")[-1]
        target = (element.get("type") or self.elements.get(name, "xs:string")).split(":")[-1]
        many = element.get("maxOccurs", "1") not in {"0", "1"}
        fields[name] = self.type_name(target) + ("*" if many else "")
        text = " ".join("".join(element.itertext()).split())
        if re.search(r"\bread[- ]?only\b", text, re.I):
            self.read_only.setdefault(owner, []).append(name)

    def derive(self) -> dict:
        for name in sorted(self.elements):
            if self.elements[name] in self.complex and name != "IntuitObject":
                self.type_name(self.elements[name])
        entities = {n: t for n, t in sorted(self.elements.items()) if t in self.types}
        return {"entities": entities, "enums": self.enums, "types": self.types}


if __name__ == "__main__":
    derived = Deriver(Path(sys.argv[1])).derive()
    TARGET.write_text(json.dumps(derived, sort_keys=True, separators=(",", ":")) + "\n")
    sys.stdout.write(f"{TARGET}: {len(derived['types'])} types\n")
