from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.outlook import MonthOutlook, SalesOutlook, sales_outlook
from crm_core.metrics.lifetime.value_models import Basis
from crm_core.metrics.months import first_days, last_days, month_index
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.ledgers import locked, order_books
from tests.metrics.lifetime.firms import assemble_rows, draw_orders

ORDERS = draw_orders(2500)
AS_OF = as_day("2022-04-30")


@pytest.fixture(scope="module")
def outlook() -> SalesOutlook:
    return sales_outlook(assemble_rows(*ORDERS), AS_OF, Parameters())


def test_twelve_months_and_the_coming_one_are_looked_at_from_their_eves(outlook) -> None:
    assert [m.month for m in outlook.past] == list(range(616, 628))
    assert outlook.coming.month == 628
    for month in (*outlook.past, outlook.coming):
        assert month.basis.as_of == first_days(month.month) - 1
        assert month.low < month.expected < month.high
    assert (outlook.status, outlook.reason) == ("ok", None)
    assert outlook.coming.actual is outlook.coming.actual_new is None


def test_models_are_fitted_anew_every_third_month_and_never_on_later_rows(outlook) -> None:
    fitted = [m.fitted_on for m in outlook.past]
    eves = [m.basis.as_of for m in outlook.past]
    assert fitted == [eves[i // 3 * 3] for i in range(12)]
    assert outlook.coming.fitted_on == AS_OF


def test_a_firm_drawn_from_the_models_comes_as_expected(outlook) -> None:
    assert outlook.within.denominator == 12
    assert outlook.within.numerator >= 6
    assert outlook.errors["model"] < 0.15
    total = sum(m.expected for m in outlook.past)
    assert total == pytest.approx(sum(m.actual for m in outlook.past), rel=0.06)


def test_actual_sales_are_those_of_the_month(outlook) -> None:
    client, day, amount = ORDERS
    first = np.full(2500, 10**9)
    np.minimum.at(first, client, day)
    for month in outlook.past[::5]:
        start, end = int(first_days(month.month)), int(last_days(month.month))
        inside = (day >= start) & (day <= end)
        existing = first[client] < start
        assert month.actual == amount[inside & existing].sum()
        assert month.actual_new == amount[inside & ~existing].sum()


def test_plain_rules_stand_beside(outlook) -> None:
    at = 5
    before = [m.actual for m in outlook.past[at - 3 : at]]
    assert outlook.past[at].recent == round(sum(before) / 3)
    assert outlook.coming.last_year == outlook.past[0].actual
    assert set(outlook.errors) == {"model", "recent", "last_year"}
    assert outlook.best == "model"


def test_rows_planted_after_a_month_do_not_change_what_was_expected_of_it(outlook) -> None:
    """A flood of sales from the fourth month on: the first four expectations stay as they were."""
    client, day, amount = ORDERS
    flood_from = int(first_days(outlook.past[3].month))
    flood = np.repeat(np.arange(0, 2500, 2), 2)
    planted = assemble_rows(
        np.concatenate((client, flood)),
        np.concatenate((day, flood_from + np.tile([3, 200], 1250))),
        np.concatenate((amount, np.full(2500, 900_0000))),
    )
    found = sales_outlook(planted, AS_OF, Parameters())
    for seen, before in zip(found.past[:4], outlook.past[:4], strict=True):
        assert replace(seen, actual=None, actual_new=None) == replace(
            before, actual=None, actual_new=None
        )
    assert found.past[3].actual > outlook.past[3].actual
    assert found.past[4].expected != outlook.past[4].expected
    cut = sales_outlook(planted, flood_from - 1, Parameters()).coming
    assert (cut.expected, cut.low, cut.recent, cut.fitted_on) == (
        *(outlook.past[3].expected, outlook.past[3].low),
        *(outlook.past[3].recent, outlook.past[3].fitted_on),
    )


def test_as_of_day_within_a_month_looks_at_the_whole_month_after(outlook) -> None:
    middle = sales_outlook(assemble_rows(*ORDERS), AS_OF - 10, Parameters())
    assert middle.past[-1].month == outlook.past[-1].month - 1
    assert middle.coming.month == outlook.coming.month
    assert middle.coming.expected == pytest.approx(outlook.coming.expected, rel=0.1)
    assert middle.coming.expected < outlook.coming.expected


def test_cdnow(shared_data) -> None:
    found = sales_outlook(read_cdnow(shared_data), LAST_DAY, Parameters())
    assert found.status == "ok"
    assert [m.expected for m in found.past].count(None) == 0
    assert "last_year" not in found.errors  # the file begins in January 1997
    assert found.errors["model"] < found.errors["recent"] < 0.25


# What cannot be expected -----------------------------------------------------------------


def test_without_a_model_the_plain_rules_stay_and_the_reason_is_said() -> None:
    days = [f"2022-{month:02d}-10" for month in range(1, 13)]
    found = sales_outlook(
        make_ledger({"a": [(day, 100) for day in days]}), as_day("2022-12-31"), Parameters()
    )
    assert found.status == "not computable"
    assert "only 1 client has bought again" in found.reason
    assert [m.actual for m in found.past] == [100_0000] * 11
    assert found.coming.recent == 100_0000
    assert (found.within.denominator, found.within.value) == (0, None)
    assert found.errors == {"recent": 0.0}


def test_nobody_and_a_first_month_have_no_past() -> None:
    for ledger in (make_ledger({}), make_ledger({"a": [("2022-06-10", 5)]})):
        found = sales_outlook(ledger, as_day("2022-06-30"), Parameters())
        assert found.past == ()
        assert (found.coming.expected, found.coming.recent, found.best) == (None, None, None)
        assert found.reason


def test_months_below_one_are_refused() -> None:
    with pytest.raises(ParameterError, match="Wanted at least 1 month"):
        sales_outlook(make_ledger({}), AS_OF, Parameters(), past_months=0)


@settings(max_examples=15)
@given(order_books(), st.integers(0, 1000))
def test_any_small_ledger_gives_a_sound_result(book, as_of) -> None:
    found = sales_outlook(locked(book), as_of, Parameters(), past_months=3)
    assert len(found.past) <= 3
    assert all(m.basis.as_of < first_days(m.month) for m in (*found.past, found.coming))
    assert found.coming.month == month_index(as_of) + 1


def past(month: int, actual: int, **said) -> MonthOutlook:
    basis = Basis(0, 0, 1, 1, 2)
    fields = {"expected": None, "low": None, "high": None, "recent": None, "last_year": None}
    return MonthOutlook(month, basis, 0, None, actual=actual, actual_new=0, **{**fields, **said})


def made(*months: MonthOutlook) -> SalesOutlook:
    return SalesOutlook(99, 3, months, past(9, 0))


def test_errors_are_judged_by_the_same_months() -> None:
    found = made(
        past(1, 100, expected=90, low=80, high=100, recent=150),
        past(2, 100, expected=120, low=110, high=130, recent=100),
        past(3, 100, recent=0),
        past(4, 0, expected=10, recent=10),
    )
    assert [m.month for m in found.compared] == [1, 2]
    assert found.errors == pytest.approx({"model": 0.15, "recent": 0.25})
    assert found.best == "model"
    assert (found.within.numerator, found.within.denominator) == (1, 2)


def test_last_year_takes_part_only_where_it_reaches_back_for_all() -> None:
    months = [past(m, 100, expected=90, recent=80, last_year=100) for m in (1, 2)]
    assert made(*months).best == "last_year"
    assert made(*months, past(3, 100, expected=90, recent=80)).ways == ("model", "recent")


def test_band_by_record_is_how_far_past_months_came_from_what_was_expected() -> None:
    months = [past(m, 100 + 10 * m, expected=100) for m in range(11)]
    coming = replace(past(11, 0, expected=1000), actual=None)
    record = SalesOutlook(99, 3, tuple(months), coming)
    assert record.band_by_record == (1100, 1900)
    assert SalesOutlook(99, 3, tuple(months[:7]), coming).band_by_record is None
    assert SalesOutlook(99, 3, tuple(months), past(11, 0)).band_by_record is None
