"""Tables of the report: headings that repeat on every printed page, ten lines and how many more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from crm_core.formatting import format_count
from crm_core.paper.markup import NOTHING, Html, join, say, tag

Kind = Literal["text", "side", "day"]
"""Text that wraps, numbers set to the right, days that stay on one line."""

FIRST = 10
"""Lines of a list on paper; the page has all."""

LONGEST = 60
"""Signs of a name or reason in a cell."""


class Column(NamedTuple):
    """A column: its heading, how it is set, and one text a line."""

    title: str
    kind: Kind
    cells: Sequence[str]


def table(columns: Sequence[Column], *, open_last: bool = False) -> Html:
    """Return a table.

    Parameters
    ----------
    columns : sequence of Column
        As many cells in each; texts as they were typed.
    open_last : bool, default False
        The last line is not complete yet and set so.
    """
    n = len(columns[0].cells)
    head = (tag("th", say(one.title), scope="col", class_=_look(one.kind)) for one in columns)
    lines = (
        tag(
            "tr",
            join(tag("td", say(c.cells[i], LONGEST), class_=_look(c.kind)) for c in columns),
            class_="open" if open_last and i == n - 1 else None,
        )
        for i in range(n)
    )
    whole = tag("table", tag("thead", tag("tr", join(head))), tag("tbody", join(lines)))
    return tag("div", whole, class_="table", tabindex="0")


def listing(title: str, columns: Sequence[Column], *, total: int, empty: str, about: str) -> Html:
    """Return a list that needs attention: its first lines, and how many more there are.

    Parameters
    ----------
    title : str
        Heading; the count is added.
    columns : sequence of Column
        At most :data:`FIRST` cells each.
    total : int
        Clients of the whole list.
    empty : str
        Said in place of a list of nobody.
    about : str
        One line on who is in it and how it is sorted.
    """
    heading = tag("h3", say(f"{title} ({format_count(total)})" if total else title))
    if not total:
        return tag("div", heading, tag("p", say(empty), class_="quiet"), class_="keep")
    more = total - len(columns[0].cells)
    rest = tag("p", say(f"… and {format_count(more)} more"), class_="more") if more > 0 else NOTHING
    lead = tag("p", say(about), class_="quiet")
    return tag("div", heading, lead, table(columns), rest, class_="keep")


def _look(kind: Kind) -> str | None:
    return None if kind == "text" else kind
