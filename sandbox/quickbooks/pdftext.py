"""A small but valid one-page PDF of a document."""

from __future__ import annotations

from typing import Any

from sandbox.company import Company


def lines_of(company: Company, kind: str, body: dict[str, Any]) -> list[str]:
    who = (body.get("CustomerRef") or {}).get("name", "")
    out = [
        company.name,
        f"{kind} {body.get('DocNumber', body['Id'])}",
        f"Date {body.get('TxnDate', '')}",
        who,
        "",
    ]
    out += [
        f"{line.get('Description') or line.get('DetailType', '')}   {line.get('Amount', '')}"
        for line in body.get("Line", [])[:40]
    ]
    return [
        *out,
        "",
        f"Total {body.get('TotalAmt', 0)} {body.get('CurrencyRef', {}).get('value', '')}",
    ]


def escaped(text: str) -> str:
    plain = text.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def document(company: Company, kind: str, body: dict[str, Any]) -> bytes:
    """PDF 1.4 with the standard Helvetica font and a correct cross-reference table."""
    shown = " T* ".join(f"({escaped(text)}) Tj" for text in lines_of(company, kind, body))
    stream = f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>"
        ),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (table, len(out))
    )
