"""Work beside the page: done in its own time, its failure said in words."""

from __future__ import annotations

import threading

from crm_core.errors import RefusedError
from crm_core.ui.import_jobs import FAULT, Tell, start_job


def test_short_work_is_done_when_the_page_has_waited() -> None:
    job = start_job("Adding", lambda _tell: 1 + 1)
    assert job.wait()
    assert not job.running
    assert job.error is None
    assert job.result() == 2


def test_long_work_says_how_far_it_is_and_goes_on() -> None:
    go_on, told = threading.Event(), threading.Event()

    def work(tell: Tell) -> str:
        tell(250)
        told.set()
        go_on.wait(10)
        return "done"

    job = start_job("Writing", work, total=1000)
    told.wait(10)
    assert not job.wait(0.01)
    assert job.running
    assert job.pace.share == 0.25
    assert "250 of 1,000 rows" in job.pace.sentence
    go_on.set()
    assert job.wait(10)
    assert job.result() == "done"


def test_what_a_person_can_mend_is_said_as_it_is() -> None:
    def refuse(_tell: Tell) -> None:
        raise RefusedError("Wanted a new file, found an old one.")

    job = start_job("Refusing", refuse)
    assert job.wait(10)
    assert job.error == "Wanted a new file, found an old one."


def test_a_fault_of_the_program_shows_no_traceback() -> None:
    job = start_job("Failing", lambda _tell: 1 // 0)
    assert job.wait(10)
    assert job.error == FAULT
    assert isinstance(job.problem, ZeroDivisionError)
