"""The only place of the report where text becomes HTML.

``Html`` is text that is safe to stand in a page: what functions here return. Text
typed by people is ``str`` and becomes ``Html`` through :func:`say` or
:func:`from_markdown` alone, so the type checker finds what was forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NewType

from crm_core.formatting import html_escape

Html = NewType("Html", str)

NOTHING = Html("")
EMPTY_TAGS = frozenset({"meta", "br", "hr", "col"})
DRAWN_TAGS = frozenset({"rect", "line", "path", "circle"})
"""Tags of a drawing that hold nothing and close themselves."""

_MARKDOWN = re.compile(r"\\(?P<kept>.)|(?P<bold>\*\*)|(?P<end> {2}\n)", re.DOTALL)


def say(text: str, width: int | None = None) -> Html:
    """Return a text as it was typed, safe in a page.

    Parameters
    ----------
    text : str
        Any text.
    width : int, optional
        Put on one line and cut there.

    Examples
    --------
    >>> say("<script>alert(1)</script> & Sons")
    '&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons'
    """
    return Html(html_escape(text, width))


def tag(name: str, /, *inside: Html, **attributes: object) -> Html:
    """Return an element.

    Parameters
    ----------
    name : str
        Name of the element.
    *inside : Html
        What it holds.
    **attributes
        Written out escaped; ``_`` in a name becomes ``-`` and one at its end goes
        (``class_``), None leaves the attribute out.

    Examples
    --------
    >>> tag("p", say("3 < 4"), class_="lead", id=None)
    '<p class="lead">3 &lt; 4</p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html_escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in EMPTY_TAGS:
        return Html(f"<{name}{written}>")
    if name in DRAWN_TAGS:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{''.join(inside)}</{name}>")


def join(parts: Iterable[Html], between: Html = NOTHING) -> Html:
    """Return several pieces as one."""
    return Html(between.join(parts))


def from_markdown(text: str) -> Html:
    r"""Return a sentence of :mod:`crm_core.sentences` as HTML.

    Parameters
    ----------
    text : str
        Markdown of which only this means something: ``**bold**``, a backslash before a
        sign that is to stand as it is, and two blanks before a line's end. All else,
        tags included, is text.

    Examples
    --------
    >>> from_markdown("**3 clients**: A \\& B\\, \\<b\\>")
    '<strong>3 clients</strong>: A &amp; B, &lt;b&gt;'
    """
    parts: list[str] = []
    at, bold = 0, False
    plain = ""
    for found in _MARKDOWN.finditer(text):
        plain += text[at : found.start()]
        at = found.end()
        if found["kept"] is not None:
            plain += found["kept"]
            continue
        parts.append(escape(plain))
        plain = ""
        if found["bold"]:
            bold = not bold
            parts.append("<strong>" if bold else "</strong>")
        else:
            parts.append("<br>")
    parts.append(escape(plain + text[at:]))
    return Html("".join(parts) + ("</strong>" if bold else ""))
