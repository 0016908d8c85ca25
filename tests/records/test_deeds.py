"""Everybody who writes is asked first, held to their own clients, and written down once."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import reduce
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select

import crm_core
from crm_core.access import NOBODY, Actor, Right, Role, acting_as
from crm_core.errors import AccessError, RecordError
from crm_core.importing import Choices, carry_out, prepare, rehearse
from crm_core.records import clients, key_accounts, people
from crm_core.records.audit import list_audit
from crm_core.records.business_figures import MARGIN, write_figure
from crm_core.records.deeds import GUARDED
from crm_core.records.engine import reading, writing
from crm_core.records.importing import write_import
from crm_core.records.models import AuditEvent, Contact, Setting
from crm_core.records.scope import is_theirs, manager_of
from tests.builders import make_staged
from tests.records.conftest import NOW

DAY = date(2024, 5, 2)
TODAY = date(2025, 6, 2)
OWNER = Actor("member 1", Role.OWNER, 1)
MANAGER = Actor("member 2", Role.MANAGER, 2, department="Office")
BEN = Actor("member 3", Role.MANAGER, 3, manager="Ben")
EVERYBODY = (*(Actor("member 9", role, 9) for role in Role), NOBODY)

TABLE = {
    "demo._empty": Right.IMPORT,
    "demo._fill": Right.IMPORT,
    "first_import.apply_answers": Right.IMPORT,
    "importing._write": Right.IMPORT,
    "importing.settle_m0": Right.IMPORT,
    "policy.write_parameter": Right.SETTINGS,
    "policy.write_rfm_cuts": Right.SETTINGS,
    "policy.write_rule": Right.SETTINGS,
    "policy.write_value_terms": Right.SETTINGS,
    "privacy.client_file.client_file": Right.PRIVACY,
    "records.arrivals.note_arrival": Right.IMPORT,
    "records.arrivals.settle_arrival": Right.IMPORT,
    "records.audit_reading.export_audit": Right.AUDIT,
    "records.business_figures.write_figure": Right.SETTINGS,
    "records.clients.add_client": Right.EDIT,
    "records.clients.edit_client": Right.EDIT,
    "records.clients.mark_not_client": Right.EDIT,
    "records.clients.merge": Right.MERGE,
    "records.clients.unmerge": Right.MERGE,
    "records.consents.record_consent": Right.EDIT,
    "records.consents.take_back_consent": Right.EDIT,
    "records.erasing.erase": Right.PRIVACY,
    "records.erasing.erase_many": Right.PRIVACY,
    "records.handing_over.hand_over": Right.EDIT,
    "records.handing_over.take_back": Right.EDIT,
    "records.importing.write_import": Right.IMPORT,
    "records.key_accounts.add_contact_person": Right.EDIT,
    "records.key_accounts.edit_contact_person": Right.EDIT,
    "records.key_accounts.end_key_reason": Right.EDIT,
    "records.key_accounts.mark_key": Right.EDIT,
    "records.key_accounts.note_care": Right.EDIT,
    "records.key_accounts.take_back": Right.EDIT,
    "records.mappings.remember_mapping": Right.IMPORT,
    "records.merge_runs.undo_merge": Right.MERGE,
    "records.merge_runs.undo_run": Right.MERGE,
    "records.merge_runs.write_run": Right.MERGE,
    "records.people.add_contract": Right.EDIT,
    "records.people.end_relationship": Right.EDIT,
    "records.people.give_notice": Right.EDIT,
    "records.people.log_contact": Right.EDIT,
    "records.people.override_stage": Right.EDIT,
    "records.people.set_manager": Right.EDIT,
    "records.people.snooze": Right.EDIT,
    "records.people.withdraw": Right.EDIT,
    "records.rates.drop_rate": Right.SETTINGS,
    "records.rates.set_rate": Right.SETTINGS,
    "records.receipts.note_cleaned": Right.PRIVACY,
    "records.retention.forget_leads": Right.PRIVACY,
    "records.retention.write_retention": Right.SETTINGS,
    "records.saved_views.share_view": Right.SEE,
    "records.settings.reset_setting": Right.SETTINGS,
    "records.settings.write_setting": Right.SETTINGS,
    "records.team.change_role": Right.TEAM,
    "records.team.invite": Right.TEAM,
    "records.team.remove_member": Right.TEAM,
    "records.undoing.redo": Right.IMPORT,
    "records.undoing.undo": Right.IMPORT,
}
"""Every guarded function and its right, written down a second time.

