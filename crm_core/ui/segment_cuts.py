"""The cut points of the scores: what holds, what a change would do, saving and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from math import isfinite, nan

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.access import Right
from crm_core.errors import CrmError, ParameterError
from crm_core.formatting import format_count, format_day, format_money, md_escape, plural
from crm_core.metrics.rfm import DIMENSIONS, PARTS_OF, RfmCuts, score_values
from crm_core.metrics.rfm_cuts import OwnCuts, with_own
from crm_core.metrics.segments import (
    SEGMENTS,
    TITLES,
    SegmentMoves,
    SegmentResult,
    assign_segments,
    segment_moves,
)
from crm_core.money import UNIT
from crm_core.policy import write_rfm_cuts
from crm_core.records.engine import writing
from crm_core.tables import to_date
from crm_core.ui.definitions import Shown, definition_drawer, number_columns, tooltip
from crm_core.ui.lists import Column, client_list
from crm_core.ui.phone import draw_table, leave_room
from crm_core.ui.segment_groups import segment_column
from crm_core.ui.segments import Look, cuts_on, values_on
from crm_core.ui.small_groups import least_of, without_small_effects
from crm_core.ui.view import View

WORDS = {
    "recency": "Days since the last purchase",
    "frequency": "Purchases",
    "money": "Brought so far",
}
CUTS = ["1st cut", "2nd cut", "3rd cut", "4th cut"]
ERROR = "rfm_cuts_error"


def cut_points(view: View, look: Look) -> None:
    """Draw the section of the cut points."""
    st.subheader("Where one score ends and the next begins")
    refused = st.session_state.pop(ERROR, None)
    if refused:
        st.error(md_escape(refused))
    cuts = look.now.scores.cuts
    _draw_ranges(view, look, cuts)
    if least_of(view) == 1:  # trying cut points one by one would part clients one by one
        with st.expander("Change the cut points", icon=":material/tune:", key="change_cuts"):
            _draw_change(view, look, cuts)
    definition_drawer(_shown_cuts(view, look, cuts), key="cuts_meaning")


def _draw_ranges(view: View, look: Look, cuts: RfmCuts) -> None:
    frame: dict[str, list[object]] = {"": [WORDS[name] for name in DIMENSIONS]}
    for score in range(PARTS_OF, 0, -1):
        frame[f"Score {score}"] = [_range(cuts, name, score) for name in DIMENSIONS]
    n = plural(values_on(view.whole, view.as_of).n, "client")
    since = format_day(look.origin.since) if look.origin.since else ""
    frame["Comes from"] = [
        f"set by you, {since}" if name in cuts.own else f"fifths of {n}" for name in DIMENSIONS
    ]
    scores = {f"Score {score}": "segments.cuts" for score in range(1, PARTS_OF + 1)}
    draw_table(
        pd.DataFrame(frame),
        hide_index=True,
        column_config=number_columns(scores),
        height="content",
        alt="Ranges of each score, with where they come from",
    )
    whole = " They count all clients: a filter makes nobody better." if view.filters else ""
    st.caption(
        "Fifths follow the clients: every day has its own. Where many have the same value, "
        f"a score may stay empty. These are those of {format_day(view.as_of)}.{whole}"
    )


def _range(cuts: RfmCuts, name: str, score: int) -> str:
    """Return the values of a score: below the first cut, between two, or above the last."""
    below = cuts.below(name)
    if not below:
        return "—"
    place = PARTS_OF - score if name == "recency" else score - 1
    last = below[place] if place < len(below) else None
    first = below[place - 1] if place else None
    if first is not None and first == last:
        return "nobody"

    def say(value: int) -> str:
        return format_money(value) if name == "money" else format_count(value)

    if last is None:
        return f"above {say(first or 0)}"
    if first is None:
        return f"up to {say(last)}"
    if name == "money":
        return f"to {say(last)}"
    return say(last) if first + 1 == last else f"{say(first + 1)} to {say(last)}"


def _draw_change(view: View, look: Look, cuts: RfmCuts) -> None:
    st.caption(
        "Up to a cut point is one score, above it the next. A line you leave as it is keeps "
        "following the clients. Nothing is saved before you have seen what it would do."
    )
    before = _as_frame(cuts)
    whole = st.column_config.NumberColumn(
        min_value=0, format="%,.6g", width="small", help=tooltip("segments.cuts")
    )
    leave_room()
    entered = st.data_editor(
        before,
        column_config=dict.fromkeys(CUTS, whole),
        disabled=["Measure"],
        hide_index=True,
        key=f"cut_editor_{cuts}",
        alt="Cut points to change",
    )
    try:
        own = read_editor(before, entered, look.own)
    except CrmError as error:
        st.error(md_escape(str(error)))
        return
    if own == look.own:
        st.caption("Enter other cut points to see who would change segment.")
    else:
        _draw_effect(view, look, own)
    if look.own.dimensions and view.may(Right.SETTINGS):
        st.button("Back to fifths", on_click=save_cuts, args=(view, OwnCuts()), key="reset_cuts")


def _as_frame(cuts: RfmCuts) -> pd.DataFrame:
    units = {"recency": 1, "frequency": 1, "money": UNIT}
    # What is counted in wholes is parted alike by a fraction and by the whole below it.
    rows = [
        [below / units[name] for below in cuts.below(name)] or [nan] * len(CUTS)
        for name in DIMENSIONS
    ]
    frame = pd.DataFrame(rows, columns=CUTS, dtype="float64")
    frame.insert(0, "Measure", [WORDS[name] for name in DIMENSIONS])
    return frame


def read_editor(before: pd.DataFrame, entered: pd.DataFrame, held: OwnCuts) -> OwnCuts:
    """Return the cut points entered; a line left as it was keeps what held.

    Parameters
    ----------
    before, entered : DataFrame
        The table as it was drawn and as it came back.
    held : OwnCuts
        In force.

    Raises
    ------
    ParameterError
        If a number is missing, not whole where it must be, or does not rise.
    """
    found: dict[str, tuple[int, ...] | None] = {}
    for row, name in enumerate(DIMENSIONS):
        was, now = (frame[CUTS].iloc[row] for frame in (before, entered))
        # ``equals`` takes two gaps for the same.
        found[name] = getattr(held, name) if was.equals(now) else _whole(name, now.tolist())
    return OwnCuts(**found)


def _whole(name: str, entered: Sequence[float | None]) -> tuple[int, ...]:
    """Return the numbers of a line as the ledger counts: days, purchases, ten-thousandths."""
    if any(value is None or not isfinite(value) for value in entered):
        raise ParameterError(f"Wanted four numbers for “{WORDS[name].lower()}”, found a gap.")
    try:
        exact = [Decimal(repr(float(value or 0))) for value in entered]
    except InvalidOperation:
        raise ParameterError(f"Wanted four numbers for “{WORDS[name].lower()}”.") from None
    scaled = [value * UNIT if name == "money" else value for value in exact]
    if any(value != value.to_integral_value() for value in scaled):
        kind = "amounts with at most four decimals" if name == "money" else "whole numbers"
        raise ParameterError(f"Wanted {kind} for “{WORDS[name].lower()}”, found {list(entered)}.")
    return tuple(int(value) for value in scaled)


def _draw_effect(view: View, look: Look, own: OwnCuts) -> None:
    """Draw who would stand where with other cut points, and the button that saves them."""
    now, then, moves = view.remember(
        "try_cuts", lambda: try_cuts(view, look, own), repr(look.own), repr(own)
    )
    switched = int(moves.switched.sum())
    st.markdown(
        f"**{plural(switched, 'client')} would change segment**, of {format_count(now.n)}."
        if switched
        else "**Nobody would change segment.**"
    )
    frame = pd.DataFrame(
        {
            "Segment": list(TITLES.values()),
            "Now": [now.counts[name] for name in SEGMENTS],
            "Then": [then.counts[name] for name in SEGMENTS],
            "Change": [then.counts[name] - now.counts[name] for name in SEGMENTS],
        }
    )
    defined = dict.fromkeys(("Now", "Then"), "segments.clients") | {"Change": "segments.effect"}
    formats = {"Now": "%,d", "Then": "%,d", "Change": "%+d"}
    draw_table(
        without_small_effects(view, frame),
        hide_index=True,
        column_config=number_columns(defined, formats),
        width=480,
        height="content",
        alt="Clients by segment now and with the cut points entered",
    )
    if view.may(Right.SETTINGS):
        st.button(
            "Save these cut points",
            type="primary",
            on_click=save_cuts,
            args=(view, own, int(moves.switched.sum())),
            key="save_cuts",
        )
    changed = moves.clients(moves.switched)
    brought = now.scores.values.money[changed]
    columns = [
        segment_column(now, changed, "Now"),
        segment_column(then, changed, "Then"),
        Column("Brought so far", brought, "money", definition="segments.money"),
    ]
    client_list(view, changed, columns, key="would_change", title="Who would change")


def try_cuts(
    view: View, look: Look, own: OwnCuts
) -> tuple[SegmentResult, SegmentResult, SegmentMoves]:
    """Return the segments now, those by other cut points, and who would change."""
    cuts = with_own(cuts_on(view, view.as_of, OwnCuts()), own)
    values = values_on(view, view.as_of)
    then = assign_segments(score_values(values, cuts))
    return look.now, then, segment_moves(look.now, then, values.money)


def save_cuts(view: View, own: OwnCuts, moved: int | None = None) -> None:
    """Store cut points; none at all goes back to the fifths, all others hear of it."""
    try:
        with writing(view.engine, sales=False) as connection:
            since = to_date(view.today)
            write_rfm_cuts(connection, own, since=since, set_by="dashboard", moved=moved)
    except CrmError as error:
        st.session_state[ERROR] = str(error)


def _shown_cuts(view: View, look: Look, cuts: RfmCuts) -> list[Shown]:
    earlier = look.moves.before.scores.cuts if look.moves else None
    quantiles = cuts_on(view, view.as_of, OwnCuts())

    def say(cuts: RfmCuts) -> str:
        return "; ".join(
            f"{WORDS[name].lower()} {_four(cuts, name, view.currency)}" for name in DIMENSIONS
        )

    elsewhere = []
    if earlier and look.moves:
        elsewhere.append((f"on {format_day(look.moves.before.as_of)}", say(earlier)))
    if cuts.own:
        elsewhere.append(("as fifths", say(quantiles)))
    n = values_on(view.whole, view.as_of).n
    return [Shown("segments.cuts", say(cuts), plural(n, "client"), elsewhere)]


def _four(cuts: RfmCuts, name: str, currency: str | None) -> str:
    four = getattr(cuts, name)
    if name == "money":
        return " / ".join(
            format_money(int(np.floor(float(cut))), currency, places=2) for cut in four
        )
    return " / ".join(f"{float(cut):g}" for cut in four)
