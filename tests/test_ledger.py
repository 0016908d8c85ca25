from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.tables import NEVER
from tests.builders import make_ledger
from tests.ledgers import columns_of, same_ledgers
from tests.test_assembly import ROWS, written


@pytest.fixture
def ledger() -> Ledger:
    return make_ledger(
        {
            "a": [(10, 5, "1"), (20, -5, None, "1"), (30, 7)],
            "b": [],
            "c": [(15, 1), (40, 2)],
            "": [(5, 9), (50, 9)],
        },
        created={"b": 12},
        attributes={"region": {"a": "N", "c": "S"}},
    )


def test_live_purchases_are_those_begun_and_not_cancelled(ledger: Ledger):
    assert ledger.purchases.day.tolist() == [10, 30, 15, 40]
    assert ledger.purchases.void_on.tolist() == [20, NEVER, NEVER, NEVER]
    assert ledger.live_purchases(19).tolist() == [True, False, True, False]
    assert ledger.live_purchases(20).tolist() == [False, False, True, False]
    assert ledger.live_purchases(40).tolist() == [False, True, True, True]


def test_clients_are_known_from_their_day_on(ledger: Ledger):
    assert ledger.known_at(9).tolist() == [False] * 3
    assert ledger.known_at(12).tolist() == [True, True, False]


def test_span_counts_refunds_and_sales_of_nobody_up_to_the_day(ledger: Ledger):
    assert ledger.span(4) is None
    assert ledger.span(5) == (5, 5)
    assert ledger.span(25) == (5, 20)
    assert ledger.span(99) == (5, 50)


@given(ROWS, st.integers(1, 6))
def test_parts_add_up_to_the_whole(rows, count):
    ledger = make_ledger(written(rows), created=dict.fromkeys("abc", 1))
    parts = list(ledger.parts(count))
    assert len(parts) == count
    assert sum(part.n_clients for part in parts) == ledger.n_clients
    for column in ("external_id", "known_on", "unnamed_day", "sales day", "sales amount",
                   "purchases day", "purchases void_on"):  # fmt: skip
        whole = columns_of(ledger)[column]
        pieces = [columns_of(part)[column] for part in parts]
        if column.startswith(("sales", "purchases")):
            whole, pieces = whole[1], [piece[1] for piece in pieces]
        assert list(chain.from_iterable(pieces)) == whole


def test_parts_copy_no_rows(ledger: Ledger):
    for part in ledger.parts(2):
        assert np.shares_memory(part.sales.amount, ledger.sales.amount)


def test_a_ledger_has_at_least_one_part(ledger: Ledger):
    with pytest.raises(ParameterError, match="at least 1 part of the ledger, found 0"):
        list(ledger.parts(0))


@given(ROWS, st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_selecting_clients_is_leaving_the_others_out(rows, chosen):
    held, created = written(rows), dict.fromkeys("abc", 1)
    selected = make_ledger(held, created=created).select(np.array(chosen))
    if all(chosen):
        return
    kept = {name for name, keep in zip("abc", chosen, strict=True) if keep}
    expected = make_ledger(
        {name: own for name, own in held.items() if name in kept},
        created=dict.fromkeys(kept, 1),
    )
    ids = {"record_id": selected.clients.record_id.tolist()}
    assert columns_of(selected) == columns_of(expected) | ids


def test_selecting_everybody_changes_nothing(ledger: Ledger):
    assert same_ledgers(ledger.select(np.ones(3, dtype=np.bool_)), ledger)


def test_latest_code_is_that_of_the_latest_sale_naming_one(ledger: Ledger):
    codes = np.array([0, -1, 1, 2, -1], dtype=np.int16)
    ledger.sales.__dict__["channel"] = codes
    assert ledger.latest_code("channel", 99).tolist() == [1, -1, 2]
    assert ledger.latest_code("channel", 25).tolist() == [0, -1, 2]
    assert ledger.latest_code("channel", 9).tolist() == [-1, -1, -1]


def test_default_day_is_the_last_row_not_after_today(ledger: Ledger):
    assert ledger.default_as_of(45) == 40
    assert ledger.default_as_of(3) == 3
