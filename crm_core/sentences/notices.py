"""What a notice says, in one sentence of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_core.formatting import format_day, md_escape, plural, say_name

OTHER_SETTINGS = {
    "rule": "the rule of goodbye",
    "rfm_cuts": "the cut points of the segments",
    "value_months": "the terms of lifetime values",
    "margin": "the margin on sales",
    "currency": "the currency",
}
"""Settings that are no single parameter, as a notice calls them."""


def notice_sentence(
    kind: str, by: str, day: date, detail: Mapping[str, Any], *, titles: Mapping[str, str]
) -> str:
    """Say what happened.

    Parameters
    ----------
    kind : {"setting", "import failed", "import waiting", "import repeats", "handover"}
        What it is about.
    by : str
        Who did it; empty where nobody signed in.
    day : date
        When.
    detail : mapping
        As it was posted.
    titles : mapping of str to str
        The screen's words for parameters.

    Examples
    --------
    >>> notice_sentence(
    ...     "setting",
    ...     "Anna",
    ...     date(2024, 5, 3),
    ...     {"setting": "k_gone", "moved": 12},
    ...     titles={"k_gone": "Gone after"},
    ... )
    '**Anna** changed “Gone after” on 3 May 2024: 12 clients moved.'
    """
    who, on = f"**{say_name(by)}**" if by else "Somebody", f"on {format_day(day)}"
    if kind == "setting":
        return f"{who} changed {_setting(detail, titles)} {on}{_moved(detail)}."
    if kind == "handover":
        return (
            f"{who} handed {plural(int(detail['clients']), 'client')} over to you{_days(detail)}."
        )
    file = detail.get("file_name")
    named = f"The file {say_name(str(file))}" if file else "A file"
    if kind == "import waiting":
        return f"{named} came by itself {on} and waits for your approval on the page Import."
    if kind == "import repeats":
        return (
            f"{named} that came by itself {on} was imported, but looks like sales that are stored "
            "already; the page Import says why. There it can be undone."
        )
    return f"{named} that came by itself {on} could not be imported; the page Import says why."


def _setting(detail: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    key = str(detail.get("setting", ""))
    if key == "rate":
        return f"the rate of {md_escape(str(detail.get('currency', '')))}"
    if key in titles:
        return f"“{md_escape(titles[key])}”"
    return OTHER_SETTINGS.get(key, "a figure of the business")


def _moved(detail: Mapping[str, Any]) -> str:
    moved = detail.get("moved")
    if moved is None:
        return ""
    return f": {plural(int(moved), 'client')} moved" if moved else ": nobody moved"


def _days(detail: Mapping[str, Any]) -> str:
    if not detail.get("from"):
        return ""
    until = detail.get("until")
    first = f" from {format_day(date.fromisoformat(detail['from']))}"
    return f"{first} until {format_day(date.fromisoformat(until))}" if until else f"{first} on"
