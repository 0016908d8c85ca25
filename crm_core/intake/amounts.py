"""Amounts as people write them → whole ten-thousandths, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_core.intake.table import BoolArray, Evidence


@dataclass(frozen=True)
class AmountMarks:
    """Which mark parts the decimals and which the thousands in a column.

    ``thousands`` is ``""`` when none was seen: then none is accepted either,
    save spaces and apostrophes. ``mixed`` says both conventions were proven in
    one column: then values that could be either are not read.
    """

    decimal: str = "."
    thousands: str = ","
    mixed: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True)
class AmountColumn:
    """Amounts of a column, one entry per row.

    Each row is ``ok`` (an amount), ``blank`` (nothing written) or neither:
    then ``reasons`` says why, as a place in ``AMOUNT_REASONS``; where not ok,
    ``values`` is 0. ``signs`` holds per row a place in ``sign_names``
    (0 is ``""``: no currency written; others as written, e.g. ``€``, ``USD``).
    """

    values: npt.NDArray[np.int64]
    ok: BoolArray
    blank: BoolArray
    reasons: npt.NDArray[np.int8]
    signs: npt.NDArray[np.int8]
    sign_names: tuple[str, ...] = ("",)
    marks: AmountMarks | None = None


AMOUNT_REASONS = (
    "",
    "not an amount",
    "contradicts how the other amounts are written",
    "could be read two ways, and the column mixes both",
    "larger than any sale can be",
)


def detect_marks(
    column: pa.ChunkedArray | pa.Array, *, hint: AmountMarks | None = None
) -> AmountMarks:
    """Decide the decimal and thousands mark over the whole column."""
    raise NotImplementedError


def parse_amounts(
    column: pa.ChunkedArray | pa.Array, marks: AmountMarks | None = None
) -> AmountColumn:
    """Read a column of amounts; ``marks`` None means detect them."""
    raise NotImplementedError


def multiply(quantity: AmountColumn, unit_price: AmountColumn) -> AmountColumn:
    """Return quantity × unit price, exact, half-even to four decimals."""
    raise NotImplementedError


def currency_of_sign(sign: str) -> str | None:
    """Return the currency code a sign stands for, None where several use it ($, kr)."""
    raise NotImplementedError
