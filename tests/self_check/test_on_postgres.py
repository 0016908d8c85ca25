"""The same checks on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.records.engine import open_database
from crm_core.self_check import rebuild_cache
from crm_core.snapshot import load_ledger
from tests.databases import ServerDatabases
from tests.self_check.conftest import check, differing, fill, finding_of, tamper


@pytest.fixture
def server(server_databases: ServerDatabases, tmp_path: Path) -> Iterator[Engine]:
    """Yield a filled database of this test's own."""
    engine = open_database(server_databases.new(tmp_path, "check"))
    fill(engine)
    yield engine
    engine.dispose()


def test_untouched_database_agrees_and_damage_is_found(server: Engine) -> None:
    load_ledger(server)
    found = check(server)
    assert found.differing == ()
    assert (found.sales, found.imports) == (12, 2)
    assert finding_of(found, "Cached ledger").sentence == "Both are the same."

    tamper(server, "UPDATE sales SET amount = amount + 100 WHERE order_ref = '8' AND live")
    told = differing(server)
    assert "Cached ledger" in told
    assert "0.01 too much" in told["Import 2 (file 2.csv)"]
    assert rebuild_cache(server)
    assert "Cached ledger" not in differing(server)

    tamper(
        server,
        "UPDATE sales SET live = TRUE WHERE batch_id = 3",
        "DELETE FROM sales WHERE order_ref = '3'",
    )
    told = differing(server)
    assert "2 sales count and should not (import 3)" in told["What counts"]
    assert "1 row and 12.34 missing" in told["Import 1 (file 1.csv)"]


def test_loosened_schema_is_found(server: Engine) -> None:
    tamper(
        server,
        "ALTER TABLE sales DROP CONSTRAINT fk_sales_client_id",
        "UPDATE sales SET client_id = 4711 WHERE order_ref = '10' AND live",
        "ALTER TABLE contacts ADD CONSTRAINT ck_late CHECK (day < 0) NOT VALID",
        "DROP INDEX ix_sales_key",
    )
    told = differing(server)
    assert told["References"] == "Rows that refer to nothing: 1 in sales.client_id."
    assert "reference sales.client_id" in told["Schema"]
    assert "index ix_sales_key" in told["Schema"]
    assert told["Storage"] == "Not valid: constraint ck_late."
