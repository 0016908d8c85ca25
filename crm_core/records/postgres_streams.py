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
    names = [f"c{number}" for number in range(width)]
    wanted = ", ".join(f"string_agg(int8send({name}), '')" for name in names)
    whole = f"SELECT {wanted} FROM ({statement}) AS rows ({', '.join(names)})"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY ({whole}) TO STDOUT (FORMAT binary)") as copy:
        sent = b"".join(copy)
    columns, at = [], _HEADER + _COUNT
    for _ in names:
        size = max(0, int.from_bytes(sent[at : at + _SIZE], "big", signed=True))
        at += _SIZE
        columns.append(np.frombuffer(sent, ">i8", size // 8, at))
        at += size
    return columns


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
