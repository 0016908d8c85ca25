"""Figures of the CDNOW sample (docs/methods.md, numbers a test can check)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crm_core.ledger import Ledger
from crm_core.metrics.pareto import pareto
from crm_core.metrics.purchases import total_by_client
from crm_core.metrics.returning import returning
from crm_core.metrics.second_purchase import estimate_m0
from crm_core.money import to_decimal_text
from crm_core.tables import to_day
from tests.metrics.cdnow import LAST_DAY, read_cdnow


@pytest.fixture(scope="module")
def cdnow(shared_data: Path) -> Ledger:
    return read_cdnow(shared_data)


def test_rows_purchases_and_money_are_those_of_the_file(cdnow):
    totals = total_by_client(cdnow, LAST_DAY)
    assert (totals.orders.sum(), totals.purchases.sum()) == (6_919, 6_696)
    assert to_decimal_text(int(totals.net.sum())) == "244091.94"


def test_concentration(cdnow):
    result = pareto(cdnow, LAST_DAY, period="all")
    assert (result.n, result.n_not_positive) == (2_349, 8)
    assert (result.top20_clients, round(result.top20_share, 5)) == (470, 0.67348)
    assert result.for80_clients == 777
    assert result.classes == (777, 801, 771)
    assert round(result.gini, 5) == 0.62966
    assert round(result.hhi, 7) == 0.0022858


def test_repeat_rate_and_the_months(cdnow):
    result = returning(cdnow, LAST_DAY)
    assert (result.repeat.numerator, result.repeat.denominator) == (1_139, 2_357)
    months = result.months
    assert months.calendar.labels[1] == "1997-02"
    assert months.buyers[1] == 981
    assert (months.returning[1], months.existing[1]) == (218, 124)
    assert round(months.returning_rate(1).value, 5) == 0.22222
    assert round(months.existing_share(1).value, 5) == 0.12640
    assert result.cohorts.retained[0][:7].tolist() == [781, 124, 95, 70, 65, 77, 65]
    assert to_decimal_text(int(months.net.sum())) == "244091.94"


def test_time_to_the_second_purchase(cdnow):
    second = returning(cdnow, LAST_DAY).second
    shares = [round(p, 4) for p in second.probability]
    assert shares == [0.1739, 0.2550, 0.2915, 0.3763, 0.4557]
    assert second.median is None
    assert [second.quantile(q) for q in (0.5, 0.8, 0.95)] == [57, 207, 402]


def test_m0_of_the_calibration_period(cdnow):
    assert estimate_m0(cdnow, to_day(date(1997, 9, 30)))[0] == 44
