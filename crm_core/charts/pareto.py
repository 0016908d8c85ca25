"""Who carries the business: the largest clients by name, and the curve of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crm_core.charts.figure import Figure
from crm_core.charts.template import (
    BLUE,
    FAINT,
    GREY,
    INK,
    LIGHT_BLUE,
    ORANGE,
    SEQUENTIAL,
    new_figure,
)
from crm_core.formatting import format_count, format_money, format_share, plotly_escape, plural
from crm_core.metrics.pareto import ParetoResult
from crm_core.small_groups import is_few_of

NAMED = 20
"""Clients drawn by name."""

KEY_SHARE = 10
"""From this share of sales, in percent, a client is marked."""


def pareto_chart(
    result: ParetoResult, names: Sequence[str], currency: str | None = None, *, least: int = 1
) -> Figure:
    """Return the largest clients as bars, with what they bring together as a line.

    Parameters
    ----------
    result : ParetoResult
        With at least one client.
    names : sequence of str
        Names of the first ``NAMED`` clients of ``result.order``, as they were typed.
    currency : str, optional
        For the hover texts.
    least : int, default 1
        The line begins where so many clients stand together.

    Returns
    -------
    Figure
        ``customdata`` of a bar is the client's position in the ledger. Clients from 10 % of
        sales on are marked in another colour.
    """
    count = min(NAMED, result.n, len(names))
    total = result.total
    shares = [100 * int(net) / total for net in result.net[:count]]
    together = [100 * int(net) / total for net in result.cumulative[:count]]
    labels = [f"{rank}. {plotly_escape(name, 22)}" for rank, name in enumerate(names[:count], 1)]
    large = [int(net) * 100 >= total * KEY_SHARE for net in result.net[:count]]
    a_class = [rank < result.classes[0] for rank in range(count)]
    figure = new_figure(height=60 + 26 * count, legend=False)
    first = max(1, least - 1)
    figure.add_bar(
        orientation="h",
        y=labels,
        x=shares,
        customdata=[
            [int(at), format_money(int(net), currency)]
            for at, net in zip(result.order, result.net[:count], strict=False)
        ],
        text=[format_share(share / 100) for share in shares],
        textposition="outside",
        cliponaxis=False,
        marker={
            "color": [
                ORANGE if m else BLUE if a else LIGHT_BLUE
                for m, a in zip(large, a_class, strict=True)
            ],
            "cornerradius": 3,
        },
        hovertemplate="%{y}: %{customdata[1]}, %{text} of named sales<extra></extra>",
    )
    figure.add_scatter(
        # The first sum ends where the first bar does: left out, its label stays readable.
        x=together[first:],
        y=labels[first:],
        mode="lines+markers+text",
        text=["together", *[""] * count][: max(count - first, 0)],
        textposition="middle right",
        textfont={"size": 11, "color": INK},
        cliponaxis=False,
        line={"color": GREY, "width": 2},
        marker={"size": 5},
        customdata=[[None, rank] for rank in range(first + 1, count + 1)],
        hovertemplate="The first %{customdata[1]} together: %{x:.0f} %<extra></extra>",
    )
    _mark_80(figure, together)
    figure.update_xaxes(
        range=[0, max(1.12 * together[-1], 1.3 * shares[0])],
        ticksuffix=" %",
        tickformat=".0f",
        showgrid=False,
    )
    figure.update_yaxes(autorange="reversed", tickformat=None, showgrid=False)
    return figure


def _mark_80(figure: Figure, together: Sequence[float]) -> None:
    if together[-1] >= 80:
        figure.add_vline(x=80, line={"color": FAINT, "dash": "dot", "width": 1})
        figure.add_annotation(
            x=80, y=1, yref="paper", text="80 %", showarrow=False, yanchor="bottom",
            font={"size": 11, "color": INK},
        )  # fmt: skip


def curve_chart(result: ParetoResult, *, least: int = 1) -> Figure:
    """Return the share of sales by share of clients, largest first, with the 80 % mark.

    Points of fewer than ``least`` clients, or of all but fewer, are left out.
    """
    clients, sales = _of_enough(*result.curve.shares(), result.n, least)
    k = result.for80_clients
    at, reached = k / result.n, result.share_of_first(k) or 0.0
    figure = new_figure(height=320)
    _add_curve(figure, clients, sales)
    _add_diagonal(figure)
    if is_few_of(k, result.n, least=least):
        _percent_axes(figure, "of clients, largest first", "of named sales")
        return figure
    figure.add_scatter(
        x=[100 * at],
        y=[100 * reached],
        mode="markers+text",
        marker={"color": ORANGE, "size": 11},
        text=[f"{plural(k, 'client')} ({format_share(at)})<br>{_bring(k)} {format_share(reached)}"],
        textposition="bottom right" if at < 0.55 else "bottom left",
        textfont={"color": INK},
        hoverinfo="skip",
    )
    _percent_axes(figure, "of clients, largest first", "of named sales")
    return figure


def _of_enough(
    clients: NDArray[np.float64], sales: NDArray[np.float64], n: int, least: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a curve without the points of fewer clients, or of all but fewer."""
    counts = np.rint(clients * n)
    few = ((counts > 0) & (counts < least)) | ((counts < n) & (n - counts < least))
    return clients[~few], sales[~few]


def lorenz_chart(result: ParetoResult, *, least: int = 1) -> Figure:
    """Return the Lorenz curve: share of sales by share of clients, smallest first.

    Points of fewer than ``least`` clients, or of all but fewer, are left out.
    """
    clients, sales = _of_enough(*result.curve.lorenz(), result.n, least)
    figure = new_figure(height=320)
    _add_curve(figure, clients, sales)
    _add_diagonal(figure)
    _percent_axes(figure, "of clients, smallest first", "of named sales")
    return figure


def _add_curve(figure: Figure, clients: NDArray[np.float64], sales: NDArray[np.float64]) -> None:
    figure.add_scatter(
        x=100 * clients,
        y=100 * sales,
        mode="lines",
        line={"color": BLUE, "width": 3},
        fill="tozeroy",
        fillcolor=SEQUENTIAL[1],
        hovertemplate="%{x:.0f} % of clients: %{y:.0f} % of sales<extra></extra>",
    )


def _add_diagonal(figure: Figure) -> None:
    """Draw where the curve would lie if all clients brought the same."""
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        hoverinfo="skip",
        line={"color": FAINT, "width": 1, "dash": "dot"},
    )


def _percent_axes(figure: Figure, below: str, beside: str) -> None:
    figure.update_xaxes(range=[0, 101], ticksuffix=" %", title={"text": below}, dtick=20)
    figure.update_yaxes(
        range=[0, 102], ticksuffix=" %", tickformat=".0f", title={"text": beside}, dtick=20
    )


def describe(result: ParetoResult, *, least: int = 1) -> str:
    """Return what the picture shows, for those who cannot see it; nothing of a few clients."""
    if is_few_of(result.for80_clients, result.n, least=least):
        return f"{format_count(result.n)} clients by sales, largest first"
    return (
        f"{format_count(result.n)} clients by sales, largest first; "
        f"{plural(result.for80_clients, 'client')} {_bring(result.for80_clients)} 80 %"
    )


def _bring(count: int) -> str:
    return "brings" if count == 1 else "bring"
