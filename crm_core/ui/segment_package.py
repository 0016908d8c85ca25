"""The same clients as the R package rfm parts them, for those who compare."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.formatting import format_count, format_money, plural
from crm_core.metrics.late import by_money
from crm_core.metrics.rfm import RfmScores, score_rfm
from crm_core.metrics.rfm_package import MAPS, box_names, box_segments
from crm_core.money import UNIT
from crm_core.ui.choice import choose
from crm_core.ui.definitions import Shown, definition_drawer, number_columns
from crm_core.ui.lists import Column, client_list
from crm_core.ui.phone import draw_table
from crm_core.ui.small_groups import hidden_of, without_small_rows
from crm_core.ui.view import View


def draw_package(view: View) -> None:
    """Draw the closed section of the R package; it computes only while it is open."""
    section = st.expander(
        "More: as the R package rfm computes it",
        icon=":material/compare_arrows:",
        key="rfm_package",
        on_change="rerun",
    )
    if section.open:
        with section:
            _draw(view)


def _draw(view: View) -> None:
    st.caption(
        "It counts rows instead of purchases, moves every cut point up by one day, row or unit of "
        "money, and its segments overlap: the first that fits wins, and some clients fit none. "
        "It cuts the clients the filters leave."
    )
    scores: RfmScores = view.remember(
        "rfm_package", lambda: score_rfm(view.ledger, view.as_of, compat="rfm")
    )
    if not scores.values.n:
        st.caption("Nobody has a row by this day.")
        return
    which = st.segmented_control(
        "Its segments in", list(MAPS), default="documentation", required=True, key="rfm_map"
    )
    boxes = MAPS[which or "documentation"]
    names = box_names(boxes)
    codes = view.remember("rfm_boxes", lambda: box_segments(scores, boxes), str(which))
    _draw_table(view, scores, codes, names)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    # Its segments are cut from all who have a row: some fit none.
    hidden = hidden_of(view, [*counts, int((codes < 0).sum())])[:-1]
    options = {
        str(code): f"{name} ({format_count(int(n))})"
        for code, (name, n, few) in enumerate(zip(names, counts, hidden, strict=True))
        if n and not few
    }
    chosen = choose(
        "Segment of the package",
        options,
        key="rfm_box",
        default=next(iter(options), None),
        as_box=True,
    )
    if chosen is not None:
        _draw_list(view, scores, np.flatnonzero(codes == int(chosen)))
    _draw_cuts(view, scores)


def _draw_table(view: View, scores: RfmScores, codes: np.ndarray, names: tuple[str, ...]) -> None:
    values = scores.values
    groups = [codes == code for code in range(len(names))]
    frame = pd.DataFrame(
        {
            "Segment": names,
            "Clients": [int(mask.sum()) for mask in groups],
            "Rows": [int(values.frequency[mask].sum()) for mask in groups],
            "Money": [int(values.money[mask].sum()) / UNIT for mask in groups],
        }
    )
    formats = {"Clients": "%,d", "Rows": "%,d", "Money": "%,.0f"}
    draw_table(
        without_small_rows(view, frame, count="Clients", beside=[int((codes < 0).sum())]),
        hide_index=True,
        column_config=number_columns(dict.fromkeys(formats, "segments.package"), formats),
        width=520,
        height="content",
        alt="Segments of the R package with clients, rows and money",
    )


def _draw_list(view: View, scores: RfmScores, found: np.ndarray) -> None:
    values = scores.values
    listed = found[by_money(values.money[found])]
    digits = 100 * scores.recency.astype(np.int64) + 10 * scores.frequency + scores.money
    columns = [
        Column(title, column[listed], "count", definition="segments.package")
        for title, column in (
            ("Scores", digits),
            ("Days since", values.recency),
            ("Rows", values.frequency),
        )
    ]
    columns.append(Column("Money", values.money[listed], "money", definition="segments.package"))
    client_list(view, listed, columns, key="package_list", file_name="rfm-package")


def _draw_cuts(view: View, scores: RfmScores) -> None:
    cuts = scores.cuts
    money = " / ".join(format_money(int(cut), view.currency, places=2) for cut in cuts.money)
    days, rows = (
        " / ".join(f"{float(cut):g}" for cut in four) for four in (cuts.recency, cuts.frequency)
    )
    text = f"days {days}; rows {rows}; money {money}"
    shown = [Shown("segments.package", text, plural(scores.values.n, "client"))]
    definition_drawer(shown, key="package_meaning", label="Its cut points")
