"""The ledger on disk and the one just made, held against the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from crm_core.ledger_files import open_ledger, save_ledger
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.importing import write_import
from crm_core.self_check import figures, rebuild_cache, running
from crm_core.self_check.cache import cache_folder, differences
from crm_core.snapshot import build_ledger, load_ledger
from tests.builders import make_staged
from tests.databases import Databases
from tests.self_check.conftest import NOW, check, differing, finding_of, tamper


def folder_of(engine: Engine) -> Path:
    with reading(engine) as connection:
        folder = cache_folder(engine, connection)
    assert folder is not None
    return folder


@pytest.fixture(scope="module")
def many(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return a database whose cached columns are long enough to be mapped from disk."""
    engine = open_database(shared_databases.new(tmp_path_factory.mktemp("many"), "many"))
    rows = [
        {"client": f"c{n % 50}", "day": 19000 + n % 900, "amount": 1 + n % 97}
        for n in range(20_000)
    ]
    with writing(engine) as connection:
        write_import(connection, make_staged(rows), imported_at=NOW)
    return engine


def test_cached_ledger_that_is_right_is_called_so(database: Engine) -> None:
    load_ledger(database)
    found = finding_of(check(database), "Cached ledger")
    assert (found.outcome, found.sentence) == ("ok", "Both are the same.")


def test_one_flipped_bit_amid_a_cached_column_is_found_and_put_right(many: Engine) -> None:
    load_ledger(many)
    file = folder_of(many) / "sales.amount.npy"
    content = bytearray(file.read_bytes())
    assert len(content) > 2 * (1 << 16) + 16
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    assert open_ledger(folder_of(many)) is None, "opening compares the checksum of every byte"
    said = differing(many)
    assert list(said) == ["Cached ledger"]
    assert "damaged and cannot be opened" in said["Cached ledger"]
    assert "--rebuild" in finding_of(check(many), "Cached ledger").advice
    assert rebuild_cache(many)
    assert differing(many) == {}


def test_damage_that_opening_notices_is_a_finding(many: Engine) -> None:
    load_ledger(many)
    (folder_of(many) / "sales.day.npy").write_bytes(b"nothing")
    assert "cannot be opened" in differing(many)["Cached ledger"]
    assert rebuild_cache(many)


def test_checking_leaves_the_damage_where_it_is(many: Engine) -> None:
    load_ledger(many)
    file = folder_of(many) / "purchases.day.npy"
    file.write_bytes(file.read_bytes()[:-4])
    before = file.read_bytes()
    check(many)
    assert file.read_bytes() == before
    rebuild_cache(many)


def test_database_in_memory_keeps_no_ledger_and_needs_none() -> None:
    engine = open_database("sqlite://")
    assert not rebuild_cache(engine)
    assert finding_of(check(engine), "Cached ledger").outcome == "ok"


def test_changed_record_shows_in_the_cached_ledger(database: Engine) -> None:
    load_ledger(database)
    tamper(database, "UPDATE sales SET day = day + 1 WHERE order_ref = '8' AND live")
    assert "sales.day differs in 1 of" in differing(database)["Cached ledger"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda at: replace(at, currency="USD"), "currency differ"),
        (lambda at: replace(at, products=("tea",)), "products differ"),
        (lambda at: replace(at, unnamed_day=at.unnamed_day[:-1]), "unnamed_day has 1 values"),
        (lambda at: at.select(np.arange(at.n_clients) > 0), "clients.record_id has 3 values"),
    ],
)
def test_every_part_of_a_ledger_is_compared(
    database: Engine, change: Callable[[Any], Any], said: str
) -> None:
    with reading(database) as connection:
        ledger = build_ledger(connection)
    assert list(differences(ledger, ledger)) == []
    assert any(said in one for one in differences(change(ledger), ledger))


def test_texts_of_clients_are_compared(database: Engine, tmp_path: Path) -> None:
    with reading(database) as connection:
        ledger = build_ledger(connection)
    save_ledger(ledger, tmp_path / "copy")
    texts = tmp_path / "copy" / "texts.arrow"
    content = texts.read_bytes()
    texts.write_bytes(content.replace(b"bob", b"bop"))
    manifest = tmp_path / "copy" / "manifest.json"
    copy = open_ledger(tmp_path / "copy")
    assert copy is None, "a small file is looked at as a whole"
    other = replace(ledger, clients=replace(ledger.clients, name=ledger.clients.name[::-1]))
    assert list(differences(other, ledger)) == ["clients.name differs"]
    assert manifest.exists()


