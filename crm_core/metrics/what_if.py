"""What losing clients would cost, how long the rest would need, and how a share comes down.

Everything is of one year: the twelve months up to the as-of day. Amounts are whole
ten-thousandths, margins whole hundredths of a percent, so results are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import first_sale_day, sum_between
from crm_core.metrics.rates import Rate
from crm_core.tables import STAGES, IntArray

WHOLE = 10_000
"""A margin of 100 %."""

GONE = STAGES.index("termination")


@dataclass(frozen=True)
class TwoYears:
    """Net sales of the last twelve months and of the twelve before.

    Attributes
    ----------
    as_of : int
        Last day counted.
    recent, before : ndarray of int64, shape (n_clients,)
        Of every client, refunds off, ten-thousandths.
    unnamed_recent, unnamed_before : int
        Of the sales without a client.
    complete : bool
        Whether there are rows from before the earlier year, so that it is whole.
    """

    as_of: int
    recent: IntArray
    before: IntArray
    unnamed_recent: int
    unnamed_before: int
    complete: bool

    @property
    def total(self) -> int:
        """All net sales of the last twelve months, those without a client included."""
        return int(self.recent.sum()) + self.unnamed_recent

    @property
    def total_before(self) -> int:
        """All net sales of the twelve months before."""
        return int(self.before.sum()) + self.unnamed_before


def two_years(ledger: Ledger, as_of: int) -> TwoYears:
    """Return every client's net sales of the last twelve months and of the twelve before.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; later rows play no part.
    """
    middle, begin = (int(same_day_years_before(as_of, years)) for years in (1, 2))
    recent, unnamed = _sum_year(ledger, middle + 1, as_of)
    before, unnamed_before = _sum_year(ledger, begin + 1, middle)
    first_day = first_sale_day(ledger, as_of)
    complete = first_day is not None and first_day <= begin + 1
    return TwoYears(as_of, recent, before, unnamed, unnamed_before, complete)


def _sum_year(ledger: Ledger, first: int, last: int) -> tuple[IntArray, int]:
    """Return each client's net sales from one day to another, and those without a client."""
    nets = measure_parts(ledger, lambda part: sum_between(part.sales, first, last)[0])
    inside = (ledger.unnamed_day >= first) & (ledger.unnamed_day <= last)
    return np.concatenate(nets), int(ledger.unnamed_amount[inside].sum())


@dataclass(frozen=True)
class Loss:
    """The business without some clients.

    Attributes
    ----------
    lost : int
        What they brought in the last twelve months, ten-thousandths.
    rest, rest_before : int
        What everybody else brought then, and in the twelve months before.
    complete : bool
        Whether the year before is whole.
    """

    lost: int
    rest: int
    rest_before: int
    complete: bool

    @property
    def growth(self) -> int | None:
        """What the rest brought more than the year before, None where that is not whole."""
        return self.rest - self.rest_before if self.complete else None

    @property
    def months(self) -> int | None:
        """Months until the rest has grown by ``lost`` a year, at its growth of the last year.

        ``ceil(12 * lost / growth)``; None where the rest does not grow.
        """
        if self.lost <= 0:
            return 0
        if self.growth is None or self.growth <= 0:
            return None
        return -(-12 * self.lost // self.growth)

    @property
    def reason(self) -> str | None:
        """Why the months cannot be said."""
        if self.months is not None:
            return None
        if self.growth is None:
            return "sales do not reach back two whole years, so the growth of the rest is not known"
        if self.growth == 0:
            return "the rest did not grow in the last year"
        return "the rest shrank in the last year: at that pace it would never fill the gap"


def lose(years: TwoYears, positions: Sequence[int]) -> Loss:
    """Return the business without some clients.

    Parameters
    ----------
    years : TwoYears
        From :func:`two_years`.
    positions : sequence of int
        Places in the client table; each counts once.
    """
    gone = np.unique(np.asarray(positions, dtype=np.int64))
    lost, lost_before = int(years.recent[gone].sum()), int(years.before[gone].sum())
    return Loss(lost, years.total - lost, years.total_before - lost_before, years.complete)


def margin_on(sales: int, margin: int) -> int:
    """Return what is left of sales after the goods, half-even.

    Parameters
    ----------
    sales : int
        Ten-thousandths.
    margin : int
        Hundredths of a percent, 0 to 10,000.

    Raises
    ------
    ParameterError
        If the margin is out of range.

    Examples
    --------
    >>> margin_on(1_000_000, 3_250), margin_on(-100, 5_000), margin_on(1, 5_000)
    (325000, -50, 0)
    """
    if not 0 <= margin <= WHOLE:
        raise ParameterError(f"Wanted a margin from 0 to {WHOLE}, found {margin}.")
    whole, rest = divmod(sales * margin, WHOLE)
    return whole + (2 * rest > WHOLE or (2 * rest == WHOLE and whole % 2))


def result_without(
    total: int, lost: int, *, margin: int, fixed_costs: int = 0, lost_discount: int = 0
) -> int:
    """Return ``(total - lost) * margin - fixed costs - lost supplier discount``.

    Parameters
    ----------
    total, lost : int
        Sales of a year and those that would go, ten-thousandths.
    margin : int
        Hundredths of a percent.
    fixed_costs, lost_discount : int
        A year, ten-thousandths.

    Examples
    --------
    >>> result_without(1_000_000, 140_000, margin=3_000, fixed_costs=200_000, lost_discount=8_000)
    50000
    """
    return margin_on(total - lost, margin) - fixed_costs - lost_discount


def needed_from_others(sales: int, total: int, goal: int) -> int:
    """Return what others must bring more for a client's share to come down to a goal.

    ``x = sales / goal - total``, rounded up; 0 where the share is there already.

    Parameters
    ----------
    sales, total : int
        Of the client (or clients), and of all, ten-thousandths.
    goal : int
        Share wanted, in whole percent, 1 to 100.

    Raises
    ------
    ParameterError
        If the goal is out of range.

    Examples
    --------
    >>> needed_from_others(60, 100, 40)
    50
    """
    if not 1 <= goal <= 100:
        raise ParameterError(f"Wanted a share from 1 to 100 percent, found {goal}.")
    return max(0, -(-100 * sales // goal) - total)


def chances_of_leaving(then: NDArray[np.int8], now: NDArray[np.int8]) -> tuple[Rate, ...]:
    """Return, by stage a year ago, how many clients of that stage are gone now.

    Parameters
    ----------
    then, now : ndarray of int8, shape (n_clients,)
        Stage codes of the same clients a year before the as-of day, and on it.

    Returns
    -------
    tuple of Rate
        One a stage code (``tables.STAGES``). For those gone a year ago it is no chance
        of leaving, and no page uses it.

    Examples
    --------
    >>> import numpy as np
    >>> chances = chances_of_leaving(np.array([4, 4, 4, 2]), np.array([4, 5, 4, 5]))
    >>> chances[4].numerator, chances[4].denominator
    (1, 3)
    """
    size = len(STAGES)
    all_of = np.bincount(then, minlength=size)
    gone = np.bincount(then[now == GONE], minlength=size)
    return tuple(Rate(int(n), int(d)) for n, d in zip(gone, all_of, strict=True))


def expected_loss(amount: int, chance: Rate) -> int | None:
    """Return an amount times the chance of losing it, None where no chance can be said.

    Examples
    --------
    >>> expected_loss(1_000_000, Rate(3, 40)), expected_loss(1_000_000, Rate(1, 3))
    (75000, None)
    """
    if chance.value is None:
        return None
    return amount * chance.numerator // chance.denominator
