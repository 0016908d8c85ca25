"""Filters, period, day and page kept under a name, by each for themselves or for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from crm_core.access import Actor, Right, Role, require
from crm_core.errors import RecordError
from crm_core.records.audit import write_down
from crm_core.records.deeds import deed
from crm_core.records.models import SavedView

LATEST = "latest"
"""The day of a view that moves on with the sales."""

LONGEST_NAME = 60
MOST_VIEWS = 100


@dataclass(frozen=True)
class ViewState:
    """What a saved view brings back.

    Attributes
    ----------
    page : str
        Its address: ``overview``.
    filters : mapping of str to tuple of str
        The labels chosen, by filter.
    period : str
        The base of shares.
    as_of : str
        A day as ISO text, or ``latest``.
    """

    page: str
    filters: Mapping[str, tuple[str, ...]]
    period: str = "12m"
    as_of: str = LATEST

    def as_json(self) -> dict[str, Any]:
        """Return what is stored, the page aside."""
        filters = {name: list(labels) for name, labels in self.filters.items()}
        return {"filters": filters, "period": self.period, "as_of": self.as_of}


@dataclass(frozen=True)
class KeptView:
    """A view kept under a name.

    Attributes
    ----------
    id : int
        Row of ``saved_views``.
    name : str
        As it was typed.
    mine, shared : bool
        Whether whoever asks made it; whether everybody sees it.
    state : ViewState
        What it brings back.
    """

    id: int
    name: str
    mine: bool
    shared: bool
    state: ViewState


def list_views(connection: Connection) -> Sequence[KeptView]:
    """Return the views of whoever is at work, then those others share, by name.

    Raises
    ------
    AccessError
        If nobody has signed in.
    """
    who = require(Right.SEE)
    query = select(SavedView.__table__).where(_own(who) | SavedView.shared)
    found = [
        KeptView(
            row.id,
            row.name,
            row.member_id == who.member_id,
            row.shared,
            _state(row.page, row.state),
        )
        for row in connection.execute(query)
    ]
    return sorted(found, key=lambda view: (not view.mine, view.name.casefold(), view.id))


def _state(page: str, stored: Mapping[str, Any]) -> ViewState:
    filters = {str(name): tuple(labels) for name, labels in stored.get("filters", {}).items()}
    return ViewState(
        page, filters, str(stored.get("period", "12m")), str(stored.get("as_of", LATEST))
    )


def save_view(connection: Connection, name: str, state: ViewState) -> int:
    """Keep a view under a name and return its id; one's own of that name is replaced.

    Parameters
    ----------
    connection : Connection
        Of :func:`crm_core.records.engine.recording`.
    name : str
        1 to 60 letters.
    state : ViewState
        What to bring back.

    Raises
    ------
    AccessError
        If nobody has signed in.
    RecordError
        If the name is empty or too long, or there are too many views.
    """
    who, wanted = require(Right.SEE), clean_name(name)
    values = {"page": state.page, "state": state.as_json(), "made_at": datetime.now(UTC)}
    held = _find(connection, who, wanted)
    if held is not None:
        connection.execute(update(SavedView).where(SavedView.id == held).values(**values))
        return held
    mine = connection.execute(select(SavedView.id).where(_own(who))).all()
    if len(mine) >= MOST_VIEWS:
        raise RecordError(f"Wanted at most {MOST_VIEWS} saved views, found so many; delete some.")
    statement = insert(SavedView).values(
        member_id=who.member_id, name=wanted, shared=False, **values
    )
    return int(connection.execute(statement.returning(SavedView.id)).scalar_one())


def rename_view(connection: Connection, view_id: int, name: str) -> None:
    """Call one's own view otherwise.

    Raises
    ------
    AccessError
        If nobody has signed in.
    RecordError
        If it is not theirs, or another of theirs has the name.
    """
    who, wanted = require(Right.SEE), clean_name(name)
    _check_own(connection, who, view_id)
    if _find(connection, who, wanted) not in (None, view_id):
        raise RecordError(f"Wanted a new name, found a view called {wanted!r}; choose another.")
    connection.execute(update(SavedView).where(SavedView.id == view_id).values(name=wanted))


@deed(Right.SEE, "saved view shared", keep=("view_id", "shared"))
def share_view(connection: Connection, view_id: int, *, shared: bool) -> None:
    """Let everybody see one's own view, or nobody else any more.

    Raises
    ------
    AccessError
        If nobody has signed in.
    RecordError
        If it is not theirs.
    """
    _check_own(connection, require(Right.SEE), view_id)
    connection.execute(update(SavedView).where(SavedView.id == view_id).values(shared=shared))


def delete_view(connection: Connection, view_id: int) -> None:
    """Forget one's own view; an owner may forget those others share.

    Raises
    ------
    AccessError
        If nobody has signed in.
    RecordError
        If it is not theirs.
    """
    who = require(Right.SEE)
    _check_own(connection, who, view_id, shared_too=True)
    query = select(SavedView.shared).where(SavedView.id == view_id)
    if connection.execute(query).scalar():
        write_down(connection, "shared view deleted", detail={"view_id": view_id})
    connection.execute(delete(SavedView).where(SavedView.id == view_id))


def clean_name(name: str) -> str:
    """Return the name of a view without spaces around it.

    Raises
    ------
    RecordError
        If it is empty or too long.
    """
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= LONGEST_NAME:
        raise RecordError(
            f"Wanted a name of 1 to {LONGEST_NAME} letters for the view, found {len(wanted)}."
        )
    return wanted


def _own(who: Actor) -> ColumnElement[bool]:
    # Of the owner alone: those of no member (IS NULL).
    return SavedView.member_id == who.member_id


def _find(connection: Connection, who: Actor, name: str) -> int | None:
    query = select(SavedView.id).where(_own(who), SavedView.name == name)
    found = connection.execute(query).scalar()
    return None if found is None else int(found)


def _check_own(
    connection: Connection, who: Actor, view_id: int, *, shared_too: bool = False
) -> None:
    allowed = _own(who)
    if shared_too and who.role is Role.OWNER:
        allowed |= SavedView.shared
    query = select(SavedView.id).where(SavedView.id == view_id, allowed)
    if connection.execute(query).first() is None:
        raise RecordError("Wanted a saved view of your own, found none of that number.")
