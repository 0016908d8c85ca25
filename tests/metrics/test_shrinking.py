from __future__ import annotations

from math import floor

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics import shrinking as shrinking_module
from crm_core.metrics.cadence import history_at, purchase_history
from crm_core.metrics.history_parts import cut_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.shrinking import Shrinking, shrinking_clients
from crm_core.metrics.stages import assign_stages
from tests.builders import as_day, make_ledger
from tests.metrics.lives import ledger_of, scenes

P = Parameters()


def monthly(*amounts: float) -> list[tuple[int, float]]:
    """Return purchases of these amounts every 30 days from day 0 on."""
    return [(30 * number, amount) for number, amount in enumerate(amounts)]


def shrink(ledger, as_of: int) -> Shrinking:
    return shrinking_clients(ledger, purchase_history(ledger, P), P, as_of)


def test_three_rhythms_below_half_of_the_three_before_is_shrinking() -> None:
    # Rhythm 30: the windows at day 180 are (90, 180] and (0, 90].
    ledger = make_ledger(
        {
            "halved": monthly(9, 20, 20, 20, 10, 10, 10),
            "less than half": monthly(9, 20, 20, 20, 10, 10, 9),
            "same": monthly(9, 20, 20, 20, 20, 20, 20),
        }
    )
    found = shrink(ledger, 180)
    assert found.client.tolist() == [1]
    assert (found.recent.tolist(), found.before.tolist()) == ([29_0000], [60_0000])
    assert found.window_days.tolist() == [90]
    assert found.total_lost == 31_0000
    assert found.n_judged == 3


def test_the_largest_loss_comes_first() -> None:
    ledger = make_ledger(
        {
            "a": monthly(9, 20, 20, 20, 1, 1, 1),
            "b": monthly(9, 200, 200, 200, 1, 1, 1),
            "c": monthly(9, 20, 20, 20, 1, 1, 1),
        }
    )
    assert shrink(ledger, 180).client.tolist() == [1, 0, 2]


def test_both_windows_must_lie_inside_the_history() -> None:
    ledger = make_ledger({"a": monthly(20, 20, 20, 1, 1, 1)})
    # First purchase on day 0: the earlier window (days 0 to 89) fits from day 179 on.
    assert [shrink(ledger, day).n_judged for day in (178, 179)] == [0, 1]


def test_a_client_who_is_gone_is_not_shrinking() -> None:
    ledger = make_ledger({"a": monthly(9, 20, 20, 20, 1, 1, 1)})
    assert [len(shrink(ledger, day)) for day in (180, 300, 301)] == [1, 1, 0]


def test_refunds_count_on_their_own_day() -> None:
    ledger = make_ledger({"a": [*monthly(9, 20, 20, 20, 20, 20, 20), (175, -40)]})
    assert shrink(ledger, 180).recent.tolist() == [20_0000]


def test_nobody_shrinks_in_an_empty_ledger() -> None:
    assert len(shrink(make_ledger({}), as_day("2024-01-01"))) == 0


@settings(max_examples=40)
@given(scenes())
def test_windows_are_those_of_the_last_cadence(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    stages = assign_stages(ledger, P, as_of)
    plain = []
    for client in np.flatnonzero(stages.all_purchases):
        window = floor(3 * float(stages.cadence_days[client]) + 1e-9)
        history = history_at(ledger, purchase_history(ledger, P), as_of, P)
        last = history.offsets[client] + stages.all_purchases[client] - 1
        if history.gone_on[last] <= as_of:
            continue
        if stages.first_purchase[client] > as_of - 2 * window + 1:
            continue
        a, b = ledger.sales.offsets[client : client + 2]
        rows = list(zip(ledger.sales.day[a:b], ledger.sales.amount[a:b], strict=True))
        recent = sum(int(x) for day, x in rows if as_of - window < day <= as_of)
        before = sum(int(x) for day, x in rows if as_of - 2 * window < day <= as_of - window)
        if 2 * recent < before:
            plain.append((recent - before, int(client)))
    found = shrink(ledger, as_of)
    assert found.client.tolist() == [client for _, client in sorted(plain)]


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=15)
@given(scene=scenes())
def test_parts_add_up_to_the_whole(count, scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives * 3)
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    parts = list(ledger.parts(count))
    measured = [
        shrinking_module.measure(part, own, as_of)
        for part, own in zip(parts, cut_history(parts, history), strict=True)
    ]
    joined, whole = shrinking_module.conclude(measured, as_of), shrink(ledger, as_of)
    np.testing.assert_array_equal(joined.client, whole.client)
    assert (joined.n_judged, joined.total_lost) == (whole.n_judged, whole.total_lost)
