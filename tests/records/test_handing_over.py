from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert

from crm_core.access import Actor, Role, acting_as
from crm_core.errors import AccessError, RecordError
from crm_core.metrics.carers import carers
from crm_core.records.audit import list_audit
from crm_core.records.batches import write_import
from crm_core.records.caring import carers_of
from crm_core.records.engine import writing
from crm_core.records.handing_over import hand_over, list_hand_overs, take_back
from crm_core.records.models import Member
from crm_core.records.notices import unseen_notices
from crm_core.snapshot import build_ledger
from crm_core.tables import to_day
from tests.builders import make_staged

NOW = datetime(2024, 3, 1, tzinfo=UTC)
JUNE = date(2024, 6, 1)
CLIENTS = {"a": {"manager": "Ann"}, "b": {"manager": "Ann"}, "c": {"manager": "Ben"}}
ANN = Actor("member 1", Role.MANAGER, member_id=1, manager="Ann")
BEN = Actor("member 2", Role.MANAGER, member_id=2, manager="Ben")


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    rows = [
        {"client": name, "day": f"2024-01-0{number}", "amount": 10 * number, "order": "1"}
        for number, name in enumerate(CLIENTS, start=1)
    ]
    with writing(database) as held:
        write_import(held, make_staged(rows, clients=CLIENTS), imported_at=NOW)
        for number, (name, role) in enumerate((("Ann", "manager"), ("Ben", "manager")), start=1):
            values = {"id": number, "email": f"{name}@x.example", "name": name, "manager": name}
            held.execute(insert(Member).values(role=role, invited_at=NOW, **values))
        yield held


def on(connection: Connection, day: date) -> list[str]:
    return carers_of(connection, [1, 2, 3], day)


def sales_by_manager(connection: Connection, day: date) -> dict[str, int]:
    ledger = build_ledger(connection)
    codes = carers(ledger, to_day(day))[ledger.sales.clients()].tolist()
    sums: dict[str, int] = {}
    for code, amount in zip(codes, ledger.sales.amount.tolist(), strict=True):
        sums[ledger.managers[code]] = sums.get(ledger.managers[code], 0) + amount // 10_000
    return sums


def test_a_cover_holds_for_its_days_and_goes_back_by_itself(connection: Connection):
    done = hand_over(connection, [1, 2], to="Ben", from_day=JUNE, until=date(2024, 6, 14))
    assert (done.n_rows, done.n_clients) == (4, 2)
    assert on(connection, date(2024, 5, 31)) == ["Ann", "Ann", "Ben"]
    assert on(connection, JUNE) == on(connection, date(2024, 6, 14)) == ["Ben"] * 3
    assert on(connection, date(2024, 6, 15)) == ["Ann", "Ann", "Ben"]
    assert sales_by_manager(connection, date(2024, 5, 31)) == {"Ann": 30, "Ben": 30}
    assert sales_by_manager(connection, JUNE) == {"Ben": 60}
    assert sales_by_manager(connection, date(2024, 6, 15)) == {"Ann": 30, "Ben": 30}


def test_whoever_leaves_for_good_gets_nothing_back_after_a_cover(connection: Connection):
    hand_over(connection, [1, 2], to="Ben", from_day=JUNE, until=date(2024, 6, 14))
    hand_over(connection, [1, 2, 3], giver="Ann", to="Cleo", from_day=date(2024, 6, 5))
    assert on(connection, date(2024, 6, 10)) == ["Ben"] * 3
    assert on(connection, date(2024, 6, 15)) == ["Cleo", "Cleo", "Ben"]


def test_taking_back_leaves_every_day_as_it_was(connection: Connection):
    days = [JUNE + timedelta(days=step) for step in range(-40, 40, 5)]
    before = [on(connection, day) for day in days]
    done = hand_over(connection, [1, 2], to="Ben", from_day=JUNE, until=date(2024, 6, 14))
    assert [one.first_row for one in list_hand_overs(connection)] == [done.first_row]
    take_back(connection, done.first_row)
    assert [on(connection, day) for day in days] == before
    assert list_hand_overs(connection) == []
    with pytest.raises(RecordError, match="in force"):
        take_back(connection, done.first_row)
    again = hand_over(connection, [1], to="Ben", from_day=JUNE)
    assert again.first_row == done.first_row
    listed = list_hand_overs(connection)
    assert [(one.n_clients, one.to, one.until) for one in listed] == [(1, "Ben", None)]


def test_a_manager_hands_over_only_their_own_and_takes_back_only_their_own_word(
    connection: Connection,
):
    with acting_as(ANN):
        with pytest.raises(AccessError, match="not all of them are yours"):
            hand_over(connection, [1, 3], to="Ben", from_day=JUNE)
        done = hand_over(connection, [1, 2], to="Ben", from_day=date(2024, 3, 1))
        with pytest.raises(AccessError):
            hand_over(connection, [1], to="Ann", from_day=JUNE)
    with acting_as(BEN):
        assert list_hand_overs(connection) == []
        with pytest.raises(AccessError, match="somebody else"):
            take_back(connection, done.first_row)
    with acting_as(ANN):
        take_back(connection, done.first_row)
    assert on(connection, JUNE) == ["Ann", "Ann", "Ben"]


def test_whoever_gets_clients_hears_of_it_until_it_is_taken_back(connection: Connection):
    with acting_as(ANN):
        done = hand_over(connection, [1, 2], to="Ben", from_day=JUNE)
        assert unseen_notices(connection) == []
    with acting_as(BEN):
        notice = unseen_notices(connection)[0]
        assert (notice.kind, notice.by, notice.detail["clients"]) == ("handover", "Ann", 2)
    take_back(connection, done.first_row)
    with acting_as(BEN):
        assert unseen_notices(connection) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"to": " "}, "no name"),
        ({"to": "Ann"}, "none that would change hands"),
        ({"to": "Ben", "until": date(2024, 5, 1)}, "on or after"),
        ({"to": "Ben", "giver": "Nobody"}, "none that would change hands"),
    ],
)
def test_what_makes_no_sense_is_refused(connection: Connection, values, words):
    with pytest.raises(RecordError, match=words):
        hand_over(connection, [1, 2], from_day=JUNE, **values)


def test_the_audit_keeps_numbers_and_days_and_no_names(connection: Connection):
    hand_over(connection, [1, 2], to="Ben", from_day=JUNE)
    line = list_audit(connection)[0]
    assert line.deed == "clients handed over"
    assert (line.detail["clients"], line.detail["from_day"]) == (2, "2024-06-01")
    assert "Ben" not in str(line.detail)
