from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, inspect

from crm_core import snapshot
from crm_core.records.batches import list_batches, undo, write_import
from crm_core.records.engine import open_database, reading, rehearsing, writing
from crm_core.records.people import log_contact, override_stage
from crm_core.records.rates import set_rate
from crm_core.records.settings import write_setting
from crm_core.records.versions import read_versions
from crm_core.snapshot import build_ledger, default_cache, load_ledger
from tests.builders import as_day, make_ledger, make_staged
from tests.databases import Databases, close_for_good
from tests.ledgers import columns_of, same_ledgers

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROWS = [
    {"client": "b", "day": "2024-01-05", "amount": "10.5", "order": "1", "product": "tea",
     "category": "drinks", "channel": "web", "manager": "Mo"},
    {"client": "b", "day": "2024-01-06", "amount": "-10.5", "refund_of": "1"},
    {"client": "a", "day": "2024-01-07", "amount": 3, "product": "cup"},
    {"client": "a", "day": "2024-01-02", "amount": 4, "channel": "shop"},
    {"client": None, "day": "2024-01-02", "amount": 7},
]  # fmt: skip


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path, "crm"))
    yield engine
    engine.dispose()


def fill(engine: Engine, rows=ROWS, **options) -> int:
    with writing(engine) as connection:
        return write_import(connection, make_staged(rows, **options), imported_at=NOW).batch_id


def build(engine: Engine):
    with reading(engine) as connection:
        return build_ledger(connection)


def test_an_empty_database_is_an_empty_ledger(database: Engine):
    ledger = load_ledger(database)
    assert (ledger.n_clients, len(ledger.sales), ledger.currency) == (0, 0, None)
    assert ledger.span(10**6) is None


def test_records_become_the_ledger_a_person_would_write_down(database: Engine):
    fill(database)
    ledger = build(database)
    by_hand = make_ledger(
        {
            "b": [("2024-01-05", "10.5", "1"), ("2024-01-06", "-10.5", None, "1")],
            "a": [("2024-01-07", 3), ("2024-01-02", 4)],
            "": [("2024-01-02", 7)],
        }
    )
    for name in ("purchases day", "purchases void_on", "sales amount", "sales order_start",
                 "sales offsets", "unnamed_amount", "known_on"):  # fmt: skip
        assert columns_of(ledger)[name] == columns_of(by_hand)[name], name
    assert (ledger.products, ledger.categories) == (("cup", "tea"), ("", "drinks"))
    assert ledger.sales.product.tolist() == [-1, 0, 1, -1]
    assert [ledger.channels[code] for code in ledger.sales.channel if code >= 0] == ["shop", "web"]
    assert ledger.managers == ("Mo",)
    assert ledger.clients.attributes["source"].labels == ("main",)


def test_foreign_money_counts_at_the_rate_of_its_day(database: Engine):
    rows = [
        {"client": "a", "day": f"2024-01-0{day}", "amount": 10, "currency": code}
        for day, code in ((1, "USD"), (2, "USD"), (3, None), (4, "GBP"))
    ]
    fill(database, rows)
    assert build(database).sales.amount.tolist() == [100_000]
    with writing(database) as connection:
        write_setting(connection, "currency", "EUR", source="owner", since=None)
        set_rate(connection, "USD", from_day=date(2024, 1, 2), rate="0.9")
    ledger = build(database)
    assert ledger.sales.amount.tolist() == [90_000, 100_000]
    assert ledger.sales.day.tolist() == [as_day("2024-01-02"), as_day("2024-01-03")]
    assert ledger.currency == "EUR"


def test_a_file_without_days_brings_money_and_no_purchases(database: Engine):
    fill(database)
    rows = [{"client": "z", "day": "2024-06-01", "amount": 50}]
    fill(database, rows, days_missing=True)
    ledger = build(database)
    assert ledger.sales.amount.sum() == 570_000 - 500_000 + 500_000
    assert ledger.clients.external_id.to_pylist() == ["a", "b", "z"]
    assert ledger.purchases.offsets.tolist() == [0, 2, 3, 3]
    assert ledger.sales.order_start.sum() == 3


def test_clients_stand_by_their_id_then_by_record(database: Engine):
    ids = ["10", "9", "Z", "a", "ä"]
    fill(database, [{"client": name, "day": "2024-01-01", "amount": 1} for name in ids])
    fill(database, [{"client": "9", "day": "2024-01-01", "amount": 2}], source="web")
    clients = build(database).clients
    assert clients.external_id.to_pylist() == ["10", "9", "9", "Z", "a", "ä"]
    assert clients.record_id.tolist() == [1, 2, 6, 3, 4, 5]


def test_the_cache_is_opened_mapped_and_read_only(database: Engine):
    fill(database)
    first, second = load_ledger(database), load_ledger(database)
    assert same_ledgers(first, build(database))
    assert same_ledgers(first, second)
    with pytest.raises(ValueError, match="read-only"):
        second.sales.amount[0] = 1


def test_a_change_makes_a_new_ledger_and_a_note_does_not(
    database: Engine, monkeypatch: pytest.MonkeyPatch
):
    fill(database)
    load_ledger(database)
    built = []
    monkeypatch.setattr(snapshot, "build_ledger", lambda c: built.append(1) or build_ledger(c))
    with writing(database, sales=False):
        pass
    load_ledger(database)
    assert built == []
    with writing(database) as connection:
        override_stage(connection, 1, stage="commitment", reason="x", author="", set_on=NOW.date())
    assert len(load_ledger(database).overrides) == 1
    assert built == [1]


