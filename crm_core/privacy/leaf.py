"""One HTML page that stands alone: its own style sheet, no script, everything escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_core.paper.look import STYLE
from crm_core.paper.markup import EMPTY_TAGS, Html, join, say, tag

NOTHING_IN_OR_OUT = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may fetch and run for this file: nothing but its own style sheet."""

assert "meta" in EMPTY_TAGS


def leaf(title: str, sentence: str, *inside: Html, foot: str) -> str:
    """Return a whole page.

    Parameters
    ----------
    title, sentence : str
        Heading, and what it says in one sentence; as they were typed.
    *inside : Html
        The sections.
    foot : str
        The last line.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=NOTHING_IN_OR_OUT),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", say(title)),
        tag("style", Html(STYLE)),
    )
    top = tag(
        "header",
        tag("p", say("Regulars"), class_="brand"),
        tag("h1", say(title)),
        tag("p", say(sentence)),
    )
    body = tag("body", top, *inside, tag("footer", tag("p", say(foot))))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def grid(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Html:
    """Return a table with whole texts in its cells; None is empty."""
    head = (tag("th", say(name), scope="col") for name in header)
    lines = (
        tag("tr", join(tag("td", say("" if cell is None else str(cell))) for cell in row))
        for row in rows
    )
    whole = tag("table", tag("thead", tag("tr", join(head))), tag("tbody", join(lines)))
    return tag("div", whole, class_="table", tabindex="0")


def part(title: str, *inside: Html) -> Html:
    """Return a section with its heading."""
    return tag("section", tag("h2", say(title)), *inside)
