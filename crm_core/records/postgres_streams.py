"""Many rows from a PostgreSQL server as arrays: few messages, nothing of Python's a row.

Handed over row by row, a row costs more than all the server does for it: as much as a
bare ``COPY`` of ten columns. So numbers come as one message of whole columns, and texts
as CSV, which Arrow reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv
from sqlalchemy import Connection

BYTES = 1 << 22
"""Of CSV that become arrays at one time."""

_HEADER, _COUNT, _SIZE = 19, 2, 4
"""Bytes before the first row of a binary ``COPY``, before its fields, and before each field."""


def copy_numbers(connection: Connection, statement: str, width: int) -> list[NDArray[Any]]:
    """Run a query of whole numbers and return its columns.

    Parameters
    ----------
    connection : Connection
        To PostgreSQL.
    statement : str
        A query without parameters and without nulls; where it says an order, that is kept.
    width : int
        How many columns.

    Returns
    -------
    list of ndarray of big-endian int64
        Read-only, of equal length.

    Notes
    -----
    The server holds 8 bytes a value, and so does the message: for a few million values.
    """
    wanted = [f"string_agg(int8send(c{place}), '')" for place in range(width)]
    return [
        np.frombuffer(sent, ">i8") for sent in _copy_whole(connection, statement, width, wanted)
    ]


def copy_columns(
    connection: Connection, statement: str, types: Sequence[pa.DataType]
) -> list[pa.Array]:
    """Run a query of whole numbers and texts and return its columns, as :func:`copy_numbers`.

    Parameters
    ----------
    connection : Connection
        To PostgreSQL, with :func:`speaks_utf8`.
    statement : str
        As for :func:`copy_numbers`, but texts may be missing; of less than a gigabyte.
    types : sequence of pyarrow.DataType
        One a column: 64-bit whole numbers or texts.
    """
    wanted = []
    for place, kind in enumerate(types):
        if pa.types.is_string(kind):
            wanted.append(f"string_agg(int4send(coalesce(octet_length(c{place}), -1)), '')")
            wanted.append(f"string_agg(c{place}, '')")
        else:
            wanted.append(f"string_agg(int8send(c{place}), '')")
    sent = iter(_copy_whole(connection, statement, len(types), wanted))
    return [
        _as_texts(np.frombuffer(next(sent), ">i4"), next(sent))
        if pa.types.is_string(kind)
        else pa.array(np.frombuffer(next(sent), ">i8").astype(np.int64))
        for kind in types
    ]


def speaks_utf8(connection: Connection) -> bool:
    """Return whether texts travel as they are stored, and that is UTF-8."""
    info: Any = connection.connection.dbapi_connection
    said = info.info.parameter_status
    return bool(said("server_encoding") == said("client_encoding") == "UTF8")


def _copy_whole(
    connection: Connection, statement: str, width: int, wanted: Sequence[str]
) -> list[memoryview]:
    """Return the bytes of aggregates over all rows of a query, with columns c0, c1 and so on."""
    names = ", ".join(f"c{place}" for place in range(width))
    whole = f"SELECT {', '.join(wanted)} FROM ({statement}) AS rows ({names})"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY ({whole}) TO STDOUT (FORMAT binary)") as copy:
        sent = memoryview(b"".join(copy))
    fields, at = [], _HEADER + _COUNT
    for _ in wanted:
        size = max(0, int.from_bytes(sent[at : at + _SIZE], "big", signed=True))
        at += _SIZE
        fields.append(sent[at : at + size])
        at += size
    return fields


def _as_texts(length: NDArray[Any], joined: memoryview) -> pa.Array:
    """Cut texts that were joined apart; a length below zero is a missing one."""
    ends = np.zeros(len(length) + 1, dtype=np.int32)
    np.cumsum(np.maximum(length, 0), out=ends[1:])
    given = pa.array(length >= 0).buffers()[1]
    buffers = [given, pa.py_buffer(ends), pa.py_buffer(joined)]
    return pa.Array.from_buffers(pa.string(), len(length), buffers)


def copy_texts(
    connection: Connection, statement: str, types: Sequence[pa.DataType]
) -> Iterator[list[pa.Array]]:
    """Run a query and yield its columns, some megabytes at a time.

    Parameters
    ----------
    connection : Connection
        To PostgreSQL.
    statement : str
        A query without parameters; where it says an order, that is kept.
    types : sequence of pyarrow.DataType
        One a column: 64-bit whole numbers or texts. A missing text is null, not empty.
    """
    # Quoted, a value is told from a missing one, and no byte-order mark can open the data.
    command = f"COPY ({statement}) TO STDOUT (FORMAT csv, FORCE_QUOTE *, ENCODING 'UTF8')"
    cursor: Any = connection.connection.cursor()
    held, size = [], 0
    with cursor, cursor.copy(command) as copy:
        for row in copy:
            held.append(row)
            size += len(row)
            if size > BYTES:
                yield _parse(held, types)
                held, size = [], 0
    if held:
        yield _parse(held, types)


def _parse(rows: list[Any], types: Sequence[pa.DataType]) -> list[pa.Array]:
    names = [str(place) for place in range(len(types))]
    data = b"".join(rows)
    table = csv.read_csv(
        BytesIO(data),
        csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return [column.combine_chunks() for column in table.columns]
