"""The last twelve months against the twelve before, every change laid to one cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, history_at
from crm_core.metrics.history_parts import measure_with_history
from crm_core.metrics.late import by_money
from crm_core.metrics.months import months_before
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.purchases import sum_between
from crm_core.metrics.rates import Status
from crm_core.metrics.spells import find_spells, gone_days
from crm_core.metrics.standings import last_rows
from crm_core.tables import BoolArray, IntArray, to_date

CAUSES = ("steady", "gone", "shrinking", "growing", "came back", "new")
"""Why a client's sales changed, by code; ``steady`` is no change, and no bar."""

YEAR_MONTHS = 12
"""Months of each window of the bridge."""

STEADY, GONE, SHRINKING, GROWING, CAME_BACK, NEW = range(len(CAUSES))


@dataclass(frozen=True)
class SalesBridge:
    """Net sales of the last twelve months against the twelve before, by cause.

    Attributes
    ----------
    as_of, middle, start : int
        The windows are (start, middle] and (middle, as_of]: same dates, a year apart.
    before, recent : int
        Net sales of the two windows, sales without a client included, ten-thousandths.
    without_client : int
        Change of the sales without a client.
    cause : ndarray of int8, shape (n_clients,)
        Index into :data:`CAUSES`: exactly one a client.
    change : ndarray of int64, shape (n_clients,)
        Change of each client's net sales, ten-thousandths.
    first_day : int or None
        First stored row up to ``as_of``.

    Notes
    -----
    This product's own rule. A fall is *gone* where the client is gone on
    ``as_of``, else *shrinking*. A rise is *new* where the first purchase falls
    in the last twelve months, *came back* where a later spell began in them,
    else *growing*. So every bar has one sign, and
    ``before + all changes + without_client = recent``.
    """

    as_of: int
    middle: int
    start: int
    before: int
    recent: int
    without_client: int
    cause: NDArray[np.int8]
    change: IntArray
    first_day: int | None

    @property
    def status(self) -> Status:
        """``thin`` where the twelve months before are not complete, not computable without any."""
        if self.first_day is None or self.first_day > self.middle:
            return "not computable"
        return "thin" if self.first_day > self.start + 1 else "ok"

    @property
    def reason(self) -> str | None:
        """Why the comparison is thin or says nothing."""
        if self.status == "ok":
            return None
        if self.first_day is None:
            return "no sales up to this day"
        begin = f"the sales begin on {to_date(self.first_day).isoformat()}"
        if self.status == "thin":
            return f"{begin}: the twelve months before are not complete"
        return f"{begin}: there is nothing to compare with"

    def amount(self, cause: str) -> int:
        """Return the change laid to a cause, ten-thousandths."""
        return int(self.change[self.cause == CAUSES.index(cause)].sum())

    def clients(self, cause: str) -> IntArray:
        """Return the positions of a cause's clients, largest change first, ties by position."""
        found = np.flatnonzero(self.cause == CAUSES.index(cause))
        return found[by_money(np.abs(self.change[found]))]

    def amounts(self) -> dict[str, int]:
        """Return the bars: the change by cause, ``steady`` left out, and ``without client``."""
        bars = {cause: self.amount(cause) for cause in CAUSES[1:]}
        return bars | {"without client": self.without_client}


@dataclass(frozen=True)
class Measures:
    """Net sales of both windows and the cause, one value a client of a part."""

    before: IntArray
    recent: IntArray
    cause: NDArray[np.int8]
    unnamed_before: int
    unnamed_recent: int


def measure(
    part: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    rule: str,
    *,
    months: int = YEAR_MONTHS,
) -> Measures:
    """Measure :func:`sales_bridge` on a part of the ledger and its drawn history."""
    start, middle = _window_starts(as_of, months)
    before, _ = sum_between(part.sales, start + 1, middle)
    recent, _ = sum_between(part.sales, middle + 1, as_of)
    gone_on = gone_days(part, history, parameters, rule)
    spells = find_spells(history, gone_on, as_of)
    last = last_rows(history.offsets, history.day, as_of)
    bought = last >= 0
    gone, new, back = (np.zeros(part.n_clients, dtype=np.bool_) for _ in range(3))
    gone[bought] = gone_on[last[bought]] <= as_of
    inside = spells.start > middle
    new[spells.client[inside & spells.first]] = True
    back[spells.client[inside & ~spells.first]] = True
    day, amount = part.unnamed_day, part.unnamed_amount
    return Measures(
        before=before,
        recent=recent,
        cause=find_causes(recent - before, gone, new, back),
        unnamed_before=int(amount[(day > start) & (day <= middle)].sum()),
        unnamed_recent=int(amount[(day > middle) & (day <= as_of)].sum()),
    )


def find_causes(
    change: IntArray, gone: BoolArray, new: BoolArray, back: BoolArray
) -> NDArray[np.int8]:
    """Return the one cause of each client's change (index into :data:`CAUSES`).

    Examples
    --------
    >>> gone, new, back = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]], dtype=bool)
    >>> [CAUSES[code] for code in find_causes(np.array([-5, -5, 7, 0]), gone, new, back)]
    ['gone', 'shrinking', 'new', 'steady']
    """
    fell, rose = change < 0, change > 0
    causes = np.select(
        [fell & gone, fell, rose & new, rose & back, rose],
        [GONE, SHRINKING, NEW, CAME_BACK, GROWING],
        STEADY,
    )
    return causes.astype(np.int8)


def conclude(
    parts: list[Measures], as_of: int, *, first_day: int | None, months: int = YEAR_MONTHS
) -> SalesBridge:
    """Join all parts; ``first_day`` is that of all stored rows."""
    start, middle = _window_starts(as_of, months)
    before = np.concatenate([part.before for part in parts])
    recent = np.concatenate([part.recent for part in parts])
    unnamed_before = sum(part.unnamed_before for part in parts)
    unnamed_recent = sum(part.unnamed_recent for part in parts)
    return SalesBridge(
        as_of=as_of,
        middle=middle,
        start=start,
        before=int(before.sum()) + unnamed_before,
        recent=int(recent.sum()) + unnamed_recent,
        without_client=unnamed_recent - unnamed_before,
        cause=np.concatenate([part.cause for part in parts]),
        change=recent - before,
        first_day=first_day,
    )


def sales_bridge(
    ledger: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    *,
    rule: str | None = None,
    months: int = YEAR_MONTHS,
) -> SalesBridge:
    """Return why the last twelve months differ from the twelve before.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    history : History
        Computed with ``parameters``.
    parameters : Parameters
        The parameters in force.
    as_of : int
        Last day counted.
    rule : str, optional
        Who is gone, and who came back; by default the rule of ``parameters``.
    months : int, default 12
        Length of both windows.
    """
    rule = parameters.rule if rule is None else rule
    drawn = history_at(ledger, history, as_of, parameters)
    span = ledger.span(as_of)
    parts = measure_with_history(ledger, drawn, measure, parameters, as_of, rule, months=months)
    return conclude(parts, as_of, first_day=span[0] if span else None, months=months)


def _window_starts(as_of: int, months: int) -> tuple[int, int]:
    """Return the day before each window: so many months, and twice as many, before ``as_of``."""
    return months_before(as_of, 2 * months), months_before(as_of, months)
