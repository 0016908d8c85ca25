from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.discounting import discounted_value
from crm_core.metrics.lifetime.durations import Duration
from crm_core.metrics.lifetime.summaries import summarise
from crm_core.metrics.lifetime.value import ClientValues, client_values
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.ledgers import locked, order_books
from tests.metrics.lifetime.firms import START, assemble_rows, draw_orders, simulated_firm

DAY = START + 899
AS_OF = as_day("2023-06-30")
COLUMNS = [
    *("client", "repeat", "gone", "purchases", "sales", "value", "chance_alive", "chance_to_buy"),
    *("purchases_low", "purchases_high", "count_low", "count_high"),
    *("sales_low", "sales_high", "value_low", "value_high"),
]


@pytest.fixture(scope="module")
def firm():
    return simulated_firm(3000)


@pytest.fixture(scope="module")
def values(firm) -> ClientValues:
    return client_values(firm, DAY, Parameters())


def same_columns(one: ClientValues, other: ClientValues) -> bool:
    """Return whether two results are the same; the assertion names the first difference."""
    for name in COLUMNS:
        left, right = getattr(one, name), getattr(other, name)
        assert (left is None) == (right is None), name
        assert left is None or np.allclose(left, right, rtol=1e-9, atol=1.0), name
    return True


def test_value_is_that_of_the_formula(firm, values) -> None:
    summaries = summarise(firm, DAY)
    model, money = values.models.purchases.model, values.models.money_model
    plain = discounted_value(model, money, summaries.behaviour, summaries.mean_value)
    assert values.value == pytest.approx(plain * 10_000, rel=1e-6, abs=1)
    year = model.expected_purchases(summaries.behaviour, Duration.months(12))
    assert values.purchases == pytest.approx(year)
    assert (values.source, values.status, values.money_note) == ("model", "ok", None)


def test_bands_hold_the_figure_and_chances_fit_together(values) -> None:
    for name in ("purchases", "sales", "value"):
        low, middle, high = (getattr(values, name + end) for end in ("_low", "", "_high"))
        assert ((low <= middle) & (middle <= high)).all()
    assert (values.count_low <= values.count_high).all()
    assert (values.chance_to_buy <= np.minimum(values.chance_alive, values.purchases) + 1e-9).all()
    assert (values.value <= values.sales).all()


def test_totals_are_the_sums_of_the_list(values) -> None:
    assert values.total_purchases.expected == pytest.approx(values.purchases.sum())
    for total, column in ((values.total_sales, values.sales), (values.total_value, values.value)):
        assert total.expected == pytest.approx(column.sum(), abs=len(column))
        assert total.low < total.expected < total.high


def test_basis_says_from_which_day_and_on_what_rows(firm, values) -> None:
    live = firm.live_purchases(DAY)
    assert values.basis.as_of == values.models.basis.as_of == DAY
    assert values.basis.n_purchases == live.sum()
    assert values.basis.n_clients == len(values) == firm.n_clients
    assert values.basis.first_day == firm.purchases.day.min()


def test_ranges_hold_eight_in_ten_of_a_year_not_seen() -> None:
    whole = draw_orders(4000, days=1300, seed=3)
    firm, cut = assemble_rows(*whole), START + 899
    values = client_values(firm, cut, Parameters(), months=12)
    days = firm.purchases.day
    ahead = (days > cut) & (days <= cut + 365)
    came = np.bincount(firm.purchases.clients()[ahead], minlength=firm.n_clients)[values.client]
    within = (came >= values.count_low) & (came <= values.count_high)
    # Counts are whole, so a range that must hold 80 % holds more.
    assert 0.8 <= within.mean() <= 0.97
    assert values.total_purchases.low * 0.97 < came.sum() < values.total_purchases.high * 1.03


