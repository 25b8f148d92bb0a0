"""Just enough of a browser's reading of HTML: a tree, and what a person reads in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from typing import Union

# Elements without an end tag, those whose text is no HTML, and those whose text nobody reads on the page.
EMPTY = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
RAW = {"script", "style"}
UNREAD = {"head", "noscript", "script", "select", "style", "svg", "template", "textarea"}
TAG = re.compile(
    r"""<(?:/(?P<closed>[a-z][^\s>]*)\s*
    |(?P<opened>[a-z][^\s/>]*)(?P<attributes>(?:\s+[^\s"'>/=]+(?:="[^"]*"|='[^']*'|=[^\s"'=<>]+)?)*)\s*(?P<empty>/?)
    |!--.*?--|!doctype[^>]*)>""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:="([^"]*)"|='([^']*)'|=([^\s"'=<>]+))?""")
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
        words: list[str] = []
        self._read(words)
        return " ".join("".join(words).split())

    @property
    def content(self) -> str:
        """The text of an element that holds nothing else, as it was written."""
        return "".join(child for child in self.children if isinstance(child, str))

    @cached_property
    def _below(self) -> list["Element"]:
        found: list[Element] = []
        self._collect(found)
        return found

    def _collect(self, found: list["Element"]) -> None:
        for child in self.children:
            if isinstance(child, Element):
                found.append(child)
                child._collect(found)

    def _read(self, words: list[str]) -> None:
        for child in self.children:
            if isinstance(child, str):
                words.append(child)
            elif child.tag not in UNREAD:
                child._read(words)
                if child.tag not in INLINE:
                    words.append(" ")


def parse(html: str) -> Element:
    """The tree of a page, or of a part of one. Fails where a tag is written loosely, or end tags are missing or cross.

    Not `html.parser`, which takes twice the time and forgives more.
    """
    root = Element("")
    opened, at = [root], 0
    while tag := TAG.search(html, at):
        if (start := tag.start()) > at:
            _add_text(opened[-1], html[at:start])
        at = tag.end()
        if name := tag["opened"]:
            attributes = tag["attributes"]
            element = Element(name.lower(), _attributes(attributes) if attributes else {})
            opened[-1].children.append(element)
            if element.tag in RAW:
                at = _raw(element, html, at)
            elif element.tag not in EMPTY and not tag["empty"]:
                opened.append(element)
        elif name := tag["closed"]:
            closed = opened.pop()
            assert closed.tag == name.lower(), f"<{closed.tag}> is closed by </{name}>"
    if html[at:]:
        _add_text(opened[-1], html[at:])
    assert len(opened) == 1, f"<{opened[-1].tag}> is never closed"
    return root


def _attributes(written: str) -> dict[str, str]:
    return {
        name.lower(): _plain(double or single or bare)
        for name, double, single, bare in ATTRIBUTE.findall(written)
    }


def _plain(written: str) -> str:
    return unescape(written) if "&" in written else written


def _add_text(element: Element, written: str) -> None:
    assert "<" not in written, f"a tag is written loosely: {written}"
    element.children.append(_plain(written))


def _raw(element: Element, html: str, at: int) -> int:
    """Where the page goes on after an element whose text is no HTML."""
    end = html.index(f"</{element.tag}>", at)
    if end > at:
        element.children.append(html[at:end])
    return end + len(f"</{element.tag}>")
