"""The two versions: what tells a cache that it is out of date.

``sales_version`` grows with every change the ledger could see, ``data_version``
with every change at all. Each has a random id beside it, so that a restored
backup or a second database never passes for a version it is not.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from crm_core.records.models import Version


@dataclass(frozen=True)
class Versions:
    """The versions a connection sees.

    Attributes
    ----------
    database_id : str
        Random, given once to a database.
    sales_version, data_version : int
        Counters from 0.
    sales_id, data_id : str
        Random, new with every step of the counter.
    """

    database_id: str
    sales_version: int
    sales_id: str
    data_version: int
    data_id: str

    @property
    def sales_key(self) -> str:
        """Name of the sales version, good as a folder name."""
        return f"{self.sales_version}-{self.sales_id}"


def read_versions(connection: Connection) -> Versions:
    """Return the versions as the connection sees them."""
    table = Version.__table__
    columns = [table.c[name] for name in Versions.__dataclass_fields__]
    return Versions(*connection.execute(select(*columns)).one())


def bump_versions(connection: Connection, *, sales: bool) -> None:
    """Advance the data version, and the sales version when the ledger could see the change."""
    values: dict[str, object] = {
        "data_version": Version.data_version + 1,
        "data_id": secrets.token_hex(8),
    }
    if sales:
        values |= {"sales_version": Version.sales_version + 1, "sales_id": secrets.token_hex(8)}
    connection.execute(update(Version).values(values))
