"""Long work beside the page: it runs on when somebody leaves, and says how far it is.

The work knows nothing of Streamlit; the session keeps its handle, and a part
of the page asks it twice a second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from crm_core.access import Right, acting_as, actor, require
from crm_core.errors import CrmError
from crm_core.progress import Pace
from crm_core.ui.sign_in import still

PATIENCE = 1.2
"""Seconds a page waits for work before it shows progress instead."""

EVERY = "500ms"
WORKERS = 2
FAULT = (
    "Wanted to finish this, found a fault of the program; nothing was changed. "
    "Please report it with the file's header and what the server's window says."
)

Tell = Callable[[int], object]
"""Told the rows done so far."""


@dataclass
class Job:
    """A piece of work and how far it is.

    Attributes
    ----------
    title : str
        What is being done, plain text.
    total : int
        Rows in all, 0 where nobody can say.
    done : int
        Rows done so far.
    """

    title: str
    total: int = 0
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    future: Future[Any] | None = None

    def tell(self, done: int) -> None:
        """Note how many rows are done."""
        self.done = done

    @property
    def running(self) -> bool:
        """Whether it is not finished yet."""
        return self.future is not None and not self.future.done()

    @property
    def pace(self) -> Pace:
        """How far it is, and how fast."""
        return Pace(self.done, self.total, time.monotonic() - self.started)

    @property
    def error(self) -> str | None:
        """What a person can do about a failure; None while there is none."""
        if self.future is None or not self.future.done():
            return None
        found = self.future.exception()
        if found is None or isinstance(found, CrmError):
            return None if found is None else str(found)
        logging.getLogger(__name__).error("%s failed", self.title, exc_info=found)
        return FAULT

    @property
    def problem(self) -> BaseException | None:
        """The failure itself."""
        return self.future.exception() if self.future and self.future.done() else None

    def result(self) -> Any:
        """Return what the work gave; only once it is finished without an error."""
        assert self.future is not None
        return self.future.result()

    def wait(self, seconds: float = PATIENCE) -> bool:
        """Wait a little for short work; return whether it is finished."""
        if self.future is not None and not self.future.done():
            try:
                self.future.exception(timeout=seconds)
            except NotYet:
                return False
        return True


def start_job(title: str, work: Callable[[Tell], Any], *, total: int = 0) -> Job:
    """Begin a piece of work beside the page, in the name of whoever is at work.

    Parameters
    ----------
    title : str
        What is being done, plain text.
    work : callable
        Gets a function to tell rows done; must not touch Streamlit.
    total : int
        Rows in all, 0 where nobody can say.
    """
    job, who = Job(title, total), actor()

    def run() -> Any:
        # A thread of its own knows no session: it works for whoever started it.
        with acting_as(still(who)):
            return work(job.tell)

    job.future = _workers().submit(run)
    return job


def check_still_in(_connection: Connection, _report: object) -> None:
    """Refuse, as the last step of a long write, in the name of whoever was taken out meanwhile.

    Raises
    ------
    AccessError
        If who began it is not in the team any more, or not as they were: nothing of the
        transaction stays then.
    """
    with acting_as(still(actor())):
        require(Right.IMPORT)


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="regulars-import")


@st.fragment(run_every=EVERY)
def follow_job(job: Job) -> None:
    """Draw how far a piece of work is; the page runs anew when it is finished."""
    if not job.running:
        st.rerun()
    pace = job.pace
    if job.total and job.done:
        st.progress(pace.share, text=f"{job.title}: {pace.sentence}")
    else:
        st.progress(0.0, text=f"{job.title}: {pace.seconds:.0f} s so far")
    st.caption("You may leave this page and come back; the work goes on.")
