from __future__ import annotations

import pytest

from crm_core.errors import MappingError
from crm_core.intake.joining import find_shared_key, join_all, join_tables
from tests.intake.staged_rows import sales_of, staged_of, table_of

ITEMS = table_of("order_id|product|price", ["1|Mug|5", "1|Jar|7", "2|Mug|5", "9|Jar|7"])
ORDERS = table_of("Order ID|client|day", ["1|c1|2024-05-01", "2|c2|2024-05-02", "3|c1|2024-05-03"])
CLIENTS = table_of("client|customer_city", ["c1|Oulu", "c2|Turku", "c3|Vaasa"])


def test_every_row_of_the_sales_stays_once_and_the_evidence_counts() -> None:
    joined = join_tables(ITEMS, ORDERS, ("order_id", "Order ID"))
    assert joined.column("client").to_pylist() == ["c1", "c1", "c2", ""]
    assert joined.evidence[-1].sentence == (
        "3 of 4 rows found their “order_id” in “table”; 1 of its 3 rows stand alone and are not "
        "read."
    )
    assert joined.evidence[-1].doubtful


def test_joining_to_a_key_that_repeats_would_count_sales_twice_and_is_refused() -> None:
    with pytest.raises(MappingError, match="found 1 more than once"):
        join_tables(ORDERS, ITEMS, ("Order ID", "order_id"))


def test_names_both_have_are_told_apart() -> None:
    right = table_of("order_id|price", ["1|50"])
    assert join_tables(ITEMS, right, "order_id").names[-1] == "price (2)"


def test_the_shared_key_is_found_by_name_and_content() -> None:
    key = find_shared_key(ITEMS, ORDERS)
    assert key is not None
    assert (key.left, key.right, key.found) == ("order_id", "Order ID", 0.75)
    assert find_shared_key(ITEMS, CLIENTS) is None


def test_sheets_are_joined_through_each_other_and_staged() -> None:
    staged = staged_of(join_all([CLIENTS, ORDERS, ITEMS]), choices={"client": "client"})
    assert sales_of(staged) == [
        ("c1", "2024-05-01", "5.00"),
        ("c1", "2024-05-01", "7.00"),
        ("c2", "2024-05-02", "5.00"),
    ]


def test_tables_without_a_shared_column_are_refused() -> None:
    with pytest.raises(MappingError, match="import these one by one"):
        join_all([ITEMS, table_of("a|b", ["1|2"])])
