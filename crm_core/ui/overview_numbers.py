"""The numbers of the overview: the bridge by cause, the regulars' share, whom to call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from crm_core.access import LEAST_GROUP
from crm_core.charts.bridge import few_causes, is_of_few
from crm_core.formatting import format_count, format_day, format_money, format_share, plural
from crm_core.metrics.bridge import YEAR_MONTHS, SalesBridge, sales_bridge
from crm_core.metrics.cadence import COMMITMENT, TERMINATION
from crm_core.metrics.late import LateList
from crm_core.metrics.months import months_before
from crm_core.metrics.stage_moves import share_of_regulars
from crm_core.small_groups import hidden_parts, is_few, is_few_of
from crm_core.ui.calls import to_call
from crm_core.ui.definitions import Others, Shown
from crm_core.ui.elsewhere import at_settings
from crm_core.ui.small_groups import least_of
from crm_core.ui.view import View

CAUSE_KEYS = {
    "gone": "bridge.gone",
    "shrinking": "bridge.shrinking",
    "growing": "bridge.growing",
    "came back": "bridge.back",
    "new": "bridge.new",
}
"""Key of the definition by cause of the bridge."""

BRIDGE_NUMBERS = ("bridge.before", *CAUSE_KEYS.values(), "bridge.without_client", "bridge.recent")
"""What the picture of the bridge shows, bar by bar."""

OTHER_PERIODS = (3, 6, 24)
"""Months of the windows tried beside twelve."""


def bridge_of(view: View, *, months: int = YEAR_MONTHS, as_of: int | None = None) -> SalesBridge:
    """Return the bridge of a view, of other windows or another day where asked."""
    day = view.as_of if as_of is None else as_of
    return view.remember(
        "bridge",
        lambda: sales_bridge(view.ledger, view.history, view.values, day, months=months),
        str(months),
        str(day),
    )


def hidden_causes(view: View, bridge: SalesBridge) -> tuple[str, ...]:
    """Return the causes that are drawn as one here, for few clients belong to one of them."""
    return few_causes(bridge, least=least_of(view))


def tells_of_few(view: View, bridge: SalesBridge) -> bool:
    """Return whether a few clients alone made the change, or one of the two years."""
    return is_of_few(bridge, view.trailing, least=LEAST_GROUP)


def few_regulars(view: View) -> bool:
    """Return whether a few clients are regulars, or a few with sales are not."""
    regular = view.stages.stage == COMMITMENT
    rest = int(np.count_nonzero(~regular & (view.trailing > 0)))
    return is_few(int(np.count_nonzero(regular)), rest)


def overview_numbers(view: View, bridge: SalesBridge, late: LateList) -> list[Shown]:
    """Return the page's numbers for the drawer, each with its value at other settings.

    Parameters
    ----------
    view : View
        What the page looks at.
    bridge : SalesBridge
        Of the view.
    late : LateList
        Those to call.
    """
    others = at_settings(
        view,
        "overview",
        {
            **{key: partial(_amount_at, cause) for cause, key in CAUSE_KEYS.items()},
            "overview.regulars": lambda tried: format_share(_regulars(tried)),
            "overview.to_call": lambda tried: plural(len(to_call(tried)), "late client"),
        },
        str(view.versions.data_version),
    )
    sizes = [len(bridge.clients(cause)) for cause in CAUSE_KEYS]
    causes = [
        Shown(key, _amount(view, bridge, cause), _clients(bridge, cause), others[key], bool(few))
        for (cause, key), few in zip(CAUSE_KEYS.items(), hidden_parts(sizes), strict=True)
    ]
    active = int(((view.stages.stage != TERMINATION) & (view.stages.all_purchases > 0)).sum())
    return [
        *_totals(view, bridge),
        *causes,
        Shown(
            "bridge.without_client",
            format_money(bridge.without_client, view.currency, signed=True),
            "rows that name no client, in both windows",
            _in_other_periods(view, lambda other: other.without_client, signed=True),
        ),
        Shown(
            "overview.regulars",
            format_share(_regulars(view)),
            plural(view.stages.counts()["commitment"], "regular"),
            others["overview.regulars"],
            few_regulars(view),
        ),
        Shown(
            "overview.to_call",
            plural(len(late), "late client"),
            f"late and not put off, by sales; {format_money(late.total, view.currency)} at stake",
            others["overview.to_call"],
            is_few_of(len(late), active),
        ),
    ]


def _totals(view: View, bridge: SalesBridge) -> list[Shown]:
    """Return the change and the two years it is made of."""
    change = bridge.recent - bridge.before
    windows = (
        f"{format_day(bridge.start + 1)} to {format_day(bridge.middle)}",
        f"{format_day(bridge.middle + 1)} to {format_day(bridge.as_of)}",
    )
    clients = plural(view.ledger.n_clients, "client")
    few = tells_of_few(view, bridge)
    return [
        Shown(
            "bridge.change",
            format_money(change, view.currency, signed=True),
            f"{clients}, {windows[1]} beside {windows[0]}",
            lambda: _other_periods(view),
            few,
        ),
        Shown(
            "bridge.before",
            format_money(bridge.before, view.currency),
            windows[0],
            _in_other_periods(view, lambda other: other.before),
            few,
        ),
        Shown(
            "bridge.recent",
            format_money(bridge.recent, view.currency),
            windows[1],
            _in_other_periods(view, lambda other: other.recent),
            few,
        ),
    ]


def _other_periods(view: View) -> Others:
    """Return the change over other windows, and as of a month before."""
    found = [
        (_period(months), _change(view, bridge_of(view, months=months))) for months in OTHER_PERIODS
    ]
    day = months_before(view.as_of, 1)
    found.append((f"as of {format_day(day)}", _change(view, bridge_of(view, as_of=day))))
    return found


def _in_other_periods(
    view: View, amount: Callable[[SalesBridge], int], *, signed: bool = False
) -> Callable[[], Others]:
    """Return what gives an amount of the bridge over other windows."""
    return lambda: [
        (
            _period(months),
            format_money(amount(bridge_of(view, months=months)), view.currency, signed=signed),
        )
        for months in OTHER_PERIODS
    ]


def _period(months: int) -> str:
    return f"{months} months beside the {months} before"


def _change(view: View, bridge: SalesBridge) -> str:
    if bridge.status == "not computable":
        return "no sales in the months before"
    change = format_money(bridge.recent - bridge.before, view.currency, signed=True)
    return change if bridge.status == "ok" else f"{change}, the months before are not complete"


def _amount(view: View, bridge: SalesBridge, cause: str) -> str:
    return format_money(bridge.amount(cause), view.currency, signed=True)


def _amount_at(cause: str, view: View) -> str:
    return _amount(view, bridge_of(view), cause)


def _clients(bridge: SalesBridge, cause: str) -> str:
    return f"{plural(len(bridge.clients(cause)), 'client')} of {format_count(len(bridge.change))}"


def _regulars(view: View) -> float | None:
    return share_of_regulars(view.stages, view.trailing)
