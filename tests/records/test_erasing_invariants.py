"""Whatever the business: erasing moves no figure and leaves no string of the person anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from crm_core.metrics.parameters import ParameterSet
from crm_core.records.clients import merge
from crm_core.records.engine import open_database, rehearsing, writing
from crm_core.records.erasing import erase
from crm_core.records.importing import write_import
from crm_core.records.models import Client
from crm_core.records.people import end_relationship, log_contact, override_stage
from crm_core.records.receipts import clean_file
from crm_core.records.retention import find_forgettable, forget_leads
from crm_core.records.staged import UnusedRows
from crm_core.report import build_report
from crm_core.snapshot import build_ledger
from tests.builders import make_staged
from tests.databases import ServerDatabases
from tests.records.erased_business import (
    ABOUT,
    NOW,
    ROWS,
    fill,
    left_behind,
    left_in_tables,
)

LAST = date(2024, 6, 1).toordinal() - date(1970, 1, 1).toordinal()

SECRETS = ("kq-0", "q0q")

WORDS = st.sampled_from(["Xanthippe", "Ødegård", "Quirrel", "李", "O’Malley-Qx", "Ñandúq"])
PEOPLE = st.fixed_dictionaries(
    {
        "name": st.tuples(WORDS, WORDS).map(" ".join),
        "segment": st.sampled_from(["retail", "trade"]),
        "mail": st.booleans(),
        "phone": st.booleans(),
        "alias": st.booleans(),
        "note": st.booleans(),
    }
)
SALES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 700), st.integers(-300, 900), st.booleans()),
    min_size=1,
    max_size=25,
)


def said_of(place: int, person: dict[str, Any]) -> dict[str, str]:
    """Return what a file says about somebody; the place makes every text their own."""
    about = {"name": f"{person['name']} q{place}q", "segment": person["segment"]}
    if person["mail"]:
        about["email"] = f"box{place}q@mail{place}q.example"
    if person["phone"]:
        about["phone"] = f"+47 55{place} 01988 7{place}"
    return about


def business(
    connection: Connection, people: list[dict[str, Any]], sales: list[tuple[Any, ...]]
) -> int:
    """Fill a database and return the first client, whose every text holds one of ``SECRETS``."""
    about = {f"kq-{place}": said_of(place, one) for place, one in enumerate(people)}
    rows = [
        {
            "client": f"kq-{who % len(people)}",
            "day": LAST - ago,
            "amount": amount,
            "order": f"ref {about[f'kq-{who % len(people)}']['name']} {ago}" if named else None,
            "product": "tea" if named else f"gift for {about['kq-0']['name']}",
        }
        for who, ago, amount, named in sales
    ]
    first = about["kq-0"]
    cells = (("kq-0", "", "1"), ("?", first["name"], "2"), ("?", "else", "3"))
    unused = UnusedRows((90, 91, 92), ("held_back",) * 3, ("no day",) * 3, ("",) * 3,
                        (10_000, 20_000, 30_000), (None,) * 3, cells)  # fmt: skip
    write_import(connection, make_staged(rows, clients=about, unused=unused), imported_at=NOW)
    person, neighbour = (number_of(connection, f"kq-{place}") for place in (0, 1))
    if people[0]["alias"]:
        more = [{"client": "other q0q name", "day": LAST - 3, "amount": 9}]
        write_import(connection, make_staged(more, kind="name", source="b"), imported_at=NOW)
        other = number_of(connection, "other q0q name")
        merge(connection, other, person, merged_at=NOW, by="x", evidence="kq-0 twice")
    if people[0]["note"]:
        day = date(2024, 5, 1)
        for client in (person, neighbour):
            note = f"met {first['name']}" if client == neighbour else "q0q secret"
            log_contact(connection, client, day=day, kind="call", inbound=True, created_at=NOW,
                        note=note)  # fmt: skip
        override_stage(connection, person, stage="expansion", reason="q0q", author="", set_on=day)
        end_relationship(
            connection, neighbour, day=day, who="us", reason="other", note=first["name"]
        )
    return person


def number_of(connection: Connection, name: str) -> int:
    query = select(Client.id).where(Client.external_id == name)
    return int(connection.execute(query).scalar_one())


def figures(connection: Connection) -> dict[str, Any]:
    ledger = build_ledger(connection)
    return build_report(ledger, ParameterSet(), LAST).as_json()


@pytest.fixture(scope="module")
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return an empty database that every example leaves empty."""
    folder = tmp_path_factory.mktemp("either")
    engine = open_database(f"sqlite:///{(folder / 'x.sqlite').as_posix()}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def server(server_databases: ServerDatabases, tmp_path_factory: Any) -> Iterator[Engine]:
    engine = open_database(server_databases.new(tmp_path_factory.mktemp("server"), "erasing"))
    yield engine
    engine.dispose()


def check(
    engine: Engine, people: list[dict[str, Any]], sales: list[tuple[Any, ...]], again: bool
) -> None:
    with rehearsing(engine) as connection:
        person = business(connection, people, sales)
        before = figures(connection)
        receipt = erase(connection, person, at=NOW, reason="r")
        assert figures(connection) == before
        assert left_behind(connection, SECRETS) == []
        assert receipt.removed
        if again:
            about = {"kq-0": said_of(0, people[0])}
            rows = [{"client": "kq-0", "day": LAST, "amount": 1, "order": "q0q"}]
            report = write_import(connection, make_staged(rows, clients=about), imported_at=NOW)
            assert report.n_new_clients == 0
            assert left_behind(connection, SECRETS) == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PEOPLE, min_size=2, max_size=4), SALES, st.booleans())
def test_figures_stay_and_strings_go(
    either: Engine, people: list[dict[str, Any]], sales: list[tuple[Any, ...]], again: bool
) -> None:
    check(either, people, sales, again)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PEOPLE, min_size=2, max_size=4), SALES, st.booleans())
def test_figures_stay_and_strings_go_on_postgres(
    server: Engine, people: list[dict[str, Any]], sales: list[tuple[Any, ...]], again: bool
) -> None:
    check(server, people, sales, again)


def test_the_whole_person_goes_on_postgres_too(
    server_databases: ServerDatabases, tmp_path: Path
) -> None:
    engine = open_database(server_databases.new(tmp_path, "erased"))
    person = fill(engine)
    with writing(engine) as connection:
        erase(connection, person, at=NOW, reason="letter 5")
        leads = find_forgettable(connection, months=1, today=NOW.date())
        assert forget_leads(connection, months=1, today=NOW.date(), at=NOW) == []
        assert len(leads) == 0
    assert clean_file(engine) is None
    with writing(engine) as connection:
        write_import(connection, make_staged(ROWS, clients=ABOUT, source="shop"), imported_at=NOW)
    assert left_in_tables(engine) == []
    engine.dispose()
