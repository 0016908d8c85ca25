"""BG/NBD and MBG/NBD: clients buy at a rate of their own until they leave after a purchase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime import chances
from crm_core.metrics.lifetime.bg_likelihood import BgLikelihood
from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.distinct import map_pairs
from crm_core.metrics.lifetime.durations import (
    Behaviour,
    Duration,
    TimeUnit,
    require_duration,
)
from crm_core.metrics.lifetime.fitting import Fit, Optimum, fit_or_reason, maximise
from crm_core.metrics.lifetime.special import purchases_while_alive

FloatArray = NDArray[np.float64]

NAMES = ("r", "alpha", "a", "b")

COARSE_FROM = 2_000
"""From so many groups on the starts climb rounded times."""

COARSE_STEPS = 20
"""Into so many steps the oldest client's age is then divided."""

STARTS = ((0.5, 0.5, 2.0), (0.2, 1.0, 5.0), (1.5, 0.3, 0.6))
"""Shape of the rates, and the two parameters of leaving."""

NEARLY_NOBODY = 0.01
"""Below this mean chance to leave after a purchase nobody measurably leaves."""

NOBODY_LEAVES = "nobody measurably leaves here: repeat buyers never stop in this history"


@dataclass(frozen=True)
class BgNbd:
    """Purchases at a Gamma(r, alpha) rate, with a Beta(a, b) chance to leave after each.

    Attributes
    ----------
    r, alpha : float
        Shape and rate of the purchase rates; ``r / alpha`` purchases a unit of time.
    a, b : float
        Of the chance to leave; ``a / (a + b)`` on average.
    unit : TimeUnit, default WEEK
        The unit of ``alpha``. Behaviour and durations are converted to it.
    kind : {"bg", "mbg"}, default "bg"
        BG/NBD, where a client may leave after each repeat purchase, so whoever bought once
        is alive with certainty; or MBG/NBD, where they may leave after the first one too.

    Raises
    ------
    ParameterError
        If a parameter is not above zero, or the kind is none of the two.

    References
    ----------
    Fader, Hardie & Lee (2005), *Marketing Science* 24(2), 275-284; Batislam, Denizel &
    Filiztekin (2007), *International Journal of Research in Marketing* 24(3), 201-209.

    Examples
    --------
    >>> model = BgNbd(0.243, 4.414, 0.793, 2.426)
    >>> client = Behaviour(*np.array([[2], [30.43], [38.86]]), TimeUnit.WEEK)
    >>> model.expected_purchases(client, Duration.weeks(39)).round(3).tolist()
    [1.226]
    """

    r: float
    alpha: float
    a: float
    b: float
    unit: TimeUnit = TimeUnit.WEEK
    kind: Kind = "bg"

    def __post_init__(self) -> None:
        """Refuse parameters that are not above zero."""
        named = {name: getattr(self, name) for name in NAMES}
        if not all(0 < value < np.inf for value in named.values()):
            raise ParameterError(
                f"Wanted r, alpha, a and b above 0, found {named}; fit them with fit_bg_nbd."
            )
        if self.kind not in ("bg", "mbg"):
            raise ParameterError(f'Wanted the kind "bg" or "mbg", found {self.kind!r}.')

    def log_likelihood(self, behaviour: Behaviour) -> float:
        """Return the log-likelihood of all clients, each counted by its weight."""
        likelihood = BgLikelihood(behaviour, unit=self.unit, kind=self.kind)
        return likelihood(np.array([self.r, self.alpha, self.a, self.b]))[0]

    def chance_alive(self, behaviour: Behaviour) -> FloatArray:
        """Return the probability that each client has not left, shape (n,)."""
        return chances.chance_alive(
            self.r,
            self._alpha_in(behaviour.unit),
            self.a,
            self.b,
            behaviour.repeat,
            behaviour.recency,
            behaviour.age,
            kind=self.kind,
        )

    def chance_to_buy(self, behaviour: Behaviour, horizon: Duration) -> FloatArray:
        """Return the probability of at least one purchase in the time ahead, shape (n,).

        Parameters
        ----------
        behaviour : Behaviour
            What the clients did.
        horizon : Duration
            Length of the time ahead.
        """
        return chances.chance_to_buy(
            self.r,
            self._alpha_in(behaviour.unit),
            self.a,
            self.b,
            behaviour.repeat,
            behaviour.recency,
            behaviour.age,
            require_duration(horizon).to(behaviour.unit),
            kind=self.kind,
        )

    def expected_from_start(self, span: Duration) -> float:
        """Return the repeat purchases expected of a new client in their first ``span``."""
        nothing = np.zeros(1)
        new = Behaviour(nothing, nothing, nothing, self.unit)
        return float(self.expected_purchases(new, span)[0])

    def expected_purchases(self, behaviour: Behaviour, horizon: Duration) -> FloatArray:
        """Return the purchases expected of each client in the time ahead.

        ``P(alive)`` times those of a client who is alive, which depend on ``x`` and ``T``
        alone and are computed once for each pair.

        Parameters
        ----------
        behaviour : Behaviour
            What the clients did.
        horizon : Duration
            Length of the time ahead.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self.weighted_purchases(behaviour, [horizon], [1.0])

    def weighted_purchases(
        self, behaviour: Behaviour, horizons: Sequence[Duration], weights: Sequence[float]
    ) -> FloatArray:
        """Return a weighted sum of the purchases expected up to several horizons.

        A discounted sum over months is one of these: each month's purchases are those up
        to its end less those up to its beginning.

        Parameters
        ----------
        behaviour : Behaviour
            What the clients did.
        horizons : sequence of Duration
            Lengths of the time ahead.
        weights : sequence of float
            One a horizon.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        spans = [require_duration(horizon).to(behaviour.unit) for horizon in horizons]
        terms = list(zip(spans, weights, strict=True))
        alpha = self._alpha_in(behaviour.unit)

        def while_alive(repeat: NDArray[Any], age: NDArray[Any]) -> FloatArray:
            shape, survived = self.r + repeat, repeat + (self.b + (self.kind == "mbg"))
            total = np.zeros(len(repeat))
            for span, weight in terms:
                ahead = span / (alpha + age)
                total += weight * purchases_while_alive(shape, ahead, self.a, survived)
            return total

        result = map_pairs(behaviour.repeat, behaviour.age, while_alive)
        result *= self.chance_alive(behaviour)
        return result

    def _alpha_in(self, unit: TimeUnit) -> float:
        """Return alpha in another unit: only its ratio to the times counts."""
        return self.alpha * self.unit.value / unit.value


