"""The five stages: how many stand where, who moved between two days, and month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.running import as_dates, hatch
from crm_core.charts.template import (
    BAD,
    GOOD,
    GREY,
    INK,
    LIGHT_BLUE,
    PAPER,
    STAGE_COLOURS,
    new_figure,
)
from crm_core.explanations import WORDS
from crm_core.formatting import format_count, format_money, format_share, plural
from crm_core.metrics.stage_history import StageMonths
from crm_core.metrics.stage_moves import RANK, StageMoves
from crm_core.small_groups import hidden_cells, hidden_parts
from crm_core.tables import STAGES, IntArray

FIVE = STAGES[1:]
GAP = 0.03
"""Room between two stages of the flow picture, as a share of its height."""

CURVE_STEPS = 16
MARKS_AT = (0.25, 0.33, 0.41, 0.59, 0.67)
"""Where a move's mark stands along its band, by the height it leads to: so marks stay apart."""


def stage_columns(
    counts: dict[str, int],
    sales: IntArray,
    currency: str | None = None,
    named: Mapping[str, str] = WORDS,
) -> Figure:
    """Return the five stages as columns: share of clients beside share of sales.

    Parameters
    ----------
    counts : dict of str to int
        Clients by stage, from ``StageResult.counts``.
    sales : ndarray of int64, shape (6,)
        Trailing sales by stage code, ten-thousandths.
    currency : str, optional
        For the hover texts.
    named : mapping of str to str
        The owner's word of each stage.

    Returns
    -------
    Figure
        ``customdata`` of a column is the stage's textbook name.
    """
    figure = new_figure(height=320, legend=True)
    known, total = max(sum(counts.values()), 1), max(int(np.maximum(sales, 0).sum()), 1)
    words = [named[name] for name in FIVE]
    for label, values, texts, opacity in (
        (
            "Clients",
            [counts[name] / known for name in FIVE],
            [format_count(counts[name]) for name in FIVE],
            0.45,
        ),
        (
            "Sales of 12 months",
            [max(int(sales[code]), 0) / total for code in range(1, len(STAGES))],
            [format_money(int(sales[code]), currency) for code in range(1, len(STAGES))],
            1.0,
        ),
    ):
        figure.add_bar(
            name=label,
            showlegend=False,
            x=words,
            y=[100 * value for value in values],
            text=[format_share(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            customdata=[[name, text] for name, text in zip(FIVE, texts, strict=True)],
            marker={
                "color": [STAGE_COLOURS[name] for name in FIVE],
                "opacity": opacity,
                "cornerradius": 3,
            },
            hovertemplate=f"%{{x}}: %{{customdata[1]}} ({label.lower()}, %{{text}})<extra></extra>",
        )
        _add_key(figure, label, opacity)
    wrapped = [word.replace(" ", "<br>") for word in words]
    figure.update_xaxes(tickvals=words, ticktext=wrapped, tickangle=0)
    figure.update_yaxes(visible=False, rangemode="tozero")
    figure.update_layout(bargroupgap=0.08)
    return figure


def _add_key(figure: Figure, label: str, opacity: float) -> None:
    """Name a kind of column in the legend, as strong as it is drawn: bars are shown full there."""
    marker = {"symbol": "square", "size": 11, "color": GREY, "opacity": opacity}
    figure.add_scatter(
        name=label, x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip"
    )


def history_chart(
    months: StageMonths, stages: Sequence[str] = FIVE[:4], *, least: int = 1
) -> Figure:
    """Return the clients of the stages at each month end, stacked; the running month is hatched.

    Parameters
    ----------
    months : StageMonths
        With at least one month.
    stages : sequence of str
        Stages drawn, from below.
    least : int, default 1
        Stages of fewer clients at a month end are left blank there, and what would tell of them.
    """
    figure = new_figure(height=340, legend=True, hover="x unified")
    starts = as_dates(months.calendar.first)
    counts = np.array([months.of(stage) for stage in stages])
    blank = np.array([hidden_parts(month, least=least) for month in counts.T]).T
    for row, stage in reversed(list(enumerate(stages))):
        figure.add_bar(
            name=WORDS[stage],
            x=starts,
            y=[None if few else n for n, few in zip(counts[row].tolist(), blank[row], strict=True)],
            marker={
                "color": STAGE_COLOURS[stage],
                "pattern": hatch(months.calendar.partial),
            },
            hovertemplate="%{y:,}",
        )
    figure.update_layout(barmode="stack", bargap=0.08)
    figure.update_xaxes(tickformat="%b %Y", hoverformat="%b %Y", nticks=8, tickangle=0)
    figure.update_yaxes(tickformat=",d", rangemode="tozero")
    return figure


def flow_chart(
    moves: StageMoves,
    before: str,
    after: str,
    named: Mapping[str, str] = WORDS,
    *,
    least: int = 1,
) -> Figure:
    """Return the flows between the stages of two days; each has a mark to click.

    Parameters
    ----------
    moves : StageMoves
        The two days.
    before, after : str
        Names of the days, for the headings.
    named : mapping of str to str
        The owner's word of each stage.
    least : int, default 1
        Flows of fewer clients are left out, and those that would tell of them.

    Returns
    -------
    Figure
        ``customdata`` of a mark is ``"stage before>stage after"``. The highest stage stands
        on top; those not known on the earlier day come in at the bottom left.
    """
    figure = new_figure(height=460)
    codes = sorted(range(len(STAGES)), key=lambda code: -RANK[code])
    matrix = moves.matrix.copy()
    matrix[0, 0] = 0  # not known on either day: nobody's flow
    matrix[hidden_cells(matrix, least=least)] = 0
    total = max(int(matrix.sum()), 1)
    left = _places(matrix.sum(axis=1), codes, total)
    right = _places(matrix.sum(axis=0), codes, total)
    marks = _draw_flows(figure, matrix, left, right)
    _draw_marks(figure, marks, named)
    shapes, notes = [], []
    for side, sizes, places in ((0.0, matrix.sum(axis=1), left), (1.0, matrix.sum(axis=0), right)):
        for code in codes:
            if sizes[code]:
                height = int(sizes[code]) / total
                shapes.append(_node(code, side, places[code], height))
                middle, word = places[code] - height / 2, named[STAGES[code]]
                notes.append(_node_note(word, side, middle, int(sizes[code])))
    notes += [_heading(0.0, before), _heading(1.0, after)]
    # At once: plotly checks all of them again with every single one added.
    figure.update_layout(shapes=shapes, annotations=notes)
    figure.update_layout(margin={"t": 36}, hovermode="closest")
    figure.update_xaxes(visible=False, range=[-0.02, 1.02])
    figure.update_yaxes(visible=False, range=[-(1 + GAP * len(STAGES)), 0.01])
    return figure


def _places(sizes: IntArray, codes: Sequence[int], total: int) -> dict[int, float]:
    """Return the top of each stage, from 0 downwards."""
    places, top = {}, 0.0
    for code in codes:
        places[code] = top
        top -= int(sizes[code]) / total + (GAP if sizes[code] else 0)
    return places


def _draw_flows(
    figure: Figure, matrix: IntArray, left: dict[int, float], right: dict[int, float]
) -> list[tuple[float, float, int, int, int]]:
    """Draw the bands and return a mark for each: place, stages and clients."""
    from_top, to_top, total = dict(left), dict(right), int(matrix.sum())
    marks = []
    for before in left:
        for after in right:
            count = int(matrix[before, after])
            if not count:
                continue
            width = count / total
            _draw_band(figure, from_top[before], to_top[after], width, _colour(before, after))
            at = 0.5 if before == after else MARKS_AT[int(RANK[after])]
            height = _bend(from_top[before], to_top[after], at) - width / 2
            marks.append((at, height, before, after, count))
            from_top[before] -= width
            to_top[after] -= width
    return marks


def _bend(start: float, end: float, at: float) -> float:
    smooth = at * at * (3 - 2 * at)
    return start + (end - start) * smooth


def _colour(before: int, after: int) -> str:
    if before == after:
        return GREY
    if RANK[before] < 0:
        return LIGHT_BLUE
    return GOOD if RANK[after] > RANK[before] else BAD


def _draw_band(figure: Figure, start: float, end: float, width: float, colour: str) -> None:
    along = [step / CURVE_STEPS for step in range(CURVE_STEPS + 1)]
    upper = [_bend(start, end, at) for at in along]
    figure.add_scatter(
        x=along + along[::-1],
        y=upper + [y - width for y in reversed(upper)],
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0, "color": colour},
        opacity=0.18 if colour == GREY else 0.45,
        hoverinfo="skip",
    )


def _draw_marks(
    figure: Figure,
    marks: list[tuple[float, float, int, int, int]],
    named: Mapping[str, str],
) -> None:
    names = [
        f"{named[STAGES[before]]} → {named[STAGES[after]]}: {plural(count, 'client')}"
        for _, _, before, after, count in marks
    ]
    figure.add_scatter(
        x=[mark[0] for mark in marks],
        y=[mark[1] for mark in marks],
        mode="markers+text",
        marker={"size": 22, "color": [_colour(m[2], m[3]) for m in marks], "opacity": 0.25},
        text=[format_count(mark[4]) for mark in marks],
        textfont={"size": 12, "color": INK},
        customdata=[
            [f"{STAGES[m[2]]}>{STAGES[m[3]]}", n] for m, n in zip(marks, names, strict=True)
        ],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )


def _node(code: int, side: float, top: float, height: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": side - 0.008,
        "x1": side + 0.008,
        "y0": top - height,
        "y1": top,
        "fillcolor": STAGE_COLOURS.get(STAGES[code], LIGHT_BLUE),
        "line": {"width": 0},
    }


def _node_note(word: str, side: float, middle: float, count: int) -> dict[str, Any]:
    return {
        "x": side + (0.02 if side == 0 else -0.02),
        "y": middle,
        "xanchor": "left" if side == 0 else "right",
        "showarrow": False,
        "text": f"{word} <b>{format_count(count)}</b>",
        "font": {"size": 12, "color": INK},
        "bgcolor": PAPER,
        "opacity": 0.9,
        "borderpad": 2,
    }


def _heading(side: float, text: str) -> dict[str, Any]:
    return {
        "x": side,
        "y": 1.0,
        "yref": "paper",
        "text": f"<b>{text}</b>",
        "showarrow": False,
        "xanchor": "left" if side == 0 else "right",
        "yanchor": "bottom",
        "font": {"color": INK},
    }
