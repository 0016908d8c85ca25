"""Merging by rule, and back: held against hand-worked cases and the report itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from crm_core.access import Actor, Role, acting_as
from crm_core.errors import AccessError, ParameterError, RecordError, RefusedError
from crm_core.merging import carry_out, plan, propose, take_apart, take_back, try_out
from crm_core.policy import read_parameters
from crm_core.records.audit import list_audit
from crm_core.records.clients import mark_not_client, merge, read_merges, unmerge
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.erasing import erase
from crm_core.records.importing import write_import
from crm_core.records.merge_runs import Merge, list_run_merges, list_runs, write_run
from crm_core.records.models import Client
from crm_core.records.people import log_contact
from crm_core.report import build_report
from crm_core.snapshot import build_ledger
from crm_core.tables import to_day
from tests.builders import make_staged
from tests.ledgers import columns_of, same_ledgers

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
DAY = NOW.date()
SALES: list[dict[str, Any]] = [
    {"client": "1", "day": "2024-01-05", "amount": 10},
    {"client": "1", "day": "2024-02-05", "amount": 10},
    {"client": "2", "day": "2024-03-05", "amount": 30},
    {"client": "3", "day": "2024-03-09", "amount": 5},
    {"client": "4", "day": "2024-04-09", "amount": 7},
    {"client": "5", "day": "2024-04-11", "amount": 9},
]
ABOUT: dict[str, dict[str, Any]] = {
    "1": {"name": "Ann Lee", "email": "ann@x.org"},
    "2": {"name": "Lee, Ann", "email": "ANN@x.org"},
    "3": {"name": "A. Lee", "email": "ann@x.org", "phone": "+49 30 7654321"},
    "4": {"name": "Bo Grams", "city": "Bonn"},
    "5": {"name": "Bo Grams", "city": "Bonn"},
    "6": {"name": "Bo Grams", "city": "Ulm"},
}


def fill(engine: Engine, about: dict[str, dict[str, Any]] = ABOUT) -> None:
    with writing(engine) as connection:
        write_import(connection, make_staged(SALES, clients=about), imported_at=NOW)


def number(engine: Engine, client: str) -> int:
    with reading(engine) as connection:
        return int(connection.execute(
            select(Client.id).where(Client.external_id == client)
        ).scalar_one())  # fmt: skip


def ledger_of(engine: Engine) -> Any:
    with reading(engine) as connection:
        return build_ledger(connection)


def report_of(engine: Engine) -> Any:
    with reading(engine) as connection:
        ledger, parameters = build_ledger(connection), read_parameters(connection)
    as_of = ledger.default_as_of(to_day(DAY))
    return build_report(ledger.with_records_until(as_of, to_day(DAY)), parameters, as_of).as_json()


def sure(engine: Engine, *rules: str) -> list[Any]:
    return [one for one in propose(engine, rules or ("email", "phone", "name")) if one.sure]


def test_groups_come_biggest_first_and_the_one_with_most_sales_stays(database: Engine) -> None:
    fill(database)
    found = sure(database)
    assert [one.ids for one in found] == [(1, 2, 3), (4, 5)]
    assert found[0].names == ("Ann Lee", "Lee, Ann", "A. Lee")
    assert found[0].n_sales == (2, 1, 1)
    assert found[1].evidence == "Both are called “Bo Grams”. Both are in Bonn."
    doubtful = [one for one in propose(database) if not one.sure]
    assert {one.ids for one in doubtful} == {(4, 6), (5, 6)}
    assert {one.doubt for one in doubtful} == {"They are in two cities."}


def test_only_the_rules_ticked_count(database: Engine) -> None:
    fill(database)
    assert [one.ids for one in sure(database, "name")] == [(1, 2), (4, 5)]
    assert [one.ids for one in sure(database, "email")] == [(1, 2, 3)]
    assert sure(database, "phone") == []
    with pytest.raises(ParameterError, match="found colour"):
        propose(database, ["colour"])


def test_the_effect_shown_before_is_the_effect_after_to_the_last_column(database: Engine) -> None:
    fill(database)
    found = sure(database)
    before = report_of(database)
    effect = try_out(database, found, today=DAY)
    assert effect.before.as_json() == before
    assert effect.figures()["clients.known"] == (6, 3)
    assert effect.figures()["sales.net"] == ("71.00", "71.00")
    carry_out(database, found, rules=["email", "name"], now=NOW)
    assert report_of(database) == effect.after.as_json()


def test_a_run_is_one_record_with_evidence_and_is_taken_back_as_one(database: Engine) -> None:
    fill(database)
    before, ledger = report_of(database), ledger_of(database)
    run = carry_out(database, sure(database), rules=["email", "name"], now=NOW)
    with reading(database) as connection:
        (held,) = list_runs(connection)
        merges = list_run_merges(connection, run)
    assert (held.id, held.rules, held.pairs, held.in_force) == (run, ("email", "name"), 3, 3)
    assert held.effect["clients.known"] == [6, 3]
    assert [(m.merged_id, m.into_id, m.merged_name) for m in merges] == [
        (2, 1, "Lee, Ann"), (3, 1, "A. Lee"), (5, 4, "Bo Grams"),
    ]  # fmt: skip
    assert merges[1].evidence == "Both have the e-mail ann@x.org."
    assert take_back(database, run, now=NOW) == 3
    assert report_of(database) == before
    assert same_ledgers(ledger_of(database), ledger)
    with pytest.raises(RefusedError, match="taken back on 2024-06-01"):
        take_back(database, run, now=NOW)
    with pytest.raises(RecordError, match="Wanted run 9"):
        take_back(database, 9, now=NOW)


def test_what_came_back_with_a_run_is_doubtful_and_what_was_split_by_hand_stays_apart(
    database: Engine,
) -> None:
    fill(database)
    run = carry_out(database, sure(database), rules=["name"], now=NOW)
    with reading(database) as connection:
        last = list_run_merges(connection, run)[-1].id
    take_apart(database, last, now=NOW + timedelta(hours=1))
    with pytest.raises(RecordError, match="in force"):
        take_apart(database, last, now=NOW)
    take_back(database, run, now=NOW + timedelta(hours=2))
    found = propose(database)
    assert [one.ids for one in found if one.sure] == [(2, 3)]
    again = {one.ids: one.doubt for one in found if not one.sure}
    assert again[1, 2] == "Merging them was taken back once."
    assert (4, 5) not in again
    assert not any({4, 5} <= set(one.ids) for one in found)


def test_two_that_were_split_do_not_meet_through_a_third(database: Engine) -> None:
    fill(database)
    with writing(database) as connection:
        merge(connection, 2, 1, merged_at=NOW, by="me", evidence="guess")
        unmerge(connection, 2, undone_at=NOW)
    groups = [set(one.ids) for one in sure(database, "email")]
    assert len(groups) == 1
    assert not {1, 2} <= groups[0]
    with pytest.raises(RefusedError, match="changed since"), writing(database) as connection:
        write_run(
            connection,
            [Merge(1, 3, "x"), Merge(2, 3, "x")],
            at=NOW, by="me", rules=["email"], effect={},
        )  # fmt: skip


def test_a_merge_by_hand_is_a_link_of_the_chain_and_comes_out_whole(database: Engine) -> None:
    fill(database)
    with writing(database) as connection:
        merge(connection, 1, 4, merged_at=NOW, by="me", evidence="known")
    chain, before = ledger_of(database), report_of(database)
    found = sure(database, "email")
    assert [one.ids for one in found] == [(4, 2, 3)], "found by the e-mail of the merged one"
    effect = try_out(database, found, today=DAY)
    run = carry_out(database, found, rules=["email"], now=NOW)
    with reading(database) as connection:
        assert read_merges(connection) == {1: 4, 2: 4, 3: 4}
    assert report_of(database) == effect.after.as_json()
    take_back(database, run, now=NOW)
    assert report_of(database) == before
    assert same_ledgers(ledger_of(database), chain)


def test_tills_shared_cards_and_erased_persons_are_left_out(database: Engine) -> None:
    fill(database)
    with writing(database) as connection:
        mark_not_client(connection, 1, "till")
        connection.execute(Client.__table__.update().where(Client.id == 4).values(shared_card=True))
        erase(connection, 3, at=NOW, reason="asked")
    assert [one for one in propose(database) if set(one.ids) & {1, 3, 4}] == []


def test_a_group_that_changed_meanwhile_is_refused_and_nothing_is_merged(database: Engine) -> None:
    fill(database)
    found = sure(database)
    with writing(database) as connection:
        merge(connection, 3, 1, merged_at=NOW, by="me", evidence="by hand, meanwhile")
    with pytest.raises(RefusedError, match="nothing was merged"):
        carry_out(database, found, rules=["email"], now=NOW)
    with reading(database) as connection:
        assert read_merges(connection) == {3: 1}
        assert list_runs(connection) == []
    with pytest.raises(RefusedError, match="no group ticked"):
        carry_out(database, [], rules=["email"], now=NOW)


def test_only_an_owner_merges_and_the_audit_names_rules_and_nobody(database: Engine) -> None:
    fill(database)
    found = sure(database)
    for role in (Role.MANAGER, Role.ANALYST, Role.VIEWER, None):
        with acting_as(Actor("member 2", role)):
            for refused in (
                lambda: propose(database),
                lambda: try_out(database, found, today=DAY),
                lambda: carry_out(database, found, rules=["email"], now=NOW),
                lambda: take_back(database, 1, now=NOW),
                lambda: take_apart(database, 1, now=NOW),
            ):
                with pytest.raises(AccessError):
                    refused()
    run = carry_out(database, found, rules=["email"], now=NOW)
    take_back(database, run, now=NOW)
    with reading(database) as connection:
        lines = [row for row in list_audit(connection) if "merg" in row.deed]
    assert [row.deed for row in lines[:2]] == [
        "merging by rule taken back",
        "clients merged by rule",
    ]
    assert "Lee" not in str([row.detail for row in lines])


def test_groups_that_share_a_client_become_one(database: Engine) -> None:
    fill(database)
    merges = plan([one for one in propose(database) if one.ids in {(4, 5), (4, 6)}])
    assert [(one.merged_id, one.into_id) for one in merges] == [(5, 4), (6, 4)]


NAMES = st.sampled_from(["Ann Lee", "Lee Ann", "A. Lee", "Bo Grams", "Bo Gramms", "Bo", None])
REACH = st.fixed_dictionaries(
    {
        "name": NAMES,
        "email": st.sampled_from(["a@x.org", "A@x.org", "b@x.org", None]),
        "phone": st.sampled_from(["030 7654321", "+49 30 7654321", None]),
        "city": st.sampled_from(["Bonn", "Ulm", None]),
    }
)


@settings(max_examples=25)
@given(about=st.lists(REACH, min_size=6, max_size=6), by_hand=st.sets(st.integers(1, 5)))
def test_any_run_of_any_groups_is_taken_back_exactly(
    about: list[dict[str, Any]], by_hand: set[int]
) -> None:
    engine = open_database("sqlite://")
    said = {str(n + 1): {k: v for k, v in one.items() if v} for n, one in enumerate(about)}
    fill(engine, said)
    with writing(engine) as connection:
        log_contact(connection, 2, day=DAY, kind="call", inbound=True, created_at=NOW)
        for merged in sorted(by_hand)[:2]:
            merge(connection, merged, 6, merged_at=NOW, by="me", evidence="hand")
    before, report = columns_of(ledger_of(engine)), report_of(engine)
    found = propose(engine)
    assert all(len(set(one.ids)) == len(one.ids) >= 2 for one in found)
    if found:
        effect = try_out(engine, found, today=DAY)
        run = carry_out(engine, found, rules=["email"], now=NOW)
        assert report_of(engine) == effect.after.as_json()
        assert effect.figures()["sales.net"][0] == effect.figures()["sales.net"][1]
        take_back(engine, run, now=NOW)
    assert columns_of(ledger_of(engine)) == before
    assert report_of(engine) == report
    engine.dispose()
