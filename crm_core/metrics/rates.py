"""Rates that carry their count, their range and whether they can be shown at all."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

Status = Literal["ok", "thin", "not computable"]
"""Whether a figure stands: in full, with a warning of few cases, or not at all."""

LEAST_DENOMINATOR = 5
"""Below so many cases a rate is withheld (``docs/methods.md``, conventions)."""

THIN_DENOMINATOR = 30
"""Below so many cases a rate is shown as thin."""

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


def status_of(count: int, *, least: int = LEAST_DENOMINATOR) -> Status:
    """Return the status of a figure that rests on ``count`` cases.

    Parameters
    ----------
    count : int
        The cases: a rate's denominator.
    least : int, default 5
        Fewest cases that are shown.

    Examples
    --------
    >>> status_of(4), status_of(5), status_of(30)
    ('not computable', 'thin', 'ok')
    """
    if count < max(least, 1):
        return "not computable"
    return "thin" if count < THIN_DENOMINATOR else "ok"


def wilson_interval(numerator: int, denominator: int) -> tuple[float, float]:
    """Return Wilson's 95 % score interval of a share.

    Parameters
    ----------
    numerator, denominator : int
        Cases with the property and cases in all, ``0 <= numerator <= denominator``
        and ``denominator > 0``.

    Returns
    -------
    tuple of float
        Lower and upper bound, within 0 and 1.

    References
    ----------
    Wilson (1927), *Journal of the American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson_interval(12, 40)]
    [0.181, 0.454]
    """
    share, spread = numerator / denominator, Z_95**2 / denominator
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 / (1 + spread) * sqrt(share * (1 - share) / denominator + spread**2 / Z_95**2 / 4)
    # At 0 and at 1 the formula gives the bound exactly but for rounding.
    lower = 0.0 if numerator == 0 else max(middle - half, 0.0)
    upper = 1.0 if numerator == denominator else min(middle + half, 1.0)
    return lower, upper


@dataclass(frozen=True)
class Rate:
    """A share with its counts.

    Attributes
    ----------
    numerator, denominator : int
        Cases with the property and cases in all.
    least : int, default 5
        Smallest denominator at which the rate is shown; churn rates use 1.

    Examples
    --------
    >>> Rate(12, 40).value, Rate(1, 4).value, Rate(1, 4).status
    (0.3, None, 'not computable')
    >>> Rate(1, 4).reason
    'only 4 cases, at least 5 are needed'
    """

    numerator: int
    denominator: int
    least: int = LEAST_DENOMINATOR

    @property
    def status(self) -> Status:
        """Whether the rate is shown, shown as thin, or withheld."""
        return status_of(self.denominator, least=self.least)

    @property
    def value(self) -> float | None:
        """The rate from 0 to 1, None where it is withheld."""
        if self.status == "not computable":
            return None
        return self.numerator / self.denominator

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, None where the rate is withheld."""
        if self.status == "not computable":
            return None
        return wilson_interval(self.numerator, self.denominator)

    @property
    def reason(self) -> str | None:
        """Why the rate is thin or withheld, None where it is neither."""
        if self.status == "ok":
            return None
        if self.denominator == 0:
            return "no cases"
        cases = f"only {self.denominator} case{'' if self.denominator == 1 else 's'}"
        if self.status == "thin":
            return f"{cases}, fewer than {THIN_DENOMINATOR}"
        return f"{cases}, at least {self.least} are needed"
