"""Days as people write them → days since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_core.intake.table import BoolArray, Evidence

Order = Literal["dmy", "mdy", "ymd"]


@dataclass(frozen=True)
class DayOrder:
    """In which order a column writes day, month and year.

    Only matters for numeric dates; ISO days, month names, ``19970101``, Excel
    serials and seconds since 1970 are read whatever the order. ``mixed``: both
    orders are proven in one column, so values that could be either are not read.
    """

    order: Order = "ymd"
    mixed: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True)
class DayColumn:
    """Days of a column, one entry per row.

    Each row is ``ok``, ``blank`` or neither: then ``reasons`` is a place in
    ``DAY_REASONS``; where not ok, ``days`` is 0.
    """

    days: npt.NDArray[np.int32]
    ok: BoolArray
    blank: BoolArray
    reasons: npt.NDArray[np.int8]
    order: DayOrder | None = None


DAY_REASONS = (
    "",
    "not a day",
    "contradicts the order of day and month in the other rows",
    "day and month could be either way round, and the column mixes both orders",
    "no such day in the calendar",
    "outside the years 1900 to 2199",
)


def detect_day_order(
    column: pa.ChunkedArray | pa.Array, *, hint: DayOrder | None = None
) -> DayOrder:
    """Decide the order of day, month and year over the whole column."""
    raise NotImplementedError


def parse_days(
    column: pa.ChunkedArray | pa.Array,
    order: DayOrder | Order | None = None,
    *,
    time_zone: str | None = None,
) -> DayColumn:
    """Read a column of days; ``time_zone`` turns UTC moments into that zone's days."""
    raise NotImplementedError
