from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from crm_core.access import Actor, Role, acting_as
from crm_core.errors import AccessError, RecordError
from crm_core.metrics.parameters import ParameterSet
from crm_core.records.clients import add_client, merge
from crm_core.records.engine import open_database, reading, rehearsing, writing
from crm_core.records.erasing import erase, erase_many
from crm_core.records.importing import write_import
from crm_core.records.models import AuditEvent, Client, ErasedIdentity, Sale, UnusedRow
from crm_core.records.people import erased_clients
from crm_core.records.receipts import clean_file, list_erasures
from crm_core.records.undoing import redo, undo
from crm_core.report import build_report
from crm_core.snapshot import build_ledger
from tests.builders import make_staged
from tests.records.erased_business import (
    ABOUT,
    EMAIL,
    NAME,
    NOW,
    NUMBER,
    OTHER_EMAIL,
    ROWS,
    fill,
    left_in_bytes,
    left_in_tables,
    office_file,
    shop_file,
)


def figures(engine: Engine) -> str:
    """Return the report as JSON, with nobody's name in it."""
    with reading(engine) as connection:
        ledger = build_ledger(connection)
    return str(build_report(ledger, ParameterSet(), ledger.default_as_of(20_000)).as_json())


def erase_person(engine: Engine, client_id: int):
    with writing(engine) as connection:
        return erase(connection, client_id, at=NOW, reason=f"letter of 3 May from {NAME}")


def test_business_holds_the_person_in_many_places(database: Engine) -> None:
    fill(database)
    tables = {text.split(".")[0] for text in left_in_tables(database)}
    assert len(tables) >= 18, sorted(tables)


def test_nothing_of_the_person_is_left_in_any_table(database: Engine) -> None:
    erase_person(database, fill(database))
    assert left_in_tables(database) == []


def test_figures_stay_the_same(database: Engine) -> None:
    person = fill(database)
    before = figures(database)
    erase_person(database, person)
    assert figures(database) == before


