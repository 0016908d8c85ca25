"""Months as they were expected and as they came, and the coming one."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.charts.figure import Figure
from crm_core.charts.running import as_dates
from crm_core.charts.template import BLUE, INK, LIGHT_BLUE, ORANGE, money_axis, new_figure
from crm_core.formatting import format_money
from crm_core.metrics.lifetime.outlook import MonthOutlook, SalesOutlook
from crm_core.metrics.months import first_days
from crm_core.money import UNIT
from crm_core.sentences.worth import WAYS, say_money, say_month

HATCH = {"shape": "/", "fillmode": "replace", "solidity": 0.4}


def outlook_chart(outlook: SalesOutlook, currency: str | None) -> Figure:
    """Draw the past months' sales beside what was expected of them, and the coming month.

    Parameters
    ----------
    outlook : SalesOutlook
        With at least one past month, or something expected of the coming one.
    currency : str or None
        For the hover texts.

    Returns
    -------
    Figure
        Bars: what existing and new clients bought; points with their 80 % band: what was
        expected of the existing ones; the coming month hatched. Where no model spoke of a
        month, the better plain way stands in, without a band.
    """
    figure = new_figure(height=380, legend=True, hover="x unified")
    _add_actual(figure, outlook.past, "actual", "Bought by existing clients", BLUE)
    if any(month.actual_new for month in outlook.past):
        _add_actual(figure, outlook.past, "actual_new", "By new clients", ORANGE)
    _add_coming(figure, outlook, currency)
    _add_said(figure, outlook, currency)
    _note_running_month(figure, outlook)
    figure.update_layout(barmode="relative")
    figure.update_xaxes(dtick="M1" if len(outlook.past) <= 6 else "M2", hoverformat="%b %Y")
    figure.update_xaxes(tickformat="%b %Y")
    money_axis(figure)
    return figure


def _days(months: Sequence[MonthOutlook]) -> list[str]:
    firsts = first_days([month.month for month in months])
    return [str(day) for day in as_dates(firsts)]


def _add_actual(
    figure: Figure, past: Sequence[MonthOutlook], field: str, name: str, colour: str
) -> None:
    amounts = [getattr(month, field) or 0 for month in past]
    figure.add_bar(
        x=_days(past),
        y=[amount / UNIT for amount in amounts],
        name=name,
        marker={"color": colour, "cornerradius": 3},
        hovertemplate="<b>%{y:,.0f}</b>",
    )


def plain_way(outlook: SalesOutlook) -> str:
    """Return the plain way that was off least in the past months."""
    errors = {way: error for way, error in outlook.errors.items() if way != "model"}
    return min(errors, key=errors.__getitem__) if errors else "recent"


def _add_coming(figure: Figure, outlook: SalesOutlook, currency: str | None) -> None:
    """Add the coming month: by the model, else by the better plain way."""
    coming = outlook.coming
    way = plain_way(outlook) if coming.expected is None else "model"
    said = coming.said(way)
    if said is None:
        return
    band = _band_text(coming.low, coming.high) if way == "model" else f" by {WAYS[way]}"
    figure.add_bar(
        x=_days([coming]),
        y=[said / UNIT],
        name="Expected next",
        marker={"color": LIGHT_BLUE, "pattern": HATCH, "cornerradius": 3},
        customdata=[f"{say_money(said, currency)}{band}"],
        hovertemplate="<b>%{customdata}</b>",
    )
    figure.add_annotation(
        x=_days([coming])[0], yref="paper", y=1, yanchor="bottom", showarrow=False,
        text=f"{say_month(coming.month)}: {say_money(said)}", font={"size": 11, "color": INK},
        xanchor="right" if outlook.past else "center", xshift=18,
    )  # fmt: skip
    figure.update_layout(margin={"t": 60}, legend={"y": 1.09})


def _note_running_month(figure: Figure, outlook: SalesOutlook) -> None:
    """Say in the hole before the coming month that its month is not over."""
    if not outlook.past or outlook.past[-1].month + 2 != outlook.coming.month:
        return
    running = outlook.coming.month - 1
    figure.add_annotation(
        x=str(as_dates(first_days([running]))[0]), y=0, yanchor="bottom", showarrow=False,
        text=f"{say_month(running)[:3]} is not over", textangle=-90,
        font={"size": 11, "color": INK},
    )  # fmt: skip


def _add_said(figure: Figure, outlook: SalesOutlook, currency: str | None) -> None:
    months = [m for m in (*outlook.past, outlook.coming) if m.expected is not None]
    by_model = [m for m in months if m is not outlook.coming]
    if months:
        _add_points(figure, months, currency)
    if not by_model:
        way = plain_way(outlook)
        plain = [(m, said) for m in outlook.past if (said := m.said(way)) is not None]
        if plain:
            figure.add_scatter(
                x=_days([month for month, _ in plain]),
                y=[said / UNIT for _, said in plain],
                mode="markers",
                name=f"Expected by {WAYS[way]}",
                marker={
                    "color": INK,
                    "size": 9,
                    "symbol": "line-ew",
                    "line": {"width": 3, "color": INK},
                },
                customdata=[say_money(said, currency) for _, said in plain],
                hovertemplate="%{customdata}",
            )


def _add_points(figure: Figure, months: Sequence[MonthOutlook], currency: str | None) -> None:
    expected = [month.expected or 0 for month in months]
    lows = [e if m.low is None else m.low for m, e in zip(months, expected, strict=True)]
    highs = [e if m.high is None else m.high for m, e in zip(months, expected, strict=True)]
    figure.add_scatter(
        x=_days(months),
        y=[amount / UNIT for amount in expected],
        mode="markers",
        name="Expected the day before, with band",
        marker={"color": INK, "size": 8, "symbol": "diamond"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [(h - e) / UNIT for h, e in zip(highs, expected, strict=True)],
            "arrayminus": [(e - low) / UNIT for e, low in zip(expected, lows, strict=True)],
            "color": INK,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[
            f"{say_money(e, currency)}{_band_text(m.low, m.high)}"
            for m, e in zip(months, expected, strict=True)
        ],
        hovertemplate="%{customdata}",
    )


def _band_text(low: int | None, high: int | None) -> str:
    return "" if low is None or high is None else f" ({say_money(low)} to {say_money(high)})"


def describe_outlook(outlook: SalesOutlook, currency: str | None) -> str:
    """Return what the picture shows, for those who cannot see it."""
    rate, coming = outlook.within, outlook.coming
    said = f"Sales of {len(outlook.past)} past months beside what was expected of them"
    if rate.denominator:
        said += f"; {rate.numerator} of {rate.denominator} came within their band"
    if coming.expected is not None:
        money = format_money(coming.expected, currency)
        said += f"; {money} expected for {say_month(coming.month)}"
    return said
