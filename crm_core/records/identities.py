"""Finding a stored client by what a file calls it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from crm_core.records.lookups import fit
from crm_core.records.models import ClientIdentity, Source


def find_identity(connection: Connection, source: str, kind: str, value: str) -> int | None:
    """Return the id of the client that files of a source name so, None where there is none.

    Parameters
    ----------
    connection : Connection
        Any connection.
    source : str
        The shop, till or list; e-mails hold in all of them.
    kind : {"id", "email", "name"}
        What the value is.
    value : str
        The normalised identity, as in :class:`~crm_core.records.staged.StagedClients`.
    """
    query = select(ClientIdentity.client_id).where(
        ClientIdentity.kind == kind, ClientIdentity.value == fit(value)
    )
    if kind != "email":
        query = query.join(Source, Source.id == ClientIdentity.source_id)
        query = query.where(Source.name == fit(source))
    return connection.execute(query).scalar()
