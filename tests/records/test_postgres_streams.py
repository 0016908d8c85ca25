"""What comes from a server as columns is what its rows say, whatever the texts hold."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Connection, create_engine, text

from crm_core.records import postgres_streams, reading
from crm_core.records.postgres_streams import copy_columns, copy_numbers, copy_texts, speaks_utf8
from crm_core.records.reading import INT, TEXT, stream_columns
from tests.databases import ServerDatabases

HIGHEST = 2**63 - 1
ROWS = [
    (1, "\ufeffbegins with a mark", HIGHEST, None),
    (2, "", -HIGHEST - 1, '"quoted", and a\ncomma\r\nfurther\\N'),
    (3, None, 0, ""),
    (5, "\\.", 7, "😀 ß \u2028"),
    (9, "x" * 10_000, 1, None),
]
BY_ID = "SELECT id, one, number, two FROM odd WHERE id BETWEEN {first} AND {last} ORDER BY id"
WHOLE = BY_ID.format(first=0, last=99)
TYPES = [INT, TEXT, INT, TEXT]


@pytest.fixture(scope="module")
def server(server_databases: ServerDatabases):
    engine = create_engine(server_databases.bare("streams"))
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE odd (id int, one text, number int8, two text)"))
        insert = text("INSERT INTO odd VALUES (:a, :b, :c, :d)")
        connection.execute(insert, [dict(zip("abcd", row, strict=True)) for row in ROWS])
        yield connection
    engine.dispose()


def test_columns_hold_every_value_and_tell_missing_from_empty(server: Connection) -> None:
    columns = copy_columns(server, WHOLE, TYPES)
    assert list(zip(*(column.to_pylist() for column in columns), strict=True)) == ROWS
    for column in columns:
        column.validate(full=True)


@pytest.mark.parametrize("size", [1, 1 << 22])
def test_texts_hold_every_value_in_blocks_of_any_size(
    server: Connection, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(postgres_streams, "BYTES", size)
    shuffled = "SELECT one, id, two, number FROM odd ORDER BY id"
    blocks = list(copy_texts(server, shuffled, [TEXT, INT, TEXT, INT]))
    assert len(blocks) == (len(ROWS) if size == 1 else 1)
    rows = [row for block in blocks for row in zip(*(c.to_pylist() for c in block), strict=True)]
    assert rows == [(one, number, two, large) for number, one, large, two in ROWS]


def test_nothing_comes_as_nothing(server: Connection) -> None:
    nothing = "SELECT id, one FROM odd WHERE false"
    assert [len(column) for column in copy_columns(server, nothing, [INT, TEXT])] == [0, 0]
    assert list(copy_texts(server, nothing, [INT, TEXT])) == []
    assert [len(c) for c in copy_numbers(server, "SELECT id, id FROM odd WHERE false", 2)] == [0, 0]


@pytest.mark.parametrize("encoding", ["UTF8", "WIN1252"])
@pytest.mark.parametrize("span", [2, 50_000])
def test_a_stream_by_id_is_the_same_whatever_the_span_and_the_encoding_in_between(
    server: Connection, monkeypatch: pytest.MonkeyPatch, span: int, encoding: str
) -> None:
    monkeypatch.setattr(reading, "SPAN", span)
    # That encoding has no sign for the face in row 5.
    statement = BY_ID if encoding == "UTF8" else BY_ID.replace(" ORDER", " AND id <> 5 ORDER")
    expected = [row for row in ROWS if encoding == "UTF8" or row[0] != 5]
    server.exec_driver_sql(f"SET client_encoding TO '{encoding}'")
    try:
        assert speaks_utf8(server) == (encoding == "UTF8")
        found = stream_columns(server, statement, TYPES, by_id="odd")
    finally:
        server.exec_driver_sql("SET client_encoding TO 'UTF8'")
    columns = [c.tolist() if isinstance(c, np.ndarray) else c.to_pylist() for c in found]
    assert list(zip(*columns, strict=True)) == expected
