"""The parameters in force: stored settings read into a parameter set, and changed one by one.

A parameter is a setting under its own name; what is not stored is a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection

from crm_core.access import Right
from crm_core.errors import ParameterError
from crm_core.metrics.parameters import Origin, Parameters, ParameterSet, Source
from crm_core.metrics.rfm_cuts import OwnCuts, from_json
from crm_core.records.deeds import deed
from crm_core.records.notices import announcing
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


@deed(Right.SETTINGS, "setting changed", keep=("name", "value", "source"))
def write_parameter(
    connection: Connection,
    name: str,
    value: Any,
    *,
    since: date,
    source: Source = "owner",
    set_by: str = "",
    moved: int | None = None,
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
    moved : int, optional
        Clients that stand elsewhere by it, for the notice to all others.

    Raises
    ------
    ParameterError
        If there is no such parameter or the value is not legal.
    """
    with announcing(connection, name, moved=moved) if source == "owner" else nullcontext():
        if value is None:
            reset_setting(connection, name, since=since, set_by=set_by)
        else:
            read_parameters(connection).with_value(name, value, source=source, since=since)
            stored = _to_json(value)
            write_setting(connection, name, stored, source=source, since=since, set_by=set_by)
    return read_parameters(connection)


def _from_json(value: Any) -> Any:
    """Return what was stored, lists (of lists) as tuples."""
    return tuple(map(_from_json, value)) if isinstance(value, list) else value


def _to_json(value: Any) -> Any:
    """Return a value as JSON holds it, tuples (of tuples) as lists."""
    return list(map(_to_json, value)) if isinstance(value, tuple) else value


RULE = "rule"
"""What notices call the rule of goodbye as a whole."""

RULE_NAMES = ("window", "model", "kappa", "k_gone", "same_weeks", "m0_groups", "m0")
"""The parameters that together say who is gone; ``model`` and ``window`` exclude each other."""


@deed(Right.SETTINGS, "rule of goodbye switched", keep=("rule_settings",))
def write_rule(
    connection: Connection,
    rule_settings: Mapping[str, Any],
    *,
    since: date,
    set_by: str = "",
    moved: int | None = None,
) -> ParameterSet:
    """Put a whole rule of goodbye in force at once, and return the parameters then in force.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``writing(engine, sales=False)`` will do.
    rule_settings : mapping of str to value
        Some of :data:`RULE_NAMES`; None, and each parameter that is the default, falls
        back to the default. What is not named stays, but for ``window`` and ``model``:
        naming one takes the other away.
    since : date
        From which day it holds.
    set_by : str
        Who or what set it.
    moved : int, optional
        Clients that stand elsewhere by it, for the notice to all others.

    Raises
    ------
    ParameterError
        If a name is none of the rule's, or the values are not legal together; nothing
        is stored then.
    """
    unknown = set(rule_settings) - set(RULE_NAMES)
    if unknown:
        raise ParameterError(
            f"Wanted settings of a rule ({', '.join(RULE_NAMES)}), found "
            f"{', '.join(sorted(unknown))}; leave those out."
        )
    wanted = dict(rule_settings)
    for one, other in (("window", "model"), ("model", "window")):
        if wanted.get(one) is not None:
            wanted.setdefault(other, None)
    defaults = Parameters()
    named = {n: getattr(defaults, n) if v is None else v for n, v in wanted.items()}
    replace(read_parameters(connection).values, **named)
    with announcing(connection, RULE, moved=moved):
        for name, value in named.items():
            if value == getattr(defaults, name):
                reset_setting(connection, name, since=since, set_by=set_by)
        for name, value in named.items():
            if value != getattr(defaults, name):
                stored = _to_json(value)
                write_setting(connection, name, stored, source="owner", since=since, set_by=set_by)
    return read_parameters(connection)


RFM_CUTS = "rfm_cuts"
"""Key of the cut points of the segments."""