A guard that is taken away, or asks for less, is a decision: it is made here too.
"""


def import_everything() -> None:
    """Import the core, so that every guard is known."""
    for module in pkgutil.walk_packages(crm_core.__path__, "crm_core."):
        room = module.name.split(".")[1]
        if room not in ("ui", "cli", "__main__", "bootstrap") and "migrations" not in module.name:
            importlib.import_module(module.name)


import_everything()


def find(name: str) -> Callable[..., Any]:
    """Return a function by its name below ``crm_core``."""
    parts = f"crm_core.{name}".split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        found: Callable[..., Any] = reduce(getattr, parts[cut:], module)
        return found
    raise AssertionError(name)


def test_the_guards_are_those_written_down_here() -> None:
    assert {name.removeprefix("crm_core."): right for name, right in GUARDED.items()} == TABLE


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_guarded_function_refuses_every_role_without_the_right(name: str) -> None:
    function, right = find(name), TABLE[name]
    for who in EVERYBODY:
        # Whoever may comes as far as the missing arguments, others not even there.
        expected = TypeError if who.may(right) else AccessError
        with acting_as(who), pytest.raises(expected):
            function()


@pytest.fixture
def shop(database: Engine) -> Engine:
    """Return a database with three clients: Ada of the office, Bob and Eve of the garden."""
    rows = [
        {"client": name, "day": "2024-04-01", "amount": 5, "manager": seller}
        for name, seller in (("Ada", "Ada"), ("Bob", "Ben"), ("Eve", "Cleo"))
    ]
    said = {name: {"department": "Garden"} for name in ("Bob", "Eve")}
    staged = make_staged(rows, clients={"Ada": {"department": "Office"}} | said)
    with writing(database) as connection:
        write_import(connection, staged, imported_at=NOW)
    return database


@pytest.fixture
def connection(shop: Engine) -> Iterator[Connection]:
    """Return a connection inside a write transaction, as the owner alone."""
    with writing(shop) as held:
        yield held


ADA, BOB, EVE = 1, 2, 3


def note(connection: Connection, client_id: int) -> int:
    return people.log_contact(
        connection, client_id, day=DAY, kind="call", inbound=True, created_at=NOW, note="Secret"
    )


def test_a_manager_writes_on_own_clients_only(connection: Connection) -> None:
    with acting_as(MANAGER):
        assert note(connection, ADA)
        for other in (BOB, EVE):
            with pytest.raises(AccessError, match="not one of yours"):
                note(connection, other)
    with acting_as(BEN):
        assert note(connection, BOB)
        with pytest.raises(AccessError, match="not one of yours"):
            note(connection, ADA)


def test_a_record_of_anothers_client_cannot_be_reached_by_its_number(
    connection: Connection,
) -> None:
    contact, bobs = note(connection, ADA), note(connection, BOB)
    contract = people.add_contract(connection, ADA, start=DAY, end=date(2025, 5, 1))
    reason = key_accounts.mark_key(connection, ADA, reason="fame", from_day=DAY)
    person = key_accounts.add_contact_person(connection, ADA, name="Tilda")
    deeds: tuple[Callable[[], object], ...] = (
        lambda: people.withdraw(connection, "contact", contact),
        lambda: people.give_notice(connection, contract, day=DAY),
        lambda: key_accounts.end_key_reason(connection, reason, day=DAY),
        lambda: key_accounts.edit_contact_person(connection, person, name="Other"),
        lambda: key_accounts.take_back(connection, "person", person),
    )
    for deed in deeds:
        with acting_as(BEN), pytest.raises(AccessError, match="not one of yours"):
            deed()
    with acting_as(BEN):
        people.withdraw(connection, "contact", bobs)
    with acting_as(MANAGER):
        for deed in deeds:
            deed()


def test_a_number_of_no_record_is_refused_as_before(connection: Connection) -> None:
    with acting_as(MANAGER):
        with pytest.raises(RecordError, match="found none of that number"):
            people.withdraw(connection, "contact", 99)
        with pytest.raises(RecordError, match="kind of note"):
            people.withdraw(connection, "secret", 1)


def test_a_merged_client_belongs_to_whoever_has_the_one_it_counts_as(
    connection: Connection,
) -> None:
    clients.merge(connection, BOB, ADA, merged_at=NOW, by="me", evidence="same")
    with acting_as(MANAGER):
        assert is_theirs(connection, BOB)
        assert note(connection, BOB)
    with acting_as(Actor("member 4", Role.MANAGER, department="Garden")):
        assert not is_theirs(connection, BOB)
        assert is_theirs(connection, EVE)


def test_the_day_decides_who_looks_after_a_client_not_the_clock(connection: Connection) -> None:
    people.set_manager(connection, EVE, "Ben", from_day=date(2024, 7, 1))
    assert manager_of(connection, EVE, date(2024, 6, 30)) != "Ben"
    assert manager_of(connection, EVE, date(2024, 7, 1)) == "Ben"


def test_who_looks_after_a_client_is_said_by_hand_or_by_the_latest_sale(
    connection: Connection,
) -> None:
    assert manager_of(connection, BOB, TODAY) == "Ben"
    people.set_manager(connection, EVE, "Ben", from_day=DAY)
    with acting_as(BEN):
        assert is_theirs(connection, EVE)
        # Handing a client on is theirs to do; taking it back is not.
        people.set_manager(connection, EVE, "Ada", from_day=DAY)
        with pytest.raises(AccessError, match="not one of yours"):
            people.set_manager(connection, EVE, "Ben", from_day=DAY)


@pytest.mark.parametrize("who", [MANAGER, NOBODY, Actor("member 5", Role.ANALYST)])
def test_a_card_is_read_only_by_those_who_see_names_and_the_client(
    who: Actor, connection: Connection
) -> None:
    with acting_as(who), pytest.raises(AccessError):
        clients.read_card(connection, BOB)
    with acting_as(Actor("member 6", Role.VIEWER)):
        assert clients.read_card(connection, BOB).client.id == BOB


def test_of_people_and_notes_an_analyst_learns_only_that_they_are_there(
    connection: Connection,
) -> None:
    person = {"name": "Tilda", "phone": "1", "birthday": DAY, "hobbies": "Sailing"}
    key_accounts.add_contact_person(connection, ADA, **person)
    key_accounts.note_care(connection, ADA, kind="risk", day=DAY, note="A new head", by="Ina")
    with acting_as(Actor("member 5", Role.ANALYST)):
        notes = key_accounts.read_key_notes(connection)
    shown = str([row for rows in (notes.people, notes.care, notes.reasons) for _, row in rows])
    for secret in ("Tilda", "Sailing", "A new head", "Ina"):
        assert secret not in shown
    row = notes.people[0][1]
    assert (row.phone, row.hobbies, row.cuisine) == ("noted", "noted", "")
    assert row.birthday not in (None, DAY)


def test_a_refusal_leaves_nothing_behind(shop: Engine) -> None:
    def counts() -> list[int]:
        with reading(shop) as connection:
            return [
                connection.execute(select(func.count()).select_from(model)).scalar_one()
                for model in (Contact, Setting, AuditEvent)
            ]

    before = counts()
    with acting_as(MANAGER):
        for deed in (
            lambda held: note(held, BOB),
            lambda held: write_figure(held, MARGIN, "10", since=DAY),
        ):
            with pytest.raises(AccessError), writing(shop) as connection:
                deed(connection)
        choices = Choices(source="shop", currency="EUR")
        file = b"Client,Date,Amount\nAda,2024-04-02,5\n"
        prepared = prepare(shop, file, name="a.csv", choices=choices, today=NOW.date())
        with pytest.raises(AccessError, match="import or undo files"):
            carry_out(shop, prepared, now=NOW)
        with pytest.raises(AccessError, match="import or undo files"):
            rehearse(shop, prepared, now=NOW)
    assert counts() == before


def test_each_deed_is_one_line_without_a_word_anybody_typed(connection: Connection) -> None:
    with acting_as(OWNER):
        written = note(connection, ADA)
        clients.edit_client(connection, ADA, name="Ada Lovelace", email="ada@secret.example")
        write_figure(connection, MARGIN, "31.5", since=DAY)
        people.withdraw(connection, "contact", written)
    lines = list_audit(connection, most=4)[::-1]
    assert [(one.who, one.role, one.deed, one.client_id, one.detail) for one in lines] == [
        ("member 1", "owner", "contact noted", ADA, {"kind": "call", "record": written}),
        ("member 1", "owner", "client corrected", ADA, {"fields": ["email", "name"]}),
        ("member 1", "owner", "figure of the business changed", None, {"key": MARGIN}),
        ("member 1", "owner", "note taken back", ADA, {"kind": "contact", "record_id": written}),
    ]


def test_an_import_is_one_line_with_its_number(connection: Connection) -> None:
    lines = list_audit(connection)
    assert [(one.deed, one.detail) for one in lines] == [("imported", {"record": 1})]
