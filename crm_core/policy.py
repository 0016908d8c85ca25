"""The parameters in force: stored settings read into a parameter set, and changed one by one.

A parameter is a setting under its own name; what is not stored is a default.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection

from crm_core.metrics.parameters import Parameters, ParameterSet, Source
from crm_core.records.settings import read_settings, reset_setting, write_setting

NAMES = tuple(field.name for field in fields(Parameters))
"""Every parameter that can be stored."""


def read_parameters(connection: Connection) -> ParameterSet:
    """Return the parameters in force, each with where it came from and since when.

    Raises
    ------
    ParameterError
        If a stored value is not legal.
    """
    held = ParameterSet()
    for name, stored in read_settings(connection).items():
        if name in NAMES:
            held = held.with_value(
                name,
                _from_json(stored.value),
                source=cast(Source, stored.source),
                since=stored.since,
            )
    return held


def write_parameter(
    connection: Connection,
    name: str,
    value: Any,
    *,
    since: date,
    source: Source = "owner",
    set_by: str = "",
) -> ParameterSet:
    """Store a parameter after checking it, and return the parameters then in force.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``writing(engine, sales=False)`` will do.
    name : str
        A field of :class:`~crm_core.metrics.parameters.Parameters`.
    value : number, tuple of int or None
        The new value; None falls back to the default.
    since : date
        From which day it holds.
    source : {"owner", "data", "default"}
        Where it comes from.
    set_by : str
        Who or what set it.

    Raises
    ------
    ParameterError
        If there is no such parameter or the value is not legal.
    """
    if value is None:
        reset_setting(connection, name, since=since, set_by=set_by)
        return read_parameters(connection)
    read_parameters(connection).with_value(name, value, source=source, since=since)
    stored = list(value) if isinstance(value, tuple) else value
    write_setting(connection, name, stored, source=source, since=since, set_by=set_by)
    return read_parameters(connection)


def _from_json(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
