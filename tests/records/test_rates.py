from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from crm_core.errors import RecordError
from crm_core.records.engine import writing
from crm_core.records.rates import check_rate, drop_rate, multiply, read_rates, set_rate

RATES = st.decimals("0.0000000001", "9999.9", places=10).filter(lambda rate: rate > 0)


@given(st.lists(st.integers(-(10**14), 10**14), max_size=20), RATES)
def test_products_are_exact_and_half_even(amounts, rate):
    found = multiply(np.array(amounts, dtype=np.int64), rate).tolist()
    exact = [(Decimal(amount) * rate).to_integral_value(ROUND_HALF_EVEN) for amount in amounts]
    assert found == exact


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [(1, "0.5", 0), (3, "0.5", 2), (-1, "0.5", 0), (-3, "0.5", -2), (10**15, "1", 10**15),
     (10**15, "1.0000000001", 10**15 + 10**5), (10**15, "9000", 9 * 10**18)],
)  # fmt: skip
def test_halves_go_to_the_even_neighbour(amount, rate, expected):
    assert multiply(np.array([amount]), Decimal(rate)).tolist() == [expected]


def test_a_product_beyond_64_bits_is_refused():
    with pytest.raises(RecordError, match="keeps amounts within range, found 9300"):
        multiply(np.array([10**15]), Decimal(9300))


def test_the_rate_of_the_day_counts(database: Engine):
    with writing(database) as connection:
        set_rate(connection, "USD", from_day=date(2024, 1, 1), rate="0.5")
        set_rate(connection, "usd ", from_day=date(2024, 2, 1), rate="2")
        set_rate(connection, "USD", from_day=date(2024, 2, 1), rate="3")
        table = read_rates(connection)
        days = np.array([19722, 19723, 19753, 19754], dtype=np.int32)
        assert table.find("USD", days).tolist() == [-1, 0, 0, 1]
        assert table.convert("USD", days, np.full(4, 100)).tolist() == [0, 50, 50, 300]
        assert table.find("GBP", days).tolist() == [-1] * 4
        drop_rate(connection, "USD", from_day=date(2024, 2, 1))
        with pytest.raises(RecordError, match="found none that day"):
            drop_rate(connection, "USD", from_day=date(2024, 2, 1))


@pytest.mark.parametrize("rate", ["0", "-1", "x", "", "NaN", "Infinity", "1e12", "0.00000000001"])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(RecordError, match="Wanted a rate above zero"):
        check_rate(rate)


@pytest.mark.parametrize("currency", ["", "US", "US$", "EURO", "ÄÖÜ"])
def test_what_is_no_currency_is_refused(database: Engine, currency):
    with (
        pytest.raises(RecordError, match="three letters such as USD"),
        writing(database) as connection,
    ):
        set_rate(connection, currency, from_day=date(2024, 1, 1), rate="1")