def test_client_gets_a_pseudonym_and_keeps_groups_that_many_share(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    with reading(database) as connection:
        row = connection.execute(select(Client.__table__).where(Client.id == person)).one()
        assert erased_clients(connection) == {person, *_merged(connection, person)}
    assert (row.name, row.external_id) == (f"Erased client {person}", f"erased-{person}")
    assert (row.country, row.segment, row.department) == ("NO", "retail", "north")
    assert (row.email, row.phone, row.city, row.birthday, row.attributes) == (None,) * 5


def _merged(connection, person: int) -> set[int]:
    query = select(ErasedIdentity.client_id).where(ErasedIdentity.client_id != person)
    return set(connection.execute(query).scalars())


def test_receipt_counts_what_went_and_names_nobody(database: Engine) -> None:
    person = fill(database)
    receipt = erase_person(database, person)
    assert receipt.reason == f"letter of 3 May from Erased client {person}"
    assert (receipt.members, receipt.by, receipt.database) == (2, "alone", database.dialect.name)
    removed = receipt.removed
    assert removed["names in files"] == 2
    assert removed["order references"] == 4
    assert removed["contact people"] == 1
    assert removed["rows of files that became no sale"] == 2
    assert removed["texts of notes"] == 8
    assert receipt.kept["sales"] == 4
    assert set(receipt.fingerprints) == {"id", "email", "phone", "name"}
    with reading(database) as connection:
        assert list_erasures(connection) == [receipt]


def test_texts_about_others_keep_all_but_the_mention(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    with reading(database) as connection:
        rows = connection.execute(select(Client.name, Client.attributes)).all()
        notes = connection.exec_driver_sql("SELECT note FROM contacts ORDER BY id").scalars().all()
        unused = connection.execute(select(UnusedRow.cells).order_by(UnusedRow.number)).all()
    assert dict(map(tuple, rows))["Bert Stone"] == {
        "referred": f"a friend of Erased client {person}"
    }
    assert notes == ["", f"asked about Erased client {person} and Erased client {person}", ""]
    assert unused[1].cells == ["C-2", "", "5"]


def test_preview_changes_nothing(database: Engine) -> None:
    person = fill(database)
    with rehearsing(database) as connection:
        receipt = erase(connection, person, at=NOW, reason="preview")
    assert receipt.removed["names in files"] == 2
    assert left_in_tables(database)
    with reading(database) as connection:
        assert list_erasures(connection) == []


def test_erasing_again_finds_nothing_but_what_was_written_since(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    receipt = erase_person(database, person)
    assert sum(receipt.removed.values()) == 0
    assert sum(receipt.fingerprints.values()) == 0


def test_same_file_under_another_name_brings_nobody_back(database: Engine) -> None:
    person = fill(database)
    before = figures(database)
    erase_person(database, person)
    with writing(database) as connection:
        undo(connection, 1, at=NOW)
        undo(connection, 2, at=NOW)
        redo(connection, 1)
        redo(connection, 2)
    assert left_in_tables(database) == []
    assert figures(database) == before
    with writing(database) as connection:
        undo(connection, 1, at=NOW)
        write_import(connection, make_staged(ROWS, clients=ABOUT, source="shop"), imported_at=NOW)
    assert left_in_tables(database) == []
    assert figures(database) == before


def test_overlapping_file_goes_to_the_erased_client(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    more = [*ROWS, {"client": NUMBER, "day": "2023-07-01", "amount": 12, "order": "Zaphira 5"}]
    with writing(database) as connection:
        report = write_import(
            connection,
            make_staged(more, clients=ABOUT, source="shop", mapping={"seen": [NAME]}),
            imported_at=NOW,
        )
        count = select(func.count()).where(Sale.client_id == person)
        assert connection.execute(count.where(Sale.live)).scalar() == 4
    assert (report.n_new_clients, report.already_stored.rows) == (0, 6)
    assert left_in_tables(database) == []


@pytest.mark.parametrize(
    ("kind", "client", "about"),
    [
        ("id", "C-99", {"email": EMAIL.upper(), "name": NAME}),
        ("id", "C-99", {"phone": "0047 (555) 0198877", "name": NAME}),
        ("email", EMAIL, {"name": NAME}),
        ("name", NAME.casefold(), {}),
        ("id", NUMBER, {"email": OTHER_EMAIL, "name": "Zaphira Quillwort Married"}),
    ],
)
def test_person_is_known_by_anything_they_were_called(
    database: Engine, kind: str, client: str, about: dict[str, str]
) -> None:
    person = fill(database)
    erase_person(database, person)
    rows = [{"client": client, "day": "2024-02-01", "amount": 5, "order": "77"}]
    with writing(database) as connection:
        report = write_import(
            connection,
            make_staged(rows, clients={client: about}, kind=kind, source="shop"),
            imported_at=NOW,
        )
        day = select(Sale.client_id).where(Sale.amount == 50_000, Sale.order_ref.is_(None))
        assert person in connection.execute(day).scalars().all()
    assert report.n_new_clients == 0
    assert left_in_tables(database) == []


def test_new_address_of_an_erased_person_is_remembered_as_a_fingerprint(database: Engine) -> None:
    erase_person(database, fill(database))
    first = make_staged(
        [{"client": NUMBER, "day": "2024-02-01", "amount": 5}],
        clients={NUMBER: {"email": OTHER_EMAIL}},
        source="shop",
    )
    then = make_staged(
        [{"client": OTHER_EMAIL, "day": "2024-03-01", "amount": 5}], kind="email", source="web"
    )
    with writing(database) as connection:
        write_import(connection, first, imported_at=NOW)
        report = write_import(connection, then, imported_at=NOW)
    assert report.n_new_clients == 0
    assert left_in_tables(database) == []


def test_one_person_under_two_names_in_one_file_is_written_once(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    rows = [
        {"client": NUMBER, "day": "2024-02-01", "amount": 5},
        {"client": "C-98", "day": "2024-02-02", "amount": 6},
    ]
    about = {NUMBER: {"email": EMAIL}, "C-98": {"email": EMAIL, "manager": "Mo"}}
    with writing(database) as connection:
        write_import(connection, make_staged(rows, clients=about, source="shop"), imported_at=NOW)
    assert left_in_tables(database) == []


def test_what_others_share_does_not_lead_to_the_erased(database: Engine) -> None:
    rows = [
        {"client": "A-1", "day": "2024-01-01", "amount": 5},
        {"client": "A-2", "day": "2024-01-01", "amount": 6},
    ]
    about = {key: {"email": "office@firm.example", "name": "Firm Ltd"} for key in ("A-1", "A-2")}
    with writing(database) as connection:
        write_import(connection, make_staged(rows, clients=about), imported_at=NOW)
        receipt = erase(connection, 1, at=NOW, reason="r")
        new = [{"client": "A-3", "day": "2024-01-02", "amount": 7}]
        told = {"A-3": {"email": "office@firm.example"}}
        report = write_import(connection, make_staged(new, clients=told), imported_at=NOW)
    assert receipt.shared == 2
    assert report.n_new_clients == 1


def test_receipt_tells_which_records_that_stay_may_be_the_same_person(database: Engine) -> None:
    person = fill(database)
    with writing(database) as connection:
        twin = add_client(connection, name=NAME.upper(), known_on=NOW.date())
        other = add_client(connection, name="Bo Ek", known_on=NOW.date(), email=EMAIL)
        add_client(connection, name="Somebody Else", known_on=NOW.date(), email="s@else.example")
        listed = [{"client": EMAIL.upper(), "day": "2023-08-01", "amount": "5"}]
        list_ = make_staged(listed, kind="email", source="list")
        undo(connection, write_import(connection, list_, imported_at=NOW).batch_id, at=NOW)
        only_undone = connection.execute(select(func.max(Client.id))).scalar_one()
    receipt = erase_person(database, person)
    assert receipt.alike == (twin, other, only_undone)
    with reading(database) as connection:
        (stored,) = list_erasures(connection)
    assert stored.alike == (twin, other, only_undone)
    with writing(database) as connection:
        again = erase_many(connection, stored.alike, at=NOW, reason="the same")
    assert [one.alike for one in again] == [(), (), ()]


def test_rows_held_back_of_a_new_file_are_blanked(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    with writing(database) as connection:
        undo(connection, 1, at=NOW)
        staged = make_staged([], unused=shop_file().unused, source="shop")
        write_import(connection, staged, imported_at=NOW + timedelta(days=1))
        query = select(UnusedRow.cells).where(UnusedRow.batch_id == 3)
        cells = connection.execute(query.order_by(UnusedRow.number)).scalars().all()
    assert cells == [["erased", "", "erased"], ["C-2", "", "5"], ["erased", "erased", "erased"]]
    assert left_in_tables(database) == []


@pytest.mark.sqlite_only("it reads the bytes of SQLite's own files")
def test_bytes_are_gone_from_the_file(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{(tmp_path / 'crm.sqlite').as_posix()}")
    person = fill(engine)
    assert left_in_bytes(tmp_path)
    erase_person(engine, person)
    assert clean_file(engine) is True
    assert left_in_bytes(tmp_path) == []
    with writing(engine) as connection:
        undo(connection, 1, at=NOW)
        undo(connection, 2, at=NOW)
        write_import(connection, make_staged(ROWS, clients=ABOUT, source="shop"), imported_at=NOW)
        write_import(connection, office_file(), imported_at=NOW)
    assert left_in_bytes(tmp_path) == []
    engine.dispose()


def test_only_an_owner_may_erase(database: Engine) -> None:
    person = fill(database)
    manager = Actor("member 1", Role.MANAGER, member_id=1, department="north")
    with pytest.raises(AccessError), acting_as(manager):
        erase_person(database, person)
    assert left_in_tables(database)


def test_audit_says_who_was_erased_by_number_only(database: Engine) -> None:
    person = fill(database)
    erase_person(database, person)
    with reading(database) as connection:
        query = select(AuditEvent.client_id, AuditEvent.detail)
        assert connection.execute(query.where(AuditEvent.deed == "client erased")).all() == [
            (person, {})
        ]


@pytest.mark.parametrize(("client_id", "reason"), [(999, "r"), (1, "  ")])
def test_nobody_and_no_reason_are_refused(database: Engine, client_id: int, reason: str) -> None:
    fill(database)
    with pytest.raises(RecordError), writing(database) as connection:
        erase(connection, client_id, at=NOW, reason=reason)


@pytest.mark.parametrize(("client_id", "reason"), [(999, "r"), (1, "  ")])
def test_of_several_none_is_erased_where_one_is_nobody_or_no_reason_is_given(
    database: Engine, client_id: int, reason: str
) -> None:
    person = fill(database)
    wanted = "Wanted client 999" if client_id == 999 else "Wanted a reason"
    with pytest.raises(RecordError, match=wanted), writing(database) as connection:
        erase_many(connection, [person, client_id], at=NOW, reason=reason)
    with reading(database) as connection:
        assert not erased_clients(connection)


def test_a_receipt_of_somebody_else_does_not_name_the_person_either(database: Engine) -> None:
    person = fill(database)
    with writing(database) as connection:
        query = select(Client.id).where(Client.external_id == "C-3")
        other = connection.execute(query).scalar_one()
        erase(connection, other, at=NOW, reason=f"Asked for by {NAME}")
    erase_person(database, person)
    assert left_in_tables(database) == []
    with reading(database) as connection:
        receipts = list_erasures(connection)
    assert receipts[-1].reason == f"Asked for by Erased client {person}"


def test_nobody_is_merged_by_hand_with_a_client_who_was_erased(database: Engine) -> None:
    with writing(database) as connection:
        gone, ann = (
            add_client(connection, name=name, known_on=NOW.date()) for name in ("Bob Old", "Ann")
        )
        erase(connection, gone, at=NOW, reason="letter of 3 May")
        for one, other in ((gone, ann), (ann, gone)):
            with pytest.raises(RecordError, match=f"client {gone} was erased"):
                merge(connection, one, other, merged_at=NOW, by="Eva", evidence="looks alike")
