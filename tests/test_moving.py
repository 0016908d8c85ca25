"""Moving a business between the databases: everything arrives and is the same, or nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text

from crm_core import moving
from crm_core.access import Actor, Role, acting_as
from crm_core.cli import main
from crm_core.errors import AccessError, DatabaseError, RefusedError
from crm_core.moving import move
from crm_core.records.audit import list_audit
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.importing import write_import
from crm_core.records.models import Base, Contact, Member, Setting, Source, Version
from crm_core.records.moving import NUL_SIGN, digest_table, read_rows
from crm_core.records.settings import write_setting
from crm_core.records.staged import UnusedRows
from crm_core.records.versions import read_versions
from crm_core.self_check import Group, run_checks
from crm_core.snapshot import build_ledger
from tests.builders import make_staged
from tests.databases import Databases, ServerDatabases
from tests.ledgers import same_ledgers

NOW = datetime(2024, 6, 1, 12, 30, 15, 123456, tzinfo=UTC)
LONG = "ß" * 10_000
ODD = [
    {"client": "😀 Ann\t\\N \\. \"quoted\" 'n' comma,", "day": "2024-01-05", "amount": "10.5001",
     "order": "\\N", "product": "tea\\", "category": "a\nb", "channel": "wéb"},
    {"client": LONG, "day": "1900-01-01", "amount": "-999999999999.9999", "order": "2"},
    {"client": None, "day": "9999-12-31", "amount": 7},
    {"client": "شركة الشمس", "day": "2024-01-08", "amount": 3, "currency": "USD", "quantity": 0},
    {"client": "", "day": "2024-01-09", "amount": "0.0001"},
]  # fmt: skip
UNUSED = UnusedRows((9,), ("held_back",), ("no day",), ("",), (-5,), (None,), (("a\x00", "b"),))


def fill(engine: Engine) -> None:
    """Store values that one database or the way between could spoil."""
    with writing(engine) as connection:
        # No file brings a sale of a year before 1900: figures by month and month would not end.
        about = {LONG: {"city": "\u2028", "birthday": "0001-01-01"}}
        staged = make_staged(ODD, clients=about, unused=UNUSED, mapping={"“": [None, 1.5, "\x00"]})
        write_import(connection, staged, imported_at=NOW)
        write_setting(connection, "currency", "EUR", source="owner", since=None)
        connection.execute(
            insert(Contact).values(
                client_id=1, day=date(2024, 5, 1), kind="call", inbound=False, by="",
                note="cut \\x00 here" if engine.dialect.name != "sqlite" else "cut \x00 here",
                created_at=NOW,
            )
        )  # fmt: skip
        connection.execute(
            insert(Member).values(email="a@b.example", name="", role="owner", invited_at=NOW)
        )
        for key, value in {"n": None, "i": 30, "f": 30.0, "h": 0.1, "b": True, "s": "1.0"}.items():
            held = insert(Setting).values(key=key, value=value, source="owner", set_by="")
            connection.execute(held)


@pytest.fixture(params=["to the server", "to a file"])
def both(
    request: pytest.FixtureRequest, server_databases: ServerDatabases, tmp_path: Path
) -> Iterator[tuple[Engine, Engine]]:
    """Yield a filled database and an empty one of the other kind."""
    urls = [f"sqlite:///{(tmp_path / 'file.sqlite').as_posix()}", server_databases.bare("moved")]
    if request.param == "to a file":
        urls.reverse()
    source, target = (open_database(url) for url in urls)
    fill(source)
    yield source, target
    source.dispose()
    target.dispose()


def everything(engine: Engine) -> dict[str, Any]:
    with reading(engine) as connection:
        return {
            table.name: sorted(map(repr, read_rows(connection, table)))
            for table in Base.metadata.sorted_tables
            if table.name != "audit_events"
        }


def is_empty(engine: Engine) -> bool:
    with reading(engine) as connection:
        return not any(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
            if table is not Version.__table__
        )


def test_every_row_arrives_and_work_goes_on(both: tuple[Engine, Engine]) -> None:
    source, target = both
    before = everything(source)
    moved = move(source, target)
    assert moved.rows["sales"] == moved.sales + 1 == len(ODD), "dollars wait for their rate"
    wanted = repr(before)
    if target.dialect.name == "postgresql":
        wanted = wanted.replace("cut \\\\x00 here", f"cut {NUL_SIGN} here")
    assert moved.texts_changed == (target.dialect.name == "postgresql")
    assert repr(everything(target)) == wanted
    assert everything(source) == before
    with reading(source) as here, reading(target) as there:
        assert same_ledgers(build_ledger(here), build_ledger(there))
        old, new = read_versions(here), read_versions(there)
        assert (new.sales_key, new.data_id) == (old.sales_key, old.data_id)
        assert new.database_id != old.database_id
        deeds = [list_audit(c)[0].deed for c in (here, there)]
        assert deeds == ["database moved away", "database moved here"]
    assert run_checks(target, date(2024, 7, 1), answers=Group("answers", "", ())).is_well
    # Ids that the database gives go on after the highest one.
    with writing(target) as connection:
        connection.execute(insert(Source).values(name="next"))
        assert connection.execute(select(func.max(Source.id))).scalar_one() == 2
        write_import(connection, make_staged(ODD[:1], file_name="n"), imported_at=NOW)


def foreign_keys(engine: Engine) -> list[Any]:
    """Return the foreign keys a server holds rows to."""
    if engine.dialect.name == "sqlite":
        return []
    asked = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(f"{asked} ORDER BY 1, 2")]
    assert len(found) > 10
    return found


def test_there_and_back_is_the_same(
    both: tuple[Engine, Engine], databases: Databases, tmp_path: Path
) -> None:
    source, target = both
    keys = foreign_keys(target)
    move(source, target)
    assert foreign_keys(target) == keys
    home = open_database(f"sqlite:///{(tmp_path / 'home.sqlite').as_posix()}")
    move(target, home)
    assert everything(home) == everything(target)
    home.dispose()


TAMPERING = {
    "one cent from here to there": (
        "UPDATE sales SET amount = amount + 100 WHERE id = 1",
        "UPDATE sales SET amount = amount - 100 WHERE id = 2",
    ),
    "a row too few": ("DELETE FROM contacts",),
    "a letter": ("UPDATE clients SET external_id = 'B' WHERE id = 1",),
    "a setting": ("UPDATE settings SET value = '\"USD\"' WHERE key = 'currency'",),
    "a moment": ("UPDATE members SET invited_at = '2024-06-01 12:30:15.123457'",),
    "a null": ("UPDATE members SET department = ''",),
}


@pytest.mark.parametrize("statements", TAMPERING.values(), ids=TAMPERING)
def test_a_copy_that_differs_is_found_and_taken_back(
    both: tuple[Engine, Engine], statements: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = both
    copy = moving.copy_tables

    def tampered(here: Any, there: Any, *rest: Any) -> Any:
        copied = copy(here, there, *rest)
        for statement in statements:
            assert there.execute(text(statement)).rowcount
        return copied

    monkeypatch.setattr(moving, "copy_tables", tampered)
    with pytest.raises(DatabaseError, match="Nothing was moved: the new database is empty again"):
        move(source, target)
    assert is_empty(target)


def test_sums_and_ledgers_are_compared_even_where_digests_agree(
    both: tuple[Engine, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = both
    copy, digest = moving.copy_tables, moving.digest_table
    change = "UPDATE sales SET amount = amount + 1 WHERE id = 3"

    def tampered(here: Any, there: Any, *rest: Any) -> Any:
        copied = copy(here, there, *rest)
        there.execute(text(change))
        copied.tables["sales"] = digest(there, Base.metadata.tables["sales"])
        return copied

    monkeypatch.setattr(moving, "copy_tables", tampered)
    with pytest.raises(DatabaseError, match="same sums of sales by import"):
        move(source, target)
    change = "UPDATE sales SET day = day + 1 WHERE id = 1"
    with pytest.raises(DatabaseError, match=r"the same ledger in .*; sales\.day differs"):
        move(source, target)
    assert is_empty(target)


def test_only_an_empty_database_is_moved_into(both: tuple[Engine, Engine]) -> None:
    source, target = both
    with writing(target) as connection:
        connection.execute(insert(Source).values(name="mine"))
    with pytest.raises(RefusedError, match="found 1 rows in the table sources"):
        move(source, target)
    with pytest.raises(RefusedError, match="Wanted an empty database"):
        move(source, source)


def test_only_who_maintains_may_move(both: tuple[Engine, Engine]) -> None:
    with acting_as(Actor("member 2", Role.MANAGER)), pytest.raises(AccessError, match="move"):
        move(*both)
    assert is_empty(both[1])


KILLED = """
import os, signal, sys
from crm_core.moving import move
from crm_core.records.engine import open_database

