"""Currency rates: what other currencies are worth in the reporting one, from which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.records.deeds import deed
from crm_core.records.models import CurrencyRate
from crm_core.records.notices import post_notice
from crm_core.tables import DayArray, IntArray, to_day

LARGEST_RATE = Decimal(10) ** 9
EXACT_BELOW = 2**62
"""Products below this bound are exact in 64 bits with room for the rounding."""


@dataclass(frozen=True)
class RateTable:
    """All rates, ready for looking up by day.

    Attributes
    ----------
    rates : dict of str to (ndarray of int64, tuple of Decimal)
        By currency: the days from which rates hold, rising, and the rates.
    """

    rates: dict[str, tuple[IntArray, tuple[Decimal, ...]]]

    def find(self, currency: str, day: DayArray | Sequence[int]) -> NDArray[np.int64]:
        """Return the position of the rate in force on each day, -1 before the first."""
        if currency not in self.rates:
            return np.full(len(day), -1, dtype=np.int64)
        found: NDArray[np.int64] = np.searchsorted(self.rates[currency][0], day, side="right") - 1
        return found

    def convert(self, currency: str, day: DayArray, amount: IntArray) -> IntArray:
        """Return amounts in the reporting currency; 0 where no rate is in force.

        Parameters
        ----------
        currency : str
            ISO code of all the amounts.
        day : ndarray of int32
            The day of each amount.
        amount : ndarray of int64
            Ten-thousandths of ``currency``.

        Returns
        -------
        ndarray of int64
            Ten-thousandths of the reporting currency, half-even.

        Examples
        --------
        >>> table = RateTable({"USD": (np.array([0]), (Decimal("0.5"),))})
        >>> table.convert("USD", np.array([1, 1]), np.array([3, 5])).tolist()
        [2, 2]
        """
        at = self.find(currency, day)
        converted = np.zeros(len(amount), dtype=np.int64)
        for position in np.unique(at[at >= 0]).tolist():
            rows = at == position
            converted[rows] = multiply(amount[rows], self.rates[currency][1][position])
        return converted


def multiply(amount: IntArray, rate: Decimal) -> IntArray:
    """Multiply amounts with a decimal rate exactly, half-even to whole ten-thousandths.

    Parameters
    ----------
    amount : ndarray of int64
        Ten-thousandths.
    rate : Decimal
        Above zero.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    RecordError
        If a product does not fit 64 bits.

    Examples
    --------
    >>> multiply(np.array([-3, 10**15]), Decimal("1.5")).tolist()
    [-4, 1500000000000000]
    """
    over, under = rate.as_integer_ratio()
    largest = max(int(np.abs(amount).max(initial=0)), 1)
    if largest * over >= 2**63 * under:
        raise RecordError(
            f"Wanted a rate that keeps amounts within range, found {rate}; check the rate."
        )
    if largest // under * over + under * over >= EXACT_BELOW:
        exact = [_divide_half_even(value * over, under) for value in amount.tolist()]
        return np.array(exact, dtype=np.int64)
    whole, part = np.divmod(amount, under)
    product = part * over
    quotient, rest = np.divmod(product, under)
    up = (2 * rest > under) | ((2 * rest == under) & ((whole * over + quotient) % 2 == 1))
    result: IntArray = whole * over + quotient + up
    return result


def _divide_half_even(over: int, under: int) -> int:
    quotient, rest = divmod(over, under)
    return quotient + (2 * rest > under or (2 * rest == under and quotient % 2 == 1))


def read_rates(connection: Connection) -> RateTable:
    """Return all rates that were entered."""
    query = select(CurrencyRate.currency, CurrencyRate.from_day, CurrencyRate.rate)
    held: dict[str, tuple[list[int], list[Decimal]]] = {}
    for currency, from_day, rate in connection.execute(
        query.order_by(CurrencyRate.currency, CurrencyRate.from_day)
    ):
        days, rates = held.setdefault(currency, ([], []))
        days.append(to_day(from_day))
        rates.append(Decimal(rate))
    return RateTable(
        {c: (np.array(days, dtype=np.int64), tuple(rates)) for c, (days, rates) in held.items()}
    )


@deed(Right.SETTINGS, "rate entered", keep=("currency", "from_day"))
def set_rate(connection: Connection, currency: str, *, from_day: date, rate: str) -> None:
    """Enter what one unit of a currency is worth in the reporting currency.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; waiting rows count from now on.
    currency : str
        ISO code, e.g. ``"USD"``.
    from_day : date
        First day on which the rate holds, until the next rate.
    rate : str
        Decimal with a point, above zero, e.g. ``"0.9213"``.

    Raises
    ------
    RecordError
        If the currency or the rate is not one.
    """
    code = currency.strip().upper()
    if not (code.isascii() and code.isalpha() and len(code) == 3):
        raise RecordError(f"Wanted a currency of three letters such as USD, found {currency!r}.")
    connection.execute(_rate_at(code, from_day))
    connection.execute(
        insert(CurrencyRate).values(currency=code, from_day=from_day, rate=check_rate(rate))
    )
    _tell(connection, code)


@deed(Right.SETTINGS, "rate taken back", keep=("currency", "from_day"))
def drop_rate(connection: Connection, currency: str, *, from_day: date) -> None:
    """Take a rate back; rows that lived by it wait again."""
    if connection.execute(_rate_at(currency, from_day)).rowcount == 0:
        raise RecordError(f"Wanted the rate of {currency} from {from_day}, found none that day.")
    _tell(connection, currency)


def _tell(connection: Connection, currency: str) -> None:
    post_notice(connection, "setting", {"setting": "rate", "currency": currency, "moved": None})


def _rate_at(currency: str, from_day: date) -> Any:
    return delete(CurrencyRate).where(
        CurrencyRate.currency == currency, CurrencyRate.from_day == from_day
    )


def check_rate(rate: str) -> str:
    """Return the rate as plain decimal text.

    Examples
    --------
    >>> check_rate(" 1.10 ")
    '1.10'
    """
    try:
        value = Decimal(rate.strip())
        legal = value.is_finite() and 0 < value < LARGEST_RATE
        exact = legal and value.quantize(Decimal("1e-10"), rounding=ROUND_HALF_EVEN) == value
    except InvalidOperation:
        exact = False
    if not exact:
        raise RecordError(
            f"Wanted a rate above zero with a point and at most ten decimals, e.g. 0.9213, "
            f"found {rate!r}."
        )
    return f"{value:f}"
