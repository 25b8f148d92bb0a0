"""Bare bricks of the pages for people: escaping, one style sheet, tables and forms."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

STYLE = (Path(__file__).parent / "style.css").read_text()


def esc(value: Any) -> str:
    return escape(str(value if value is not None else ""))


def page(title: str, body: str, navigation: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{esc(title)}</title><style>{STYLE}</style></head><body>"
        f"<header><strong>QuickBooks sandbox</strong>{navigation}</header><main>{body}</main></body></html>"
    )


def hidden(name: str, value: Any) -> str:
    return f'<input type="hidden" name="{esc(name)}" value="{esc(value)}">'


def table(heads: list[str], rows: list[list[str]], numbers: set[int] | None = None) -> str:
    """Cells are HTML already; columns in `numbers` are aligned right."""
    right = numbers or set()

    def cell(tag: str, at: int, text: str) -> str:
        return f"<{tag}{' class=n' if at in right else ''}>{text}</{tag}>"

    head = "".join(cell("th", n, esc(h)) for n, h in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(cell("td", n, c) for n, c in enumerate(row)) + "</tr>" for row in rows
    )
    empty = (
        "" if rows else f'<tr><td colspan="{len(heads)}" class="soft">Nothing here yet.</td></tr>'
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}{empty}</tbody></table>"


def field(label: str, name: str, value: Any = "", kind: str = "text", more: str = "") -> str:
    return f'<label>{esc(label)}<input type="{kind}" name="{esc(name)}" value="{esc(value)}" {more}></label>'


def select(label: str, name: str, options: list[tuple[str, str]], chosen: str = "") -> str:
    inner = "".join(
        f'<option value="{esc(v)}"{" selected" if v == chosen else ""}>{esc(t)}</option>'
        for v, t in options
    )
    return f'<label>{esc(label)}<select name="{esc(name)}">{inner}</select></label>'


def button(action: str, text: str, style: str = "", **values: Any) -> str:
    """A form of its own with one button, so that nothing changes by a GET."""
    fields = "".join(hidden(k, v) for k, v in values.items())
    return (
        f'<form class="inline" method="post" action="{esc(action)}">{fields}'
        f'<button class="{style}">{esc(text)}</button></form>'
    )