# The ledger just made, against sums the database makes ---------------------------------------


def broken_ledger(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    right = running.build_ledger
    monkeypatch.setattr(running, "build_ledger", lambda connection: change(right(connection)))


def with_sales(ledger: Any, **columns: Any) -> Any:
    return replace(ledger, sales=replace(ledger.sales, **columns))


def off_by(values: Any, by: int) -> Any:
    moved = values.copy()
    moved[0] += by
    return moved


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        (
            lambda at: with_sales(at, amount=off_by(at.sales.amount, 10_000)),
            "Net sales of every client",
            "“ann” has 211.50 in the ledger and 210.50 in the records.",
        ),
        (
            lambda at: with_sales(at, day=off_by(at.sales.day, -3)),
            "Days of every client's sales",
            "“ann” has",
        ),
        (
            lambda at: with_sales(at, order_start=~at.sales.order_start),
            "Orders of every client",
            "clients in all",
        ),
        (
            lambda at: at.select(np.arange(at.n_clients) != 1),
            "Clients of the ledger",
            "1 client missing in the ledger, 0 too many",
        ),
        (
            lambda at: replace(at, unnamed_amount=off_by(at.unnamed_amount, 1)),
            "Sales without a client",
            "The ledger has 2 rows and 19.3401, the records 2 rows and 19.34.",
        ),
        (
            lambda at: replace(
                at, purchases=replace(at.purchases, day=off_by(at.purchases.day, 1))
            ),
            "Purchases",
            "they differ for “ann”",
        ),
        (
            lambda at: replace(at, contacts=at.contacts.take(np.array([0, 0, 0, 0]))),
            "Contacts",
            "“eve” has 0 in the ledger and 1 in the records.",
        ),
        (
            lambda at: replace(at, endings=replace(at.endings, day=off_by(at.endings.day, 1))),
            "Endings",
            "“cy” has",
        ),
        (
            lambda at: replace(
                at, contracts=replace(at.contracts, day=off_by(at.contracts.day, 1))
            ),
            "Contracts",
            "“eve” has",
        ),
        (
            lambda at: replace(at, overrides=replace(at.overrides, day=at.overrides.day + 1)),
            "Stages set by hand",
            "“ann” has",
        ),
        (
            lambda at: replace(
                at, unnamed_day=at.unnamed_day[:-1], unnamed_amount=at.unnamed_amount[:-1]
            ),
            "From the records to the ledger",
            "12 sales count, but 10 are in the ledger and 1 wait for a rate.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_ledger_made_wrongly_is_found(
    database: Engine,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Any], Any],
    name: str,
    said: str,
) -> None:
    broken_ledger(monkeypatch, change)
    found = differing(database)
    assert said in found[name]


@pytest.mark.parametrize(
    ("part", "wrong", "finding"),
    [
        ("totals", {"gross": 1}, ("Headline money", "The pages show gross sales of 0.00")),
        (
            "totals",
            {"orders": 99},
            ("Headline counts", "The pages show 99 orders, the records have"),
        ),
        ("totals", {"buyers": 99}, ("Headline counts", "99 buyers")),
        ("totals", {"with_sales": 99}, ("Headline counts", "99 clients with sales")),
        ("totals", {"known": 99}, ("Stages", "hold 4 clients, found 99 known")),
        ("pareto", {"cumulative": np.array([1, 2, 3])}, ("Classes", "Classes hold 3 clients")),
    ],
)
def test_figure_computed_wrongly_is_found(
    database: Engine,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    wrong: dict[str, Any],
    finding: tuple[str, str],
) -> None:
    right = figures.build_report

    def build(*args: Any, **options: Any) -> Any:
        made = right(*args, **options)
        return replace(made, **{part: replace(getattr(made, part), **wrong)})

    monkeypatch.setattr(figures, "build_report", build)
    name, said = finding
    assert said in differing(database)[name]


def test_later_rows_and_void_orders_do_not_disturb(database: Engine) -> None:
    tamper(database, "UPDATE sales SET day = day + 9000 WHERE order_ref = '10' AND batch_id = 2")
    assert list(differing(database)) == ["Import 2 (file 2.csv)"], "no figure, but the digest"


def test_ledger_that_cannot_be_made_is_one_finding_and_no_crash(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: object) -> None:
        raise MemoryError("too large")

    monkeypatch.setattr(running, "build_ledger", fail)
    found = check(database)
    group = found.group("ledger")
    assert group is not None
    assert [f.sentence for f in group.findings] == [
        "The program failed while checking: MemoryError: too large."
    ]
    assert found.group("database") is not None
