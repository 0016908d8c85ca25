"""Work beside the page: done in its own time, its failure said in words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, update

from crm_core.access import Actor, acting_as
from crm_core.errors import AccessError, RefusedError
from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.engine import open_database, reading, recording
from crm_core.records.models import Batch, Member
from crm_core.records.team import find_member
from crm_core.ui import sign_in
from crm_core.ui.import_jobs import FAULT, Tell, check_still_in, start_job

EMAIL = "mia@firm.example"
FILE = b"Client,Date,Amount\nAda,2025-05-01,10.00\n"
NOW = datetime(2025, 6, 2, 12, tzinfo=UTC)
LONG = 300.0
"""Seconds that nothing here needs, however slow the machine."""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return a database whose one member is an owner."""
    engine = open_database(f"sqlite:///{tmp_path / 'team.db'}")
    monkeypatch.setattr(sign_in, "_engine", lambda: engine)
    with recording(engine) as connection:
        values = {"email": EMAIL, "name": "Mia", "role": "owner"}
        connection.execute(insert(Member).values(invited_at=NOW, joined_at=NOW, **values))
    yield engine
    engine.dispose()


def mia(engine: Engine) -> Actor:
    with reading(engine) as connection:
        found = find_member(connection, EMAIL)
    assert found is not None
    return found


def take_out(engine: Engine) -> None:
    with recording(engine) as connection:
        connection.execute(update(Member).values(removed_at=NOW))


def batches(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(Batch)).scalar_one())


def test_an_import_of_somebody_taken_out_meanwhile_does_not_land(team: Engine) -> None:
    with acting_as(mia(team)):
        choices = Choices(source="shop", currency="EUR")
        prepared = prepare(team, FILE, name="a.csv", choices=choices, today=date(2025, 6, 2))
        lasting = threading.Event()

        def work(_tell: Tell) -> object:
            assert lasting.wait(LONG)
            return carry_out(team, prepared, now=NOW, also=check_still_in)

        job = start_job("Importing", work)
    take_out(team)
    lasting.set()
    assert job.wait(LONG)
    assert isinstance(job.problem, AccessError)
    assert batches(team) == 0


def test_work_begun_by_somebody_in_the_team_is_done_in_their_name(team: Engine) -> None:
    with acting_as(mia(team)):
        choices = Choices(source="shop", currency="EUR")
        prepared = prepare(team, FILE, name="a.csv", choices=choices, today=date(2025, 6, 2))
        carry_out(team, prepared, now=NOW, also=check_still_in)
    assert batches(team) == 1


def test_short_work_is_done_when_the_page_has_waited() -> None:
    job = start_job("Adding", lambda _tell: 1 + 1)
    assert job.wait(LONG)
    assert not job.running
    assert job.error is None
    assert job.result() == 2


def test_long_work_says_how_far_it_is_and_goes_on() -> None:
    go_on, told = threading.Event(), threading.Event()

    def work(tell: Tell) -> str:
        tell(250)
        told.set()
        go_on.wait(LONG)
        return "done"

    job = start_job("Writing", work, total=1000)
    told.wait(LONG)
    assert not job.wait(0.01)
    assert job.running
    assert job.pace.share == 0.25
    assert "250 of 1,000 rows" in job.pace.sentence
    go_on.set()
    assert job.wait(LONG)
    assert job.result() == "done"


def test_what_a_person_can_mend_is_said_as_it_is() -> None:
    def refuse(_tell: Tell) -> None:
        raise RefusedError("Wanted a new file, found an old one.")

    job = start_job("Refusing", refuse)
    assert job.wait(LONG)
    assert job.error == "Wanted a new file, found an old one."


def test_a_fault_of_the_program_shows_no_traceback() -> None:
    job = start_job("Failing", lambda _tell: 1 // 0)
    assert job.wait(LONG)
    assert job.error == FAULT
    assert isinstance(job.problem, ZeroDivisionError)
