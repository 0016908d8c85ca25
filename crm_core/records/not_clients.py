"""Tills, marketplaces and own branches: stored like clients, counted as nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from crm_core.access import actor
from crm_core.records.models import Client
from crm_core.records.scope import is_theirs


@dataclass(frozen=True)
class NotClient:
    """Somebody marked as no client.

    Attributes
    ----------
    record_id : int
        The id in the records.
    external_id, name : str
        As the file had them; the id where there is no name.
    kind : {"till", "marketplace", "branch"}
        What it is instead.
    """

    record_id: int
    external_id: str
    name: str
    kind: str


def read_not_clients(connection: Connection) -> list[NotClient]:
    """Return everybody marked as no client whom whoever is at work may see, by name."""
    if not actor().sees_names:
        return []
    columns = (Client.id, Client.external_id, Client.name, Client.not_client)
    query = select(*columns).where(Client.not_client.is_not(None)).order_by(Client.external_id)
    return [
        NotClient(number, external_id, name or external_id, str(kind))
        for number, external_id, name, kind in connection.execute(query).all()
        if is_theirs(connection, number)
    ]
