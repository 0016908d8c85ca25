"""The clock that silence is counted on: days of closed months do not tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Clock:
    """Turn days into ticks of open days, and back.

    Parameters
    ----------
    closed_months : sequence of int
        Calendar months (1-12) whose days do not tick; none makes a plain calendar.
    first, last : int
        Days the clock must cover; days outside tick as in the calendar.

    Examples
    --------
    >>> clock = Clock((8,), 0, 400)
    >>> july, september = 211, 243  # 31 July and 1 September 1970
    >>> (clock.ticks(september) - clock.ticks(july)).item()
    1
    """

    def __init__(self, closed_months: Sequence[int], first: int, last: int) -> None:
        self.plain = not closed_months
        self._first = int(first)
        if self.plain:
            return
        days = np.arange(first, last + 1).astype("datetime64[D]")
        month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
        self._ticks = np.cumsum(~np.isin(month, closed_months)).astype(np.int64)
        # The first day with at least t ticks, for every t reached.
        self._days = np.searchsorted(self._ticks, np.arange(self._ticks[-1] + 1))

    def ticks(self, day: NDArray[Any] | int) -> NDArray[Any]:
        """Return the open days from the clock's start through ``day``."""
        at = np.asarray(day, dtype=np.int64)
        if self.plain:
            return at
        inside = np.clip(at - self._first, 0, len(self._ticks) - 1)
        ticks: NDArray[Any] = self._ticks[inside] + (at - self._first - inside)
        return ticks

    def days(self, ticks: NDArray[Any]) -> NDArray[Any]:
        """Return the first day on which the clock shows ``ticks`` (inverse of ``ticks``)."""
        if self.plain:
            return ticks
        inside = np.clip(ticks, 0, len(self._days) - 1)
        days: NDArray[Any] = self._days[inside] + self._first + (ticks - inside)
        return days
