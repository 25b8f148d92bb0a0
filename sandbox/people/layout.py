"""The frame around every page of a company."""

from __future__ import annotations

from sandbox.company import Company
from sandbox.messages import Response
from sandbox.people.html import esc, page

LINKS = (
    ("Invoices", "invoices"), ("Payments", "payments"), ("Deposits", "deposits"), ("Customers", "customers"),
    ("Items", "items"), ("Documents", "documents"), ("Accounts", "accounts"), ("Reports", "reports"),
    ("Settings", "settings"), ("Apps", "apps"),
)  # fmt: skip


def framed(company: Company, title: str, body: str) -> str:
    navigation = f'<a href="/"><strong>{esc(company.name)}</strong></a>' + "".join(
        f'<a href="{address(company, path)}">{esc(name)}</a>' for name, path in LINKS
    )
    return page(f"{title} · {company.name}", f"<h1>{esc(title)}</h1>{body}", navigation)


def shown(company: Company, title: str, body: str, status: int = 200) -> Response:
    return Response.html(framed(company, title, body), status)


def address(company: Company, path: str) -> str:
    return f"/company/{company.realm}/{path}"


def back_to(company: Company, path: str) -> Response:
    """After a change: look at the result, so that a reload changes nothing again."""
    return Response.redirect(address(company, path))


def money(value: object) -> str:
    return f"{value:,.2f}"
