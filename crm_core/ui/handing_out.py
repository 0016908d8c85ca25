"""Files that are made when somebody clicks: asked again then, and written down.

A download is made apart from the page, later, by the server: neither the page's
check nor the session counts any more. So who asked is kept, looked up again when
the file is made, and refused if they may not have it now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, exists, select

from crm_core.access import Actor, Right, acting_as, actor, require
from crm_core.errors import RefusedError
from crm_core.records.audit import write_down
from crm_core.records.engine import reading, recording
from crm_core.records.handing_over import BACK, DEED
from crm_core.records.models import AuditEvent, Erasure
from crm_core.ui.sign_in import still
from crm_core.ui.view import database

T = TypeVar("T")

CHANGED_HANDS = (DEED, BACK, "manager set", "client corrected")
"""The audit's words for what may take a client from a manager's page."""


def hand_out(
    make: Callable[[], T],
    *,
    right: Right,
    deed: str | None = None,
    who: Actor | None = None,
    **detail: Any,
) -> Callable[[], T]:
    """Return a function that makes a file for whoever is at the page now, while they may.

    Parameters
    ----------
    make : callable
        Makes the file; runs as that person.
    right : Right
        What they must be allowed when it is made.
    deed : str, optional
        For the audit, in the past tense; without it ``make`` writes its own line, or
        the file holds nothing of clients.
    who : Actor, optional
        Whom the page was made for, where it knows (:attr:`crm_core.ui.view.View.who`);
        else whoever is at it now.
    **detail
        What the audit keeps: numbers and keys, nothing personal.

    Returns
    -------
    callable
        Raises :class:`crm_core.errors.AccessError` where they may not, or no longer, and
        :class:`crm_core.errors.RefusedError` where since then somebody was erased, or a
        manager's clients changed hands: the page may hold them still.
    """
    shown_to, offered_at = who or actor(), datetime.now(UTC)

    def made() -> T:
        with acting_as(still(shown_to)):
            require(right)
            with reading(database()) as connection:
                _check_page_holds(connection, shown_to, since=offered_at)
            file = make()
            if deed is not None:
                with recording(database()) as connection:
                    write_down(connection, deed, detail=detail)
            return file

    return made


def _check_page_holds(connection: Connection, who: Actor, *, since: datetime) -> None:
    """Refuse where a page shows somebody who was erased, or is no longer theirs, since then."""
    erased = select(exists().where(Erasure.at >= since))
    moved = select(exists().where(AuditEvent.at >= since, AuditEvent.deed.in_(CHANGED_HANDS)))
    if connection.execute(erased).scalar():
        what = "somebody was erased"
    elif not who.sees_all and connection.execute(moved).scalar():
        what = "clients changed hands"
    else:
        return
    raise RefusedError(
        f"Wanted a file of what this page shows, found that {what} since it was drawn; reload "
        "the page and take the file then."
    )
