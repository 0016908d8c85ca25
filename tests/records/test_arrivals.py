"""Files that wait for approval: nothing of them counts before, all of it after."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.arrivals import approve, note_failure, refuse, try_out_arrival
from crm_core.errors import RefusedError
from crm_core.records.arrivals import APPROVE_ARRIVALS, waiting_arrivals
from crm_core.records.batches import redo, undo
from crm_core.records.engine import reading, writing
from crm_core.records.settings import write_setting
from crm_core.watched_folder import open_folder
from tests.inbox import (
    JANUARY,
    NOW,
    arrivals,
    drop,
    import_first,
    ledger,
    notices,
    take,
)
from tests.ledgers import same_ledgers


@pytest.fixture
def engine(database: Engine) -> Engine:
    return import_first(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return open_folder(tmp_path / "inbox")


def test_a_file_that_waits_moves_no_number_until_it_is_approved(
    engine: Engine, folder: Path
) -> None:
    before = ledger(engine)
    drop(folder)
    (outcome,) = take(engine, folder, approve=True)
    assert outcome.state == "waiting"
    assert same_ledgers(ledger(engine), before)
    assert notices(engine) == ["import waiting"]
    with reading(engine) as connection:
        (waiting,) = waiting_arrivals(connection)
    tried = try_out_arrival(engine, waiting.id, now=NOW)
    assert (tried.before.totals.known, tried.after.totals.known) == (2, 3)
    assert same_ledgers(ledger(engine), before)
    approve(engine, waiting.id, now=NOW)
    assert ledger(engine).n_clients == 3
    assert arrivals(engine)[0].state == "taken"
    with pytest.raises(RefusedError, match="nothing to decide"):
        approve(engine, waiting.id, now=NOW)


def test_the_same_content_waits_once_and_stays_refused_or_undone(
    engine: Engine, folder: Path
) -> None:
    drop(folder)
    take(engine, folder, approve=True)
    drop(folder, name="twice.csv")
    (outcome,) = take(engine, folder, approve=True)
    assert "waits for approval" in outcome.message
    refuse(engine, arrivals(engine)[-1].id, now=NOW)
    drop(folder, name="third.csv")
    (outcome,) = take(engine, folder)
    assert "which an owner refused" in outcome.message
    with writing(engine) as connection:
        redo(connection, 2)
        undo(connection, 1, at=NOW)
    drop(folder, JANUARY, "first.csv")
    (outcome,) = take(engine, folder)
    assert "which an owner undid" in outcome.message
    assert ledger(engine).sales.amount.sum() == 41_50_00


def test_the_setting_makes_every_file_wait(engine: Engine, folder: Path) -> None:
    with writing(engine, sales=False) as connection:
        write_setting(connection, APPROVE_ARRIVALS, True, source="owner", since=NOW.date())
    drop(folder)
    assert take(engine, folder)[0].state == "waiting"


def test_a_failure_is_noted_once_for_one_content(engine: Engine) -> None:
    noted = [
        note_failure(engine, "a.csv", "why", now=NOW, fingerprint=content)
        for content in ("1", "1", "2")
    ]
    assert noted[0] == noted[1] != noted[2]
