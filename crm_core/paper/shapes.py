"""The strokes of a drawing that stands on paper and on a phone alike.

Across, everything is in percent of the drawing's width; down, in pixels. So bars
stretch with the page while text keeps its size. Colours are classes of
:mod:`crm_core.paper.look`.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.formatting import SHORT_NAME
from crm_core.paper.markup import Html, join, say, tag

Points = Sequence[tuple[float, float]]


def number(value: float) -> str:
    """Return a coordinate with at most two decimals.

    Examples
    --------
    >>> number(12.5), number(3.0), number(1 / 3)
    ('12.5', '3', '0.33')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def percent(value: float) -> str:
    """Return a place across the drawing."""
    return f"{number(value)}%"


def drawing(key: str, title: str, description: str, height: float, *parts: Html) -> Html:
    """Return a drawing as wide as the page.

    Parameters
    ----------
    key : str
        Unique in the report.
    title, description : str
        For those who cannot see it.
    height : float
        Pixels.
    *parts : Html
        Strokes of this module.
    """
    ids = f"{key}-title", f"{key}-text"
    return tag(
        "svg",
        tag("title", say(title), id=ids[0]),
        tag("desc", say(description), id=ids[1]),
        *parts,
        role="img",
        aria_labelledby=" ".join(ids),
        width="100%",
        height=number(height),
    )


def bar(x: float, y: float, width: float, height: float, look: str) -> Html:
    """Return a bar: ``x`` and ``width`` in percent, ``y`` and ``height`` in pixels."""
    return tag(
        "rect",
        x=percent(x),
        y=number(y),
        width=percent(max(width, 0.0)),
        height=number(max(height, 0.0)),
        class_=look,
    )


def line(start: tuple[float, float], end: tuple[float, float], look: str) -> Html:
    """Return a line between two points, each (percent, pixels)."""
    (x1, y1), (x2, y2) = start, end
    return tag(
        "line", x1=percent(x1), y1=number(y1), x2=percent(x2), y2=number(y2), class_=look or None
    )


def dot(x: float, y: float, radius: float, look: str) -> Html:
    """Return a dot at (percent, pixels)."""
    return tag("circle", cx=percent(x), cy=number(y), r=number(radius), class_=look)


def words(
    x: float, y: float, text: str, *, anchor: str = "start", look: str = "", aside: float = 0
) -> Html:
    """Return text whose base line is at (percent, pixels).

    Parameters
    ----------
    x, y : float
        Where it starts, has its middle or ends.
    text : str
        As typed.
    anchor : {"start", "middle", "end"}
        Which of these stands at ``x``.
    look : str
        Further classes.
    aside : float, default 0
        Pixels to the right of ``x``.
    """
    return tag(
        "text",
        say(text, SHORT_NAME),
        x=percent(x),
        y=number(y),
        dx=number(aside) if aside else None,
        text_anchor=None if anchor == "start" else anchor,
        class_=look or None,
    )


def label(x: float, width: float, y: float, text: str, look: str = "") -> Html:
    """Return text that ends where its column does: a nested drawing cuts what is longer."""
    inside = tag("text", say(text, SHORT_NAME), x="0", y="13", class_=look or None)
    return tag(
        "svg",
        inside,
        x=percent(x),
        y=number(y - 13),
        width=percent(width),
        height="18",
        role="presentation",
    )


def plot(y: float, height: float, across: float, *parts: Html) -> Html:
    """Return a field stretched over the drawing's width for curves.

    Parameters
    ----------
    y, height : float
        Pixels.
    across : float
        How many units the width stands for; one unit down is one pixel.
    *parts : Html
        From :func:`curve` and :func:`area`.
    """
    return tag(
        "svg",
        *parts,
        x="0",
        y=number(y),
        width="100%",
        height=number(height),
        viewBox=f"0 0 {number(across)} {number(height)}",
        preserveAspectRatio="none",
        role="presentation",
    )


def curve(points: Points, look: str) -> Html:
    """Return a line through points in the units of a :func:`plot`."""
    return tag("path", d=_path(points), class_=look, vector_effect="non-scaling-stroke")


def area(upper: Points, lower: Points, look: str) -> Html:
    """Return the band between two lines in the units of a :func:`plot`."""
    return tag("path", d=f"{_path([*upper, *reversed(lower)])}Z", class_=look)


def steps(points: Points) -> list[tuple[float, float]]:
    """Return the corners of a line that keeps its height until the next point.

    Examples
    --------
    >>> steps([(0, 9), (2, 5)])
    [(0, 9), (2, 9), (2, 5)]
    """
    corners = list(points[:1])
    for x, y in points[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    return corners


def legend(*entries: tuple[str, str]) -> Html:
    """Return what the colours of a drawing stand for: a line of text above it.

    Parameters
    ----------
    *entries : (str, str)
        Class of the colour, and its meaning.
    """
    shown = (
        tag("span", tag("i", class_=f"key {look}"), say(text), class_="entry")
        for look, text in entries
    )
    return tag("p", join(shown, Html(" ")), class_="legend")


def _path(points: Points) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
