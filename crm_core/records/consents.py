"""What clients allow: per channel, on which lawful ground, since when and how we know.

The latest record of a channel counts; earlier ones stay as the proof of what held then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.records.deeds import client_of, deed
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models import Consent
from crm_core.records.models_privacy import CONSENT_CHANNELS, CONSENT_STATES, LAWFUL_BASES
from crm_core.records.people import check_client, check_word

REFUSED = ("refused", "withdrawn")
"""States in which nobody may use the channel."""


@dataclass(frozen=True)
class ConsentHeld:
    """What holds for one client and channel.

    Attributes
    ----------
    id : int
        Of the record.
    client_id : int
        The client it counts for, merges followed.
    channel, state, basis : str
        Words of :mod:`crm_core.records.models_privacy`.
    day : date
        From which day.
    source, by : str
        How we know, and who wrote it down.
    """

    id: int
    client_id: int
    channel: str
    state: str
    basis: str
    day: date
    source: str
    by: str

    @property
    def forbids(self) -> bool:
        """Whether the channel may not be used."""
        return self.state in REFUSED


@deed(Right.EDIT, "consent recorded", keep=("channel", "state", "basis"))
def record_consent(
    connection: Connection,
    client_id: int,
    *,
    channel: str,
    state: str,
    basis: str = "consent",
    day: date,
    source: str,
    created_at: datetime,
    by: str = "",
) -> int:
    """Write down what a client said about a channel and return the id of the record.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``writing(engine, sales=False)`` will do.
    client_id : int
        ``Clients.record_id`` of the ledger.
    channel : {"email", "phone", "post", "message", "visit"}
        Which way to reach them.
    state : {"given", "refused", "withdrawn", "not needed"}
        What they said; ``not needed`` where the ground is another than consent.
    basis : {"consent", "contract", "legitimate interest", "legal obligation"}
        The lawful ground.
    day : date
        From which day it holds.
    source : str
        How we know: form, letter, phone call; not empty.
    created_at : datetime
        Now, with its time zone.
    by : str
        Who wrote it down.

    Raises
    ------
    RecordError
        If there is no such client or word, no source, the day is still to come, or consent
        is the ground of something that needs none.
    """
    check_client(connection, client_id)
    check_word("channel", channel, CONSENT_CHANNELS)
    check_word("state", state, CONSENT_STATES)
    check_word("lawful basis", basis, LAWFUL_BASES)
    if not source.strip():
        raise RecordError("Wanted how we know of the consent, found nothing; name form or letter.")
    if day > created_at.date():
        raise RecordError(f"Wanted a day up to today for the consent, found {day}.")
    if state == "not needed" and basis == "consent":
        raise RecordError(
            "Wanted the lawful basis that makes consent unnecessary, found consent itself; "
            "choose contract, legitimate interest or legal obligation."
        )
    values = {"client_id": client_id, "channel": channel, "state": state, "basis": basis}
    more = {"day": day, "source": source.strip(), "by": by.strip(), "created_at": created_at}
    statement = insert(Consent).values(**values, **more).returning(Consent.id)
    return int(connection.execute(statement).scalar_one())


@deed(Right.EDIT, "consent record taken back", whose=client_of(Consent, "consent_id"))
def take_back_consent(connection: Connection, consent_id: int) -> None:
    """Remove a record made by mistake; a consent withdrawn is a new record instead.

    Raises
    ------
    RecordError
        If there is no such record.
    """
    if connection.execute(delete(Consent).where(Consent.id == consent_id)).rowcount == 0:
        raise RecordError(f"Wanted consent record {consent_id}, found none of that number.")


def list_consents(connection: Connection, client_ids: Sequence[int] | None = None) -> list[Any]:
    """Return the records of some clients or of all, oldest first (rows of ``consents``)."""
    query = select(Consent.__table__).order_by(Consent.day, Consent.id)
    if client_ids is not None:
        query = query.where(Consent.client_id.in_(list(client_ids)))
    return list(connection.execute(query))


def latest_consents(connection: Connection) -> dict[int, dict[str, ConsentHeld]]:
    """Return what holds now, by client (merges followed) and channel.

    Of records of the same day the one written last counts.
    """
    merges = read_merges(connection)
    held: dict[int, dict[str, ConsentHeld]] = {}
    for row in list_consents(connection):
        root = follow_merge(merges, row.client_id)
        held.setdefault(root, {})[row.channel] = ConsentHeld(
            row.id, root, row.channel, row.state, row.basis, row.day, row.source, row.by
        )
    return held


def refused_channels(held: dict[str, ConsentHeld] | None) -> tuple[str, ...]:
    """Return the channels a client refused or took back, in their usual order.

    Examples
    --------
    >>> refused_channels(None)
    ()
    """
    return tuple(c for c in CONSENT_CHANNELS if held and c in held and held[c].forbids)


def consent_overview(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many clients hold each state for each channel."""
    counts: dict[tuple[str, str], int] = {}
    for channels in latest_consents(connection).values():
        for one in channels.values():
            key = one.channel, one.state
            counts[key] = counts.get(key, 0) + 1
    return counts
