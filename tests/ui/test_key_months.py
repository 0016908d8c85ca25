from __future__ import annotations

from crm_core.metrics.concentration_months import concentration_months
from crm_core.ui.key_months import can_be_drawn, shown_months
from tests.builders import as_day
from tests.metrics.ledgers import locked


def test_nothing_is_drawn_before_a_year_is_whole():
    ledger = locked({"a": [("2024-01-10", 5), ("2024-11-01", 5)]})
    assert not can_be_drawn(concentration_months(ledger, as_day("2024-11-30")))
    assert can_be_drawn(concentration_months(ledger, as_day("2024-12-31")))
    assert not can_be_drawn(concentration_months(locked({}), 100))


def test_the_newest_values_stand_beside_those_of_the_years_before():
    rows = {"a": [("2022-01-10", 60), ("2023-06-10", 30), ("2024-06-10", 75)],
            "b": [("2022-01-11", 40), ("2023-06-11", 70), ("2024-06-11", 25)]}  # fmt: skip
    first = shown_months(concentration_months(locked(rows), as_day("2024-12-31")))[0]
    assert first.value == "75\xa0%"
    assert list(first.others()) == [("on 31 Dec 2023", "70\xa0%"), ("on 31 Dec 2022", "60\xa0%")]
    assert first.rows.startswith("2 clients on 31 Dec 2024")