def test_old_versions_are_pruned(database: Engine):
    for number in range(3):
        fill(database, [*ROWS, {"client": "n", "day": "2024-02-01", "amount": number + 1}])
        load_ledger(database)
    root = default_cache(database)
    assert root is not None
    with reading(database) as connection:
        versions = read_versions(connection)
    assert [f.name for f in (root / versions.database_id).iterdir()] == [versions.sales_key]


def test_a_cache_that_cannot_be_written_is_no_harm(database: Engine, tmp_path: Path):
    fill(database)
    (tmp_path / "file").write_text("")
    assert len(load_ledger(database, cache_dir=tmp_path / "file").sales) == 4


def test_a_database_in_memory_needs_no_cache():
    engine = open_database("sqlite://")
    fill(engine)
    assert default_cache(engine) is None
    assert len(load_ledger(engine).sales) == 4


def test_a_restored_copy_does_not_pass_for_the_version_it_is_not(
    databases: Databases, tmp_path: Path
):
    url = databases.new(tmp_path, "crm")
    close_for_good(open_database(url))
    backup = databases.copy(url, tmp_path, "backup")
    engine = open_database(url)
    fill(engine)
    assert len(load_ledger(engine).sales) == 4
    close_for_good(engine)
    if backup.startswith("sqlite"):
        Path(backup.removeprefix("sqlite:///")).replace(url.removeprefix("sqlite:///"))
        backup = url
    engine = open_database(backup)
    fill(engine, ROWS[:1])
    assert len(load_ledger(engine).sales) == 1
    engine.dispose()


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.integers(19_700, 19_710),
        st.integers(-3, 3),
        st.sampled_from([None, "1", "2"]),
        st.sampled_from([None, None, "1"]),
    ),
    max_size=15,
)


@pytest.fixture(scope="module")
def tried(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return an empty database that stays so: each example is rolled back."""
    return open_database(shared_databases.new(tmp_path_factory.mktemp("tried"), "tried"))


@settings(max_examples=40)
@given(rows=CHANGES)
def test_any_rows_give_the_ledger_written_down_by_hand(tried, rows):
    sales = [
        {"client": c, "day": d, "amount": a, "order": o, "refund_of": r} for c, d, a, o, r in rows
    ]
    with rehearsing(tried) as connection:
        write_import(connection, make_staged(sales), imported_at=NOW)
        built = build_ledger(connection)
    written: dict[str, list] = {}
    for client, day, amount, order, refund in rows:
        written.setdefault(client or "", []).append((day, amount, order, refund))
    found, expected = columns_of(built), columns_of(make_ledger(written))
    for name in ("external_id", "known_on", "unnamed_day", "sales day", "sales offsets",
                 "purchases day", "purchases void_on", "purchases offsets"):  # fmt: skip
        assert found[name] == expected[name], name


IMPORT_FOREVER = """
import sys
from datetime import UTC, datetime
from crm_core.records import bulk
from crm_core.records.batches import write_import
from crm_core.records.engine import open_database, writing
from tests.builders import make_staged

bulk.BLOCK = 50
rows = [{"client": str(n % 50), "day": "2024-02-01", "amount": n} for n in range(20_000)]
staged = make_staged(rows)
with writing(open_database(sys.argv[1])) as connection:
    write_import(connection, staged, imported_at=datetime(2024, 6, 1, tzinfo=UTC),
                 progress=lambda done: print(done, flush=True))
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
@pytest.mark.parametrize("rows_written", [50, 20_000])
def test_an_import_killed_at_any_moment_leaves_the_database_as_before(
    database: Engine, rows_written: int
):
    fill(database)
    before = build(database)
    program = subprocess.Popen(
        [sys.executable, "-c", IMPORT_FOREVER, database.url.render_as_string(hide_password=False)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stdin is not None
    for line in program.stdout:
        if int(line) >= rows_written:
            break
    time.sleep(0.05)
    program.kill()
    program.wait()
    program.stdout.close()
    program.stdin.close()
    assert same_ledgers(build(database), before)
    with reading(database) as connection:
        assert len(list_batches(connection)) == 1
        assert "ix_sales_key" in [
            index["name"] for index in inspect(connection).get_indexes("sales")
        ]
    fill(database, ROWS[:2])


def test_undone_clients_are_unknown_and_those_with_a_note_are_not(database: Engine):
    batch = fill(database)
    with writing(database) as connection:
        log_contact(connection, 2, day=NOW.date(), kind="call", inbound=True, created_at=NOW)
        undo(connection, batch, at=NOW)
    ledger = load_ledger(database)
    assert ledger.n_clients == 1
    assert len(ledger.sales) == len(ledger.unnamed_day) == 0
    assert (ledger.products, ledger.channels) == ((), ())


def test_building_needs_little_memory_a_sale(database: Engine):
    import tracemalloc

    rows = 60_000
    staged = make_staged(
        [{"client": str(n % 6000), "day": 19_000 + n % 700, "amount": 1} for n in range(rows)]
    )
    with writing(database) as connection:
        write_import(connection, staged, imported_at=NOW)
    build(database)
    tracemalloc.start()
    ledger = build(database)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Blocks of rows as Python objects come on top of the columns, whatever their number.
    assert len(ledger.sales) == rows
    assert peak < 64 * rows + 20_000_000


def test_days_far_away_survive(database: Engine):
    fill(database, [{"client": "a", "day": d, "amount": 1} for d in ("0001-01-01", "9999-12-31")])
    assert build(database).sales.day.tolist() == [as_day("0001-01-01"), as_day("9999-12-31")]
    assert build(database).sales.day.dtype == np.int32
