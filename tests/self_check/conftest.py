"""A small database with everything the self-check looks at, and what a check says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.clients import mark_not_client, merge
from crm_core.records.engine import open_database, writing
from crm_core.records.people import add_contract, end_relationship, log_contact, override_stage
from crm_core.records.rates import set_rate
from crm_core.records.undoing import undo
from crm_core.self_check import CheckReport, Finding, Group, run_checks
from tests.databases import Databases, close_for_good, run_sql

TODAY = date(2024, 7, 1)
NOW = datetime(2024, 7, 1, 9, tzinfo=UTC)

FIRST = """order,client,date,amount,currency,manager
1,ann,2024-01-05,100.00,EUR,Mo
1,ann,2024-01-05,25.50,EUR,Mo
2,bob,2024-01-09,80.00,EUR,Ada
3,,2024-01-10,12.34,EUR,
2,bob,2024-01-20,-80.00,EUR,Ada
4,cy,2024-02-03,40.00,USD,Ada
5,cy,2024-02-09,10.00,CHF,Ada
6,dot,some day,9.99,EUR,Mo
7,ann,2024-03-01,60.0005,EUR,Mo
8,eve,2024-03-02,500.00,EUR,Mo
9,till,2024-03-03,7.00,EUR,
"""
SECOND = """order,client,date,amount,currency,manager
7,ann,2024-03-01,70.00,EUR,Mo
8,eve,2024-03-02,500.00,EUR,Mo
10,bob,2024-04-01,33.00,EUR,Ada
11,ann b,2024-04-02,15.00,EUR,Ada
"""
THIRD = """order,client,date,amount,currency,manager
10,bob,2024-04-01,99.00,EUR,Ada
12,fay,2024-06-01,5.00,EUR,Ada
"""


def bring_in(engine: Engine, content: str, name: str) -> None:
    choices = Choices(source="shop", currency="EUR")
    prepared = prepare(engine, content.encode(), name=name, choices=choices, today=TODAY)
    carry_out(engine, prepared, now=NOW)


def fill(engine: Engine) -> None:
    """Import three files that overlap, undo the last, and note things by hand."""
    for number, content in enumerate((FIRST, SECOND, THIRD), 1):
        bring_in(engine, content, f"file {number}.csv")
    with writing(engine) as connection:
        undo(connection, 3, at=NOW)
        set_rate(connection, "USD", from_day=date(2024, 1, 1), rate="0.9213")
        ids = client_ids(connection)
        merge(connection, ids["ann b"], ids["ann"], merged_at=NOW, by="Mo", evidence="same address")
        mark_not_client(connection, ids["till"], "till")
        log_contact(
            connection, ids["eve"], day=date(2024, 5, 1), kind="call", inbound=True, created_at=NOW
        )
        end_relationship(
            connection, ids["cy"], day=date(2024, 5, 2), who="client", reason="better offer"
        )
        add_contract(
            connection, ids["eve"], start=date(2024, 1, 1), end=date(2024, 12, 31), trial=False
        )
        override_stage(
            connection, ids["ann"], stage="commitment", reason="deal", author="Mo",
            set_on=date(2024, 6, 1),
        )  # fmt: skip


def client_ids(connection: Connection) -> dict[str, int]:
    rows = connection.execute(text("SELECT external_id, id FROM clients"))
    return {row[0]: row[1] for row in rows}


@pytest.fixture(scope="session")
def filled_url(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a filled database, made once, to be copied."""
    url = shared_databases.new(tmp_path_factory.mktemp("filled"), "filled")
    engine = open_database(url)
    fill(engine)
    close_for_good(engine)
    return url


@pytest.fixture
def database(databases: Databases, tmp_path: Path, filled_url: str) -> Iterator[Engine]:
    engine = open_database(databases.copy(filled_url, tmp_path, "crm"))
    yield engine
    engine.dispose()


def tamper(engine: Engine, *statements: str) -> None:
    """Change the tables behind the program's back: no version moves."""
    run_sql(engine.url.render_as_string(hide_password=False), *statements)


def check(engine: Engine) -> CheckReport:
    return run_checks(engine, TODAY, answers=Group("answers", "Known answers", ()))


def differing(engine: Engine) -> dict[str, str]:
    """Return what differs: name and sentence."""
    return {finding.name: finding.sentence for finding in check(engine).differing}


def finding_of(found: CheckReport | Group, name: str) -> Finding:
    return next(finding for finding in found.findings if finding.name == name)
