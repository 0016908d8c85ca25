"""Columns of a table as trimmed texts and small codes, each worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.intake.table import Table
from crm_core.intake.words import fold
from crm_core.tables import Coded

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class TextCodes:
    """Texts of a column, one code per row.

    Attributes
    ----------
    codes : ndarray of int32, shape (n_rows,)
        Place in ``labels``, -1 where the cell is empty.
    labels : pyarrow.StringArray
        The distinct texts, trimmed, in the order they first stand in the file.
    """

    codes: Codes
    labels: pa.StringArray

    def texts(self) -> list[str]:
        """Return the distinct texts."""
        found: list[str] = self.labels.to_pylist()
        return found

    def array(self) -> pa.StringArray:
        """Return the text of every row, null where empty."""
        return self.labels.take(pa.array(self.codes, mask=self.codes < 0))

    def map(self, function: Callable[[str], str | None]) -> TextCodes:
        """Return the column with each distinct text replaced; None leaves the cell empty.

        Examples
        --------
        >>> code_texts(pa.array(["a1", "b", "a2"])).map(lambda text: text[:1]).codes.tolist()
        [0, 1, 0]
        """
        changed = [function(text) for text in self.texts()]
        labels = pa.array([text or None for text in changed], type=pa.string())
        return self._relabelled(labels)

    def _relabelled(self, labels: pa.StringArray) -> TextCodes:
        again = labels.dictionary_encode()
        places = pc.fill_null(again.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        return TextCodes(_looked_up(places, self.codes), again.dictionary)


def code_texts(column: pa.ChunkedArray | pa.Array) -> TextCodes:
    """Return a column's trimmed texts as codes.

    Examples
    --------
    >>> coded = code_texts(pa.array(["b ", "a", "", "b"]))
    >>> coded.codes.tolist(), coded.texts()
    ([0, 1, -1, 0], ['b', 'a'])
    """
    encoded = column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no chunks at all
        return TextCodes(np.zeros(0, dtype=np.int32), pa.array([], type=pa.string()))
    places = pc.fill_null(encoded.indices, -1) if encoded.null_count else encoded.indices
    raw = places.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
    if trimmed.equals(encoded.dictionary) and pc.index(trimmed, "").as_py() < 0:
        return TextCodes(raw, trimmed)
    trimmed = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    return TextCodes(raw, encoded.dictionary)._relabelled(trimmed)


def _looked_up(table: Codes, codes: Codes) -> Codes:
    if len(table) and np.array_equal(table, np.arange(len(table), dtype=table.dtype)):
        return codes
    return np.append(table, np.int32(-1))[codes]


def look_up(values: Iterable[Any], codes: Codes, missing: Any, dtype: Any) -> NDArray[Any]:
    """Return, per row, the value of its code, ``missing`` where the code is -1.

    Examples
    --------
    >>> look_up([5, 7], np.array([1, -1, 0]), 0, np.int8).tolist()
    [7, 0, 5]
    """
    return np.array([*values, missing], dtype=dtype)[codes]


def to_coded(column: TextCodes, rows: NDArray[np.int64]) -> Coded:
    """Return the texts of some rows with labels sorted and unused ones dropped.

    Rows at -1 have no text.

    Examples
    --------
    >>> to_coded(code_texts(pa.array(["b", "a", "c"])), np.array([0, 1, -1]))
    Coded(codes=array([ 1,  0, -1], dtype=int32), labels=('a', 'b'))
    """
    codes = np.where(rows < 0, np.int32(-1), column.codes[rows]) if len(column.codes) else rows
    used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(column.labels)))
    labels = column.labels.take(pa.array(used))
    order = pc.sort_indices(labels).to_numpy()
    places = np.full(len(column.labels) + 1, -1, dtype=np.int32)
    places[used[order]] = np.arange(len(order), dtype=np.int32)
    return Coded(places[codes], tuple(labels.take(pa.array(order)).to_pylist()))


@dataclass
class Cells:
    """The cells of one table, coded on first use.

    Attributes
    ----------
    table : Table
        The straightened table.
    """

    table: Table
    _coded: dict[str, TextCodes] = field(default_factory=dict)

    @cached_property
    def folded(self) -> dict[str, str]:
        """Folded name to column; of two alike the first."""
        return {fold(name): name for name in reversed(self.table.names)}

    def find(self, *names: str) -> str | None:
        """Return the first of some columns the table has, case, spaces and signs aside."""
        there = self.folded
        return next((there[fold(name)] for name in names if fold(name) in there), None)

    def coded(self, column: str) -> TextCodes:
        """Return a column as codes."""
        if column not in self._coded:
            self._coded[column] = code_texts(self.table.column(column))
        return self._coded[column]

    def take(self, name: str, rows: NDArray[np.int64]) -> Cells:
        """Return the cells with those of one column taken from other rows; codes are kept."""
        coded = self.coded(name)
        table = self.table.replace_column(name, self.table.column(name).take(pa.array(rows)))
        kept = self._coded | {name: TextCodes(coded.codes[rows], coded.labels)}
        return Cells(table, kept)

    def first(self, *names: str) -> TextCodes:
        """Return the first column there is of some names, empty where there is none."""
        found = self.find(*names)
        return self.coded(found) if found else empty_texts(self.table.n_rows)


def empty_texts(n_rows: int) -> TextCodes:
    """Return a column without any text."""
    return TextCodes(np.full(n_rows, -1, dtype=np.int32), pa.array([], type=pa.string()))


def join_texts(parts: list[TextCodes], between: str = " ") -> TextCodes:
    """Return texts joined row by row, empty parts left out.

    Examples
    --------
    >>> first, last = code_texts(pa.array(["Ada", ""])), code_texts(pa.array(["Example", "Ltd"]))
    >>> join_texts([first, last]).array().to_pylist()
    ['Ada Example', 'Ltd']
    >>> nobody = code_texts(pa.array(["", ""]))
    >>> join_texts([first, nobody]).array().to_pylist()
    ['Ada', None]
    """
    columns = [part.array() for part in parts]
    # Arrow leaves a row out altogether where nothing of it is filled.
    blank = np.logical_and.reduce([part.codes < 0 for part in parts])
    columns[0] = pc.if_else(pa.array(blank), "", columns[0])
    joined = pc.binary_join_element_wise(*columns, between, null_handling="skip")
    return code_texts(joined)
