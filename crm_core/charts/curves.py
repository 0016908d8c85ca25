"""Curves of durations with their 95 % band: second purchase, and how long relationships last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.charts.figure import Figure
from crm_core.charts.template import (
    BLUE,
    GREY,
    LIGHT_BLUE,
    SEQUENTIAL,
    new_figure,
    note_at_top,
    percent_axis,
)
from crm_core.metrics.second_purchase import SecondPurchase
from crm_core.metrics.survival import Survival
from crm_core.tables import IntArray

MOST_STEPS = 600
"""Steps drawn of one curve; beyond, every k-th is drawn."""

DAY_TICKS = (30, 60, 90, 180, 365, 730, 1095, 1460, 2190, 3650)
LEAST_APART = 0.06
"""Share of the axis between two tick labels."""


def second_purchase_curve(result: SecondPurchase) -> Figure:
    """Draw the share that bought again, its band, and where today's first-timers stand.

    Parameters
    ----------
    result : SecondPurchase
        The estimate; a curve that is not computable gives axes without a line.

    Returns
    -------
    Figure
        Marks at the days reports name; the strip below zero holds today's clients with
        one purchase, one dot a day of age, ``customdata`` the age in days.
    """
    figure = new_figure(height=400, legend=True)
    if result.curve.horizon >= 0:
        _add_band(figure, result.curve, rising=True)
        _add_marks(figure, result)
    _add_window(figure, result)
    _add_waiting(figure, result)
    figure.update_xaxes(**_day_axis(_reach(result)))
    top = max((share for share in result.probability if share is not None), default=0.5)
    percent_axis(figure, -0.09 * top, min(1.25 * top, 1.05))
    return figure


def relationship_curve(curve: Survival) -> Figure:
    """Draw the share of relationships still alive by days since the first purchase.

    Parameters
    ----------
    curve : Survival
        First purchase to gone; as-of day for those not gone.
    """
    figure = new_figure(height=340)
    if curve.horizon >= 0:
        _add_band(figure, curve, rising=False)
    figure.update_xaxes(**_day_axis(max(curve.horizon, 30)))
    percent_axis(figure, 0.0, 1.02)
    return figure


def _reach(result: SecondPurchase) -> int:
    """Return the last day shown: the curve's end, a little over a year at most."""
    return int(min(max(result.curve.horizon, 60), 400))


def _day_axis(last: int) -> dict[str, Any]:
    """Return an axis of whole days, ticks thinned so that labels keep apart on a phone."""
    ticks: list[int] = []
    for day in (0, *DAY_TICKS):
        if day <= last and (not ticks or day - ticks[-1] >= LEAST_APART * last):
            ticks.append(day)
    return {
        "title": {"text": "Days since the first purchase"},
        "range": [0, last * 1.02],
        "tickmode": "array",
        "tickvals": ticks,
    }


def _steps(curve: Survival, values: NDArray[np.float64]) -> tuple[IntArray, NDArray[np.float64]]:
    """Return the curve's corners, from day 0 to the horizon."""
    kept = np.arange(0, len(curve.times), max(1, len(curve.times) // MOST_STEPS))
    if len(curve.times) and kept[-1] != len(curve.times) - 1:
        kept = np.append(kept, len(curve.times) - 1)
    last = values[-1:] if len(values) else np.ones(1)
    days = np.concatenate(([0], curve.times[kept], [curve.horizon]))
    return days, np.concatenate(([1.0], values[kept], last))


def _add_band(figure: Figure, curve: Survival, *, rising: bool) -> None:
    """Add the band and the line; ``rising`` draws 1 - S."""

    def drawn(values: NDArray[np.float64]) -> tuple[IntArray, NDArray[np.float64]]:
        days, shares = _steps(curve, values)
        return days, 1.0 - shares if rising else shares

    (days, one), (_, other) = drawn(curve.upper), drawn(curve.lower)
    low, high = np.minimum(one, other), np.maximum(one, other)
    edge: dict[str, Any] = {
        "mode": "lines",
        "line": {"width": 0, "shape": "hv"},
        "hoverinfo": "skip",
    }
    figure.add_scatter(x=days, y=low, showlegend=False, **edge)
    figure.add_scatter(
        x=days, y=high, fill="tonexty", fillcolor=SEQUENTIAL[2], name="95 % band", **edge
    )
    figure.add_scatter(
        x=days,
        y=drawn(curve.survival)[1],
        mode="lines",
        line={"color": BLUE, "width": 2.5, "shape": "hv"},
        name="Bought again" if rising else "Not gone",
        customdata=np.stack([100 * low, 100 * high], axis=1),
        hovertemplate="by day %{x}: <b>%{y:.0%}</b> (95 %: %{customdata[0]:.0f}–"
        "%{customdata[1]:.0f} %)<extra></extra>",
    )


def _add_marks(figure: Figure, result: SecondPurchase) -> None:
    """Mark the shares at the days reports name."""
    shown = [
        (day, share)
        for day, share in zip(result.days, result.probability, strict=True)
        if share is not None
    ]
    figure.add_scatter(
        x=[day for day, _ in shown],
        y=[share for _, share in shown],
        mode="markers+text",
        marker={"color": BLUE, "size": 9},
        text=[f"{100 * share:.0f} %" for _, share in shown],
        textposition=_label_places([day for day, _ in shown]),
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _label_places(days: Sequence[int]) -> list[str]:
    """Return where the labels of a rising curve stand free on a narrow screen too."""
    close = [after < 1.6 * day for day, after in pairwise(days)]
    places = ["top left" if near else "bottom right" for near in close]
    return [*places, "top left"][: len(days)]


def _add_window(figure: Figure, result: SecondPurchase) -> None:
    """Shade the days in which most of those who return do so."""
    if result.window is None:
        return
    first, last = result.window
    figure.add_vrect(
        x0=first,
        x1=last,
        fillcolor=GREY,
        opacity=0.1,
        line={"width": 0},
        layer="below",
    )
    note_at_top(figure, last, "window", xanchor="right", font={"size": 11})


def _add_waiting(figure: Figure, result: SecondPurchase) -> None:
    """Add today's first-timers below zero, one dot a day of age, larger where more are."""
    waiting = result.age[(result.age >= 0) & (result.age <= _reach(result))]
    ages, counts = np.unique(waiting, return_counts=True)
    if not len(ages):
        return
    first, last = result.window or (-1, -1)
    inside = (ages >= first) & (ages <= last)
    top = max((share for share in result.probability if share is not None), default=0.5)
    figure.add_scatter(
        x=ages,
        y=np.full(len(ages), -0.045 * top),
        mode="markers",
        name="First-time buyers today",
        marker={
            "color": np.where(inside, BLUE, LIGHT_BLUE),
            "size": np.clip(5 + 2 * np.sqrt(counts), 7, 18),
            "opacity": 0.75,
        },
        customdata=np.stack([ages, counts], axis=1),
        hovertemplate="%{customdata[1]} bought once, %{x} days ago<extra></extra>",
    )
