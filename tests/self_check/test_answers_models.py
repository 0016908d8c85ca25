"""Models that drift from the literature, and segments that move, are found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from crm_core.metrics.lifetime import bg_nbd, discounting, gamma_gamma, pareto_nbd, sbg
from crm_core.self_check import answers_models


def faults() -> dict[str, str]:
    found = [check.run() for check in answers_models.model_checks()]
    return {f.name: f.sentence for f in found if f.outcome != "ok"}


def test_installed_models_give_the_published_figures() -> None:
    assert faults() == {}


def times(right: Callable[..., Any], factor: float) -> Callable[..., Any]:
    return lambda *args, **options: right(*args, **options) * factor


@pytest.mark.parametrize(
    ("owner", "method", "name"),
    [
        (bg_nbd.BgNbd, "expected_from_start", "BG/NBD: purchases of a new client"),
        (bg_nbd.BgNbd, "expected_purchases", "BG/NBD: purchases of a known client"),
        (bg_nbd.BgNbd, "chance_alive", "BG/NBD: chance to be active"),
        (bg_nbd.BgNbd, "chance_to_buy", "BG/NBD: chance to buy"),
        (gamma_gamma.GammaGamma, "expected_value", "Gamma-Gamma: next purchase"),
        (discounting, "discounted_value", "Lifetime value: weeks stay weeks"),
        (
            pareto_nbd.ParetoNbd,
            "discounted_expected_transactions",
            "Pareto/NBD: all purchases to come",
        ),
        (sbg.ShiftedBetaGeometric, "survival", "Contracts: years to come"),
    ],
)
def test_figure_that_is_off_by_a_thousandth_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: Any, method: str, name: str
) -> None:
    # Published figures have as many digits as they have: some bear a thousandth.
    factor = 1.01 if "value" in method or method == "survival" else 1.001
    monkeypatch.setattr(owner, method, times(getattr(owner, method), factor))
    assert name in faults()


def test_fit_that_finds_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = sbg.fit_sbg
    monkeypatch.setattr(sbg, "fit_sbg", lambda *args: replace(right(*args), model=None))
    assert faults() == {"Contracts: the fit": "Wanted 0.668, 3.806, found nothing."}


def test_scores_that_break_ties_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = answers_models.score_rfm

    def by_rank(*args: Any) -> Any:
        scores = right(*args)
        return replace(scores, frequency=np.array([1, 2, 3, 4, 5], dtype=np.int8))

    monkeypatch.setattr(answers_models, "score_rfm", by_rank)
    assert "found 511, 422, 333" in faults()["Scores and segments of five clients"]