def test_later_rows_change_nothing(firm, values) -> None:
    client, day, amount = draw_orders(3000)
    planted = np.repeat(np.arange(3000), 3)
    later = assemble_rows(
        np.concatenate((client, planted)),
        np.concatenate((day, DAY + 1 + np.tile([0, 5, 50], 3000))),
        np.concatenate((amount, np.full(9000, 10_000_0000))),
    )
    assert same_columns(client_values(later, DAY, Parameters()), values)


def test_values_scale_with_the_currency(values) -> None:
    client, day, amount = draw_orders(3000)
    abroad = client_values(assemble_rows(client, day, amount * 25), DAY, Parameters())
    assert abroad.purchases == pytest.approx(values.purchases, rel=1e-6)
    for name in ("sales", "sales_low", "value", "value_high"):
        found, here = getattr(abroad, name), getattr(values, name)
        assert np.allclose(found, here * 25.0, rtol=1e-4, atol=30), name
    assert abroad.total_value.low == pytest.approx(values.total_value.low * 25, rel=1e-4)


def test_order_of_clients_changes_nothing(values) -> None:
    client, day, amount = draw_orders(3000)
    place = np.random.default_rng(0).permutation(3000)
    shuffled = client_values(assemble_rows(place[client], day, amount), DAY, Parameters())
    assert shuffled.purchases[place] == pytest.approx(values.purchases, rel=1e-6)
    assert np.allclose(shuffled.value[place], values.value, rtol=1e-5, atol=2)


def test_months_discount_and_margin_do_what_they_say(firm, values) -> None:
    models = values.models
    half = client_values(firm, DAY, Parameters(), margin=0.5, models=models)
    assert np.allclose(half.value, values.value / 2, atol=1)
    assert (half.sales == values.sales).all()
    free = client_values(firm, DAY, Parameters(), discount_monthly=0, models=models)
    assert np.allclose(free.value, free.sales, atol=1)
    month = client_values(firm, DAY, Parameters(), months=1, models=models)
    assert (month.purchases <= values.purchases).all()
    with pytest.raises(ParameterError, match="Wanted 1 to 120 whole months"):
        client_values(firm, DAY, Parameters(), months=0)


def test_modified_model_lets_one_time_buyers_leave(firm, values) -> None:
    modified = client_values(firm, DAY, Parameters(), kind="mbg")
    once = values.repeat == 0
    assert (values.chance_alive[once] == 1).all()
    assert (modified.chance_alive[once] < 1).all()


def test_whoever_was_recorded_as_ended_is_expected_to_buy_nothing() -> None:
    client, day, amount = draw_orders(600, seed=5)
    orders = {
        f"c{number:04d}": [(int(d), a / 10_000) for d, a in zip(day[own], amount[own], strict=True)]
        for number in range(600)
        for own in [client == number]
    }
    closed = {"c0007": [(int(DAY), "other")], "c0008": [(int(START), "other")]}
    values = client_values(make_ledger(orders, closed=closed), DAY, Parameters())
    assert values.source == "model"
    at = int(np.searchsorted(values.client, 7))
    assert values.gone[at]
    assert values.purchases[at] == values.value[at] == values.chance_alive[at] == 0
    assert values.count_high[at] == 0
    assert values.gone.sum() == 1 + (day[client == 8].max() <= START)


def test_cdnow_total_is_near_what_the_sample_spends_in_half_a_year(shared_data) -> None:
    cdnow, cut = read_cdnow(shared_data), as_day("1997-12-31")
    values = client_values(cdnow, cut, Parameters(), months=6)
    days = cdnow.sales.day
    came = cdnow.sales.amount[(days > cut) & (days <= LAST_DAY)].sum()
    assert values.status == "ok"
    assert values.total_sales.expected == pytest.approx(came, rel=0.15)


# What cannot be modelled ---------------------------------------------------------------


