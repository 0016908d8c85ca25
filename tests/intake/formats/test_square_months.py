"""Square's monthly exports: a refund in a later month leaves its sale in place and voids it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from crm_core.intake.table import Table
from crm_core.records.batches import undo, write_import
from crm_core.records.engine import open_database, reading, writing
from crm_core.snapshot import build_ledger
from crm_core.tables import NEVER
from tests.builders import as_day
from tests.databases import Databases
from tests.intake.formats.test_square import ITEMS, TRANSACTIONS
from tests.intake.staged_rows import filled, staged_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PAYMENT = {
    "Date": "2026-09-13",
    "Gross Sales": "$12.00",
    "Net Sales": "$12.00",
    "Transaction ID": "T1",
    "Payment ID": "P1",
    "Event Type": "Payment",
    "Customer ID": "C1",
}
OTHER = PAYMENT | {"Date": "2026-09-14", "Transaction ID": "T2", "Net Sales": "$5.00"}
REFUND = PAYMENT | {
    "Date": "2026-10-02",
    "Net Sales": "-$12.00",
    "Payment ID": "P3",
    "Event Type": "Refund",
}
PARTS = ({"Net Sales": "$8.00"}, {"Net Sales": "$4.00"})


def exports_of(header: str) -> dict[str, Table]:
    """Return September's, October's and the year's export; items have two lines an order."""
    september, october = [PAYMENT, OTHER], [REFUND]
    if header == ITEMS:
        lines = [
            {k: v for k, v in PAYMENT.items() if k in header.split(",")} | part for part in PARTS
        ]
        other = {k: v for k, v in OTHER.items() if k in header.split(",")} | {"Item": "Mug"}
        september = [*(line | {"Item": "Mug", "Qty": "1"} for line in lines), other]
        october = [
            line | {"Date": REFUND["Date"], "Payment ID": "P3", "Event Type": "Refund"}
            | {"Net Sales": f"-{line['Net Sales']}", "Item": "Mug", "Qty": "-1"}
            for line in lines
        ]  # fmt: skip
    return {
        "september": filled(header, *september),
        "october": filled(header, *october),
        "year": filled(header, *september, *october),
    }


@pytest.fixture(params=["transactions", "items"])
def exports(request: pytest.FixtureRequest) -> dict[str, Table]:
    return exports_of(TRANSACTIONS if request.param == "transactions" else ITEMS)


def found_in(connection: Connection) -> tuple[int, list[tuple[int, int]]]:
    """Return the net sales in units, and day and void day of each purchase."""
    ledger = build_ledger(connection)
    bought = ledger.purchases
    purchases = list(zip(bought.day.tolist(), bought.void_on.tolist(), strict=True))
    return int(ledger.sales.amount.sum()) // 10_000, purchases


def database_of(url: str, exports: dict[str, Table], names: Sequence[str]) -> Engine:
    engine = open_database(url)
    for name in names:
        staged = staged_of(exports[name], fingerprint=name)
        with writing(engine) as connection:
            write_import(connection, staged, imported_at=NOW)
    return engine


PAID, PAID_BACK = as_day("2026-09-13"), as_day("2026-10-02")
OTHER_PURCHASE = (as_day("2026-09-14"), NEVER)


@pytest.mark.parametrize("names", [*permutations(("september", "october", "year")), ("year",)])
def test_in_any_order_the_sale_is_paid_back_once_and_void(
    exports: dict[str, Table], names: Sequence[str], databases: Databases, tmp_path: Path
) -> None:
    engine = database_of(databases.new(tmp_path), exports, names)
    with reading(engine) as connection:
        assert found_in(connection) == (5, [(PAID, PAID_BACK), OTHER_PURCHASE])
    engine.dispose()


@pytest.mark.parametrize("names", [("september", "october"), ("october", "september")])
def test_two_months_net_to_nothing_and_undoing_october_brings_the_sale_back(
    exports: dict[str, Table], names: Sequence[str], databases: Databases, tmp_path: Path
) -> None:
    engine = database_of(databases.new(tmp_path), exports, names)
    with writing(engine) as connection:
        assert found_in(connection) == (5, [(PAID, PAID_BACK), OTHER_PURCHASE])
        undo(connection, names.index("october") + 1, at=NOW)
        assert found_in(connection) == (17, [(PAID, NEVER), OTHER_PURCHASE])
    engine.dispose()
