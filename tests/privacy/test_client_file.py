from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.access import Actor, Role, acting_as
from crm_core.errors import AccessError
from crm_core.metrics.parameters import Parameters
from crm_core.privacy.client_file import client_file, tables_about_clients
from crm_core.privacy.file_page import TITLES, file_html
from crm_core.privacy.leaf import grid, leaf, part
from crm_core.privacy.standing import standing_of
from crm_core.records.base import Base
from crm_core.records.engine import open_database, recording, writing
from crm_core.records.erasing import erase
from crm_core.snapshot import build_ledger
from tests.databases import Databases
from tests.records.erased_business import (
    EMAIL,
    FRIEND,
    NAME,
    NOW,
    NUMBER,
    OTHER_NAME,
    SECRETS,
    fill,
)

ONLY_AFTER_ERASING = {"erasures", "erased_identities"}


@pytest.fixture
def filled(databases: Databases, tmp_path: Path) -> tuple[Engine, int]:
    engine = open_database(databases.new(tmp_path, "crm"))
    return engine, fill(engine)


def make_file(engine: Engine, person: int) -> dict:
    with recording(engine) as connection:
        ledger = build_ledger(connection)
        standing = standing_of(ledger, Parameters(), 20_000, person)
        return client_file(connection, person, at=NOW, standing=standing)


def test_every_table_about_clients_is_in_the_file(filled: tuple[Engine, int]) -> None:
    file = make_file(*filled)
    linked = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name == "client_id"
        or any(key.column.table.name == "clients" for key in column.foreign_keys)
    } | {"clients", "unused_rows"}
    assert set(file["tables"]) == linked
    empty = {name for name, rows in file["tables"].items() if not rows}
    assert empty == ONLY_AFTER_ERASING, "give the person of the test a row there"
    assert {table.name for table, _ in tables_about_clients()} <= set(TITLES)


def test_file_holds_merged_records_files_and_figures(filled: tuple[Engine, int]) -> None:
    file = json.loads(json.dumps(make_file(*filled)))
    tables = file["tables"]
    assert {row["label"] for row in tables["client_identities"]} == {
        NUMBER, OTHER_NAME.casefold()
    }  # fmt: skip
    assert sorted(row["amount"] for row in tables["sales"]) == ["-10.00", "100.00", "45.00",
                                                                "80.00"]  # fmt: skip
    assert {row["product"] for row in tables["sales"] if "product" in row} >= {f"Portrait {NAME}"}
    assert {row["line"] for row in tables["unused_rows"]} == {8, 10}
    assert len(file["records"]) == 2
    assert file["standing"]["net_sales"] == "215.00"
    assert file["standing"]["explanation"]
    assert file["mentioned_elsewhere"]["contacts"] == 1


def test_file_says_nothing_of_other_clients(filled: tuple[Engine, int]) -> None:
    text = json.dumps(make_file(*filled), ensure_ascii=False)
    assert "Bert Stone" not in text
    assert "dora wells" not in text


def test_page_is_one_escaped_file(filled: tuple[Engine, int]) -> None:
    engine, person = filled
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE clients SET city = '<script>alert(1)</script>'")
    page = file_html(make_file(engine, person))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    for text in (NAME, EMAIL, FRIEND, "likes orchids", "Tulip Lane"):
        assert text in unescape(page).replace("\u200b", "")


def test_every_part_of_a_page_that_is_handed_over_is_text() -> None:
    inside = part("<i>part</i>", grid(("<i>head</i>",), [["<i>cell</i>"]]))
    page = leaf("<i>title</i>", "<i>sentence</i>", inside, foot="<i>foot</i>")
    assert "<i>" not in page
    assert page.count("&lt;i&gt;") == 7


def test_file_of_an_erased_client_names_nobody(filled: tuple[Engine, int]) -> None:
    engine, person = filled
    with writing(engine) as connection:
        erase(connection, person, at=NOW, reason="letter 5")
    file = make_file(engine, person)
    text = json.dumps(file, ensure_ascii=False) + file_html(file)
    assert [one for one in SECRETS if one.casefold() in text.casefold()] == []
    assert file["tables"]["erasures"]


def test_handing_out_is_for_owners_and_in_the_audit(filled: tuple[Engine, int]) -> None:
    engine, person = filled
    with pytest.raises(AccessError), acting_as(Actor("member 2", Role.ANALYST, 2)):
        make_file(engine, person)
    make_file(engine, person)
    events = make_file(engine, person)["tables"]["audit_events"]
    assert [event["deed"] for event in events if event["deed"] == "client file handed out"]
