"""Settings in force, each with where it came from and since when, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.records.deeds import deed
from crm_core.records.models import SETTING_SOURCES, Setting, SettingChange

CURRENCY = "currency"
"""Key of the reporting currency, an ISO code."""


@dataclass(frozen=True)
class SettingValue:
    """A setting in force.

    Attributes
    ----------
    value : Any
        As JSON holds it.
    source : {"default", "data", "owner"}
        Where it came from.
    since : date or None
        From which day it holds.
    set_by : str
        Who or what set it.
    """

    value: Any
    source: str
    since: date | None
    set_by: str


def read_settings(connection: Connection) -> dict[str, SettingValue]:
    """Return all stored settings by key; what is not there holds its default."""
    rows = connection.execute(select(Setting.__table__).order_by(Setting.key))
    return {row.key: SettingValue(row.value, row.source, row.since, row.set_by) for row in rows}


def read_currency(connection: Connection) -> str | None:
    """Return the reporting currency, None while nobody has named it."""
    found = connection.execute(select(Setting.value).where(Setting.key == CURRENCY)).first()
    return None if found is None else found[0]


@deed(Right.SETTINGS, "setting changed", keep=("key", "source"))
def write_setting(
    connection: Connection,
    key: str,
    value: Any,
    *,
    source: str,
    since: date | None,
    set_by: str = "",
) -> None:
    """Set a setting and note the change; the same value again changes nothing.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction. The ledger sees ``currency``; other settings
        can be written with ``writing(engine, sales=False)``.
    key : str
        Name of the setting.
    value : Any
        What JSON can hold.
    source : {"default", "data", "owner"}
        Where the value comes from.
    since : date or None
        From which day it holds.
    set_by : str
        Who or what set it.

    Raises
    ------
    RecordError
        If ``source`` is none of the three.
    """
    if source not in SETTING_SOURCES:
        wanted = ", ".join(SETTING_SOURCES)
        raise RecordError(f"Wanted the source of {key!r} to be one of {wanted}; found {source!r}.")
    old = read_settings(connection).get(key)
    if old is not None and (old.value, old.source) == (value, source):
        return
    row = {"key": key, "source": source, "since": since, "set_by": set_by}
    connection.execute(delete(Setting).where(Setting.key == key))
    connection.execute(insert(Setting).values(value=value, **row))
    before = None if old is None else old.value
    connection.execute(insert(SettingChange).values(old_value=before, new_value=value, **row))


@deed(Right.SETTINGS, "setting reset", keep=("key",))
def reset_setting(connection: Connection, key: str, *, since: date, set_by: str = "") -> None:
    """Let a setting fall back to its default, and note it."""
    old = read_settings(connection).get(key)
    if old is None:
        return
    connection.execute(delete(Setting).where(Setting.key == key))
    connection.execute(
        insert(SettingChange).values(
            key=key, old_value=old.value, new_value=None, source="default", since=since,
            set_by=set_by,
        )
    )  # fmt: skip


def list_setting_changes(connection: Connection, key: str | None = None) -> Sequence[Any]:
    """Return the changes of one setting or of all, oldest first."""
    query = select(SettingChange.__table__).order_by(SettingChange.id)
    if key is not None:
        query = query.where(SettingChange.key == key)
    return connection.execute(query).all()
