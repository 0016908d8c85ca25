"""Spans of time that carry their unit, and what each client did within one."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.distinct import count_distinct, find_distinct

FloatArray = NDArray[np.float64]

WEEKS_A_MONTH = 4.345
"""Weeks in a month, the convention of published lifetime values (this project's default)."""

CALENDAR_WEEKS_A_MONTH = 52 / 12
"""Weeks in a month where a year is taken as 52 weeks, the stated alternative."""

MOST_GROUPS = 200_000
"""Beyond so many distinct behaviours :meth:`Behaviour.grouped` rounds to whole weeks."""


class TimeUnit(enum.Enum):
    """A unit of time; the value is its length in days."""

    DAY = 1
    WEEK = 7


@dataclass(frozen=True)
class Duration:
    """A span of time with its unit, so that weeks cannot meet days by mistake.

    Attributes
    ----------
    amount : float
        How many units, at least 0 and finite.
    unit : TimeUnit
        The unit.

    Examples
    --------
    >>> Duration.weeks(2).to(TimeUnit.DAY), round(Duration.months(12).to(TimeUnit.WEEK), 2)
    (14.0, 52.14)
    """

    amount: float
    unit: TimeUnit

    def __post_init__(self) -> None:
        """Refuse a negative or endless span, and a unit that is none."""
        if not isinstance(self.unit, TimeUnit):
            raise ParameterError(f"Wanted a TimeUnit, found {self.unit!r}; say TimeUnit.DAY.")
        if not (math.isfinite(self.amount) and self.amount >= 0):
            raise ParameterError(
                f"Wanted a span of at least 0 {self.unit.name.lower()}s, found {self.amount}."
            )

    @classmethod
    def days(cls, amount: float) -> Duration:
        """Return a span of days."""
        return cls(amount, TimeUnit.DAY)

    @classmethod
    def weeks(cls, amount: float) -> Duration:
        """Return a span of weeks."""
        return cls(amount, TimeUnit.WEEK)

    @classmethod
    def months(cls, amount: float, *, weeks_a_month: float = WEEKS_A_MONTH) -> Duration:
        """Return a span of months, as so many weeks each."""
        return cls(amount * weeks_a_month, TimeUnit.WEEK)

    def to(self, unit: TimeUnit) -> float:
        """Return the span as a number of ``unit``."""
        return float(self.amount * self.unit.value / unit.value)


def require_duration(span: Any) -> Duration:
    """Return ``span`` if it is a :class:`Duration`.

    Raises
    ------
    ParameterError
        If it is a bare number: nobody could tell weeks from days.

    Examples
    --------
    >>> require_duration(30)
    Traceback (most recent call last):
    ...
    crm_core.errors.ParameterError: Wanted a Duration, found 30; say Duration.days(30) or \
Duration.weeks(30).
    """
    if isinstance(span, Duration):
        return span
    raise ParameterError(
        f"Wanted a Duration, found {span!r}; say Duration.days({span!r}) or "
        f"Duration.weeks({span!r})."
    )


@dataclass(frozen=True)
class Behaviour:
    """What buying clients did, one value a client (or a group of clients who are alike).

    Attributes
    ----------
    repeat : ndarray of int or float, shape (n,)
        Repeat purchases ``x``: order-days after the first one.
    recency : ndarray of int or float, shape (n,)
        ``t_x``: time from the first to the last purchase, 0 without a repeat.
    age : ndarray of int or float, shape (n,)
        ``T``: time from the first purchase to the as-of day, at least ``recency``.
    unit : TimeUnit
        The unit of ``recency`` and ``age``.
    weight : ndarray of float64, shape (n,), or None
        Clients in each group; None where every row is one client.
    rounded : bool
        True where times were rounded to whole weeks to have fewer groups.

    Raises
    ------
    ParameterError
        If the columns differ in length or there is no unit.

    Notes
    -----
    This recency runs from the first purchase forward; days *since* the last purchase,
    the recency of RFM, is ``age - recency``.
    """

    repeat: NDArray[Any]
    recency: NDArray[Any]
    age: NDArray[Any]
    unit: TimeUnit
    weight: FloatArray | None = None
    rounded: bool = False

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        lengths = {len(c) for c in (self.repeat, self.recency, self.age)}
        if self.weight is not None:
            lengths.add(len(self.weight))
        if len(lengths) > 1:
            raise ParameterError(f"Wanted columns of one length, found {sorted(lengths)}.")
        if not isinstance(self.unit, TimeUnit):
            raise ParameterError(f"Wanted a TimeUnit, found {self.unit!r}; say TimeUnit.DAY.")

    def __len__(self) -> int:
        return len(self.repeat)

    @property
    def n_clients(self) -> int:
        """Clients, those of a group counted each."""
        return len(self) if self.weight is None else round(float(self.weight.sum()))

    @property
    def n_repeat(self) -> int:
        """Clients with at least one repeat purchase."""
        again = self.repeat > 0
        if self.weight is None:
            return int(np.count_nonzero(again))
        return round(float(self.weight[again].sum()))

    def to(self, unit: TimeUnit) -> Behaviour:
        """Return the same behaviour with its times in ``unit``."""
        if unit is self.unit:
            return self
        factor = self.unit.value / unit.value
        return replace(self, recency=self.recency * factor, age=self.age * factor, unit=unit)

    def later(self, span: Duration) -> Behaviour:
        """Return the same clients after ``span`` without a purchase: only ``age`` grows."""
        more = require_duration(span).to(self.unit)
        whole = np.issubdtype(self.age.dtype, np.integer) and more == int(more)
        return replace(self, age=self.age + (self.age.dtype.type(more) if whole else more))

    def in_steps(self, step: Duration) -> Behaviour:
        """Return the behaviour with times rounded to whole steps, in its own unit.

        Whole numbers stay whole, so a step of less than one unit rounds nothing there.
        """
        width = require_duration(step).to(self.unit)
        recency, age = _round_to(self.recency, width), _round_to(self.age, width)
        return replace(self, recency=recency, age=age, rounded=True)

    def counted(self) -> Behaviour:
        """Return the distinct behaviours with their counts: as :meth:`grouped`, never rounded."""
        (repeat, recency, age), weight = count_distinct(
            (self.repeat, self.recency, self.age), self.weight
        )
        return replace(self, repeat=repeat, recency=recency, age=age, weight=weight)

    def grouped(self, *, most: int | None = MOST_GROUPS) -> tuple[Behaviour, NDArray[np.intp]]:
        """Return the distinct behaviours with their counts, and where each client's is.

        The likelihood of the groups is that of the clients, exactly.

        Parameters
        ----------
        most : int or None, default 200 000
            Beyond so many groups times are rounded to whole weeks, and the result says
            so (``rounded``); None never rounds.

        Returns
        -------
        groups : Behaviour
            Distinct ``(repeat, recency, age)`` with ``weight``, sorted by them.
        inverse : ndarray of intp, shape (n,)
            The group of each row: ``values_of_groups[inverse]`` joins back.
        """
        rows, inverse = find_distinct(self.repeat, self.recency, self.age)
        if most is not None and len(rows) > most and not self.rounded:
            return self.in_steps(Duration.weeks(1)).grouped(most=None)
        weight = np.bincount(inverse, weights=self.weight, minlength=len(rows))
        groups = replace(
            self,
            repeat=self.repeat[rows],
            recency=self.recency[rows],
            age=self.age[rows],
            weight=weight.astype(np.float64),
        )
        return groups, inverse


def _round_to(times: NDArray[Any], width: float) -> NDArray[Any]:
    if np.issubdtype(times.dtype, np.integer):
        whole = max(round(width), 1)
        return (times + whole // 2) // whole * whole
    return np.asarray(np.round(times / width) * width)
