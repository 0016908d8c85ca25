"""How far a goodbye can be trusted: those given up who came back, and how long relations last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, history_at
from crm_core.metrics.history_parts import join_positions, measure_with_history
from crm_core.metrics.parameters import PERSONAL, Parameters
from crm_core.metrics.rates import THIN_DENOMINATOR, Rate
from crm_core.metrics.spells import gone_days
from crm_core.metrics.standings import last_rows
from crm_core.metrics.survival import Survival, add_histograms, kaplan_meier
from crm_core.tables import BoolArray, IntArray

FIXED_RULES = ("fixed:60", "fixed:90", "fixed:180")
"""The windows shown beside the personal rule."""

MOST_WRONG = 1 / 3
"""Share of wrong goodbyes above which silence says little."""


@dataclass(frozen=True)
class FalseGoodbyes:
    """Of the buyers given up on an earlier day, those who bought since.

    Attributes
    ----------
    as_of, cut : int
        The day, and the earlier day ``as_of - horizon``.
    rule : str
        The rule that gave them up.
    gone, came_back : ndarray of int64
        Positions of the buyers gone on ``cut``, whenever they went, and of those
        among them with a purchase in (cut, as_of].
    """

    as_of: int
    cut: int
    rule: str
    gone: IntArray
    came_back: IntArray

    @property
    def rate(self) -> Rate:
        """Those who came back among those given up."""
        return Rate(len(self.came_back), len(self.gone))

    @property
    def in_doubt(self) -> bool:
        """Whether more than one goodbye in three was wrong, of 30 or more: silence says little."""
        share = self.rate.value
        return len(self.gone) >= THIN_DENOMINATOR and share is not None and share > MOST_WRONG


def false_goodbyes(
    ledger: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    *,
    rule: str | None = None,
) -> FalseGoodbyes | None:
    """Return how many buyers gone one horizon ago have bought since.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    history : History
        Computed with ``parameters``.
    parameters : Parameters
        ``horizon_days`` says how long a goodbye is watched.
    as_of : int
        The day; purchases are those live on it.
    rule : str, optional
        By default the rule of ``parameters``.

    Returns
    -------
    FalseGoodbyes or None
        None where the sales begin after ``as_of`` minus the horizon.
    """
    rule = parameters.rule if rule is None else rule
    cut = as_of - parameters.horizon_days
    span = ledger.span(as_of)
    if span is None or span[0] > cut:
        return None
    drawn = history_at(ledger, history, as_of, parameters)
    parts = measure_with_history(ledger, drawn, measure_goodbyes, parameters, as_of, rule)
    return conclude_goodbyes(parts, parameters, as_of, rule=rule)


@dataclass(frozen=True)
class Goodbyes:
    """Positions within a part of those gone on the cut, and of those who came back."""

    n_clients: int
    gone: IntArray
    came_back: IntArray


def measure_goodbyes(
    part: Ledger, history: History, parameters: Parameters, as_of: int, rule: str
) -> Goodbyes:
    """Measure :func:`false_goodbyes` on a part of the ledger and its drawn history."""
    cut = as_of - parameters.horizon_days
    _, gone = active_and_gone(part, history, parameters, cut, rule)
    client = np.flatnonzero(gone)
    before, since = (last_rows(history.offsets, history.day, day)[client] for day in (cut, as_of))
    return Goodbyes(part.n_clients, client, client[since > before])


def conclude_goodbyes(
    parts: list[Goodbyes], parameters: Parameters, as_of: int, *, rule: str
) -> FalseGoodbyes:
    """Join the clients of all parts."""
    sizes = [part.n_clients for part in parts]
    return FalseGoodbyes(
        as_of=as_of,
        cut=as_of - parameters.horizon_days,
        rule=rule,
        gone=join_positions([part.gone for part in parts], sizes),
        came_back=join_positions([part.came_back for part in parts], sizes),
    )


def active_and_gone(
    ledger: Ledger, drawn: History, parameters: Parameters, as_of: int, rule: str
) -> tuple[BoolArray, BoolArray]:
    """Return who is active and who is gone on a day by a rule, shape (n_clients,) each.

    Parameters
    ----------
    ledger : Ledger
        The ledger, or a part of it.
    drawn : History
        Its history as drawn on ``as_of``.
    parameters, as_of, rule
        As in :func:`false_goodbyes`.
    """
    last = last_rows(drawn.offsets, drawn.day, as_of)
    bought = last >= 0
    gone = np.zeros(len(last), dtype=np.bool_)
    gone[bought] = gone_days(ledger, drawn, parameters, rule)[last[bought]] <= as_of
    return bought & ~gone, gone


def measure_relations(
    part: Ledger, history: History, parameters: Parameters, as_of: int, rule: str
) -> tuple[IntArray, IntArray]:
    """Return histograms of the days from first purchase to gone, and to ``as_of`` if not gone."""
    last = last_rows(history.offsets, history.day, as_of)
    buyers = np.flatnonzero(last >= 0)
    first = history.day[history.offsets[:-1][buyers]]
    gone_on = gone_days(part, history, parameters, rule)[last[buyers]]
    gone = gone_on <= as_of
    return np.bincount((gone_on - first)[gone]), np.bincount((as_of - first)[~gone])


def relation_survival(
    ledger: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    *,
    rule: str | None = None,
) -> Survival:
    """Return how long relations last: Kaplan-Meier from first purchase to gone.

    A relation runs from the first purchase ever; it has ended where the client
    is gone on ``as_of``, else it is censored there. Who came back counts as one
    relation that goes on.

    Parameters
    ----------
    ledger, history, parameters, as_of, rule
        As in :func:`false_goodbyes`.
    """
    rule = parameters.rule if rule is None else rule
    drawn = history_at(ledger, history, as_of, parameters)
    parts = measure_with_history(ledger, drawn, measure_relations, parameters, as_of, rule)
    ended, going = zip(*parts, strict=True)
    return kaplan_meier(add_histograms(list(ended)), add_histograms(list(going)))


@dataclass(frozen=True)
class RuleFigures:
    """What one rule says on a day, to stand beside the others.

    Attributes
    ----------
    rule : str
        ``"personal"``, ``"bgnbd"`` or ``"fixed:DAYS"``.
    active, gone : int
        Buyers by that rule.
    goodbyes : FalseGoodbyes or None
        Of those it gave up one horizon ago, who came back.
    """

    rule: str
    active: int
    gone: int
    goodbyes: FalseGoodbyes | None


def compare_rules(
    ledger: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    *,
    rules: Sequence[str] = (PERSONAL, *FIXED_RULES),
) -> tuple[RuleFigures, ...]:
    """Return the figures of several rules on the same purchases.

    Parameters
    ----------
    ledger, history, parameters, as_of
        As in :func:`false_goodbyes`; ``parameters`` by the personal rule.
    rules : sequence of str
        The rules, in the order wanted.
    """
    drawn = history_at(ledger, history, as_of, parameters)
    figures = []
    for rule in rules:
        active, gone = active_and_gone(ledger, drawn, parameters, as_of, rule)
        goodbyes = false_goodbyes(ledger, history, parameters, as_of, rule=rule)
        figures.append(RuleFigures(rule, int(active.sum()), int(gone.sum()), goodbyes))
    return tuple(figures)
