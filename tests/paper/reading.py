"""Reads a report as a browser would; refuses what is not well-formed or comes from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = {"meta", "rect", "line", "path", "circle", "br"}
TAGS = EMPTY | {
    *("html", "head", "title", "style", "body", "header", "main", "section", "footer"),
    *("h1", "h2", "h3", "p", "b", "strong", "i", "span", "ul", "li", "dl", "dt", "dd", "div"),
    *("figure", "figcaption", "svg", "desc", "text", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "role", "scope"),
    *("aria-labelledby", "tabindex", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "dx"),
    *("cx", "cy", "r", "d", "viewbox", "preserveaspectratio", "vector-effect", "text-anchor"),
}


@dataclass
class Read(HTMLParser):
    """A report taken apart."""

    text: str = ""
    tags: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    style: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, f"<{tag}> is not one of the report's own"
        self.tags.append(tag)
        for name, value in attrs:
            assert name in ATTRIBUTES, f"{name} on <{tag}> is not one of the report's own"
            assert value is not None
            self.attributes.append((name, value))
            if name == "id":
                self.ids.append(value)
        if tag not in EMPTY:
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open_tags, f"</{tag}> closes nothing"
            assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_tags[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data


def read(html: str) -> Read:
    """Return the parts of a report that is well-formed and stands alone."""
    assert html.startswith("<!DOCTYPE html>\n")
    found = Read()
    found.feed(html)
    found.close()
    assert found.open_tags == []
    assert len(set(found.ids)) == len(found.ids)
    assert not re.search(r"url\(|@import|https?:|//", found.style)
    assert not any("://" in value or value.startswith("//") for _, value in found.attributes)
    assert not re.search(r"\bnan\b|\binf\b|None(?! of)", html)
    return found
