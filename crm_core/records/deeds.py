"""The guard before every function that writes: may this person, with this client? Then the audit.

``@deed(Right.EDIT, "contact noted")`` over a function whose first argument is a
connection inside a write transaction checks the right, checks that the client
(the argument ``client_id``, or those named by ``clients=``) is theirs, runs the
function and writes the audit line in the same transaction. Deeds within a deed
are part of it: checked and written down once.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, select

from crm_core.access import Right, asking_anew, require
from crm_core.records.audit import write_down
from crm_core.records.base import Base
from crm_core.records.scope import check_client_is_theirs

P = ParamSpec("P")
R = TypeVar("R")

_within: ContextVar[bool] = ContextVar("within", default=False)

Whose = Callable[[Connection, Mapping[str, Any]], int | None]
"""Finds the client of the record that the arguments of a deed name."""

GUARDED: dict[str, Right] = {}
"""Every guarded function by its full name, and the right it asks for."""


def deed(
    right: Right,
    words: str,
    *,
    clients: Sequence[str] = ("client_id",),
    whose: Whose | None = None,
    keep: Sequence[str] = (),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Guard a function that writes, and write down that it was done.

    Parameters
    ----------
    right : Right
        What the person at work must be allowed.
    words : str
        The audit's words, in the past tense: ``contact noted``.
    clients : sequence of str
        Names of the arguments that hold ids of clients concerned; those the function
        does not have are passed over. The first goes into the audit line.
    whose : callable, optional
        For a function that is given the id of a record instead of a client's: returns
        the record's client, or None where there is no such record.
    keep : sequence of str
        Names of further arguments whose values the audit keeps: keys, numbers, words of
        a fixed list. Of named fields it keeps the names. Never free text.

    Returns
    -------
    callable
        The decorator. The function may raise :class:`crm_core.errors.AccessError` then.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        GUARDED[f"{function.__module__}.{function.__qualname__}"] = right

        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if _within.get():
                return function(*args, **kwargs)
            with asking_anew():
                require(right)
                given = signature.bind(*args, **kwargs).arguments
                connection: Connection = next(iter(given.values()))
                concerned = [int(given[n]) for n in clients if given.get(n) is not None]
                if whose is not None and (owner := whose(connection, given)) is not None:
                    concerned.append(owner)
                for client_id in concerned:
                    check_client_is_theirs(connection, client_id)
            token = _within.set(True)
            try:
                result = function(*args, **kwargs)
            finally:
                _within.reset(token)
            detail: dict[str, Any] = {name: _plain(given[name]) for name in keep if name in given}
            record = getattr(result, "batch_id", result)
            if isinstance(record, int) and not isinstance(record, bool):
                detail["record"] = record
            detail |= getattr(result, "audit_detail", {})
            write_down(
                connection, words, client_id=concerned[0] if concerned else None, detail=detail
            )
            return result

        return guarded

    return decorate


def client_of(model: type[Base], argument: str) -> Whose:
    """Return what finds the client of a record, for ``whose`` of :func:`deed`.

    Parameters
    ----------
    model : type
        A table with a ``client_id``.
    argument : str
        Name of the argument that holds the record's id.
    """

    def find(connection: Connection, given: Mapping[str, Any]) -> int | None:
        columns = model.__table__.c
        query = select(columns.client_id).where(columns.id == given[argument])
        found = connection.execute(query).scalar()
        return None if found is None else int(found)

    return find


def client_of_kind(models: Mapping[str, type[Base]], kind: str, argument: str) -> Whose:
    """Return what finds the client of a record whose table another argument names."""

    def find(connection: Connection, given: Mapping[str, Any]) -> int | None:
        model = models.get(given[kind])
        return None if model is None else client_of(model, argument)(connection, given)

    return find


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted(map(str, value))
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
