"""Since your last visit: what came in, who came back, who went late, in one line that opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from crm_core.access import Right
from crm_core.errors import AccessError
from crm_core.explanations import guess_words
from crm_core.formatting import format_count, format_day, md_escape, plural
from crm_core.metrics.cadence import TERMINATION
from crm_core.metrics.late import by_money
from crm_core.records.engine import note_quietly, reading
from crm_core.records.visits import LastVisit, imports_since, last_visit, note_visit
from crm_core.sentences.places import since_sentence
from crm_core.small_groups import is_few
from crm_core.tables import IntArray, to_date, to_day
from crm_core.ui.actions import is_latest
from crm_core.ui.choice import choose
from crm_core.ui.definitions import Shown
from crm_core.ui.lists import client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shared_columns import last_purchase_column, stage_column, trailing_column
from crm_core.ui.shell import IMPORT
from crm_core.ui.small_groups import is_small
from crm_core.ui.view import View, whole_view

SECONDS = 60
"""A visit is written down at most so often."""

NOTED = "_visit_noted"
LISTS = {"came_back": "Came back", "went_late": "Went late", "went": "Gone since"}


@dataclass(frozen=True)
class News:
    """What changed between the end of a visit and now.

    Attributes
    ----------
    then : int
        The last sale day seen then.
    sales : int
        New rows of sales; negative where some stopped counting.
    came_back, went_late, went : ndarray of int64
        Positions of clients, most sales first.
    """

    then: int
    sales: int
    came_back: IntArray
    went_late: IntArray
    went: IntArray

    def sizes(self) -> dict[str, int]:
        """Return how many clients came back, went late and went."""
        return {name: len(getattr(self, name)) for name in LISTS}


def keep_visit() -> None:
    """Note that whoever is at the page is here, with the figures they see, if there is time."""
    now = datetime.now(UTC)
    before = st.session_state.get(NOTED)
    if before is not None and 0 <= (now - before).total_seconds() < SECONDS:
        return
    view = whole_view()
    if view is None:
        return
    st.session_state[NOTED] = now
    key = view.versions.sales_key
    note_quietly(view.engine, partial(note_visit, now=now, sales_key=key, figures=figures_of(view)))


def figures_of(view: View) -> dict[str, Any]:
    """Return what is kept of a visit: the last sale day, the sales seen, and whose."""
    return {
        "as_of": to_date(view.latest_day).isoformat(),
        "sales": len(view.full_ledger.sales),
        "seen": list(view.who.view_key),
    }


def draw_since(view: View) -> None:
    """Draw what is new since the last visit; nothing on the first, or where nothing is.

    Parameters
    ----------
    view : View
        Under the latest day only: an earlier one knows of no news.
    """
    if not is_latest(view):
        return
    now = datetime.now(UTC)
    try:
        with reading(view.engine) as connection:
            before = last_visit(connection, now=now)
            imports = [] if before is None else list(imports_since(connection, before.last_at))
    except AccessError:
        return
    if before is None or "as_of" not in before.figures:
        return
    news = news_since(view, before)
    shown = {name: 0 if is_small(view, n) else n for name, n in news.sizes().items()}
    said = since_sentence(
        say_when(before.last_at.astimezone(), now.astimezone()),
        sales=0 if is_small(view, abs(news.sales)) else news.sales,
        **shown,
        imports=tuple(name for _, name in imports),
        gone=guess_words(doubt=view.doubt),
    )
    if said:
        _draw_news(view, news, said, len(imports))


def news_since(view: View, before: LastVisit) -> News:
    """Return what changed for the clients of a view since a visit ended."""
    then = to_day(date.fromisoformat(before.figures["as_of"]))
    day = view.ledger.sales.day
    whole = not view.filters and list(view.who.view_key) == before.figures.get("seen")
    if whole:
        sales = len(day) - int(before.figures["sales"])
    else:
        sales = int(((day > then) & (day <= view.as_of)).sum())
    moved = view.remember("news", partial(_moves, view, then), str(then))
    return News(then, sales, *moved)


def _moves(view: View, then: int) -> tuple[IntArray, IntArray, IntArray]:
    nobody = np.empty(0, dtype=np.int64)
    if then >= view.as_of:
        return nobody, nobody, nobody
    before, now = view.stages_on(then), view.stages
    was_gone, is_gone = before.stage == TERMINATION, now.stage == TERMINATION
    known = before.stage > 0
    masks = (was_gone & ~is_gone, now.late & ~before.late & ~is_gone, known & is_gone & ~was_gone)
    came_back, went_late, went = (np.flatnonzero(mask) for mask in masks)
    return tuple(at[by_money(view.trailing[at])] for at in (came_back, went_late, went))  # type: ignore[return-value]


def say_when(then: datetime, now: datetime) -> str:
    """Return when the last visit was, in words.

    Examples
    --------
    >>> now = datetime(2024, 5, 8, 9)
    >>> say_when(datetime(2024, 5, 6, 17), now), say_when(datetime(2024, 5, 8, 7, 5), now)
    ('on Monday', 'today at 07:05')
    >>> say_when(datetime(2024, 4, 2), now).replace(chr(160), " ")
    'on 2 Apr 2024'
    """
    days = (now.date() - then.date()).days
    if days <= 0:
        return f"today at {then:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"on {then:%A}" if days < 7 else f"on {format_day(then.date())}"


def _draw_news(view: View, news: News, said: str, n_imports: int) -> None:
    # It names who imported, as their sign-in told it.
    block = st.expander(md_escape(said), icon=":material/update:", key="since", on_change="rerun")
    if not block.open:
        return
    with block:
        *shown, imports = news_numbers(view, news, n_imports)
        number_row(shown, key="since", also=[imports])
        if n_imports and view.may(Right.IMPORT):
            st.page_link(IMPORT, label="The imports", icon=":material/arrow_forward:")
        found = {
            name: getattr(news, name)
            for name, n in news.sizes().items()
            if n and not is_small(view, n)
        }
        if not found:
            return
        words = {name: f"{LISTS[name]} {format_count(len(at))}" for name, at in found.items()}
        chosen = choose("Who", words, key="since_list", default=next(iter(words)))
        if chosen is None:
            return
        listed = found[chosen]
        makers = (stage_column, last_purchase_column, trailing_column)
        columns = [make(view, listed) for make in makers]
        client_list(view, listed, columns, key="since", file_name=f"since-{chosen}")


def news_numbers(view: View, news: News, n_imports: int) -> list[Shown]:
    """Return the numbers of the block, each with the days it lies between."""
    days = f"{format_day(news.then)} to {format_day(view.as_of)}"
    return [
        Shown(
            "visit.sales",
            format_count(news.sales),
            f"{len(view.ledger.sales):,} now",
            few=is_few(abs(news.sales)),
        ),
        *(
            Shown(f"visit.{name}", plural(n, "client"), days, few=is_few(n))
            for name, n in news.sizes().items()
        ),
        Shown("visit.imports", format_count(n_imports), "that count now"),
    ]
