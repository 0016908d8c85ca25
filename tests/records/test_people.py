from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from crm_core.errors import RecordError
from crm_core.metrics.carers import carers
from crm_core.records.batches import undo, write_import
from crm_core.records.clients import (
    add_client,
    edit_client,
    list_merges,
    mark_not_client,
    merge,
    read_card,
    snoozed_clients,
    unmerge,
)
from crm_core.records.engine import writing
from crm_core.records.people import (
    add_contract,
    end_relationship,
    give_notice,
    log_contact,
    override_stage,
    set_manager,
    snooze,
    withdraw,
)
from crm_core.snapshot import build_ledger
from crm_core.tables import END_REASONS, NEVER, STAGES, WHO_ENDED, to_day
from tests.builders import as_day, make_staged
from tests.ledgers import same_ledgers

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = date(2024, 6, 1)
ROWS = [
    {"client": name, "day": f"2024-01-0{number}", "amount": number, "order": "1"}
    for number, name in enumerate(("a", "b", "c"), start=1)
]


@pytest.fixture
def connection(database: Engine):
    """Yield a write transaction over clients 1 (a), 2 (b) and 3 (c)."""
    with writing(database) as held:
        write_import(held, make_staged(ROWS), imported_at=NOW)
        yield held


def test_contacts_reach_the_ledger_as_signals(connection: Connection):
    log_contact(connection, 2, day=DAY, kind="call", inbound=True, created_at=NOW)
    log_contact(connection, 2, day=date(2023, 5, 1), kind="mail", inbound=False, created_at=NOW)
    ledger = build_ledger(connection)
    assert ledger.contacts.offsets.tolist() == [0, 0, 2, 2]
    assert ledger.contacts.day.tolist() == [as_day("2023-05-01"), as_day(DAY)]
    assert ledger.contacts.inbound.tolist() == [False, True]
    assert ledger.clients.known_on[1] == as_day("2023-05-01")


def test_endings_contracts_and_overrides_reach_the_ledger(connection: Connection):
    end_relationship(connection, 1, day=DAY, who="client", reason="better offer")
    add_contract(connection, 2, start=DAY, end=date(2024, 12, 31), trial=True)
    contract = add_contract(connection, 2, start=date(2023, 1, 1), end=date(2023, 12, 31))
    give_notice(connection, contract, day=date(2023, 10, 1))
    override_stage(connection, 3, stage="commitment", reason="deal", author="Mo", set_on=DAY)
    ledger = build_ledger(connection)
    assert WHO_ENDED[ledger.endings.who[0]] == "client"
    assert END_REASONS[ledger.endings.reason[0]] == "better offer"
    assert ledger.contracts.trial.tolist() == [False, True]
    assert ledger.contracts.notice.tolist() == [as_day("2023-10-01"), NEVER]
    assert STAGES[ledger.overrides.stage[0]] == "commitment"
    assert ledger.overrides.expires_on.tolist() == [as_day(DAY + timedelta(days=180))]


