"""The numbers of a client's card, each with its value at other settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from crm_core.explanations import guess_words
from crm_core.formatting import DASH, format_day, format_money, format_share, plural
from crm_core.metrics.client_sales import DailySales, YearAgainstLast
from crm_core.metrics.months import months_before
from crm_core.metrics.products import ClientProducts
from crm_core.tables import NEVER, STAGES, IntArray
from crm_core.ui.definitions import Others, Shown
from crm_core.ui.elsewhere import at_settings
from crm_core.ui.view import View

STEM_NUMBERS = ("client.purchases", "client.due")
"""What the picture of the purchases shows."""

OTHER_GAPS = 4
"""Latest gaps tried beside the last eight."""


@dataclass(frozen=True)
class Card:
    """One client as its card shows it.

    Attributes
    ----------
    view : View
        Its ledger is what ``position`` counts in.
    position : int
        The client.
    sales : DailySales
        By day.
    """

    view: View
    position: int
    sales: DailySales

    def gaps(self) -> IntArray:
        """Return the days between the client's purchases."""
        days: IntArray = self.sales.day[self.sales.live].astype(np.int64)
        return days[1:] - days[:-1]

    def at_settings(self) -> dict[str, Callable[[], Others]]:
        """Return what gives due days and stage at the neighbouring settings."""
        figures = {"client.due": _due, "client.stage": _stage}
        return at_settings(
            self.view,
            "client",
            figures,
            str(self.position),
            on=partial(self.view.alone, self.position),
        )


def client_numbers(card: Card) -> list[Shown]:
    """Return share, rhythm, usual amount and due days."""
    view, stages = card.view, card.view.stages
    gap, n = float(stages.usual_gap_days[card.position]), int(stages.all_purchases[card.position])
    gone_on = int(stages.gone_on[card.position])
    due = (
        f"{guess_words(doubt=view.doubt)} from {format_day(gone_on)}"
        if gone_on != NEVER
        else "no purchase yet"
    )
    return [
        _share(card),
        Shown(
            "client.usual_gap",
            DASH if np.isnan(gap) else f"{gap:g} days",
            plural(n, "purchase"),
            lambda: _other_gaps(card),
        ),
        Shown(
            "client.typical",
            _money(view, card.sales.typical),
            f"{format_money(card.sales.net, view.currency)} in all",
            lambda: _other_amounts(card),
        ),
        Shown(
            "client.due",
            format_day(int(stages.late_on[card.position])),
            due,
            card.at_settings()["client.due"],
        ),
    ]


def _share(card: Card) -> Shown:
    view, position = card.view, card.position
    result = view.pareto
    net = int(result.by_client[position])
    return Shown(
        "client.share",
        _share_in(view, position, view.period),
        f"{format_money(net, view.currency)} of {format_money(result.total, view.currency)}",
        lambda: [
            (name, _share_in(view, position, period))
            for period, name in (("all", "all time"), ("12m", "last 12 months"))
            if period != view.period
        ],
    )


def _share_in(view: View, position: int, period: str) -> str:
    result = view.pareto_of(period)
    positive = result.by_client[position] > 0
    return format_share(float(result.shares()[position])) if positive else DASH


def _other_gaps(card: Card) -> Others:
    gaps = card.gaps()
    if not len(gaps):
        return ()
    return [
        ("all gaps", f"{np.median(gaps):g} days"),
        (f"the last {OTHER_GAPS} gaps", f"{np.median(gaps[-OTHER_GAPS:]):g} days"),
    ]


def _other_amounts(card: Card) -> Others:
    sales, view = card.sales, card.view
    sold = sales.sold[sales.live]
    if not len(sold):
        return ()
    recent = sales.sold[sales.live & (sales.day > months_before(view.as_of, 12))]
    middle = int(np.rint(np.median(recent))) if len(recent) else None
    return [
        ("purchases of the last 12 months", _money(view, middle)),
        ("the mean instead of the middle", _money(view, int(np.rint(sold.mean())))),
    ]


def _money(view: View, amount: int | None) -> str:
    return DASH if amount is None else format_money(amount, view.currency)


def _due(alone: View) -> str:
    late_on, gone_on = int(alone.stages.late_on[0]), int(alone.stages.gone_on[0])
    if gone_on == NEVER:
        return DASH
    return f"late from {format_day(late_on)}, gone from {format_day(gone_on)}"


def _stage(alone: View) -> str:
    return alone.stage_names[STAGES[alone.stages.stage[0]]]


def card_beside(card: Card, years: YearAgainstLast, products: ClientProducts) -> list[Shown]:
    """Return what pictures, sentence and tables of the card show, for the drawer.

    Parameters
    ----------
    card : Card
        The client.
    years : YearAgainstLast
        As drawn.
    products : ClientProducts
        As drawn.
    """
    view, sales = card.view, card.sales
    stages = view.stages
    last = int(stages.last_purchase[card.position])
    purchases = plural(int(sales.live.sum()), "purchase")
    since = format_day(int(stages.since[card.position]))
    return [
        Shown(
            "client.stage",
            view.stage_names[STAGES[stages.stage[card.position]]],
            f"{purchases}; in this stage since {since}",
            card.at_settings()["client.stage"],
        ),
        Shown("client.last_purchase", DASH if last == NEVER else format_day(last), purchases),
        Shown(
            "client.purchases",
            f"{format_money(int(sales.sold.sum()), view.currency)} on "
            f"{plural(int((sales.sold > 0).sum()), 'day')}",
            f"{format_money(-int(sales.refunded.sum()), view.currency)} paid back",
        ),
        Shown(
            "client.years",
            f"{format_money(int(years.this.sum()), view.currency)} beside "
            f"{format_money(int(years.before.sum()), view.currency)}",
            "twelve calendar months, the running one last",
        ),
        Shown(
            "client.stopped",
            plural(int(products.stopped.sum()), "product"),
            products.reason or f"of {plural(len(products), 'product')} ever bought",
        ),
    ]
