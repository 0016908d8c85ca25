"""What the backtest says on data sets of real and made-up firms, and what it costs."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.generated import LAST_DAY, build_ledger, generate
from crm_core.ledger import Ledger
from crm_core.metrics import parts
from crm_core.metrics.backtest.run import run_backtest
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.second_purchase import estimate_m0
from tests.builders import make_ledger


def read_firm(file: Path, columns: dict[str, str]) -> Ledger:
    """Read client, day and amount (and order and kind where named) of a file as a ledger."""
    frame = pd.read_csv(file, dtype=str).rename(columns=columns)
    orders: dict[str, list[tuple[str, ...]]] = {}
    names = [name for name in ("client", "day", "amount", "order") if name in frame]
    for client, *row in frame[names].itertuples(index=False):
        orders.setdefault(client, []).append(tuple(row))
    kinds = {"segment": dict(zip(frame["client"], frame.get("kind", []), strict=False))}
    return make_ledger(orders, attributes=kinds)


def last_day(ledger: Ledger) -> int:
    return int(ledger.sales.day.max())


@pytest.mark.shared
def test_at_superstore_hardly_anyone_leaves_so_silence_says_little(shared_data: Path) -> None:
    ledger = read_firm(
        shared_data / "superstore/superstore.csv.gz",
        {
            "Customer ID": "client",
            "Order Date": "day",
            "Sales": "amount",
            "Order ID": "order",
            "Segment": "kind",
        },
    )
    day = last_day(ledger)
    m0, _ = estimate_m0(ledger, day)
    found = run_backtest(ledger, day, Parameters(m0=m0))
    outer = found.cuts[-1]
    assert (found.status, found.verdict, found.horizon_days) == ("ok", "says little", 365)
    assert (outer.n, outer.n_bought) == (782, 682)
    assert found.silence_says_little
    shares = [row.false_goodbyes.value for row in found.outer if row.n_flagged >= 30]
    assert min(shares) > 0.8
    # Three kinds of clients have a gap of their own, and no cut has a model.
    assert outer.n_groups == 3
    assert len(found.outer) == 125
    assert all(cut.model is None and cut.model_reason for cut in found.cuts)


@pytest.mark.shared
def test_the_rfm_orders_come_at_random(shared_data: Path) -> None:
    ledger = read_firm(
        shared_data / "rfm/rfm_data_orders.csv",
        {"customer_id": "client", "order_date": "day", "revenue": "amount"},
    )
    found = run_backtest(ledger, last_day(ledger), Parameters(m0=131))
    assert found.silence_says_little
    assert all(row.auc == pytest.approx(0.5, abs=0.02) for row in found.outer)
    assert all(cut.model is None for cut in found.cuts)
    # One client stands in the file years before the others: nothing is chosen by him.
    assert [cut.n for cut in found.cuts][:3] == [1, 1, 1]
    assert found.pooled[0].n == sum(cut.n for cut in found.cuts[3:-1])


def test_every_cut_reads_the_ledger_in_parts_and_copies_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "ROWS_PER_PART", 1 << 14)
    ledger = build_ledger(generate(120_000))
    held = sum(
        array.nbytes
        for table in ledger.tables().values()
        for array in (table.offsets, *table.columns().values())
    )
    tracemalloc.start()
    try:
        found = run_backtest(ledger, LAST_DAY, Parameters(m0=40))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found.cuts) == 6
    assert peak < 0.8 * held