def test_a_note_made_by_mistake_can_be_taken_back(connection: Connection):
    before = build_ledger(connection)
    note = end_relationship(connection, 1, day=DAY, who="us", reason="our decision")
    withdraw(connection, "ending", note)
    assert same_ledgers(build_ledger(connection), before)
    with pytest.raises(RecordError, match="Wanted ending 1, found none"):
        withdraw(connection, "ending", note)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda c: log_contact(c, 9, day=DAY, kind="call", inbound=True, created_at=NOW),
         "Wanted client 9"),
        (lambda c: log_contact(c, 1, day=DAY, kind="fax", inbound=True, created_at=NOW),
         "call, visit, reply, mail, other; found 'fax'"),
        (lambda c: end_relationship(c, 1, day=DAY, who="dog", reason="other"), "who ended it"),
        (lambda c: end_relationship(c, 1, day=DAY, who="us", reason="rain"), "reason"),
        (lambda c: add_contract(c, 1, start=DAY, end=date(2024, 1, 1)), "end on or after"),
        (lambda c: snooze(c, 1, from_day=DAY, until=date(2024, 1, 1)), "end on or after"),
        (lambda c: override_stage(c, 1, stage="none", reason="x", author="", set_on=DAY), "stage"),
        (lambda c: override_stage(c, 1, stage="commitment", reason=" ", author="", set_on=DAY),
         "Wanted a reason"),
        (lambda c: give_notice(c, 5, day=DAY), "Wanted contract 5"),
        (lambda c: mark_not_client(c, 1, "dog"), "kind of non-client"),
        (lambda c: edit_client(c, 1, colour="red"), "field of a client"),
        (lambda c: edit_client(c, 1, kind="dog"), "kind of client"),
        (lambda c: add_client(c, name=" ", known_on=DAY), "Wanted a name"),
        (lambda c: unmerge(c, 1, undone_at=NOW), "standing alone"),
        (lambda c: read_card(c, 9), "Wanted client 9"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(connection: Connection, act, words):
    with pytest.raises(RecordError, match=words):
        act(connection)


def test_a_merge_makes_one_client_of_two_and_back(connection: Connection):
    before = build_ledger(connection)
    merge(connection, 2, 1, merged_at=NOW, by="Mo", evidence="same phone")
    merged = build_ledger(connection)
    assert merged.clients.external_id.to_pylist() == ["a", "c"]
    assert merged.sales.amount.tolist() == [10_000, 20_000, 30_000]
    # The same reference of two clients stays two orders.
    assert merged.sales.order_start.tolist() == [True, True, True]
    assert merged.purchases.offsets.tolist() == [0, 2, 3]
    unmerge(connection, 2, undone_at=NOW)
    assert same_ledgers(build_ledger(connection), before)
    assert [row.evidence for row in list_merges(connection)] == ["same phone"]


def test_merges_form_chains_but_no_rings(connection: Connection):
    merge(connection, 1, 2, merged_at=NOW, by="", evidence="")
    merge(connection, 2, 3, merged_at=NOW, by="", evidence="")
    ledger = build_ledger(connection)
    assert ledger.clients.external_id.to_pylist() == ["c"]
    assert ledger.purchases.offsets.tolist() == [0, 3]
    with pytest.raises(RecordError, match="one already"):
        merge(connection, 3, 1, merged_at=NOW, by="", evidence="")
    with pytest.raises(RecordError, match="merged into 2"):
        merge(connection, 1, 3, merged_at=NOW, by="", evidence="")
    with pytest.raises(RecordError, match="one already"):
        merge(connection, 3, 3, merged_at=NOW, by="", evidence="")


def test_a_till_is_no_client_and_its_sales_have_none(connection: Connection):
    before = build_ledger(connection)
    mark_not_client(connection, 2, "till")
    ledger = build_ledger(connection)
    assert ledger.clients.external_id.to_pylist() == ["a", "c"]
    assert ledger.unnamed_amount.tolist() == [20_000]
    mark_not_client(connection, 2, None)
    assert same_ledgers(build_ledger(connection), before)


def test_a_lead_added_by_hand_is_known_from_its_day(connection: Connection):
    number = add_client(connection, name="Lea", known_on=DAY, region="N")
    ledger = build_ledger(connection)
    place = ledger.clients.record_id.tolist().index(number)
    assert ledger.clients.known_on[place] == as_day(DAY)
    assert ledger.clients.external_id[place].as_py() == "Lea"


def test_latest_manager_counts_and_undo_takes_a_files_word_back(connection: Connection):
    staged = make_staged([], clients={"a": {"manager": "File"}, "b": {"manager": "File"}})
    report = write_import(connection, staged, imported_at=NOW)
    set_manager(connection, 1, "Hand", from_day=DAY)
    assert manager_names(connection) == ["Hand", "File", None]
    undo(connection, report.batch_id, at=NOW)
    assert manager_names(connection) == ["Hand", None, None]
    set_manager(connection, 1, "", from_day=DAY)
    assert manager_names(connection) == [None, None, None]


def manager_names(connection: Connection) -> list[str | None]:
    ledger = build_ledger(connection)
    codes = carers(ledger, to_day(max(DAY, NOW.date()))).tolist()
    return [ledger.managers[code] if code >= 0 else None for code in codes]


def test_the_card_shows_everything_of_the_client_and_those_merged_into_it(connection: Connection):
    log_contact(connection, 2, day=DAY, kind="call", inbound=True, created_at=NOW, note="hello")
    snooze(connection, 2, from_day=DAY, until=DAY)
    set_manager(connection, 1, "Mo", from_day=DAY)
    merge(connection, 2, 1, merged_at=NOW, by="Mo", evidence="same phone")
    card = read_card(connection, 1)
    assert card.client.external_id == "a"
    assert [(row.kind, row.source, row.label) for row in card.identities] == [
        ("id", "main", "a"),
        ("id", "main", "b"),
    ]
    assert [row.note for row in card.contacts] == ["hello"]
    assert card.contacts[0].created_at == NOW
    assert [(row.from_day, row.manager) for row in card.managers] == [(DAY, "Mo")]
    assert [row.merged_id for row in card.merged] == [2]
    assert snoozed_clients(connection, DAY) == {1}
    assert snoozed_clients(connection, DAY + timedelta(days=1)) == set()


def test_edited_fields_show_in_the_ledger(connection: Connection):
    edit_client(connection, 1, region="N", external_id="A-1", name="Anna", shared_card=True)
    clients = build_ledger(connection).clients
    assert clients.external_id.to_pylist() == ["A-1", "b", "c"]
    assert clients.name.to_pylist() == ["Anna", "b", "c"]
    assert clients.attributes["region"].codes.tolist() == [0, -1, -1]
