"""Known answers of segments and of the models of lifetime value, from the literature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from crm_core.metrics.rfm import score_rfm
from crm_core.metrics.segments import SEGMENTS, assign_segments
from crm_core.money import UNIT
from crm_core.self_check.findings import Check, expect
from crm_core.self_check.lives import Life, buy, make_ledger

CDNOW = (0.242593, 4.413532, 0.792886, 2.425753)
"""BG/NBD of the CDNOW sample, weeks (Fader, Hardie and Lee 2005; fitted again)."""

ROUNDED = (0.243, 4.414, 0.793, 2.426)
"""The same as published, to three digits."""

SPENDING = (6.24880, 3.74459, 15.44775)
"""Gamma-Gamma of the same sample."""

PARETO = (0.5629966, 12.559037, 0.4081095, 10.5148048)
"""Pareto/NBD of the BTYD walkthrough's example of discounted purchases, weeks."""

FIRST_CLIENT = (2, 30.43, 38.86)
"""Repeat purchases, weeks from first to last, weeks from first to today: client 1 of CDNOW."""

RENEWALS = (131, 126, 90, 60, 42, 34, 26)
"""High End contracts lost at each of seven renewals, of 1,000 (Fader and Hardie 2007)."""

PUBLISHED = "with the published figures"


def model_checks() -> Iterator[Check]:
    """Yield the checks of segments, purchases to come, value and contracts."""
    yield from _segment_checks()
    yield from _purchase_checks()
    yield from _value_checks()
    yield from _contract_checks()


def five_clients() -> list[Life]:
    """Return five clients: the last purchase 0 to 40 days ago, 1 to 6 of them, 10 to 50 spent."""
    lives = [Life() for _ in range(5)]
    purchases = (1, 1, 1, 2, 6)
    for number, (life, count) in enumerate(zip(lives, purchases, strict=True)):
        last = 100 - 10 * number
        amount = (number + 1) * 10 * UNIT
        buy(life, last - 10 * (count - 1), [10] * (count - 1), 0)
        day, _, own, of = life.rows[-1]
        life.rows[-1] = (day, amount, own, of)
    return lives


def _segment_checks() -> Iterator[Check]:
    def scored() -> list[Any]:
        scores = score_rfm(make_ledger(five_clients()), 100)
        columns = zip(scores.recency, scores.frequency, scores.money, strict=True)
        texts = ["".join(str(int(score)) for score in three) for three in columns]
        return texts + [SEGMENTS[code] for code in assign_segments(scores).segment]

    yield expect(
        "Scores and segments of five clients",
        "recency, frequency and money from 1 to 5, and the segment, with those worked by hand",
        ["511", "412", "313", "244", "155", "new", "potential", "sleep", "at_risk", "cant_lose"],
        scored,
    )


def _behaviour(*clients: tuple[float, float, float]) -> Any:
    from crm_core.metrics.lifetime.durations import (  # noqa: PLC0415  (slow to import)
        Behaviour,
        TimeUnit,
    )

    repeat, recency, age = np.array(clients, dtype=np.float64).T
    return Behaviour(repeat, recency, age, TimeUnit.WEEK)


def _bg_nbd(parameters: tuple[float, float, float, float]) -> Any:
    from crm_core.metrics.lifetime.bg_nbd import BgNbd  # noqa: PLC0415  (slow to import)

    return BgNbd(*parameters)


def _weeks(amount: float) -> Any:
    from crm_core.metrics.lifetime.durations import Duration  # noqa: PLC0415  (slow to import)

    return Duration.weeks(amount)


