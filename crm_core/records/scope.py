"""Whose client is it: a manager writes only on their own.

The rule itself is :meth:`crm_core.access.Actor.looks_after`, and who looks after whom
:mod:`crm_core.caring`; the pages apply both to a whole ledger (:mod:`crm_core.sight`),
this module to one stored client.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from crm_core.access import Role, actor
from crm_core.errors import AccessError
from crm_core.records.caring import carers_of
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models import Client


def manager_of(connection: Connection, client_id: int, today: date) -> str | None:
    """Return who looks after a client on a day, None where nobody does."""
    return carers_of(connection, [client_id], today)[0] or None


def is_theirs(connection: Connection, client_id: int) -> bool:
    """Return whether whoever is at work may see and write about a client now.

    A merged client belongs to whomever the client belongs to that it counts as.
    """
    who = actor()
    if who.role is not Role.MANAGER:
        return who.role is not None
    counts_as = follow_merge(read_merges(connection), client_id)
    query = select(Client.department).where(Client.id == counts_as)
    if who.looks_after(department=connection.execute(query).scalar()):
        return True
    # Looked up only when it matters: a client's sales are many.
    return bool(who.manager) and who.looks_after(
        manager=manager_of(connection, counts_as, _day_on_the_wall())
    )


def check_clients_are_theirs(connection: Connection, client_ids: Sequence[int]) -> None:
    """Refuse when one of many clients is not one of those whoever is at work looks after.

    Raises
    ------
    AccessError
        As :func:`check_client_is_theirs`.
    """
    who = actor()
    if who.sees_all:
        return
    wanted = set(client_ids)
    rows = connection.execute(select(Client.id, Client.department))
    theirs = {row.id for row in rows if who.looks_after(department=row.department)}
    rest = sorted(wanted - theirs)
    if rest and not all(
        who.looks_after(manager=name) for name in carers_of(connection, rest, _day_on_the_wall())
    ):
        raise AccessError(
            "You may not hand over these clients: not all of them are yours. Ask whoever "
            "looks after them, or an owner."
        )


def check_client_is_theirs(connection: Connection, client_id: int) -> None:
    """Refuse a client that whoever is at work may not write about.

    Raises
    ------
    AccessError
        If a manager's department and own clients do not include it.
    """
    if not is_theirs(connection, client_id):
        raise AccessError(
            "You may not write about this client: it is not one of yours. Ask whoever looks "
            "after it, or an owner, to hand it over."
        )


def _day_on_the_wall() -> date:
    """Return today: what is theirs is asked of the clock, not of whoever calls.

    Else a caller could name a day on which the client was still theirs.
    """
    return date.today()
