from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metrics.cohorts import BLANK, cohorts
from crm_core.metrics.members import cohort_members, month_buyers
from crm_core.metrics.returning import monthly
from tests.builders import make_ledger

HISTORIES = st.lists(
    st.lists(st.integers(19_000, 19_200), min_size=0, max_size=5), min_size=1, max_size=8
)


@given(HISTORIES, st.integers(19_000, 19_250))
def test_lists_are_as_long_as_the_numbers_that_open_them(
    histories: list[list[int]], as_of: int
) -> None:
    ledger = make_ledger(
        {f"c{i}": [(day, 1) for day in days] for i, days in enumerate(histories)},
        created={"lead": 19_000},
    )
    months = monthly(ledger, as_of)
    for month in range(len(months.calendar)):
        for who, counts in (
            ("all", months.buyers),
            ("new", months.new),
            ("existing", months.existing),
        ):
            found = month_buyers(ledger, months.calendar, month, who=who)  # type: ignore[arg-type]
            assert len(found) == counts[month]
    table = cohorts(ledger, as_of)
    for cohort, later in np.argwhere(table.retained != BLANK).tolist():
        members = cohort_members(ledger, table, cohort, later=later)
        assert len(members) == table.retained[cohort, later]


def test_cohort_without_a_period_is_everybody_who_began_then() -> None:
    ledger = make_ledger({"ann": [("2025-01-05", 1)], "bob": [("2025-01-09", 1)]})
    table = cohorts(ledger, 20_300)
    assert cohort_members(ledger, table, 0).tolist() == [0, 1]
