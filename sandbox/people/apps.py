"""Connected apps: see and disconnect them, as in QuickBooks' own app page."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.oauth import grants
from sandbox.people.html import button, esc, table
from sandbox.people.layout import address, back_to, shown
from sandbox.quickbooks.books import Books


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if request.method == "POST" and rest == ["disconnect"]:
        grants.disconnect(books.core, books.company.realm, request.form().get("client_id"))
        return back_to(books.company, "apps")
    if rest:
        return None
    return shown(books.company, "Connected apps", listing(books))


def listing(books: Books) -> str:
    at = address(books.company, "apps/disconnect")
    rows = []
    for (client,) in books.store.all(
        "SELECT DISTINCT client_id FROM grants WHERE realm=? AND live=1", books.realm
    ):
        app = books.core.apps.get(client)
        rows.append(
            [
                esc(app.name if app else client),
                esc(client),
                button(at, "Disconnect", "danger", client_id=client),
            ]
        )
    return table(["App", "Client id", ""], rows)
