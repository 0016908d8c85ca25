"""A run of a page looks at one moment, whoever writes meanwhile."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from crm_core import access
from crm_core.access import NOBODY, Actor, Role, asking_anew, is_asked_anew
from crm_core.errors import AccessError
from crm_core.records.engine import open_database, reading, recording, writing
from crm_core.records.saved_views import share_view
from crm_core.records.versions import read_versions
from crm_core.ui import sign_in
from crm_core.ui import view as looking
from crm_core.ui.moment import one_moment, read_once
from tests.pages.conftest import as_csv, database, fill, fresh_caches  # noqa: F401  (fixtures)

pytestmark = pytest.mark.usefixtures("fresh_caches")  # these are about what is kept

FIRST = as_csv([("Ann", "2025-05-01", "100.00"), ("Bob", "2025-05-20", "50.00")])
SECOND = as_csv([("Cleo", "2025-05-28", "70.00")])


def test_within_a_run_a_thing_is_read_once_and_outside_every_time() -> None:
    calls: list[str] = []

    def read() -> int:
        calls.append("read")
        return len(calls)

    with one_moment():
        assert [read_once("a", read), read_once("a", read), read_once("b", read)] == [1, 1, 2]
    assert [read_once("a", read), read_once("a", read)] == [3, 4]
    with one_moment():
        assert read_once("a", read) == 5


def test_own_changes_are_seen_at_once_and_notes_change_nothing() -> None:
    engine = open_database("sqlite://")
    with one_moment():
        assert read_once("a", lambda: 1) == 1
        with recording(engine):
            pass
        assert read_once("a", lambda: 2) == 1
        with writing(engine, sales=False):
            pass
        assert read_once("a", lambda: 3) == 3
        with pytest.raises(ZeroDivisionError), writing(engine):
            raise ZeroDivisionError
        assert read_once("a", lambda: 4) == 3


def test_an_import_between_the_sidebar_and_the_page_waits_for_the_next_run(
    database: str,  # noqa: F811
) -> None:
    fill(database, FIRST)
    with one_moment():
        sidebar = looking.whole_view()
        fill_elsewhere(database, SECOND)
        page = looking.whole_view()
    assert sidebar is page
    following = looking.whole_view()
    assert following is not None
    assert following.full_ledger.n_clients == 3


def test_an_import_within_the_reading_of_a_view_gives_one_moment_all_the_same(
    database: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(database, FIRST)
    plain, left = looking.read_parameters, [SECOND]

    def read_while_others_import(connection):
        found = plain(connection)
        if left:
            fill_elsewhere(database, left.pop())
        return found

    monkeypatch.setattr(looking, "read_parameters", read_while_others_import)
    view = looking.whole_view()
    assert view is not None
    engine = open_database(database)
    with reading(engine) as connection:
        assert view.versions == read_versions(connection)
    assert view.full_ledger.n_clients == 3


def fill_elsewhere(url: str, text: str) -> None:
    """Import in another thread, as another session does."""
    from threading import Thread

    work = Thread(target=fill, args=(url, text))
    work.start()
    work.join()


def test_a_run_draws_for_whom_it_found_first_and_does_things_for_whom_it_finds_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna = Actor("member 1", Role.OWNER)
    found = iter([anna, NOBODY, anna])
    monkeypatch.setattr(sign_in, "get_script_run_ctx", lambda **_: SimpleNamespace(session_id="a"))
    monkeypatch.setattr(sign_in, "_find_out", lambda: next(found))
    with one_moment():
        assert [sign_in.who_is_here(), sign_in.who_is_here()] == [anna, anna]
        with asking_anew():
            assert sign_in.who_is_here() is NOBODY
        assert sign_in.who_is_here() is anna
    assert sign_in.who_is_here() is anna  # asked a third time: the run is over
    assert next(found, None) is None


def test_a_deed_asks_anew_who_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def resolve() -> Actor:
        asked.append(is_asked_anew())
        return NOBODY

    monkeypatch.setattr(access, "_resolvers", [resolve])
    engine = open_database("sqlite://")
    with pytest.raises(AccessError), recording(engine) as connection:
        share_view(connection, 1, shared=True)
    assert asked == [True]
