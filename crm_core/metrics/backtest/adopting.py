"""What puts a rule in force: its settings, with what it learns from everything up to a day."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.known import known_at
from crm_core.metrics.backtest.refits import learn
from crm_core.metrics.clock import Clock
from crm_core.metrics.m0_groups import client_groups
from crm_core.metrics.parameters import Groups, Parameters
from crm_core.metrics.purchases import first_sale_day

DAYS_AHEAD = 20_000
"""How far beyond the last day a clock must reach for limits that lie ahead."""


def clock_of(ledger: Ledger, parameters: Parameters, as_of: int) -> Clock:
    """Return the clock that silence up to a day, and limits beyond it, are counted on."""
    first = first_sale_day(ledger, as_of)
    start = as_of if first is None else first
    return Clock(parameters.closed_months, start - 1, as_of + DAYS_AHEAD)


def group_names(ledger: Ledger) -> list[tuple[str, str]]:
    """Return the kinds and channels that groups of clients are made of."""
    return client_groups(ledger.select(np.zeros(ledger.n_clients, dtype=np.bool_)))[1]


def rule_settings(
    ledger: Ledger, rule: Candidate, as_of: int, parameters: Parameters
) -> dict[str, Any]:
    """Return the settings that put a rule in force on a day.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    rule : Candidate
        The rule.
    as_of : int
        The gaps of groups and the model are estimated from everything up to this day.
    parameters : Parameters
        Those in force: closed months.

    Returns
    -------
    dict of str to value
        For :func:`crm_core.policy.write_rule`, and for ``dataclasses.replace`` of the
        parameters in force. Empty for the model where none can be fitted. The typical gap
        of the business is never among them: once stored it holds until the owner changes it.
    """
    if rule.kind == "fixed":
        return {"window": rule.window, "model": None}
    if rule.kind == "personal" and not rule.per_group:
        return _personal(rule, ())
    by_model = rule.kind == "bgnbd"
    known = known_at(ledger, as_of, as_of, 0, clock_of(ledger, parameters, as_of))
    learned = learn(known, grouped=rule.per_group, model=by_model)
    if by_model:
        return {} if learned.model is None else {"window": None, "model": learned.model}
    return _personal(rule, learned.groups(group_names(ledger)))


def _personal(rule: Candidate, groups: Groups) -> dict[str, Any]:
    return {
        "window": None,
        "model": None,
        "kappa": rule.kappa,
        "k_gone": rule.k_gone,
        "same_weeks": rule.same_weeks,
        "m0_groups": groups,
    }
