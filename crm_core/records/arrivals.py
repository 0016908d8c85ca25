"""Files that came by themselves (a watched folder, a scheduled import) and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from crm_core.access import Right
from crm_core.errors import RecordError, RefusedError
from crm_core.records.deeds import deed
from crm_core.records.models import Arrival, Batch
from crm_core.records.notices import post_notice
from crm_core.records.settings import read_settings

APPROVE_ARRIVALS = "approve_arrivals"
"""Setting: files that come by themselves count only once an owner has approved them."""

LONGEST_MESSAGE = 2_000
NOTICES = {"waiting": "import waiting", "failed": "import failed", "refused": "import failed"}
"""Kind of the notice that a state leaves for owners."""


def reads_approval(connection: Connection) -> bool:
    """Return whether files that come by themselves wait for approval."""
    held = read_settings(connection).get(APPROVE_ARRIVALS)
    return held is not None and bool(held.value)


@deed(Right.IMPORT, "file arrived", keep=("state", "batch_id"))
def note_arrival(
    connection: Connection,
    *,
    file_name: str,
    state: str,
    message: str,
    at: datetime,
    batch_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
    repeats: bool = False,
) -> int:
    """Write down a file that came by itself, leave owners a notice, and return its id.

    Parameters
    ----------
    connection : Connection
        Inside the write transaction of the import itself, or of
        :func:`crm_core.records.engine.recording` for a failure.
    file_name : str
        As it was called.
    state : {"waiting", "taken", "refused", "failed"}
        What became of it; all but ``taken`` leave a notice for sure.
    message : str
        The same in one sentence or more.
    at : datetime
        Now, with its time zone.
    batch_id : int, optional
        The import, where there is one.
    detail : mapping, optional
        What JSON can hold: ``fingerprint`` of the content, ``where`` it came from.
    repeats : bool, default False
        Its sales look stored already: leaves a notice too where it counts.

    Notes
    -----
    A failure written down already (the same file, content and reason) is not written
    down again: a folder looked at every minute must not fill the list.
    """
    said = message[:LONGEST_MESSAGE]
    held = dict(detail or {})
    if state in ("failed", "refused"):
        same = _noted_already(connection, file_name, state, said, held.get("fingerprint"))
        if same is not None:
            return same
    values = {"file_name": file_name, "state": state, "message": said, "batch_id": batch_id}
    statement = insert(Arrival).values(at=at, detail=held, **values).returning(Arrival.id)
    number = int(connection.execute(statement).scalar_one())
    kind = NOTICES.get(state) or ("import repeats" if repeats else None)
    if kind is not None:
        post_notice(connection, kind, {"arrival": number, "file_name": file_name})
    return number


def _noted_already(
    connection: Connection, file_name: str, state: str, message: str, fingerprint: str | None
) -> int | None:
    query = (
        select(Arrival.__table__)
        .where(Arrival.file_name == file_name)
        .order_by(Arrival.id.desc())
        .limit(1)
    )
    last = connection.execute(query).first()
    if last is None or last.detail.get("fingerprint") != fingerprint:
        return None
    return last.id if (last.state, last.message) == (state, message) else None


@deed(Right.IMPORT, "arrival settled", keep=("arrival_id", "state"))
def settle_arrival(connection: Connection, arrival_id: int, state: str, *, at: datetime) -> None:
    """Note that an owner approved (``taken``) or refused a file that waited.

    Raises
    ------
    RecordError
        If there is no such arrival.
    RefusedError
        If it does not wait.
    """
    row = find_arrival(connection, arrival_id)
    if row.state != "waiting":
        raise RefusedError(
            f"Wanted a file that waits for approval, found {row.file_name} {row.state}; "
            "there is nothing to decide."
        )
    values = {"state": state, "settled_at": at}
    connection.execute(update(Arrival).where(Arrival.id == arrival_id).values(**values))


def mark_moved(connection: Connection, arrival_id: int) -> None:
    """Note that the file lies in the folder of those done: its content is new no more."""
    row = find_arrival(connection, arrival_id)
    detail = dict(row.detail) | {"moved": True}
    connection.execute(update(Arrival).where(Arrival.id == arrival_id).values(detail=detail))


def find_arrival(connection: Connection, arrival_id: int) -> Any:
    """Return the row of ``arrivals``.

    Raises
    ------
    RecordError
        If there is none of that number.
    """
    query = select(Arrival.__table__).where(Arrival.id == arrival_id)
    row = connection.execute(query).first()
    if row is None:
        raise RecordError(f"Wanted arrival {arrival_id}, found none of that number.")
    return row


def find_content(connection: Connection, fingerprint: str) -> Any:
    """Return the newest arrival whose import carried this content, None where there is none."""
    query = (
        select(Arrival.__table__, Batch.live)
        .join(Batch, Batch.id == Arrival.batch_id)
        .where(Batch.fingerprint == fingerprint)
        .order_by(Arrival.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def find_fingerprint(connection: Connection, fingerprint: str) -> Any:
    """Return the import of a content: the live one, else the newest, None where there is none."""
    table = Batch.__table__
    query = select(table).where(table.c.fingerprint == fingerprint)
    return connection.execute(query.order_by(table.c.live.desc(), table.c.id.desc())).first()


def list_arrivals(connection: Connection, *, most: int = 20) -> Sequence[Any]:
    """Return the files that came by themselves, newest first."""
    query = select(Arrival.__table__).order_by(Arrival.id.desc()).limit(most)
    return connection.execute(query).all()


def waiting_arrivals(connection: Connection) -> Sequence[Any]:
    """Return the files that wait for approval, oldest first.

    One whose import was switched on by hand meanwhile waits no more.
    """
    query = (
        select(Arrival.__table__)
        .join(Batch, Batch.id == Arrival.batch_id)
        .where(Arrival.state == "waiting", Batch.undone_at.is_not(None))
        .order_by(Arrival.id)
    )
    return connection.execute(query).all()
