"""Whose client is it: a manager writes only on their own."""

from __future__ import annotations

from sqlalchemy import Connection, select

from crm_core.access import Role, actor
from crm_core.errors import AccessError
from crm_core.records.models import Batch, Client, ClientManager


def manager_of(connection: Connection, client_id: int) -> str | None:
    """Return who looks after a client by the newest live record, None where nobody does."""
    found = connection.execute(
        select(ClientManager.manager)
        .outerjoin(Batch, Batch.id == ClientManager.batch_id)
        .where(ClientManager.client_id == client_id)
        .where(ClientManager.batch_id.is_(None) | Batch.live)
        .order_by(ClientManager.from_day.desc(), ClientManager.id.desc())
        .limit(1)
    ).scalar()
    return found or None


def check_client_is_theirs(connection: Connection, client_id: int) -> None:
    """Refuse a client that whoever is at work may not write about.

    Raises
    ------
    AccessError
        If a manager's department and own clients do not include it.
    """
    who = actor()
    if who.role is not Role.MANAGER:
        return
    department = connection.execute(
        select(Client.department).where(Client.id == client_id)
    ).scalar()
    if who.department is not None and department == who.department:
        return
    if who.manager is not None and manager_of(connection, client_id) == who.manager:
        return
    raise AccessError(
        "You may not write about this client: it is not one of yours. Ask whoever looks "
        "after it, or an owner, to hand it over."
    )
