"""Just enough of a browser's reading of HTML: a tree, and what a person reads in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Union

# Elements without an end tag, and those whose text nobody reads on the page.
EMPTY = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNREAD = {"head", "noscript", "script", "select", "style", "svg", "template", "textarea"}
# After these the word may go on; all others stand apart.
INLINE = {"a", "b", "em", "i", "strong", "wbr"}


@dataclass
class Element:
    """One element with what stands inside it, in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Union["Element", str]] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        return name in self.attributes

    def all(self, *tags: str) -> Iterator["Element"]:
        """The elements below with one of these tags, in the order of the page."""
        return (one for one in self._below if one.tag in tags)

    @property
    def text(self) -> str:
        """What a person reads, with single spaces."""
        return " ".join("".join(self._words()).split())

    @property
    def content(self) -> str:
        """The text of an element that holds nothing else, as it was written."""
        return "".join(child for child in self.children if isinstance(child, str))

    @cached_property
    def _below(self) -> list["Element"]:
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found.append(child)
                found.extend(child._below)
        return found

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNREAD:
                yield from child._words()
                yield "" if child.tag in INLINE else " "


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            closed = self.open.pop()
            assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """The tree of a page, or of a part of one. Fails where end tags are missing or cross."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is never closed"
    return builder.root
