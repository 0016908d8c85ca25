from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics import parts
from crm_core.metrics.pareto import pareto
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.returning import returning
from tests.builders import make_ledger


def test_a_small_ledger_is_one_part():
    ledger = make_ledger({"ann": [(1, 1)], "bob": [(2, 1)]})
    assert measure_parts(ledger, lambda part: part.n_clients) == [2]


def test_an_empty_ledger_is_measured_once():
    assert measure_parts(make_ledger({}), lambda part, extra: extra, 7) == [7]


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_cutting_and_threads_change_no_result(monkeypatch, rows):
    book = {f"c{n}": [(n, n + 1), (2 * n + 1, 3)] for n in range(12)} | {"": [(4, 9)]}
    ledger = make_ledger(book)
    whole = pareto(ledger, 40, period="all"), returning(ledger, 40)
    monkeypatch.setattr(parts, "ROWS_PER_PART", rows)
    cut = pareto(ledger, 40, period="all"), returning(ledger, 40)
    assert cut[0].order.tolist() == whole[0].order.tolist()
    assert cut[0].without_client == whole[0].without_client
    assert cut[1].months.net.tolist() == whole[1].months.net.tolist()
    assert np.array_equal(cut[1].cohorts.retained, whole[1].cohorts.retained)
    assert cut[1].second.curve.survival.tolist() == whole[1].second.curve.survival.tolist()


def test_an_error_of_a_measure_reaches_the_caller(monkeypatch):
    monkeypatch.setattr(parts, "ROWS_PER_PART", 1)
    ledger = make_ledger({f"c{n}": [(n, 1)] for n in range(9)})
    with pytest.raises(ZeroDivisionError):
        measure_parts(ledger, lambda part: 1 // 0)
