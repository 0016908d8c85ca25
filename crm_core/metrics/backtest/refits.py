"""What rules learn from the sales up to a cut: typical gaps, and a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.backtest.known import Known
from crm_core.metrics.lifetime.bg_nbd import fit_bg_nbd
from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit
from crm_core.metrics.limits import DAYS_A_WEEK
from crm_core.metrics.parameters import Groups, Model, Parameters
from crm_core.metrics.survival import LEAST_AT_RISK, Survival, kaplan_meier

MOST_FITTED = 100_000
"""A model is fitted on at most so many clients: every second, third, ... of them."""

LATE_RETURN = 0.8
"""The horizon of the model's rule is twice the days by which so many returns have happened."""


@dataclass(frozen=True)
class Learned:
    """What is estimated on a cut, from nothing dated later.

    Attributes
    ----------
    m0 : int or None
        Typical gap of all, None below 20 returns.
    by_group : dict of int to int
        Typical gap of each kind and channel with at least 20 returns, by code.
    model : tuple of five float or None
        BG/NBD r, alpha, a, b and the horizon of its rule, in weeks; None where the fit is
        thin, too: then the plain rules alone are tried.
    model_reason : str or None
        Why there is no model.
    """

    m0: int | None
    by_group: dict[int, int]
    model: Model | None
    model_reason: str | None

    @property
    def m0_days(self) -> float:
        """The typical gap, the default of 30 days where there is none yet."""
        return Parameters().m0 if self.m0 is None else float(self.m0)

    def gaps(self, group: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the typical gap of each client by its kind and channel, shape (n,)."""
        size = int(group.max(initial=-1)) + 1
        days = np.full(size, self.m0_days)
        for code, own in self.by_group.items():
            days[code] = own
        return days[group]

    def groups(self, names: list[tuple[str, str]]) -> Groups:
        """Return the typical gaps of kinds and channels as a setting holds them."""
        return tuple((*names[code], float(days)) for code, days in sorted(self.by_group.items()))


def learn(known: Known, *, grouped: bool, model: bool = True) -> Learned:
    """Estimate what rules need from what is known on a cut.

    Parameters
    ----------
    known : Known
        Every buyer, those ended by word included: their purchases are history all the same.
    grouped : bool
        Estimate a typical gap for each kind and channel too.
    model : bool, default True
        Fit the model too.
    """
    curve = _returns(known.first_gap, known.age)
    enough = curve.n_events >= LEAST_AT_RISK
    m0 = curve.quantile_among_events(0.5) if enough else None
    late = curve.quantile_among_events(LATE_RETURN) if enough else None
    fitted, reason = _fit(known, late, m0) if model else (None, "nobody asked for a model")
    return Learned(m0, _by_group(known) if grouped else {}, fitted, reason)


def _returns(first_gap: NDArray[np.int32], age: NDArray[np.int32]) -> Survival:
    """Return the curve of first returns, those still waiting censored at the cut."""
    back = first_gap >= 0
    return kaplan_meier(np.bincount(first_gap[back]), np.bincount(age[~back]))


def _by_group(known: Known) -> dict[int, int]:
    """Return the typical gap of each kind and channel with at least 20 returns."""
    returns = np.bincount(known.group[known.first_gap >= 0])
    found = {}
    for code in np.flatnonzero(returns >= LEAST_AT_RISK):
        mine = known.group == code
        days = _returns(known.first_gap[mine], known.age[mine]).quantile_among_events(0.5)
        if days is not None:
            found[int(code)] = days
    return found


def _fit(known: Known, late: int | None, m0: int | None) -> tuple[Model | None, str | None]:
    """Return the model with the horizon of its rule, or why there is none."""
    if late is None:
        return None, f"fewer than {LEAST_AT_RISK} clients have come back"
    some = slice(None, None, -(-len(known) // MOST_FITTED) or 1)
    behaviour = Behaviour(known.n_gaps[some], known.recency[some], known.age[some], TimeUnit.DAY)
    fit = fit_bg_nbd(behaviour, m0_days=m0)
    if fit.model is None or fit.status != "ok":
        return None, fit.reason
    found = fit.model
    return (found.r, found.alpha, found.a, found.b, 2 * late / DAYS_A_WEEK), fit.reason
