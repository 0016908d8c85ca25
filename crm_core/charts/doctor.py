"""Sales and money by month and source: what is missing shows before any number is trusted."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crm_core.charts.figure import Figure
from crm_core.charts.running import MOST_MONTHS, hatch, in_units
from crm_core.charts.template import (
    BLUE,
    BROWN,
    GREEN,
    GREY,
    LIGHT_BLUE,
    ORANGE,
    PINK,
    VIOLET,
    money_axis,
    new_figure,
)
from crm_core.formatting import format_month, plotly_escape
from crm_core.tables import IntArray

COLOURS = (BLUE, GREEN, VIOLET, LIGHT_BLUE, BROWN, PINK, GREY)
MOST_SOURCES = len(COLOURS)
"""Sources with a colour of their own; smaller ones are drawn together in the last."""


class SourceMonths(Protocol):
    """Sales by month and source, as the import doctor counts them.

    ``month`` counts from January of year 0, tables have a row a month and a
    column a source, money is in ten-thousandths, ``flag`` is "hole", "half" or "".
    """

    @property
    def month(self) -> IntArray:
        """Months, rising."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns."""

    @property
    def sales(self) -> IntArray:
        """Rows."""

    @property
    def money(self) -> IntArray:
        """Ten-thousandths."""

    @property
    def flag(self) -> NDArray[np.str_]:
        """What is odd."""


def sales_by_source(months: SourceMonths, *, running: bool = False) -> Figure:
    """Draw money above and sales below by month, one colour a source.

    Half months are hatched; a month that is a hole in a source is shaded and says so.

    Parameters
    ----------
    months : SourceMonths
        At most the newest 120 months are drawn.
    running : bool, default False
        The last month is not over yet: hatched too.
    """
    several = len(months.sources) > 1
    figure = new_figure(height=420, legend=several, hover="x unified")
    tops = figure.stack((0.64, 0.36), gap=0.09)
    for top, title in zip(tops, ("Net sales by month", "Rows by month"), strict=True):
        _write_above(figure, top, title)
    first = max(0, len(months.month) - MOST_MONTHS)
    dates = _dates(months.month[first:])
    for columns, name, colour in _groups(months):
        cut = (months.flag[first:][:, columns] == "half").any(axis=1)
        if running and len(cut):
            cut[-1] = True
        values = (
            (in_units(months.money[first:][:, columns].sum(axis=1)), "%{y:,.0f}"),
            (months.sales[first:][:, columns].sum(axis=1), "%{y:,}"),
        )
        for row, (heights, form) in enumerate(values, start=1):
            figure.add_bar(
                x=dates,
                y=heights,
                name=name,
                legendgroup=name,
                showlegend=row == 1 and several,
                marker={"color": colour, "pattern": hatch(cut)},
                hovertemplate=form,
                row=row,
            )
    _shade_holes(figure, months, first)
    _set_axes(figure)
    figure.update_layout(barmode="relative", margin={"t": 64 if several else 28})
    figure.update_layout(legend={"y": 1.09})
    return figure


def _write_above(figure: Figure, top: float, title: str) -> None:
    figure.add_annotation(
        x=0,
        y=top,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        text=title,
        font={"size": 12},
        showarrow=False,
    )


def _set_axes(figure: Figure) -> None:
    figure.update_xaxes(fixedrange=True, type="date")
    figure.update_yaxes(fixedrange=True, automargin=True, nticks=4)
    money_axis(figure)


def _groups(months: SourceMonths) -> list[tuple[list[int], str, str]]:
    """Return columns, name and colour of what is drawn, largest sources first."""
    order = np.argsort(-months.sales.sum(axis=0), kind="stable").tolist()
    alone = order if len(order) <= MOST_SOURCES else order[: MOST_SOURCES - 1]
    groups = [
        ([column], plotly_escape(months.sources[column]), COLOURS[place])
        for place, column in enumerate(alone)
    ]
    rest = order[len(alone) :]
    return groups + ([(rest, f"{len(rest)} other sources", COLOURS[-1])] if rest else [])


def _shade_holes(figure: Figure, months: SourceMonths, first: int) -> None:
    """Shade the months without any sale of a source that sold before and after."""
    holes = (months.flag[first:] == "hole").any(axis=1)
    starts = np.flatnonzero(holes & ~np.concatenate(([False], holes[:-1])))
    ends = np.flatnonzero(holes & ~np.concatenate((holes[1:], [False])))
    half = np.timedelta64(15, "D")
    dates = _dates(months.month[first:]).astype("datetime64[D]")
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        figure.add_vrect(
            str(dates[start] - half),
            str(dates[end] + half),
            fillcolor=ORANGE,
            opacity=0.2,
            line={"width": 0},
            layer="below",
        )
        figure.add_annotation(
            x=str(dates[start] + (dates[end] - dates[start]) // 2),
            y=1,
            yref="y domain",
            yanchor="top",
            text="hole",
            font={"size": 12},
            showarrow=False,
            hovertext=format_month(str(dates[start].astype("datetime64[M]"))),
        )


def _dates(months: IntArray) -> NDArray[np.datetime64]:
    """Return the first day of months counted from January of year 0."""
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