def say(what, rows):
    if what == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

move(open_database(sys.argv[1]), open_database(sys.argv[2]), say)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
@pytest.mark.parametrize("moment", ["sales", "comparing ledgers"])
def test_a_move_killed_on_its_way_leaves_nothing(both: tuple[Engine, Engine], moment: str) -> None:
    urls = [engine.url.render_as_string(hide_password=False) for engine in both]
    before = everything(both[0])
    done = subprocess.run([sys.executable, "-c", KILLED, *urls, moment], check=False)
    assert done.returncode < 0
    assert is_empty(both[1])
    assert everything(both[0]) == before
    move(*both)


def test_the_digest_does_not_mind_the_order_but_every_row(
    databases: Databases, tmp_path: Path
) -> None:
    engine, table = open_database(databases.new(tmp_path)), Base.metadata.tables["sources"]
    seen = []
    with writing(engine) as connection:
        for names in (("a", "b"), ("b", "a"), ("a", "c")):
            connection.execute(text("DELETE FROM sources"))
            rows = [{"id": 1 + (name != "a"), "name": name} for name in names]
            connection.execute(insert(Source), rows)
            seen.append(digest_table(connection, table))
    assert seen[0] == seen[1] != seen[2]
    engine.dispose()


def test_the_command_moves_and_says_what_to_do(
    server_databases: ServerDatabases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = f"sqlite:///{tmp_path / 'shop.sqlite'}", server_databases.bare("command")
    fill(open_database(source))
    assert main(["move", "--to", target, "--from", source]) == 0
    said = capsys.readouterr().out
    assert "the ledger of 4 sales are the same in both" in said
    assert "1 text held a NUL character" in said
    assert "set DATABASE_URL to postgresql+psycopg://" in said
    assert main(["move", "--to", target, "--db", source]) == 1
    assert "Wanted an empty database" in capsys.readouterr().err
