"""How well rules did on a cut: alarms and misses counted, scores ranked, chances checked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.flags import Rules, blocks
from crm_core.metrics.backtest.known import Known
from crm_core.metrics.backtest.results import RuleScore
from crm_core.tables import BoolArray, IntArray


def score_rules(
    rules: Rules, known: Known, candidates: Sequence[Candidate], horizon_days: int
) -> list[RuleScore]:
    """Return the score of every rule on one cut, in the order given.

    Parameters
    ----------
    rules : Rules
        What the rules share.
    known : Known
        The clients counted.
    candidates : sequence of Candidate
        The rules; the model's is left out where none was fitted.
    horizon_days : int
        The days after the cut that tell who came back: of them are the model's chances.
    """
    if rules.learned.model is None:
        candidates = [one for one in candidates if one.kind != "bgnbd"]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        counts = sum(pool.map(partial(_count, rules, candidates), blocks(known)))
        names = [_score_name(rules, one) for one in candidates]
        distinct = dict(zip(names, candidates, strict=True))
        ranked = pool.map(partial(_rank, rules, known, horizon_days), distinct.values())
        aucs = dict(zip(distinct, ranked, strict=True))
    totals = (
        len(known),
        int(np.count_nonzero(known.bought)),
        int(known.money.sum()),
        int(known.money.sum(where=known.bought)),
    )
    scores = []
    for one, name, found in zip(candidates, names, np.asarray(counts).tolist(), strict=True):
        score = RuleScore(
            rule=one,
            cut=rules.cut,
            n=totals[0],
            n_bought=totals[1],
            n_flagged=found[0],
            n_flagged_bought=found[1],
            money=totals[2],
            money_bought=totals[3],
            money_flagged=found[2],
            money_flagged_bought=found[3],
            auc=aucs[name][0],
            money_auc=aucs[name][1],
        )
        scores.append(_with_brier(score, rules, known, horizon_days))
    return scores


def _count(rules: Rules, candidates: Sequence[Candidate], known: Known) -> IntArray:
    """Count a block's flags, shape (n_rules, 4): clients, those who bought, and their money."""
    flags = rules.on(known)
    # One product adds all four; ten-thousandths of a block are whole numbers in float64.
    weights = np.empty((4, len(known)))
    weights[0], weights[1], weights[2] = 1.0, known.bought, known.money
    np.multiply(known.bought, known.money, out=weights[3])
    counts = np.empty((len(candidates), 4))
    for row, candidate in enumerate(candidates):
        counts[row] = weights @ flags.of(candidate).astype(np.float64)
    return counts.astype(np.int64)


def _score_name(rules: Rules, candidate: Candidate) -> tuple[object, ...]:
    return ("chance",) if candidate.kind == "bgnbd" else rules.scores(candidate)[0]


def _rank(
    rules: Rules, known: Known, horizon_days: int, candidate: Candidate
) -> tuple[float | None, float | None]:
    """Return the AUC of a rule's score, in clients and in money."""
    score = np.empty(len(known), dtype=np.float32)
    start = 0
    for block in blocks(known):
        stop = start + len(block)
        if candidate.kind == "bgnbd":
            score[start:stop] = -rules.chance(block, horizon_days)
        else:
            score[start:stop] = rules.scores(candidate)[1](block)
        start = stop
    return rank_auc(score, known.bought, known.money)


def rank_auc(
    score: NDArray[np.float32], bought: BoolArray, money: IntArray
) -> tuple[float | None, float | None]:
    """Return how often a score ranks one who stayed away above one who bought.

    Parameters
    ----------
    score : ndarray of float32, shape (n,)
        Higher is more surely gone.
    bought : ndarray of bool, shape (n,)
        Who bought.
    money : ndarray of int64, shape (n,)
        Weight of each client, at least 0.

    Returns
    -------
    auc, money_auc : float or None
        Over all pairs, each counted once, and each weighted by the product of both
        weights; ties count one half. None where nobody, or everybody, bought (or all
        the money is on one side).

    Examples
    --------
    >>> score = np.array([1, 2, 2, 3], dtype=np.float32)
    >>> rank_auc(score, np.array([True, True, False, False]), np.array([1, 1, 0, 5]))
    (0.875, 1.0)
    """
    if not len(score):
        return None, None
    order = np.argsort(score)
    ranked = score[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(score) - 1)
    bought = bought[order]
    one = np.ones(len(order))
    return _pairs_won(one, bought, ends), _pairs_won(money[order], bought, ends)


def _pairs_won(weight: NDArray[np.generic], bought: BoolArray, ends: IntArray) -> float | None:
    """Return the share of pairs in order, from weights by rising score and ends of ties."""
    below = np.cumsum(np.where(bought, weight, 0), dtype=np.float64)[ends]
    away = np.cumsum(np.where(bought, 0, weight), dtype=np.float64)[ends]
    if not below[-1] or not away[-1]:
        return None
    mine = np.diff(away, prepend=0.0)
    before = np.append(0.0, below[:-1])
    won = float(mine @ (before + below)) / 2
    return won / float(below[-1] * away[-1])


def _with_brier(score: RuleScore, rules: Rules, known: Known, horizon_days: int) -> RuleScore:
    """Return the model's score with the mean squared error of its chances."""
    if score.rule.kind != "bgnbd" or not len(known):
        return score
    error = money_error = 0.0
    for block in blocks(known):
        squares = (rules.chance(block, horizon_days) - block.bought) ** 2
        error += float(squares.sum())
        money_error += float(squares @ block.money)
    return replace(
        score,
        brier=error / len(known),
        money_brier=money_error / score.money if score.money else None,
    )
