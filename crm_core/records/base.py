"""The ground the tables stand on: the declarative base and the column types they share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from crm_core.tables import to_date, to_day

BIG = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer; on SQLite plain INTEGER, so that a primary key is the row id itself."""


class Day(TypeDecorator[date]):
    """A date stored as whole days since 1970-01-01.

    Examples
    --------
    >>> Day().process_bind_param(date(1970, 1, 2), None)
    1
    """

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect | None) -> int | None:  # noqa: ARG002
        """Return days since 1970-01-01."""
        return None if value is None else to_day(value)

    def process_result_value(self, value: Any, dialect: Dialect | None) -> date | None:  # noqa: ARG002
        """Return the date."""
        return None if value is None else to_date(value)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, timezone-aware in Python on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {date: Day, datetime: Moment, str: Text}  # noqa: RUF012


BigKey = Annotated[int, mapped_column(BIG, primary_key=True, autoincrement=False)]
"""A primary key given by the writer, so that bulk writes know it beforehand."""

SmallKey = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=False)]

OwnKey = Annotated[int, mapped_column(Integer, primary_key=True)]
"""A primary key the database gives: for records made by hand, one at a time."""

LONGEST_NAME = 300
"""Longest text under a unique constraint (an index row of PostgreSQL holds 2,700 bytes)."""


def one_of(column: str, values: tuple[str, ...], *, name: str | None = None) -> CheckConstraint:
    """Return a constraint that a text column holds one of a few words (or null).

    Examples
    --------
    >>> str(one_of("who", ("client", "us")).sqltext)
    "who IN ('client', 'us')"
    """
    words = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=name or f"{column}_known")
