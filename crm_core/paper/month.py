"""The month on paper: one HTML file that stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.formatting import format_day
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History
from crm_core.metrics.months import last_days, month_index
from crm_core.metrics.parameters import ParameterSet
from crm_core.metrics.pareto import Period
from crm_core.paper.attention import LISTED, attention_lists
from crm_core.paper.look import STYLE
from crm_core.paper.markup import Html, join, say, tag
from crm_core.paper.material import Material, gather
from crm_core.paper.numbers import key_numbers, number_grid
from crm_core.paper.proof import footer, meanings_section, notes_section
from crm_core.paper.sections import (
    DRAWN,
    balance_section,
    bridge_section,
    headline_list,
    pareto_section,
    returning_section,
    section,
    stages_section,
)
from crm_core.tables import IntArray, to_date

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
NOTHING_IN_OR_OUT = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may fetch and run for this file: nothing but its own style sheet."""


def month_report(
    ledger: Ledger,
    parameters: ParameterSet,
    as_of: int,
    *,
    period: Period = "12m",
    history: History | None = None,
    snoozed: IntArray | None = None,
    filters: Sequence[tuple[str, Sequence[str]]] = (),
    least: int = 1,
) -> str:
    """Return the report of the as-of day's month as one HTML file.

    Parameters
    ----------
    ledger : Ledger
        The ledger; filtered or whole.
    parameters : ParameterSet
        The parameters in force.
    as_of : int
        Last day counted; later rows are not seen.
    period : {"12m", "all"} or tuple of int, default "12m"
        The base of the shares.
    history : History, optional
        From :func:`~crm_core.metrics.cadence.purchase_history` of the same ledger and
        parameters, where it is known already.
    snoozed : ndarray of int64, optional
        Positions of clients put off: they are not among those to call.
    filters : sequence of (str, sequence of str)
        What the ledger was filtered by, title and labels, to be said on it.
    least : int, default 1
        Lists, stages and headlines of fewer clients only say so: for whoever may not see
        names, a few clients could be told apart.

    Returns
    -------
    str
        HTML in UTF-8 without a script or an address to fetch from, well below a
        megabyte whatever the number of clients. An empty ledger gives every section
        with the reason why it is empty.

    Notes
    -----
    The same ledger, parameters and day give the same file to the letter.
    """
    m = gather(
        ledger,
        parameters,
        as_of,
        period=period,
        history=history,
        snoozed=snoozed,
        filters=filters,
        least=least,
    )
    numbers = key_numbers(m)
    keys = [*(one.id for one in numbers), *DRAWN, *LISTED]
    body = tag(
        "body",
        _header(m),
        tag(
            "main",
            section("In short", headline_list(m)),
            section("Key numbers", number_grid(numbers)),
            bridge_section(m),
            pareto_section(m),
            stages_section(m),
            balance_section(m),
            returning_section(m),
            section("Lists that need attention", *attention_lists(m)),
            notes_section(m),
            meanings_section(m, keys),
        ),
        footer(m),
    )
    return f"<!DOCTYPE html>\n{tag('html', _head(m), body, lang='en')}\n"


def month_title(as_of: int) -> str:
    """Return the name of a day's month, with "so far" while it runs.

    Examples
    --------
    >>> from datetime import date
    >>> from crm_core.tables import to_day
    >>> month_title(to_day(date(2026, 10, 31))), month_title(to_day(date(2026, 11, 3)))
    ('October 2026', 'November 2026 so far')
    """
    day = to_date(as_of)
    whole = as_of == int(last_days(month_index(as_of)))
    return f"{MONTHS[day.month - 1]} {day.year}{'' if whole else ' so far'}"


def _head(m: Material) -> Html:
    title = f"{month_title(m.as_of)}, as of {format_day(m.as_of)}"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=NOTHING_IN_OR_OUT),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", say(title)),
        # A style sheet's text is read as it stands: nothing in it is escaped.
        Html(f"<style>{STYLE}</style>"),
    )


def _header(m: Material) -> Html:
    base = {"12m": "the last 12 months", "all": "all time"}.get(str(m.pareto.period), "the period")
    lines = [f"As of {format_day(m.as_of)}; shares are those of {base}."]
    lines += [f"Only clients with {title}: {', '.join(labels)}." for title, labels in m.filters]
    return tag(
        "header",
        tag("p", say("Regulars: the month on paper"), class_="brand"),
        tag("h1", say(month_title(m.as_of))),
        join(tag("p", say(text), class_="quiet") for text in lines),
    )
