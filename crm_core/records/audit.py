"""Who did what, when: written in the transaction of the deed, never changed, never personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from crm_core.access import Actor, actor
from crm_core.records.models import AuditEvent


def write_down(
    connection: Connection,
    deed: str,
    *,
    client_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
    who: Actor | None = None,
) -> None:
    """Add one line to the audit.

    Parameters
    ----------
    connection : Connection
        Inside the write transaction of the deed itself: both happen, or neither.
    deed : str
        In the past tense and few words: ``imported``, ``client erased``.
    client_id : int, optional
        The client it concerns.
    detail : mapping, optional
        Numbers, keys and record ids that JSON can hold; never names, addresses,
        file contents or notes.
    who : Actor, optional
        Who did it; by default :func:`crm_core.access.actor`.
    """
    doer = who or actor()
    connection.execute(
        insert(AuditEvent).values(
            at=datetime.now(UTC),
            who=doer.label,
            role=doer.role.value if doer.role else "none",
            deed=deed,
            client_id=client_id,
            detail=dict(detail or {}),
        )
    )


def list_audit(
    connection: Connection, *, deed: str | None = None, most: int | None = None
) -> Sequence[Any]:
    """Return the lines of the audit, newest first.

    Parameters
    ----------
    connection : Connection
        Any connection.
    deed : str, optional
        Only these deeds.
    most : int, optional
        At most so many.
    """
    query = select(AuditEvent.__table__).order_by(AuditEvent.id.desc())
    if deed is not None:
        query = query.where(AuditEvent.deed == deed)
    if most is not None:
        query = query.limit(most)
    return connection.execute(query).all()
