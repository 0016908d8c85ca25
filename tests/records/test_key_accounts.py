"""What people note about key accounts, and the step from the first schema to the second."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from crm_core.errors import RecordError
from crm_core.records import business_figures, migrate
from crm_core.records.business_figures import read_figures, write_figure
from crm_core.records.clients import add_client, merge, unmerge
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.key_accounts import (
    KeyNotes,
    add_contact_person,
    edit_contact_person,
    end_key_reason,
    mark_key,
    note_care,
    read_key_notes,
    take_back,
)
from crm_core.records.models_key_accounts import CARE_KINDS, KEY_REASONS, ROLES
from crm_core.records.settings import list_setting_changes
from crm_core.records.versions import read_versions
from tests.databases import ServerDatabases

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = date(2024, 6, 1)
LATER = date(2024, 9, 1)
NEW_TABLES = {"key_reasons", "contact_people", "key_care"}


def two_clients(connection: Connection) -> tuple[int, int]:
    return (
        add_client(connection, name="ann", known_on=DAY),
        add_client(connection, name="bob", known_on=DAY),
    )


def notes_of(engine: Engine) -> KeyNotes:
    with reading(engine) as connection:
        return read_key_notes(connection)


def test_a_client_may_be_key_for_several_reasons(database: Engine):
    with writing(database, sales=False) as connection:
        ann, _ = two_clients(connection)
        for reason in KEY_REASONS:
            mark_key(connection, ann, reason=reason, from_day=DAY, note=" says so ", by="Ina")
    reasons = notes_of(database).of(ann).reasons
    assert [row.reason for _, row in reasons] == list(KEY_REASONS)
    assert {(row.from_day, row.until_day, row.note, row.by) for _, row in reasons} == {
        (DAY, None, "says so", "Ina")
    }


def test_the_same_reason_holds_once_and_again_after_it_ended(database: Engine):
    with writing(database, sales=False) as connection:
        ann, _ = two_clients(connection)
        number = mark_key(connection, ann, reason="fame", from_day=DAY)
        with pytest.raises(RecordError, match="holds for this client already"):
            mark_key(connection, ann, reason="fame", from_day=LATER)
        end_key_reason(connection, number, day=LATER)
        mark_key(connection, ann, reason="fame", from_day=LATER)
    spans = [(row.from_day, row.until_day) for _, row in notes_of(database).reasons]
    assert spans == [(DAY, LATER), (LATER, None)]


def test_a_reason_cannot_end_before_it_starts(database: Engine):
    with writing(database, sales=False) as connection:
        ann, _ = two_clients(connection)
        number = mark_key(connection, ann, reason="fame", from_day=LATER)
        with pytest.raises(RecordError, match="to end on or after"):
            end_key_reason(connection, number, day=DAY)
        with pytest.raises(RecordError, match="found none of that number"):
            end_key_reason(connection, 99, day=DAY)


def test_people_at_a_client_are_noted_corrected_and_removed(database: Engine):
    with writing(database, sales=False) as connection:
        ann, _ = two_clients(connection)
        number = add_contact_person(connection, ann, name=" Eva ", role="owner", cuisine="Thai")
        edit_contact_person(connection, number, hobbies="chess", birthday=date(1980, 2, 29))
        (_, row) = read_key_notes(connection).people[0]
        assert (row.name, row.role, row.cuisine, row.hobbies, row.birthday, row.phone) == (
            "Eva", "owner", "Thai", "chess", date(1980, 2, 29), "",
        )  # fmt: skip
        take_back(connection, "person", number)
        assert read_key_notes(connection).people == []
        with pytest.raises(RecordError, match="found none of that number"):
            take_back(connection, "person", number)


def test_nonsense_about_key_accounts_is_refused_in_words(database: Engine):
    with writing(database, sales=False) as connection:
        ann, _ = two_clients(connection)
        with pytest.raises(RecordError, match="found none of that number"):
            mark_key(connection, 99, reason="fame", from_day=DAY)
        with pytest.raises(RecordError, match="potential, fame, innovative, demanding"):
            mark_key(connection, ann, reason="volume", from_day=DAY)
        with pytest.raises(RecordError, match="name of the contact person"):
            add_contact_person(connection, ann, name="  ")
        with pytest.raises(RecordError, match="role"):
            add_contact_person(connection, ann, name="Eva", role="king")
        with pytest.raises(RecordError, match="field of a contact person"):
            add_contact_person(connection, ann, name="Eva", shoe_size="44")
        with pytest.raises(RecordError, match="contact person 9"):
            edit_contact_person(connection, 9, name="Eva")
        with pytest.raises(RecordError, match="kind of care"):
            note_care(connection, ann, kind="party", day=DAY)
        with pytest.raises(RecordError, match="kind of note"):
            take_back(connection, "nothing", 1)


def test_notes_follow_a_merge_and_come_back_when_it_is_taken_apart(database: Engine):
    with writing(database) as connection:
        ann, bob = two_clients(connection)
        mark_key(connection, ann, reason="fame", from_day=DAY)
        add_contact_person(connection, ann, name="Eva")
        note_care(connection, bob, kind=CARE_KINDS[0], day=DAY)
        merge(connection, ann, bob, merged_at=NOW, by="", evidence="")
    merged = notes_of(database).of(bob)
    assert [len(merged.reasons), len(merged.people), len(merged.care)] == [1, 1, 1]
    assert notes_of(database).of(ann) == KeyNotes([], [], [])
    with writing(database) as connection:
        unmerge(connection, ann, undone_at=NOW)
    assert len(notes_of(database).of(ann).people) == 1


def test_notes_leave_the_ledger_alone(database: Engine):
    with writing(database) as connection:
        ann, _ = two_clients(connection)
    with reading(database) as connection:
        before = read_versions(connection)
    with writing(database, sales=False) as connection:
        for role in ROLES:
            add_contact_person(connection, ann, name=role, role=role)
        for kind in CARE_KINDS:
            note_care(connection, ann, kind=kind, day=DAY)
    with reading(database) as connection:
        after = read_versions(connection)
    assert (after.sales_version, after.sales_id) == (before.sales_version, before.sales_id)


def upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    folder = Path(migrate.__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def make_first_schema(url: str) -> None:
    """Make a database as the first release left it, with a client in it."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        upgrade_to(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO clients (id, external_id, kind, shared_card, automatic_orders, "
                "added_by_hand) VALUES (7, 'ann', 'person', false, false, true)"
            )
        )
        connection.execute(
            text("INSERT INTO versions VALUES (1, 'abc', 3, 'def', 4, 'ghi')"),
        )
    engine.dispose()