def read_rfm_cuts(connection: Connection) -> tuple[OwnCuts, Origin]:
    """Return the cut points of the segments chosen by hand, and since when they hold.

    Returns
    -------
    tuple of OwnCuts and Origin
        Without any dimension, and the default's origin, while the quantiles hold.

    Raises
    ------
    ParameterError
        If what is stored is not legal.
    """
    stored = read_settings(connection).get(RFM_CUTS)
    if stored is None:
        return OwnCuts(), Origin()
    return from_json(stored.value), Origin(cast(Source, stored.source), stored.since)


@deed(Right.SETTINGS, "cut points of segments changed")
def write_rfm_cuts(
    connection: Connection,
    cuts: OwnCuts,
    *,
    since: date,
    set_by: str = "",
    moved: int | None = None,
) -> None:
    """Store the cut points of the segments; none at all goes back to the quantiles.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``writing(engine, sales=False)`` will do.
    cuts : OwnCuts
        Checked when it was made.
    since : date
        From which day they hold.
    set_by : str
        Who or what set them.
    moved : int, optional
        Clients that stand elsewhere by them, for the notice to all others.
    """
    with announcing(connection, RFM_CUTS, moved=moved):
        if not cuts.dimensions:
            reset_setting(connection, RFM_CUTS, since=since, set_by=set_by)
        else:
            stored = cuts.as_json()
            write_setting(connection, RFM_CUTS, stored, source="owner", since=since, set_by=set_by)


VALUE_MONTHS, VALUE_DISCOUNT = "value_months", "value_discount_monthly"
"""Keys of the terms of a lifetime value."""

MOST_VALUE_MONTHS = 120


@dataclass(frozen=True)
class ValueTerms:
    """Over how many months a lifetime value is counted, and what waiting costs.

    Attributes
    ----------
    months : int, default 12
        Months counted, 1 to 120.
    discount_monthly : float, default 0.01
        By which part later money is worth less a month, from 0 to below 1.
    """

    months: int = 12
    discount_monthly: float = 0.01

    def __post_init__(self) -> None:
        """Refuse what is no horizon or discount."""
        if not (self.months == int(self.months) and 1 <= self.months <= MOST_VALUE_MONTHS):
            raise ParameterError(
                f"Wanted 1 to {MOST_VALUE_MONTHS} whole months, found {self.months}; 12 is a year."
            )
        if not 0 <= self.discount_monthly < 1:
            raise ParameterError(
                f"Wanted a monthly discount from 0 to below 1, found {self.discount_monthly}; "
                "0.01 is 1 %."
            )


def read_value_terms(connection: Connection) -> ValueTerms:
    """Return the terms of lifetime values in force.

    Raises
    ------
    ParameterError
        If what is stored is not legal.
    """
    stored, usual = read_settings(connection), ValueTerms()
    held = {key: one.value for key, one in stored.items() if one.value is not None}
    return ValueTerms(
        int(held.get(VALUE_MONTHS, usual.months)),
        float(held.get(VALUE_DISCOUNT, usual.discount_monthly)),
    )


@deed(Right.SETTINGS, "terms of values changed")
def write_value_terms(
    connection: Connection, terms: ValueTerms, *, since: date, set_by: str = ""
) -> None:
    """Store the terms of lifetime values; what is the default goes back to it.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``writing(engine, sales=False)`` will do.
    terms : ValueTerms
        Checked when they were made.
    since : date
        From which day they hold.
    set_by : str
        Who or what set them.
    """
    held, usual = read_value_terms(connection), ValueTerms()
    with announcing(connection, VALUE_MONTHS):
        _store_terms(connection, terms, held, usual, since=since, set_by=set_by)


def _store_terms(
    connection: Connection,
    terms: ValueTerms,
    held: ValueTerms,
    usual: ValueTerms,
    *,
    since: date,
    set_by: str,
) -> None:
    for key, name in ((VALUE_MONTHS, "months"), (VALUE_DISCOUNT, "discount_monthly")):
        value = getattr(terms, name)
        if value == getattr(held, name):
            continue
        if value == getattr(usual, name):
            reset_setting(connection, key, since=since, set_by=set_by)
        else:
            write_setting(connection, key, value, source="owner", since=since, set_by=set_by)
