"""The numbers beside the picture of concentration over time."""

from __future__ import annotations

import numpy as np

from crm_core.formatting import DASH, format_day, format_money, format_share, plural
from crm_core.metrics.concentration_months import ConcentrationMonths
from crm_core.metrics.month_ends import MonthEnds
from crm_core.ui.definitions import Shown

KEYS = ("key.top1", "key.top3", "key.top5")


def can_be_drawn(months: ConcentrationMonths) -> bool:
    """Return whether a month end has a whole year of sales behind it."""
    return bool((months.whole & (months.total > 0)).any())


def shown_months(months: ConcentrationMonths) -> list[Shown]:
    """Return the newest values, each beside those of one and two years before."""
    last = len(months) - 1
    day = int(MonthEnds(months.calendar).days[last])
    rows = f"{plural(int(months.clients[last]), 'client')} on {format_day(day)}, "
    rows += format_money(int(months.total[last]))
    values = {key: months.top[:, at] for at, key in enumerate(KEYS)} | {"key.hhi": months.hhi}
    return [
        Shown(
            key,
            _share(series, last),
            rows,
            _earlier(months, series),
            key in ("key.top1", "key.top3"),
        )
        for key, series in values.items()
    ]


def _share(series: np.ndarray, at: int) -> str:
    return DASH if np.isnan(series[at]) else format_share(float(series[at]))


def _earlier(months: ConcentrationMonths, series: np.ndarray) -> list[tuple[str, str]]:
    days = MonthEnds(months.calendar).days
    back = [at for at in (len(months) - 13, len(months) - 25) if at >= 0 and months.whole[at]]
    return [(f"on {format_day(int(days[at]))}", _share(series, at)) for at in back]
