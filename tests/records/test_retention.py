from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from crm_core.access import Actor, Role, acting_as
from crm_core.errors import AccessError, RecordError
from crm_core.records.clients import add_client, merge
from crm_core.records.engine import reading, writing
from crm_core.records.importing import write_import
from crm_core.records.key_accounts import mark_key
from crm_core.records.models import Erasure
from crm_core.records.people import add_contract, log_contact
from crm_core.records.retention import (
    find_forgettable,
    forget_leads,
    name_leads,
    read_retention,
    write_retention,
)
from crm_core.records.undoing import redo, undo
from tests.builders import make_staged
from tests.records.conftest import NOW

TODAY = NOW.date()
LEADS = {
    "old": "2021-01-05", "older": "2020-03-01", "new": "2024-03-01", "called": "2021-01-01",
    "contract": "2021-01-01", "key": "2021-01-01", "same as buyer": "2021-01-01",
    "called long ago": "2021-02-01",
}  # fmt: skip
"""Known on."""


@pytest.fixture
def leads(database: Engine) -> dict[str, int]:
    """Fill a database with leads, one for every reason to stay, and one buyer."""
    with writing(database) as connection:
        numbers = {
            name: add_client(connection, name=name, known_on=date.fromisoformat(day))
            for name, day in LEADS.items()
        }
        rows = [{"client": "buyer", "day": "2020-01-01", "amount": 5}]
        write_import(connection, make_staged(rows), imported_at=NOW)
        buyer = len(numbers) + 1
        merge(connection, numbers["same as buyer"], buyer, merged_at=NOW, by="", evidence="")
        for name, day in (("called", TODAY), ("called long ago", date(2021, 3, 1))):
            log_contact(connection, numbers[name], day=day, kind="call", inbound=False,
                        created_at=NOW)  # fmt: skip
        day = date(2021, 1, 1)
        add_contract(connection, numbers["contract"], start=day, end=day)
        mark_key(connection, numbers["key"], reason="fame", from_day=day)
    return numbers


def test_only_old_leads_that_nobody_needs_are_forgotten(
    database: Engine, leads: dict[str, int]
) -> None:
    with reading(database) as connection:
        found = find_forgettable(connection, months=24, today=TODAY)
        named = name_leads(connection, found, most=2)
    wanted = [leads[name] for name in ("older", "old", "called long ago")]
    assert named == [
        (leads["older"], "older", date(2020, 3, 1)),
        (leads["old"], "old", date(2021, 1, 5)),
    ]
    assert found.client.tolist() == wanted
    assert found.oldest == date(2020, 3, 1)
    assert found.before == date(2022, 6, 1)
    assert found.spared == {"key account": 1, "contract": 1, "contact since": 1}


def test_running_the_rule_erases_them_at_once(database: Engine, leads: dict[str, int]) -> None:
    with writing(database) as connection:
        assert len(forget_leads(connection, months=24, today=TODAY, at=NOW)) == 3
        assert len(find_forgettable(connection, months=24, today=TODAY)) == 0
        assert connection.execute(select(func.count(Erasure.id))).scalar() == 3
        names = connection.exec_driver_sql("SELECT name FROM clients ORDER BY id").scalars().all()
    assert names[leads["old"] - 1] == f"Erased client {leads['old']}"
    assert names[leads["new"] - 1] == "new"


def test_undone_sales_still_make_a_buyer(database: Engine, leads: dict[str, int]) -> None:
    with writing(database) as connection:
        undo(connection, 1, at=NOW)
        found = find_forgettable(connection, months=24, today=TODAY)
    assert leads["same as buyer"] not in found.client.tolist()


def test_lead_of_an_undone_import_alone_is_forgotten_as_any_other(database: Engine) -> None:
    about = {
        "gone": {"known_on": "2019-02-01", "city": "Bonn"},
        "young": {"known_on": "2024-05-01"},
        "both": {"known_on": "2019-01-01"},
    }
    rows = [{"client": "shopper", "day": "2019-01-01", "amount": 5}]
    with writing(database) as connection:
        write_import(connection, make_staged(rows, clients=about), imported_at=NOW)
        again = make_staged([], clients={"both": {"known_on": "2024-05-02"}})
        write_import(connection, again, imported_at=NOW)
        undo(connection, 1, at=NOW)
        found = find_forgettable(connection, months=24, today=TODAY)
        assert [name for _, name, _ in name_leads(connection, found)] == ["gone"]
        assert found.oldest == date(2019, 2, 1)
        assert found.undated == 0
        assert len(forget_leads(connection, months=24, today=TODAY, at=NOW)) == 1
        assert len(find_forgettable(connection, months=24, today=TODAY)) == 0
        said = connection.exec_driver_sql("SELECT fields FROM batch_clients").scalars().all()
        assert "Bonn" not in str(said)
        redo(connection, 1)
        names = connection.exec_driver_sql("SELECT external_id FROM clients").scalars().all()
    assert "gone" not in names


def test_rule_is_off_until_an_owner_sets_it(database: Engine) -> None:
    with writing(database) as connection:
        assert read_retention(connection) is None
        write_retention(connection, 24, since=TODAY)
        assert read_retention(connection) == 24
        write_retention(connection, None, since=TODAY)
        assert read_retention(connection) is None
    with pytest.raises(RecordError, match="240 months"), writing(database) as connection:
        write_retention(connection, 0, since=TODAY)
    viewer = Actor("member 3", Role.MANAGER, 3, department="north")
    with pytest.raises(AccessError), acting_as(viewer), writing(database) as connection:
        write_retention(connection, 12, since=TODAY)
    with pytest.raises(AccessError), acting_as(viewer), writing(database) as connection:
        forget_leads(connection, months=12, today=TODAY, at=NOW)
