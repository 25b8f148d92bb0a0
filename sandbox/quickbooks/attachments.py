"""Upload and download of files."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.messages import Response
from sandbox.quickbooks import writing
from sandbox.quickbooks.entities.attachable import MINUTES, shown
from sandbox.quickbooks.faults import Fault, missing, not_found
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.quickbooks.api import Call
    from sandbox.quickbooks.books import Books

LARGEST = 100_000_000
NAME = re.compile(rb'name="?([^";\r\n]+)"?', re.I)
FILE = re.compile(rb'filename="?([^";\r\n]*)"?', re.I)
Part = tuple[dict[bytes, bytes], bytes]


def upload(books: Books, call: Call) -> dict[str, Any]:
    """Multipart with pairs `file_metadata_NN` and `file_content_NN`; metadata may be missing."""
    if call.request.method != "POST":
        raise Fault(500, f"Operation {call.request.method} upload is not supported.")
    parts = parts_of(call.request.headers.get("content-type", ""), call.request.body)
    contents = {name: part for name, part in parts.items() if name.startswith("file_content_")}
    if not contents:
        raise missing("file_content_01")
    answers = [
        one(books, parts, name.removeprefix("file_content_"), part)
        for name, part in contents.items()
    ]
    return {"AttachableResponse": answers}


def parts_of(content_type: str, body: bytes) -> dict[str, Part]:
    """Name → (headers, content). Lines may end in a bare LF, as python-quickbooks sends them."""
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if match is None:
        raise Fault(6041, "The upload is not multipart/form-data")
    found: dict[str, Part] = {}
    for chunk in body.split(b"--" + match.group(1).strip().encode()):
        trimmed = chunk.removeprefix(b"\r\n").removeprefix(b"\n")
        head, mark, content = split_head(trimmed)
        if not mark:
            continue
        headers = dict(line.strip().split(b":", 1) for line in head.splitlines() if b":" in line)
        headers = {k.strip().lower(): v.strip() for k, v in headers.items()}
        name = NAME.search(headers.get(b"content-disposition", b""))
        if name:
            found[name.group(1).decode("utf-8", "replace")] = (
                headers,
                content.removesuffix(b"\n").removesuffix(b"\r"),
            )
    return found


def split_head(chunk: bytes) -> tuple[bytes, bytes, bytes]:
    for mark in (b"\r\n\r\n", b"\n\n"):
        if mark in chunk:
            return chunk.partition(mark)
    return chunk, b"", b""


def one(books: Books, parts: dict[str, Part], number: str, part: Part) -> dict[str, Any]:
    headers, content = part
    content = decoded(headers, content)
    if len(content) > LARGEST:
        raise Fault(6030, "The file size exceeds the size limit of 100 MB.")
    body = metadata(parts.get(f"file_metadata_{number}"))
    file_name = FILE.search(headers.get(b"content-disposition", b""))
    if not body.get("FileName"):
        body["FileName"] = file_name.group(1).decode("utf-8", "replace") if file_name else "file"
    content_type = (
        body.pop("ContentType", None)
        or headers.get(b"content-type", b"application/octet-stream").decode()
    )
    made = writing.create(books, KINDS["Attachable"], body, {})
    made = stored(books, made, content, content_type)
    return {"Attachable": shown(books, made)}


def decoded(headers: dict[bytes, bytes], content: bytes) -> bytes:
    if headers.get(b"content-transfer-encoding", b"").lower() != b"base64":
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error as error:
        raise Fault(6041, "The uploaded file isn't valid base64.") from error


def metadata(part: Part | None) -> Body:
    if part is None:
        return {}
    try:
        body = jsontext.loads(part[1].decode("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise Fault(6040, "The file metadata must be JSON of type Attachable.") from error
    if not isinstance(body, dict):
        raise Fault(6040, "The file metadata must be of type Attachable.")
    found: Any = body.get("Attachable", body)
    if not isinstance(found, dict):
        raise Fault(6040, "The file metadata must be of type Attachable.")
    return {k: v for k, v in found.items() if k not in {"Id", "SyncToken"}}


def stored(books: Books, made: Body, content: bytes, content_type: str) -> Body:
    books.store.execute("REPLACE INTO files VALUES(?,?,?)", (books.realm, int(made["Id"]), content))
    path = f"/v3/company/{books.company.realm}/download/{made['Id']}"
    made = {**made, "ContentType": content_type, "Size": len(content), "FileAccessUri": path}
    return books.update(KINDS["Attachable"], made, bump=False)


def download(books: Books, call: Call) -> Response:
    """`GET /download/{id}` answers the temporary address as text, as Intuit does."""
    if call.request.method != "GET" or len(call.rest) not in {2, 3}:
        raise Fault(500, f"Operation {call.request.method} download is not supported.")
    if not call.rest[1].isascii() or not call.rest[1].isdigit():
        raise Fault(
            2030, f"Id should be a valid number. Supplied value:{call.rest[1][:60]}", element="Id"
        )
    body = books.must_find("Attachable", call.rest[1])
    if "FileAccessUri" not in body:
        raise not_found()
    address = shown(books, body)["TempDownloadUri"]
    return Response(200, {"Content-Type": "text/plain"}, str(address).encode())


def file(core: Any, realm: str, id_: str, slot: str) -> Response:
    """The file behind a temporary address; needs no token, dies after some minutes."""
    if (
        not (realm + id_).isascii()
        or not (realm + id_).isdigit()
        or len(realm) > 18
        or len(id_) > 18
    ):
        return Response(404, {"Content-Type": "text/plain"}, b"Not Found")
    row = core.store.one("SELECT content FROM files WHERE realm=? AND id=?", int(realm), int(id_))
    fresh = slot.isdigit() and int(core.clock.time()) // (MINUTES * 60) - int(slot) in {0, 1}
    if row is None or not fresh:
        return Response(403, {"Content-Type": "text/plain"}, b"Request has expired")
    return Response(200, {"Content-Type": "application/octet-stream"}, bytes(row[0]))
