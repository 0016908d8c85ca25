"""The one look of all charts: sizes, margins, colours that follow light and dark.

The colours below are the names under which Streamlit's theme knows the chart
colours of ``.streamlit/config.toml``; the browser replaces them, so one figure
serves both themes. ``opacity`` of a trace makes them lighter.
"""

from __future__ import annotations

from typing import Any

from crm_core.charts.figure import Figure

BLUE, ORANGE, GREEN, PINK, VIOLET, LIGHT_BLUE, BROWN, GREY = (
    f"#{number:06d}" for number in range(1, 9)
)
SEQUENTIAL = tuple(f"#{number:06d}" for number in range(11, 21))
"""Ten steps from the background's colour to full blue."""

INK, FAINT, PAPER = "#000037", "#000036", "#000038"
"""Text, quiet lines and the page's ground, in light and in dark."""

GOOD, BAD = GREEN, PINK

STAGE_COLOURS = {
    "awareness": GREY,
    "exploration": LIGHT_BLUE,
    "expansion": GREEN,
    "commitment": BLUE,
    "termination": PINK,
}
MOST_POINTS = 10_000
"""Points of a figure that reach the browser at most; charts thin or bin above it."""


def new_figure(*, height: int = 360, legend: bool = False, hover: str = "closest") -> Figure:
    """Return an empty figure in the house's look.

    Parameters
    ----------
    height : int, default 360
        Pixels; the width is the page's.
    legend : bool, default False
        Show a legend above the picture.
    hover : str, default "closest"
        Plotly's hover mode, e.g. ``"x unified"`` for series over time.
    """
    return Figure(
        height=height,
        margin={"l": 8, "r": 8, "t": 40 if legend else 16, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": {"text": ""}},
        hovermode=hover,
        dragmode=False,
        separators=".,",
        bargap=0.25,
        uniformtext={"minsize": 9, "mode": "hide"},
        xaxis={"fixedrange": True, "automargin": True},
        yaxis={"fixedrange": True, "automargin": True, "tickformat": "~s"},
    )


def money_axis(figure: Figure) -> None:
    """Write the upright axis in whole units with thousands marked (values in units)."""
    figure.update_yaxes(tickformat=",.0f", rangemode="tozero")


def percent_axis(figure: Figure, low: float, high: float) -> None:
    """Mark shares (0 to 1) on the upright axis as the pages write them, ``20 %``."""
    step = next(step for step in (20, 10, 5) if 100 * high >= 2.5 * step or step == 5)
    marks = range(0, int(100 * high) + 1, step)
    figure.update_yaxes(
        range=[low, high],
        tickvals=[mark / 100 for mark in marks],
        ticktext=[f"{mark} %" for mark in marks],
    )


def note_at_top(figure: Figure, x: object, text: str, *, xanchor: str, **more: Any) -> None:
    """Write a word at the upper edge of the picture, beside or over a place.

    Parameters
    ----------
    figure : Figure
        Gets the word.
    x : object
        The place, as the axis counts.
    text : str
        The word.
    xanchor : {"left", "center", "right"}
        Which end of the word stands there.
    **more
        Further parts of the annotation.
    """
    figure.add_annotation(
        x=x,
        y=1,
        yref="y domain",
        xanchor=xanchor,
        yanchor="top",
        text=text,
        **more,
        showarrow=False,
    )


def count_points(figure: Figure) -> int:
    """Return how many points a figure sends to the browser.

    Examples
    --------
    >>> figure = new_figure()
    >>> figure.add_bar(x=["a", "b"], y=[1, 2])
    >>> count_points(figure)
    2
    """
    longest = ("x", "y", "z", "values")
    return sum(
        max(
            (len(v) for name in longest if (v := getattr(trace, name, None)) is not None), default=0
        )
        if trace.type != "sankey"
        else len(trace.link.value)
        for trace in figure.data
    )
