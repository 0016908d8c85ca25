"""The one list of clients: searched, sorted, paged, opened and exported the same everywhere."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from crm_core.access import Right
from crm_core.exports import to_csv, to_xlsx
from crm_core.formatting import format_count, one_line, plural
from crm_core.money import UNIT
from crm_core.tables import NEVER, IntArray, to_date
from crm_core.ui.clients import match_text, open_card
from crm_core.ui.definitions import in_small, tooltip
from crm_core.ui.handing_out import hand_out
from crm_core.ui.phone import draw_table, name_width
from crm_core.ui.small_groups import FEWER, HIDDEN, is_small
from crm_core.ui.view import View

Kind = Literal["text", "count", "money", "share", "day", "number", "flag"]

PAGE_ROWS = 500
"""Rows sent to the browser at once; ten show, the rest scroll."""

LONGEST_SHOWN = 120
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """A column of a client list.

    Attributes
    ----------
    title : str
        Heading, in sentence case.
    values : ndarray or sequence, one a client of the list, in its order
        Money in ten-thousandths, shares from 0 to 1, days since 1970-01-01
        (``NEVER`` is blank), text as it was typed. Or a function from rows of the list
        to their values, for texts that are costly to make.
    kind : {"text", "count", "money", "share", "day", "number", "flag"}
        How it is shown and exported; ``number`` has one decimal.
    help : str, optional
        Tooltip of the heading, for columns that are no number.
    labels : sequence of str, optional
        What the codes in ``values`` stand for; -1 is blank.
    definition : str, optional
        Key of :data:`crm_core.definitions.DEFINITIONS`: its meaning is the tooltip, and
        stands beside the list for those who cannot hover. Every number needs one.
    """

    title: str
    values: NDArray[Any] | Sequence[Any] | Callable[[IntArray], Sequence[Any]]
    kind: Kind = "text"
    help: str | None = None
    labels: Sequence[str] | None = None
    definition: str | None = None

    @property
    def tooltip(self) -> str | None:
        """What the heading says when it is pointed at (Markdown)."""
        return tooltip(self.definition) if self.definition else self.help

    def take(self, rows: IntArray) -> list[Any]:
        """Return the values of some rows as they are exported: exact, plain Python."""
        if callable(self.values):
            return list(self.values(rows))
        if not isinstance(self.values, np.ndarray):
            return [self.values[int(row)] for row in rows]
        picked: list[Any] = self.values[rows].tolist()
        return [self._plain(value) for value in picked]

    def _plain(self, value: Any) -> Any:
        if self.labels is not None:
            return None if value < 0 else self.labels[value]
        if self.kind == "day":
            return None if abs(value) >= NEVER else to_date(value)
        if self.kind == "money":
            return Decimal(value) / UNIT
        return None if value != value else value  # noqa: PLR0124  (NaN alone differs)


def client_list(
    view: View,
    positions: IntArray,
    columns: Sequence[Column],
    *,
    key: str,
    title: str | None = None,
    empty: str = "Nobody at the moment.",
    file_name: str = "clients",
) -> None:
    """Draw a list of clients; a click on a row opens the client's card.

    Parameters
    ----------
    view : View
        Its ``ledger`` is what ``positions`` count in.
    positions : ndarray of int64, shape (n,)
        The clients, in the order to show first.
    columns : sequence of Column
        What to show beside name and number, one value a position.
    key : str
        Unique on the page.
    title : str, optional
        Heading (plain text); the count is added.
    empty : str
        What to say when nobody is in the list.
    file_name : str
        Name of the exported files, without the ending.
    """
    positions = np.asarray(positions, dtype=np.int64)
    small = is_small(view, len(positions))
    if title:
        said = FEWER if small else format_count(len(positions))
        st.subheader(f"{title} :small[:gray[{said}]]")
    if small:
        st.caption(HIDDEN)
        return
    if not len(positions):
        st.caption(empty)
        return
    rows = np.arange(len(positions))
    if len(positions) > 10:
        rows = _searched(view, positions, rows, key)
    if not len(rows):
        st.caption("Nobody by that name or number in this list.")
        return
    rows = _paged(rows, columns, key)
    _draw_table(view, positions, rows, columns, key)
    _draw_exports(view, positions, columns, key, file_name)


def _searched(view: View, positions: IntArray, rows: IntArray, key: str) -> IntArray:
    text = st.text_input(
        "Search this list",
        key=f"{key}_search",
        placeholder="Search this list",
        icon=":material/search:",
        label_visibility="collapsed",
        width=280,
    )
    if not text or not text.strip():
        return rows
    return np.flatnonzero(np.isin(positions, match_text(view.ledger, text, positions)))


def _paged(rows: IntArray, columns: Sequence[Column], key: str) -> IntArray:
    """Return the rows of the page; a short list is one page that its headings sort."""
    if len(rows) <= PAGE_ROWS:
        return rows
    sortable = {c.title: c for c in columns if isinstance(c.values, np.ndarray)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.selectbox("Sort by", ["As listed", *sortable], key=f"{key}_sort", width=220)
        rising = st.toggle("Smallest first", key=f"{key}_rising", disabled=by == "As listed")
        n_pages = -(-len(rows) // PAGE_ROWS)
        page = min(st.pagination(n_pages, key=f"{key}_page", width=360), n_pages)
    if by in sortable:
        values = np.asarray(sortable[by].values)[rows]
        order = np.argsort(values if rising else -values.astype(np.float64), kind="stable")
        rows = rows[order]
    return rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]


def _draw_table(
    view: View, positions: IntArray, rows: IntArray, columns: Sequence[Column], key: str
) -> None:
    shown = positions[rows]
    names = [one_line(name, LONGEST_SHOWN) for name in view.names(shown)]
    frame: dict[str, Any] = {"Client": names}
    config: dict[str, Any] = {
        "Client": st.column_config.TextColumn(width=name_width(names), pinned=True)
    }
    for column in columns:
        frame[column.title] = _shown(column, rows)
        config[column.title] = _config(column)
    event = draw_table(
        pd.DataFrame(frame),
        hide_index=True,
        column_config=config,
        key=table_key(key, shown),
        on_select="rerun",
        selection_mode="single-cell",
        row_height=34,
        placeholder="",
        alt="List of clients; choose a line to open the client's card",
    )
    picked = event["selection"]["cells"]
    if picked and picked[0][0] < len(shown):
        open_card(view.ledger, int(shown[picked[0][0]]))


def table_key(key: str, shown: IntArray) -> str:
    """Return the key of the table that shows these clients.

    Another list is another table: a line chosen in the old one must not open
    whoever stands in that line now.

    Examples
    --------
    >>> table_key("late", np.array([1, 2])) == table_key("late", np.array([2, 1]))
    False
    """
    return f"{key}_table_{zlib.crc32(shown.astype(np.int64).tobytes())}"


def _shown(column: Column, rows: IntArray) -> Any:
    if column.kind == "money":
        return np.asarray(column.values)[rows] / UNIT
    if column.kind == "share":
        return np.asarray(column.values, dtype=np.float64)[rows] * 100
    if column.kind == "text":
        return ["" if v is None else one_line(v, LONGEST_SHOWN) for v in column.take(rows)]
    return column.take(rows)


def _config(column: Column) -> Any:
    number = st.column_config.NumberColumn
    if column.kind == "money":
        values = np.abs(np.asarray(column.values))
        largest = int(values.max(initial=0))
        places = 2 if 0 < largest < 1_000 * UNIT else 0
        return number(help=column.tooltip, format=f"%,.{places}f")
    if column.kind == "day":
        return st.column_config.DateColumn(help=column.tooltip, format="D MMM YYYY")
    if column.kind == "flag":
        return st.column_config.CheckboxColumn(help=column.tooltip)
    formats = {"count": "%,d", "share": "%.1f %%", "number": "%,.1f"}
    if column.kind in formats:
        return number(help=column.tooltip, format=formats[column.kind])
    return st.column_config.TextColumn(help=column.tooltip)


def _draw_exports(
    view: View, positions: IntArray, columns: Sequence[Column], key: str, file_name: str
) -> None:
    def table() -> tuple[list[str], list[tuple[Any, ...]]]:
        every = np.arange(len(positions))
        ids = view.ledger.clients.external_id.take(pa.array(positions)).to_pylist()
        held = [ids, view.names(positions), *(column.take(every) for column in columns)]
        return ["client", "name", *(c.title for c in columns)], list(zip(*held, strict=True))

    name = f"{file_name}-{to_date(view.as_of).isoformat()}"
    kinds = {
        "CSV": (to_csv, "csv", "text/csv", "text file"),
        "Excel": (to_xlsx, "xlsx", SHEET, "workbook"),
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, (write, ending, mime, words) in kinds.items() if _may_export(view) else ():
            st.download_button(
                label,
                hand_out(
                    partial(_write, write, table),
                    right=Right.EXPORT,
                    deed="list exported",
                    who=view.who,
                    list=file_name,
                    clients=len(positions),
                ),
                f"{name}.{ending}",
                mime,
                key=f"{key}_{ending}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                help=f"All {plural(len(positions), 'client')} of this list as a {words}",
            )
        _draw_meanings(columns)
        st.caption("Click a line to open the client's card.")


def _may_export(view: View) -> bool:
    return view.may(Right.EXPORT) and view.who.sees_names


def _write(
    write: Callable[..., bytes], table: Callable[[], tuple[list[str], list[tuple[Any, ...]]]]
) -> bytes:
    return write(*table())


def _draw_meanings(columns: Sequence[Column]) -> None:
    """Draw what the headings mean, for those who cannot point at them."""
    defined = [in_small(one.title, one.definition) for one in columns if one.definition]
    if not defined:
        return
    with st.popover("Columns", icon=":material/menu_book:", type="tertiary"):
        st.markdown("\n\n".join(defined))
