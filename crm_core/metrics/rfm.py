"""Scores of 1 to 5 for how recently, how often and for how much every client buys.

The default is this product's own reading of RFM: frequency counts purchases
(days with an order), and equal values always get equal scores. ``compat="rfm"``
follows the R package of that name to the digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import live_days, sum_between
from crm_core.metrics.rates import Status, status_of
from crm_core.money import UNIT
from crm_core.tables import NEVER, BoolArray, IntArray, sum_segments

Compat = Literal["rfm"] | None
Four = tuple[Fraction, ...]
"""Four cut points, rising; empty where there is nobody to cut."""

DIMENSIONS = ("recency", "frequency", "money")
PARTS_OF = 5
"""Scores, and the parts the quantiles cut the clients into."""


@dataclass(frozen=True)
class RfmValues:
    """What the scores rest on, one value a client of the ledger.

    Attributes
    ----------
    as_of : int
        Last day counted.
    bought : ndarray of bool, shape (n_clients,)
        Clients that are scored: at least one live purchase (with ``compat`` any row).
    recency : ndarray of int64, shape (n_clients,)
        Days since the last purchase, 0 on its day; 0 too for those who never bought.
    frequency : ndarray of int64, shape (n_clients,)
        Live purchases (with ``compat`` rows).
    money : ndarray of int64, shape (n_clients,)
        Net sales of all days up to ``as_of``, ten-thousandths.
    compat : {"rfm"} or None
        Whose rule.
    """

    as_of: int
    bought: BoolArray
    recency: IntArray
    frequency: IntArray
    money: IntArray
    compat: Compat = None

    @cached_property
    def n(self) -> int:
        """Clients that are scored."""
        return int(np.count_nonzero(self.bought))

    def of_buyers(self, dimension: str) -> IntArray:
        """Return one of :data:`DIMENSIONS` for the clients that are scored, shape (n,)."""
        values: IntArray = getattr(self, dimension)
        return values if self.bought.all() else values[self.bought]


@dataclass(frozen=True)
class RfmCuts:
    """Four cut points for each of recency (days), frequency and money (ten-thousandths).

    Attributes
    ----------
    recency, frequency, money : tuple of Fraction
        Rising, exact; empty without clients.
    own : tuple of str
        The dimensions whose cuts somebody chose; the others are quantiles of the clients.
    reached : bool
        A value equal to a cut counts as above it (``compat``); by default as below.
    n : int or None
        Clients the quantiles rest on: all, where only some are looked at. None where
        they are those scored.
    """

    recency: Four
    frequency: Four
    money: Four
    own: tuple[str, ...] = ()
    reached: bool = False
    n: int | None = None

    def below(self, dimension: str) -> list[int]:
        """Return the largest whole value below each cut: whole numbers need no fractions.

        Examples
        --------
        >>> quantiles = exact_quantiles(np.array([1, 1, 2, 4, 9, 9]))
        >>> RfmCuts(quantiles, (), ()).below("recency")
        [1, 2, 4, 9]
        """
        cuts: Four = getattr(self, dimension)
        return [ceil(cut) - 1 if self.reached else floor(cut) for cut in cuts]

    def __str__(self) -> str:
        """Return the cuts as text that names them in a cache."""
        texts = [",".join(map(str, getattr(self, name))) for name in DIMENSIONS]
        return "|".join([*texts, ",".join(self.own), str(self.reached)])


@dataclass(frozen=True)
class RfmScores:
    """Scores 1 (worst) to 5 (best), one value a client of the ledger.

    Attributes
    ----------
    values : RfmValues
        What they rest on.
    cuts : RfmCuts
        Where they change.
    recency, frequency, money : ndarray of int8, shape (n_clients,)
        The scores, 0 for clients that are not scored.
    """

    values: RfmValues
    cuts: RfmCuts
    recency: NDArray[np.int8]
    frequency: NDArray[np.int8]
    money: NDArray[np.int8]

    @property
    def status(self) -> Status:
        """Fifths of fewer than five clients say nothing; cuts somebody chose always do."""
        if not self.values.n or len(self.cuts.own) == len(DIMENSIONS):
            return status_of(self.values.n, least=1)
        return status_of(self._basis, least=PARTS_OF)

    @property
    def _basis(self) -> int:
        return self.values.n if self.cuts.n is None else self.cuts.n

    @property
    def reason(self) -> str | None:
        """Why the scores are thin or not to be had."""
        if self.values.n == 0:
            return "nobody has bought by this day"
        if self.status == "ok":
            return None
        n = self._basis
        clients = f"only {n} client{'' if n == 1 else 's'} bought"
        if self.status == "thin":
            return f"{clients}, so a fifth of them is a handful"
        return f"{clients}; fifths need at least {PARTS_OF}, or cut points of your own"

    @cached_property
    def flat(self) -> tuple[str, ...]:
        """The dimensions in which all clients score alike: nothing tells them apart there."""
        counts = {name: np.bincount(getattr(self, name), minlength=2)[1:] for name in DIMENSIONS}
        return tuple(name for name, found in counts.items() if np.count_nonzero(found) == 1)


def exact_quantiles(values: IntArray) -> Four:
    """Return the type-7 quantiles of whole numbers at 20, 40, 60 and 80 %, as fractions.

    Position ``h = (n - 1) p`` counted from 0, between neighbours in proportion
    (Hyndman and Fan's type 7, the default of R and NumPy), without rounding.

    Parameters
    ----------
    values : ndarray of int64, shape (n,)
        In any order.

    Returns
    -------
    tuple of Fraction
        Four values, or none where ``values`` is empty.

    References
    ----------
    Hyndman and Fan (1996), *The American Statistician* 50(4), 361-365.

    Examples
    --------
    >>> [float(q) for q in exact_quantiles(np.array([4, 1, 2, 1]))]
    [1.0, 1.2, 1.8, 2.8]
    """
    n = len(values)
    if not n:
        return ()
    spots = [divmod((n - 1) * fifth, PARTS_OF) for fifth in range(1, PARTS_OF)]
    wanted = sorted({min(at + step, n - 1) for at, _ in spots for step in (0, 1)})
    parted = np.partition(values, wanted)
    return tuple(_between(int(parted[at]), int(parted[min(at + 1, n - 1)]), r) for at, r in spots)


def _between(low: int, high: int, fifths: int) -> Fraction:
    return Fraction(PARTS_OF * low + (high - low) * fifths, PARTS_OF)


def rfm_values(ledger: Ledger, as_of: int, *, compat: Compat = None) -> RfmValues:
    """Return recency, frequency and money of every client, over all days up to ``as_of``.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted.
    compat : {"rfm"}, optional
        Count rows instead of purchases, and days since the last row, as the R package does.

    Raises
    ------
    ParameterError
        If ``compat`` is something else.
    """
    if compat not in (None, "rfm"):
        raise ParameterError(f"Wanted compat to be 'rfm' or nothing, found {compat!r}.")
    measure = _measure_rows if compat else _measure_purchases
    last, count, money = zip(*measure_parts(ledger, measure, as_of), strict=True)
    frequency = np.concatenate(count)
    bought = frequency > 0
    recency = as_of - np.concatenate(last).astype(np.int64)
    recency *= bought
    return RfmValues(as_of, bought, recency, frequency, np.concatenate(money), compat)


Measured = tuple[NDArray[np.int32], IntArray, IntArray]


def _measure_purchases(part: Ledger, as_of: int) -> Measured:
    days = live_days(part, as_of)
    return days.last_day(), days.counts, sum_between(part.sales, -NEVER, as_of)[0]


def _measure_rows(part: Ledger, as_of: int) -> Measured:
    sales = part.sales
    count = sum_segments(sales.day <= as_of, sales.offsets)
    last = np.full(len(count), NEVER, dtype=np.int32)
    seen = np.flatnonzero(count)
    last[seen] = sales.day[sales.offsets[seen] + count[seen] - 1]
    return last, count, sum_between(sales, -NEVER, as_of)[0]


def quantile_cuts(values: RfmValues) -> RfmCuts:
    """Return the cuts that part the clients into fifths: quantiles at 20, 40, 60 and 80 %.

    With ``compat="rfm"`` one day, one row and one unit of money are added, as the R
    package does; its scores therefore change with the unit money is counted in.
    """
    recency, frequency, money = (exact_quantiles(values.of_buyers(name)) for name in DIMENSIONS)
    if not values.compat:
        return RfmCuts(recency, frequency, money, n=values.n)
    return RfmCuts(
        recency=tuple(cut + 1 for cut in recency),
        frequency=tuple(cut + 1 for cut in frequency),
        money=tuple(cut + UNIT for cut in money),
        reached=True,
        n=values.n,
    )


def score_values(values: RfmValues, cuts: RfmCuts) -> RfmScores:
    """Score every client: frequency and money 1 + the cuts passed, recency 5 - the cuts passed.

    Parameters
    ----------
    values : RfmValues
        Of some or all clients of the business.
    cuts : RfmCuts
        From :func:`quantile_cuts`, of these clients or of all; with cuts of one's own
        from :func:`~crm_core.metrics.rfm_cuts.with_own`.
    """
    passed = {name: _passed(getattr(values, name), cuts.below(name)) for name in DIMENSIONS}
    bought = values.bought
    return RfmScores(
        values=values,
        cuts=cuts,
        recency=(np.int8(PARTS_OF) - passed["recency"]) * bought,
        frequency=(np.int8(1) + passed["frequency"]) * bought,
        money=(np.int8(1) + passed["money"]) * bought,
    )


def _passed(values: IntArray, below: list[int]) -> NDArray[np.int8]:
    """Return how many cuts each value lies above."""
    count = np.zeros(len(values), dtype=np.int8)
    for bound in below:
        count += values > bound
    return count


def score_rfm(
    ledger: Ledger, as_of: int, *, cuts: RfmCuts | None = None, compat: Compat = None
) -> RfmScores:
    """Return the scores of every client on a day.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; all history up to it counts.
    cuts : RfmCuts, optional
        By default the quantiles of the ledger's own clients.
    compat : {"rfm"}, optional
        Follow the R package instead.

    Raises
    ------
    ParameterError
        If ``compat`` is unknown.

    Notes
    -----
    Score = 1 + the number of type-7 quantiles (20, 40, 60, 80 %) that the value exceeds;
    recency is turned round. Values and quantiles are compared exactly. Many clients
    with one purchase make frequency jump from 1 to 3: those two have equal values.
    """
    values = rfm_values(ledger, as_of, compat=compat)
    return score_values(values, quantile_cuts(values) if cuts is None else cuts)