def _purchase_checks() -> Iterator[Check]:
    weeks = (1 / 7, 1, 3, 31 + 6 / 7, 32, 78)
    yield expect(
        "BG/NBD: purchases of a new client",
        f"expected within 1/7, 1, 3, 31 6/7, 32 and 78 weeks, {PUBLISHED}",
        [0.00782, 0.05318, 0.15063, 1.04049, 1.04374, 1.85797],
        lambda: [_bg_nbd(CDNOW).expected_from_start(_weeks(span)) for span in weeks],
        within=1e-5,
    )
    yield expect(
        "BG/NBD: purchases of a known client",
        f"expected in 39 weeks after 2 repeats, {PUBLISHED}",
        [1.226],
        lambda: _bg_nbd(ROUNDED).expected_purchases(_behaviour(FIRST_CLIENT), _weeks(39)),
        within=5e-4,
    )
    clients = ((5, 30, 39), (20, 30, 39), (23, 39, 39))
    yield expect(
        "BG/NBD: chance to be active",
        "of three clients after 39 weeks, with the formula worked by hand",
        [0.705627, 0.196820, 0.968555],
        lambda: _bg_nbd(ROUNDED).chance_alive(_behaviour(*clients)),
        within=1e-6,
    )
    yield expect(
        "BG/NBD: chance to buy",
        "of a client within 39 weeks, with a simulation of six million clients",
        [0.55463],
        lambda: _bg_nbd(CDNOW).chance_to_buy(_behaviour(FIRST_CLIENT), _weeks(39)),
        within=2e-4,
    )


def _value_checks() -> Iterator[Check]:
    spent = ((2, 22.35), (1, 11.77), (0, 0.0), (7, 73.74))
    yield expect(
        "Gamma-Gamma: next purchase",
        f"expected value after 2, 1, 0 and 7 repeats, {PUBLISHED}",
        [24.6587, 18.9115, 35.171, 71.4628],
        lambda: _spending().expected_value(*np.array(spent).T),
        within=6e-4,
    )
    yield expect(
        "Lifetime value: weeks stay weeks",
        "twelve months at 1 % a month, 4.345 and 52/12 weeks a month, with the right 36.28",
        [36.28, 36.20],
        lambda: [_value_of_first(4.345), _value_of_first(52 / 12)],
        within=5e-3,
    )

    def discounted() -> Any:
        from crm_core.metrics.lifetime.pareto_nbd import ParetoNbd  # noqa: PLC0415

        client = _behaviour((7, 35, 77.86))
        return ParetoNbd(*PARETO).discounted_expected_transactions(client, 0.0027)

    yield expect(
        "Pareto/NBD: all purchases to come",
        "discounted at 0.27 % a week, with a numeric integral",
        [1.86418],
        discounted,
        within=5e-5,
    )


def _spending() -> Any:
    from crm_core.metrics.lifetime.gamma_gamma import GammaGamma  # noqa: PLC0415

    return GammaGamma(*SPENDING)


def _value_of_first(weeks_a_month: float) -> float:
    from crm_core.metrics.lifetime.discounting import discounted_value  # noqa: PLC0415

    client, mean = _behaviour(FIRST_CLIENT), np.array([22.35])
    value = discounted_value(_bg_nbd(CDNOW), _spending(), client, mean, weeks_a_month=weeks_a_month)
    return float(value[0])


def _contract_checks() -> Iterator[Check]:
    def fitted() -> list[float]:
        from crm_core.metrics.lifetime.sbg import fit_sbg  # noqa: PLC0415

        fit = fit_sbg(RENEWALS, 491)
        return [] if fit.model is None else [fit.model.alpha, fit.model.beta]

    def ahead() -> list[float]:
        from crm_core.metrics.lifetime.sbg import ShiftedBetaGeometric  # noqa: PLC0415

        model = ShiftedBetaGeometric(0.66809, 3.80610)
        left = [float(model.survival(renewal)) for renewal in range(8, 13)]
        return [*left, float(model.discounted_expected_lifetime(8, 0.1))]

    yield expect(
        "Contracts: the fit",
        f"α and β from seven renewals of 1,000 contracts, {PUBLISHED}",
        [0.668, 3.806],
        fitted,
        within=5e-4,
    )
    yield expect(
        "Contracts: years to come",
        f"share left after 8 to 12 renewals, and renewals a contract is worth, {PUBLISHED}",
        [0.460, 0.436, 0.414, 0.395, 0.378, 7.530],
        ahead,
        within=6e-4,
    )