def check_second_schema(url: str) -> None:
    engine = open_database(url)
    try:
        assert set(inspect(engine).get_table_names()) >= NEW_TABLES
        with writing(engine, sales=False) as connection:
            assert read_versions(connection).database_id == "abc"
            mark_key(connection, 7, reason="fame", from_day=DAY)
            add_contact_person(connection, 7, name="Eva")
            note_care(connection, 7, kind="risk", day=DAY)
        assert len(notes_of(engine).of(7).care) == 1
    finally:
        engine.dispose()


def test_a_database_of_the_first_release_is_brought_up_and_keeps_its_rows(tmp_path: Path):
    file = tmp_path / "old.sqlite"
    url = f"sqlite:///{file.as_posix()}"
    make_first_schema(url)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    check_second_schema(url)


def test_a_server_of_the_first_release_is_brought_up_and_keeps_its_rows(
    server_databases: ServerDatabases,
):
    own = server_databases.bare("first")
    make_first_schema(own)
    check_second_schema(own)


def test_figures_are_none_until_the_owner_enters_them(database: Engine):
    with reading(database) as connection:
        figures = read_figures(connection)
    assert (figures.margin, figures.fixed_costs, figures.supplier_discount) == (None, None, None)
    assert figures.since == {}


def test_figures_are_kept_exactly_with_their_day_and_their_history(database: Engine):
    with writing(database, sales=False) as connection:
        write_figure(connection, business_figures.MARGIN, "32.5", since=DAY)
        write_figure(connection, business_figures.FIXED_COSTS, "120000.05", since=DAY)
        write_figure(connection, business_figures.MARGIN, "30", since=LATER)
        figures = read_figures(connection)
        history = list_setting_changes(connection, business_figures.MARGIN)
        assert (figures.margin, figures.fixed_costs) == (3_000, 1_200_000_500)
        assert figures.since[business_figures.MARGIN] == LATER
        assert [row.new_value for row in history] == ["32.5", "30"]
        write_figure(connection, business_figures.MARGIN, None, since=LATER)
        assert read_figures(connection).margin is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (business_figures.MARGIN, "101"),
        (business_figures.MARGIN, "-1"),
        (business_figures.MARGIN, "NaN"),
        (business_figures.FIXED_COSTS, "-0.01"),
        (business_figures.FIXED_COSTS, "much"),
        (business_figures.SUPPLIER_DISCOUNT, "1e30"),
        ("profit", "1"),
    ],
)
def test_figures_that_cannot_be_are_refused(database: Engine, key: str, value: str):
    with pytest.raises(RecordError, match="Wanted"), writing(database, sales=False) as connection:
        write_figure(connection, key, value, since=DAY)
