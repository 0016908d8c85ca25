"""What the pictures draw is what the results say."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metrics.bridge import CAUSES, SalesBridge
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn_months import churn_months
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import pareto
from crm_core.metrics.returning import returning
from crm_core.paper.drawings import NAMED, bridge_picture, pareto_picture, stage_picture
from crm_core.paper.time_drawings import (
    LAST,
    balance_picture,
    returns_picture,
    round_marks,
    sales_picture,
    short_number,
)
from tests.builders import as_day, make_ledger

SIGN = re.compile(r"<(rect|text|line|circle|path)\b([^>]*)>")


def bars_of(svg: str, look: str) -> list[tuple[float, float]]:
    """Return start and end across, in percent, of the bars of one colour."""
    found = []
    for name, inside in SIGN.findall(svg):
        held = dict(re.findall(r'([\w-]+)="([^"]*)"', inside))
        if name == "rect" and held["class"].split()[0] == look:
            start, width = (float(held[key].rstrip("%")) for key in ("x", "width"))
            found.append((start, start + width))
    return found


def heights_of(svg: str, look: str) -> list[float]:
    return [float(h) for h in re.findall(rf'height="([\d.]+)" class="{look}(?: running)?"', svg)]


def bridge_with(before: int, **changes: int) -> SalesBridge:
    causes = [CAUSES.index(name.replace("_", " ")) for name in changes]
    return SalesBridge(
        as_of=730,
        middle=365,
        start=0,
        before=before,
        recent=before + sum(changes.values()),
        without_client=0,
        cause=np.array(causes, dtype=np.int8),
        change=np.array(list(changes.values()), dtype=np.int64),
        first_day=1,
    )


def test_bridge_goes_from_bar_to_bar_without_a_gap() -> None:
    svg = bridge_picture(bridge_with(10_000_000, gone=-4_000_000, new=1_000_000), "EUR")
    (_, top), (low, high) = bars_of(svg, "light")[0], bars_of(svg, "pink")[0]
    [(start, end)] = bars_of(svg, "green")
    [(_, last)] = bars_of(svg, "blue")
    assert high == pytest.approx(top, abs=0.02)
    assert start == pytest.approx(low, abs=0.02)
    assert last == pytest.approx(end, abs=0.02)
    assert "−400" in svg
    assert "+100" in svg


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 0), st.integers(0, 10**12))
def test_bridge_of_any_size_stays_on_the_page(before: int, gone: int, new: int) -> None:
    svg = bridge_picture(bridge_with(before, gone=gone, new=new), None)
    for look in ("light", "pink", "green", "blue"):
        for start, end in bars_of(svg, look):
            assert 0 <= start <= end <= 100


def test_pareto_bars_build_up_to_all_sales() -> None:
    orders = {f"c{i:02}": [("2024-01-05", 100 - i)] for i in range(15)}
    result = pareto(make_ledger(orders), as_day("2024-02-01"))
    names = [f"c{i:02}" for i in range(NAMED)]
    svg = pareto_picture(result, names)
    drawn = bars_of(svg, "blue")
    for (_, end), (start, _) in pairwise(drawn):
        assert start == pytest.approx(end, abs=0.02)
    [(start, end)] = bars_of(svg, "grey")
    assert start == pytest.approx(drawn[-1][1], abs=0.02)
    assert end == pytest.approx(90, abs=0.02)
    assert "5 other clients" in svg


def test_client_of_ten_percent_has_its_own_colour() -> None:
    ledger = make_ledger({"Ann": [("2024-01-05", 10)], "Bob": [("2024-01-05", 90)]})
    svg = pareto_picture(pareto(ledger, as_day("2024-02-01")), ["Bob", "Ann"])
    assert len(bars_of(svg, "orange")) == 2


def test_stage_bars_share_one_scale_for_clients_and_sales() -> None:
    counts = {"awareness": 0, "exploration": 1, "expansion": 0, "commitment": 3, "termination": 0}
    svg = stage_picture(counts, np.array([0, 0, 50, 0, 50, -10]), None)
    clients = [end - start for start, end in bars_of(svg, "grey")]
    _, _, trying, _, regular, _ = clients  # the second is the money of those who know us
    assert regular == pytest.approx(3 * trying, abs=0.05)
    [(start, end)] = bars_of(svg, "blue")
    assert end - start == pytest.approx(regular * 0.5 / 0.75, abs=0.05)
    assert "1 client, 25\u00a0%" in svg or "1 client, 25 %" in svg


def test_months_stand_beside_those_of_last_year_but_the_running_one() -> None:
    orders = {"Ann": [(f"{year}-{m:02}-03", 50) for year in (2022, 2023) for m in range(1, 13)]}
    months = returning(make_ledger(orders), as_day("2023-12-15")).months
    svg = sales_picture(months)
    assert len(heights_of(svg, "blue")) == LAST
    assert svg.count('class="year"') == LAST - 2  # no year before December 2022's, none running
    assert svg.count("running") == 2


def test_month_of_refunds_alone_draws_nothing() -> None:
    ledger = make_ledger({"Ann": [("2024-01-05", 50), ("2024-02-05", -20)]})
    svg = sales_picture(returning(ledger, as_day("2024-02-29")).months)
    assert heights_of(svg, "blue")[1] == 0


def test_balance_draws_came_and_went_on_one_scale() -> None:
    orders = {f"c{i}": [("2024-01-05", 5)] for i in range(4)}
    orders |= {"late": [("2024-03-05", 5)]}
    ledger = make_ledger(orders)
    months = churn_months(
        ledger, purchase_history(ledger, Parameters()), Parameters(), as_day("2024-05-31")
    )
    svg = balance_picture(months)
    new, gone = heights_of(svg, "blue"), heights_of(svg, "pink")
    assert new[0] == pytest.approx(4 * new[2], abs=0.1)
    assert gone[4] == pytest.approx(new[0], abs=0.1)


def test_curve_of_returns_names_the_shares_known() -> None:
    orders = {f"r{i:02}": [("2024-01-01", 5), (as_day("2024-01-21") + i, 5)] for i in range(30)}
    orders |= {f"w{i:02}": [("2024-01-01", 5)] for i in range(30)}
    second = returning(make_ledger(orders), as_day("2024-06-01")).second
    svg = returns_picture(second)
    assert "50 %</text>" in svg
    assert "180" not in re.findall(r">(\d+)</text>", svg)
    assert svg.count("<path") == 2


@given(st.floats(1, 1e13))
def test_scales_have_one_to_four_round_marks(top: float) -> None:
    marks = round_marks(top)
    assert 1 <= len(marks) <= 4
    assert marks[-1] <= top
    assert set(str(marks[0]).rstrip("0")) <= set("125")


@pytest.mark.parametrize(
    ("value", "said"), [(5, "5"), (1_000, "1k"), (2_500, "2.5k"), (2_000_000_000, "2B")]
)
def test_scale_is_written_in_few_signs(value: int, said: str) -> None:
    assert short_number(value) == said