def test_plain_rule_lets_clients_go_on_as_in_the_last_year() -> None:
    ledger = make_ledger(
        {
            "gone": [("2022-08-01", 500), ("2022-09-01", 700)],
            "here": [("2022-06-30", 9), ("2022-12-01", 100), ("2023-06-01", 200)],
            "lead": [],
        },
        created={"lead": "2023-01-01"},
    )
    values = client_values(ledger, AS_OF, Parameters(), margin=0.5, discount_monthly=0.01)
    assert (values.source, values.status) == ("plain", "not computable")
    assert values.reason == "only 2 clients have bought again, at least 100 are needed"
    assert values.client.tolist() == [0, 1]
    assert values.gone.tolist() == [True, False]
    assert values.purchases.tolist() == [0, 2]
    assert values.sales.tolist() == [0, 300_0000]
    discount = np.mean(1.01 ** -np.arange(1.0, 13))
    assert values.value.tolist() == [0, round(300_0000 * 0.5 * discount)]
    assert (values.total_sales.expected, values.total_sales.low) == (300_0000, None)
    assert not values.has_bands
    assert values.chance_alive is None
    half = client_values(ledger, AS_OF, Parameters(), months=6)
    assert half.sales.tolist() == [0, 150_0000]


def test_a_firm_that_nobody_leaves_gets_a_sentence_and_the_plain_rule() -> None:
    steady = assemble_rows(*draw_orders(800, seed=2, p_leave=(0.001, 50.0)))
    values = client_values(steady, DAY, Parameters())
    assert (values.source, values.status) == ("plain", "not computable")
    assert "nobody measurably leaves here" in values.reason
    assert values.total_sales.expected > 0


def test_superstore_like_counts_of_clients(firm) -> None:
    for count in (1, 10):
        few = firm.select(np.arange(firm.n_clients) < count)
        values = client_values(few, DAY, Parameters())
        assert (values.source, len(values)) == ("plain", count)
        assert values.reason


def test_nobody_gives_empty_columns_and_a_sentence() -> None:
    values = client_values(make_ledger({}), AS_OF, Parameters())
    assert (len(values), values.reason) == (0, "nobody has bought yet")
    assert values.total_value.expected == 0
    assert all(getattr(values, name) is None or not len(getattr(values, name)) for name in COLUMNS)


def test_one_time_buyers_alone_give_a_sentence() -> None:
    orders = {f"c{i}": [(int(START + i), 5)] for i in range(300)}
    values = client_values(make_ledger(orders), START + 400, Parameters())
    assert (values.source, values.reason) == ("plain", "nobody has bought twice yet")


def test_purchases_for_nothing_are_counted_and_worth_nothing() -> None:
    client, day, amount = draw_orders(3000)
    values = client_values(assemble_rows(client, day, amount * 0), DAY, Parameters())
    assert values.source == "model"
    assert values.money_note.startswith("a purchase is taken to be worth each client's own mean")
    assert values.purchases.sum() > 0
    assert values.sales.sum() == values.value.sum() == 0
    assert values.total_sales.high == 0


def test_refunds_void_purchases_and_never_make_a_value_negative() -> None:
    orders = {
        "a": [("2023-01-10", 50, "A"), ("2023-03-10", 60, "B"), ("2023-04-01", -60, None, "B")],
        "b": [("2023-01-10", 50), ("2023-05-01", -500)],
    }
    values = client_values(make_ledger(orders), AS_OF, Parameters(window=365))
    assert values.repeat.tolist() == [0, 0]
    assert values.sales.tolist() == [50_0000, 0]


@settings(max_examples=25)
@given(order_books(), st.integers(-10, 1400))
def test_any_small_ledger_gives_a_sound_result(book, as_of) -> None:
    values = client_values(locked(book), as_of, Parameters())
    assert values.status != "ok"
    assert values.reason
    assert (values.value >= 0).all()
    assert (values.value <= values.sales).all()
    assert values.total_sales.expected == values.sales.sum()
    assert {
        len(c) for f in fields(values) if isinstance(c := getattr(values, f.name), np.ndarray)
    } == {len(values)}