def fit_bg_nbd(
    behaviour: Behaviour,
    *,
    kind: Kind = "bg",
    m0_days: float | None = None,
    unit: TimeUnit = TimeUnit.WEEK,
) -> Fit[BgNbd]:
    """Fit BG/NBD or MBG/NBD to the behaviour of clients, one-time buyers included.

    Parameters
    ----------
    behaviour : Behaviour
        The clients, each or in groups. They are grouped here, which leaves the likelihood
        as it is: no time is ever rounded for the result.
    kind : {"bg", "mbg"}, default "bg"
        Which of the two.
    m0_days : float, optional
        Typical first return gap in days; with it, a history shorter than three is thin.
    unit : TimeUnit, default WEEK
        Unit of the model.

    Returns
    -------
    Fit of BgNbd
        ``"not computable"`` where a parameter runs to a bound, with a sentence that says
        what that means.

    Notes
    -----
    Where there are many groups the three starts climb the likelihood of rounded times,
    and the last steps are taken on the true one.
    """

    def build(parameters: FloatArray) -> BgNbd:
        r, alpha, a, b = parameters.tolist()
        return BgNbd(r, alpha, a, b, unit, kind)

    def search() -> Optimum:
        groups = behaviour.counted()
        exact = BgLikelihood(groups, unit=unit, kind=kind)
        coarse = None
        if len(groups) > COARSE_FROM:
            step = Duration(float(groups.age.max()) / COARSE_STEPS, groups.unit)
            coarse = BgLikelihood(groups.in_steps(step).counted(), unit=unit, kind=kind)
        starts = _starts(groups.to(unit))
        return maximise(exact, starts, NAMES, clients=groups.n_clients, coarse=coarse)

    return fit_or_reason(
        behaviour,
        search,
        build,
        explain_bound=_explain_bound,
        m0_days=m0_days,
    )


def _starts(groups: Behaviour) -> list[tuple[float, float, float, float]]:
    """Return three starts around the rate at which clients buy again."""
    weight = np.ones(len(groups)) if groups.weight is None else groups.weight
    # Sums of products: a dot product this long would wake a second thread for nothing.
    pace = float((weight * groups.repeat).sum()) / max(float((weight * groups.age).sum()), 1e-9)
    return [(r, r / max(pace, 1e-9), a, b) for r, a, b in STARTS]


def _explain_bound(found: Optimum) -> str:
    """Say in a sentence what it means that parameters ran to a bound."""
    chance = found.parameters[2] / (found.parameters[2] + found.parameters[3])
    if found.at_bound & {"a", "b"}:
        if chance < NEARLY_NOBODY:
            return NOBODY_LEAVES
        if chance > 1 - NEARLY_NOBODY:
            return "everybody leaves after the first return here: there is no rhythm to learn"
        return "all clients seem equally likely to leave here, so the model cannot tell them apart"
    return "all clients seem to buy at one rate here, so the model cannot tell them apart"
