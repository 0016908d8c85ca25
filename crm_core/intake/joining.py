"""Tables that belong together: sheets or files joined by a column they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.errors import MappingError
from crm_core.intake.columns import code_texts
from crm_core.intake.table import Evidence, Table, as_cells, unique_names
from crm_core.intake.words import fold

_SHARED = 0.5


@dataclass(frozen=True)
class SharedKey:
    """A column two tables share: ``right`` has each of its texts once."""

    left: str
    right: str
    found: float


def join_tables(left: Table, right: Table, on: str | tuple[str, str]) -> Table:
    """Return the rows of one table with what another says about their key.

    Every row of ``left`` stays, once; rows of ``right`` that nothing refers to
    are left out, and the evidence counts them.

    Parameters
    ----------
    left : Table
        The sales: one row stays one row.
    right : Table
        What is known of each key (an order, a client); each key stands there once.
    on : str or (str, str)
        The key's column, in both tables or in each.

    Returns
    -------
    Table
        The columns of ``left``, then those of ``right`` but its key; empty cells where the key
        is not found. A name both have gets `` (2)``.

    Raises
    ------
    MappingError
        If a column is missing, or a key stands more than once in ``right``: joining would
        count sales twice.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> items = make_table(["order", "price"], [["1", "5"], ["1", "7"], ["2", "9"]])
    >>> orders = make_table(["order", "client"], [["1", "Ann"], ["2", "Bob"]])
    >>> join_tables(items, orders, "order").column("client").to_pylist()
    ['Ann', 'Ann', 'Bob']
    """
    left_key, right_key = (on, on) if isinstance(on, str) else on
    wanted = pc.utf8_trim_whitespace(left.column(left_key))
    keys = pc.utf8_trim_whitespace(right.column(right_key))
    filled = pc.not_equal(keys, "").to_numpy()
    places = np.flatnonzero(filled)
    known = keys.take(pa.array(places)).combine_chunks()
    doubled = len(known) - len(known.unique())
    if doubled:
        raise MappingError(
            f"Wanted each “{right_key}” once in {_name(right)}, found {doubled:,} more than once; "
            "join the other way round, or by another column."
        )
    found = pc.fill_null(pc.index_in(wanted, value_set=known), -1).to_numpy()
    rows = np.append(places, -1)[found]
    taken = pa.array(rows, mask=rows < 0)
    kept = [name for name in right.names if name != right_key]
    columns = [as_cells(right.column(name).take(taken)) for name in kept]
    used = len(np.unique(rows[rows >= 0]))
    sentence = (
        f"{int((rows >= 0).sum()):,} of {left.n_rows:,} rows found their “{left_key}” in "
        f"{_name(right)}; {right.n_rows - used:,} of its {right.n_rows:,} rows stand alone and "
        "are not read."
    )
    joined = replace(
        left,
        names=unique_names([*left.names, *kept]),
        columns=(*left.columns, *columns),
        kinds=(),
        held_back=(*left.held_back, *right.held_back),
    )
    return joined.with_evidence(Evidence("join", sentence, doubtful=bool((rows < 0).any())))


def find_shared_key(left: Table, right: Table) -> SharedKey | None:
    """Return the column by which ``right`` can be joined to ``left``, None where there is none.

    Its names are alike, ``right`` has each of its texts once, and at least half of the rows of
    ``left`` are found; of several the one found most often.
    """
    there = {fold(name): name for name in reversed(right.names)}
    found = []
    for name in left.names:
        other = there.get(fold(name))
        if other is None:
            continue
        keys, wanted = code_texts(right.column(other)), code_texts(left.column(name))
        if not len(keys.labels) or len(keys.labels) < int((keys.codes >= 0).sum()):
            continue
        hits = pc.is_in(wanted.labels, value_set=keys.labels).to_numpy(zero_copy_only=False)
        share = float(np.append(hits, False)[wanted.codes].mean()) if left.n_rows else 0.0
        if share >= _SHARED:
            found.append(SharedKey(name, other, share))
    return max(found, key=lambda key: key.found, default=None)


def join_all(tables: Sequence[Table]) -> Table:
    """Return sheets or files joined to the one with most rows, as far as they share keys.

    Raises
    ------
    MappingError
        If a table shares no key with what is joined so far.
    """
    waiting = sorted(tables, key=lambda table: -table.n_rows)
    joined, waiting = waiting[0], waiting[1:]
    while waiting:
        for place, table in enumerate(waiting):
            key = find_shared_key(joined, table)
            if key is not None:
                joined = join_tables(joined, table, (key.left, key.right))
                del waiting[place]
                break
        else:
            names = ", ".join(_name(table) for table in waiting)
            raise MappingError(
                f"Wanted tables that share a column such as an order or client number, found "
                f"none for {names}; import these one by one."
            )
    return joined


def _name(table: Table) -> str:
    return f"“{table.reading.sheet or table.reading.name}”"
