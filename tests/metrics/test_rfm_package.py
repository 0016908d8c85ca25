"""The R package's published figures (docs/methods.md, RFM)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crm_core.ledger import Ledger
from crm_core.metrics.rfm import DIMENSIONS, RfmScores, score_rfm
from crm_core.metrics.rfm_package import (
    MAPS,
    OTHERS,
    README_MAP,
    TESTS_MAP,
    box_names,
    box_segments,
)
from tests.builders import make_ledger
from tests.metrics.rfm_orders import ANALYSIS_DAY, read_rfm_orders, read_rows


@pytest.fixture(scope="module")
def orders(shared_data: Path) -> Ledger:
    return read_rfm_orders(shared_data)


@pytest.fixture(scope="module")
def scores(orders: Ledger) -> RfmScores:
    return score_rfm(orders, ANALYSIS_DAY, compat="rfm")


def counts(scores: RfmScores, boxes) -> dict[str, int]:
    names = box_names(boxes)
    found = np.bincount(box_segments(scores, boxes), minlength=len(names))
    return {name: int(n) for name, n in zip(names, found, strict=True) if n}


def test_table_of_995_clients_is_the_published_one(
    orders: Ledger, scores: RfmScores, shared_data: Path
) -> None:
    published = {
        row["customer_id"]: row
        for row in read_rows(shared_data / "rfm/expected_rfm_scores_computed.csv")
    }
    names = orders.clients.external_id.to_pylist()
    assert sorted(published) == names
    assert len(names) == 995
    ours = {
        "rec": scores.values.recency,
        "tc": scores.values.frequency,
        "amount": scores.values.money // 10_000,
        "R": scores.recency,
        "F": scores.frequency,
        "M": scores.money,
    }
    for column, values in ours.items():
        assert [int(published[name][column]) for name in names] == values.tolist(), column


def test_rows_money_and_cuts_are_the_published_ones(scores: RfmScores) -> None:
    assert int(scores.values.frequency.sum()) == 4_906
    assert int(scores.values.money.sum()) == 464_158_0000
    assert [float(c) for c in scores.cuts.recency] == [115, 181, 297.4, 482]
    assert [float(c) for c in scores.cuts.frequency] == [4, 5, 6, 8]
    assert [float(c) / 10_000 for c in scores.cuts.money] == [255.8, 382, 506.4, 666]


def test_segments_of_its_tests(scores: RfmScores) -> None:
    assert counts(scores, TESTS_MAP) == {
        "Champions": 158,
        "Loyal Customers": 278,
        "Potential Loyalist": 229,
        "Lost": 111,
        "At Risk": 86,
        "About To Sleep": 50,
        OTHERS: 48,
        "Need Attention": 35,
    }
    champions = box_segments(scores, TESTS_MAP) == 0
    assert int(scores.values.frequency[champions].sum()) == 1_234
    assert int(scores.values.money[champions].sum()) == 120_178_0000


def test_segments_and_first_scores_of_its_documentation(scores: RfmScores) -> None:
    assert counts(scores, README_MAP) == {
        "Potential Loyalist": 342,
        "Loyal Customers": 170,
        "Lost": 148,
        "New Customers": 104,
        "About To Sleep": 102,
        "Can't Lose Them": 47,
        "Champions": 35,
        "At Risk": 28,
        "Need Attention": 10,
        "Promising": 9,
    }
    first = [getattr(scores, name)[:5].tolist() for name in DIMENSIONS]
    assert [100 * r + 10 * f + m for r, f, m in zip(*first, strict=True)] == [
        343,
        412,
        323,
        544,
        433,
    ]


def test_rows_of_one_day_count_each_and_refunds_as_rows_too() -> None:
    ledger = make_ledger({"a": [(1, 5), (1, 6), (3, -2)], "b": [(9, 1)]})
    values = score_rfm(ledger, 5, compat="rfm").values
    assert values.frequency.tolist() == [3, 0]
    assert values.recency.tolist() == [2, 0]
    assert values.money.tolist() == [9_0000, 0]


@pytest.mark.parametrize("boxes", MAPS.values(), ids=MAPS)
def test_first_box_that_fits_wins_and_clients_without_scores_have_none(boxes) -> None:
    book = {f"c{k:02}": [(k % 11 + d, 3 * k + d) for d in range(k % 6 + 1)] for k in range(40)}
    scores = score_rfm(make_ledger({**book, "later": [(99, 1)]}), 20)
    codes = box_segments(scores, boxes)
    assert codes[-1] == -1
    for at in range(40):
        own = [int(getattr(scores, name)[at]) for name in DIMENSIONS]
        fits = [
            number
            for number, box in enumerate(boxes)
            if all(
                low <= score <= high
                for score, (low, high) in zip(
                    own, (box.recency, box.frequency, box.money), strict=True
                )
            )
        ]
        assert codes[at] == (fits[0] if fits else len(boxes))
