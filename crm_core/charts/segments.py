"""The grid of scores coloured by segment, and who went from which segment to which."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.template import (
    BAD,
    BLUE,
    BROWN,
    GOOD,
    GREEN,
    GREY,
    INK,
    LIGHT_BLUE,
    ORANGE,
    PINK,
    VIOLET,
    new_figure,
)
from crm_core.formatting import format_count, format_money, format_share, plural
from crm_core.metrics.rfm import PARTS_OF, RfmCuts
from crm_core.metrics.segments import GRID, HEIGHT, SEGMENTS, TITLES, SegmentMoves, SegmentResult
from crm_core.small_groups import hidden_cells, hidden_parts
from crm_core.tables import BoolArray, IntArray

COLOURS = {
    "champions": BLUE,
    "loyal": GREEN,
    "potential": LIGHT_BLUE,
    "new": VIOLET,
    "promising": VIOLET,
    "attention": BROWN,
    "sleep": BROWN,
    "cant_lose": PINK,
    "at_risk": ORANGE,
    "hibernating": GREY,
    "lost": GREY,
}
FAINTEST, STRONGEST = 0.1, 0.5
"""Opacity of a cell without sales, and of the one with most: text stays readable on both."""

MOST_SWITCHES = 12
"""Bars of the switches; the others can be chosen by name."""

NOBODY = "none"
"""Key of those who had not bought, in flows."""


def cell_key(recency: int, both: int) -> str:
    """Return the key of a cell, ``cell54`` for recency 5 and frequency and money 4."""
    return f"cell{recency}{both}"


def segment_grid(
    result: SegmentResult, sales: IntArray, currency: str | None = None, *, least: int = 1
) -> Figure:
    """Return the 25 cells of scores with their clients and sales, coloured by segment.

    Parameters
    ----------
    result : SegmentResult
        With at least one client.
    sales : ndarray of int64, shape (5, 5)
        Sales by cell, ten-thousandths, from ``SegmentResult.cell_sums``.
    currency : str, optional
        For the hover texts.
    least : int, default 1
        Cells of fewer clients are drawn as empty, and those that would tell of them.

    Returns
    -------
    Figure
        The stronger a cell's colour, the more its clients bring. ``customdata`` of the
        mark in a cell is its :func:`cell_key`; empty cells have none.
    """
    figure = new_figure(height=500)
    total = max(int(np.maximum(sales, 0).sum()), 1)
    counts = np.where(hidden_grid(result, least=least), 0, result.cell_counts)
    sales = np.where(counts > 0, sales, 0)
    shares = np.maximum(sales, 0) / total
    strength = np.sqrt(shares / max(float(shares.max()), 1e-12))
    shapes, notes = [], []
    for row in range(PARTS_OF):
        for column in range(PARTS_OF):
            shapes.append(_cell(row, column, float(strength[row, column])))
            count = int(counts[row, column])
            if count:
                notes.append(_count_note(row, column, count, float(shares[row, column])))
    for code, name in enumerate(SEGMENTS):
        shapes.append(_outline(code, name))
        notes.append(_name_note(code, name))
    figure.update_layout(shapes=shapes, annotations=notes)
    _add_targets(figure, counts, sales, shares, currency)
    _name_axes(figure, result.scores.cuts)
    return figure


def hidden_grid(result: SegmentResult, *, least: int) -> BoolArray:
    """Return which cells are hidden: of a few, in a hidden segment, or the rest of a shown one.

    Parameters
    ----------
    result : SegmentResult
        Its segments are unions of cells, with counts of their own.
    least : int
        The fewest clients that may be shown.

    Returns
    -------
    ndarray of bool, shape (5, 5)
    """
    hidden = np.zeros_like(result.cell_counts, dtype=np.bool_)
    gone = hidden_segments(result, least=least)
    for code, name in enumerate(SEGMENTS):
        at = np.nonzero(np.equal(GRID, code))
        hidden[at] = (name in gone) | hidden_parts(result.cell_counts[at], least=least)
    return hidden


def hidden_segments(result: SegmentResult, *, least: int) -> set[str]:
    """Return the segments of fewer clients, with those that would tell of them."""
    hidden = hidden_parts([result.counts[name] for name in SEGMENTS], least=least)
    return {name for name, few in zip(SEGMENTS, hidden, strict=True) if few}


def _cell(row: int, column: int, strength: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": column + 0.5,
        "x1": column + 1.5,
        "y0": row + 0.5,
        "y1": row + 1.5,
        "fillcolor": COLOURS[SEGMENTS[GRID[row, column]]],
        "opacity": FAINTEST + (STRONGEST - FAINTEST) * strength,
        "line": {"width": 0},
        "layer": "below",
    }


def _region(code: int) -> tuple[int, int, int, int]:
    """Return the lowest and highest row and column of a segment: each is a rectangle."""
    rows, columns = np.nonzero(np.equal(GRID, code))
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def _outline(code: int, name: str) -> dict[str, Any]:
    low, high, left, right = _region(code)
    return {
        "type": "rect",
        "x0": left + 0.52,
        "x1": right + 1.48,
        "y0": low + 0.52,
        "y1": high + 1.48,
        "line": {"width": 1.5, "color": COLOURS[name]},
        "layer": "below",
    }


def _name_note(code: int, name: str) -> dict[str, Any]:
    _, high, left, right = _region(code)
    title = TITLES[name]
    text = title.replace(" ", "<br>") if left == right else title
    return {
        "x": left + 0.55,
        "y": high + 1.47,
        "xanchor": "left",
        "yanchor": "top",
        "align": "left",
        "showarrow": False,
        "text": text,
        # A single cell is narrow on a phone.
        "font": {"size": 10 if left == right else 11, "color": INK},
    }


def _count_note(row: int, column: int, count: int, share: float) -> dict[str, Any]:
    return {
        "x": column + 1,
        "y": row + 0.54,
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"<b>{format_count(count)}</b><br>{_short_share(share)}",
        "font": {"size": 12, "color": INK},
    }


def _short_share(share: float) -> str:
    """Return a share that fits a cell of a phone."""
    return "< 0.1 %" if 0 < share < 0.0005 else format_share(share)


def _add_targets(
    figure: Figure,
    counts: IntArray,
    sales: IntArray,
    shares: np.ndarray,
    currency: str | None,
) -> None:
    """Add an unseen mark to every cell with clients: shapes take no clicks."""
    rows, columns = (found.tolist() for found in np.nonzero(counts))
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[column + 1 for column in columns],
        y=[row + 1 for row in rows],
        mode="markers",
        marker={"size": 40, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=[cell_key(r + 1, c + 1) for r, c in zip(rows, columns, strict=True)],
        text=[
            f"<b>{TITLES[SEGMENTS[GRID[r, c]]]}</b><br>"
            f"recency {r + 1}, frequency and money {c + 1}<br>"
            f"{plural(int(counts[r, c]), 'client')}: {format_money(int(sales[r, c]), currency)}"
            f" ({format_share(float(shares[r, c]))} of sales)"
            for r, c in zip(rows, columns, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    # The nearest mark answers wherever in its cell the pointer is.
    figure.update_layout(hoverdistance=-1)


def _name_axes(figure: Figure, cuts: RfmCuts) -> None:
    days = cuts.below("recency")
    words = [f"≤ {format_count(day)} d" for day in days]
    labels = [f"<b>{5 - at}</b><br>{word}" for at, word in enumerate(words)]
    labels.append(f"<b>1</b><br>> {format_count(days[-1])} d")
    ticks = list(range(1, PARTS_OF + 1))
    figure.update_yaxes(
        range=[0.5, 5.5], tickvals=ticks, ticktext=labels[::-1], showgrid=False, zeroline=False
    )
    figure.update_xaxes(
        range=[0.5, 5.5],
        tickvals=ticks,
        ticktext=[f"<b>{tick}</b>" for tick in ticks],
        title={"text": "how often and for how much →"},
        showgrid=False,
        zeroline=False,
    )


def describe_grid(result: SegmentResult, *, least: int = 1) -> str:
    """Return what the grid shows, for those who cannot see it."""
    hidden = hidden_segments(result, least=least)
    counts = ", ".join(
        f"{TITLES[name]} {format_count(n)}"
        for name, n in result.counts.items()
        if n and name not in hidden
    )
    return f"Clients by recency, frequency and money score: {counts}"


def switch_bars(
    moves: SegmentMoves,
    currency: str | None = None,
    *,
    most: int = MOST_SWITCHES,
    least: int = 1,
) -> Figure:
    """Return the most frequent switches as bars: up, down, level, and first purchases.

    Parameters
    ----------
    moves : SegmentMoves
        With at least one switch or first purchase.
    currency : str, optional
        For the hover texts.
    most : int
        Bars drawn at most, those with most clients.
    least : int, default 1
        Switches of fewer clients are left out, and those that would tell of them.

    Returns
    -------
    Figure
        ``customdata`` of a bar is ``"segment before>segment after"``, ``"none"`` for those
        who had not bought.
    """
    flows = switches(moves, least=least)[:most]
    labels = [f"{_title(one)}<br>→ {_title(other)}" for one, other, _ in flows]
    figure = new_figure(height=70 + 40 * len(flows))
    figure.add_bar(
        orientation="h",
        y=labels,
        x=[count for _, _, count in flows],
        customdata=[f"{one}>{other}" for one, other, _ in flows],
        text=[format_count(count) for _, _, count in flows],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [_colour(one, other) for one, other, _ in flows], "cornerradius": 3},
        hovertext=[
            f"{_title(one)} → {_title(other)}: <b>{plural(count, 'client')}</b><br>"
            + _brought(moves, one, other, currency)
            for one, other, count in flows
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", tickformat=None, showgrid=False)
    figure.update_xaxes(visible=False, range=[0, 1.15 * max(count for _, _, count in flows)])
    return figure


def switches(moves: SegmentMoves, *, least: int = 1) -> list[tuple[str, str, int]]:
    """Return every switch as segment before, segment after and clients, most clients first.

    Switches of fewer than ``least`` clients are left out, and those that would tell of them.
    """
    keys = [*SEGMENTS, NOBODY]
    shown = (moves.matrix > 0) & ~hidden_cells(moves.matrix, least=least)
    rows, columns = (found.tolist() for found in np.nonzero(shown))
    found = [
        (keys[row], keys[column], int(moves.matrix[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if row != column
    ]
    return sorted(found, key=lambda flow: -flow[2])


def _title(key: str) -> str:
    return TITLES.get(key, "Not bought yet")


def _colour(before: str, after: str) -> str:
    if NOBODY in (before, after):
        return LIGHT_BLUE
    rise = HEIGHT[SEGMENTS.index(after)] - HEIGHT[SEGMENTS.index(before)]
    return GOOD if rise > 0 else BAD if rise < 0 else GREY


def _brought(moves: SegmentMoves, before: str, after: str, currency: str | None) -> str:
    row, column = ([*SEGMENTS, NOBODY].index(key) for key in (before, after))
    money = int(moves.money[row, column])
    return f"they brought {format_money(money, currency)} in the year before"


def describe_switches(moves: SegmentMoves, *, least: int = 1) -> str:
    """Return what the bars show, for those who cannot see them."""
    first = switches(moves, least=least)[:3]
    words = "; ".join(f"{_title(b)} to {_title(a)}: {format_count(n)}" for b, a, n in first)
    return f"Clients who changed segment, most frequent switches first. {words}"
