"""PostgreSQL that stops, starts again, or cannot be reached in the middle of things."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from benchmarks.faults.material import NOW, TODAY, import_part, read_file
from benchmarks.faults.states import differing, state_of
from crm_core.errors import DatabaseError
from crm_core.importing import carry_out
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.versions import read_versions
from crm_core.self_check import check_answers, run_checks
from crm_core.snapshot import load_ledger
from tests.faulty import line_to
from tests.postgres import Server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

CUT = r"the connection to the server was cut|the server was shut down|the server stopped"


@pytest.fixture
def shop(own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return a database with a file of sales, emptied afterwards."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    engine = open_database(own_server.url)
    import_part(engine, 400, part=1)
    load_ledger(engine)
    yield engine
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.commit()
    engine.dispose()


answers = cache(check_answers)


def check(engine: Engine) -> None:
    report = run_checks(engine, TODAY, answers=answers())
    assert report.is_well, [f.sentence for f in report.differing]


def once(work: Callable[[], object]) -> Callable[[int], None]:
    """Return what an import tells its rows to: does something the first time."""
    left = [work]

    def tell(_rows: int) -> None:
        if left:
            left.pop()()

    return tell


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["shut down", "power cut"])
def test_a_server_restarted_in_the_middle_of_an_import_undoes_it_and_a_repeat_works(
    own_server: Server, shop: Engine, how: int
):
    before = state_of(shop, exact=True)
    prepared = read_file(shop, 300, part=2)

    def restart() -> None:
        own_server.stop(how)
        own_server.start()

    with pytest.raises(DatabaseError, match=CUT):
        carry_out(shop, prepared, now=NOW, progress=once(restart))
    assert differing(state_of(shop, exact=True), before) == []
    assert carry_out(shop, prepared, now=NOW).n_rows == 300
    check(shop)


def test_while_the_server_is_down_this_is_said_and_afterwards_all_goes_on(
    own_server: Server, shop: Engine
):
    with reading(shop) as connection:
        versions = read_versions(connection)
    own_server.stop()
    for _ in range(2):
        with pytest.raises(DatabaseError, match="server"):
            load_ledger(shop)
    own_server.start()
    assert len(load_ledger(shop).sales) == 400
    with reading(shop) as connection:
        assert read_versions(connection) == versions
    with writing(shop):
        pass


@pytest.mark.parametrize("kilobytes", [2, 40, 120])
def test_a_line_cut_in_the_middle_of_an_import_undoes_it_and_a_repeat_works(
    own_server: Server, shop: Engine, kilobytes: int
):
    before = state_of(shop, exact=True)
    with line_to(own_server.port) as line:
        far = open_database(own_server.url.replace(f":{own_server.port}/", f":{line.port}/"))
        prepared = read_file(far, 3_000, part=2)
        far.dispose()
        line.cut_after = kilobytes * 1000
        with pytest.raises(DatabaseError, match=CUT):
            carry_out(far, prepared, now=NOW)
        assert differing(state_of(shop, exact=True), before) == []
        line.cut_after = None
        assert carry_out(far, prepared, now=NOW).n_rows == 3_000
        far.dispose()
    check(shop)


def test_a_line_cut_while_a_ledger_is_read_shows_no_part_of_it(own_server: Server, shop: Engine):
    import_part(shop, 3_000, part=2)
    whole = len(load_ledger(shop).sales)
    with line_to(own_server.port) as line:
        far = open_database(own_server.url.replace(f":{own_server.port}/", f":{line.port}/"))
        assert len(load_ledger(far).sales) == whole
        line.cut()
        assert len(load_ledger(far).sales) == whole, "a fresh connection is taken unasked"
        far.dispose()
