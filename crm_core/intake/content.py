"""What a column seems to hold, judged by its cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amounts import parse_amounts
from crm_core.intake.currencies import is_currency
from crm_core.intake.days import parse_days
from crm_core.intake.table import BoolArray, Table
from crm_core.intake.words import pattern_for

_STATUS_TEXT = (
    "paid pending refunded partially_refunded voided authorized unpaid draft open closed completed "
    "processing on-hold cancelled canceled failed shipped delivered fulfilled unfulfilled partial "
    "returned approved declined succeeded won lost qualifiedtobuy closedwon closedlost "
    "contractsent "
    "bezahlt offen storniert versendet abgeschlossen payee annulee terminee remboursee en_attente "
    "pagado pendiente cancelado completado maksettu avoin peruttu"
)
STATUS_WORDS = frozenset(_STATUS_TEXT.split())
"""Words that say what became of an order, in lower case."""

_EMAIL = r"^\s*[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}\s*$"
_PHONE = r"^\s*(?:\+|00|\(?0)?[0-9()][0-9()\s./-]{5,18}[0-9]\s*$"
_ID = r"^\s*#?(?:[A-Za-z]{0,6}[-_#/. ]?)?[0-9][A-Za-z0-9_/#.-]*\s*$|^\s*[0-9a-fA-F-]{16,40}\s*$"
_NAME = r"^\s*[\pL][\pL\pM'’.&,()/ -]*(?:\s[0-9]{1,3})?\s*$"
_SERIAL = r"^\s*(?:[1-9][0-9]{4}(?:[.,][0-9]+)?|1[0-9]{9}(?:[0-9]{3})?)\s*$"
_BARE_NUMBER = r"^\s*[0-9]+(?:[.,][0-9]+)?\s*$"


@dataclass(frozen=True)
class ColumnProfile:
    """What the cells of a column look like.

    Parameters
    ----------
    name : str
        The column.
    n_filled, n_blank, n_distinct : int
        Cells with and without text, and distinct texts, over all rows.
    day : float
        Share (0–1, of the filled cells of a sample) that are days written as
        days: a bare number such as a serial or a postcode does not count,
        ``19970101`` does.
    serial : float
        Share that could be Excel serials (five digits, perhaps a fraction) or seconds or
        milliseconds since 1970.
    amount : float
        Share that are amounts.
    email, phone, id_like, name_like : float
        Shares that look like these; they overlap.
    currency : float
        Share that are currency codes or signs.
    status : float
        Share that are words for what became of an order.
    decimals : float
        Share that are amounts written with decimals or a currency sign.
    negative : float
        Share that are amounts below zero.
    examples : tuple of str
        Up to five distinct texts.
    """

    name: str
    n_filled: int
    n_blank: int
    n_distinct: int
    day: float
    serial: float
    amount: float
    email: float
    phone: float
    id_like: float
    name_like: float
    currency: float
    status: float
    decimals: float
    negative: float
    examples: tuple[str, ...]


def profile_columns(table: Table, *, sample: int = 20_000) -> tuple[ColumnProfile, ...]:
    """Return a profile of each column: counts over all rows, shares over a sample.

    Parameters
    ----------
    table : Table
        Any table.
    sample : int, default 20,000
        Rows looked at for the shares, spread evenly over the file.

    Returns
    -------
    tuple of ColumnProfile
        In the order of the columns. Shares are 0 where nothing is filled.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> rows = [["ann@x.org", "3.50", "24.12.2024"], ["bo@y.org", "4.00", "25.12.2024"]]
    >>> mail, amount, day = profile_columns(make_table(["a", "b", "c"], rows))
    >>> mail.email, amount.amount, day.day, day.n_distinct
    (1.0, 1.0, 1.0, 2)
    """
    step = max(1, -(-table.n_rows // sample))
    rows = pa.array(np.arange(0, table.n_rows, step))
    return tuple(
        _profile(name, column, column.take(rows), typed=table.kind(name) == "number")
        for name, column in zip(table.names, table.columns, strict=True)
    )


def _profile(
    name: str, column: pa.ChunkedArray, sample: pa.ChunkedArray, *, typed: bool
) -> ColumnProfile:
    distinct = pc.value_counts(pc.utf8_trim_whitespace(column))
    texts = distinct.field("values")
    counts = distinct.field("counts").to_numpy(zero_copy_only=False)
    blank = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    n_blank = int(counts[blank].sum())
    cells = pc.utf8_trim_whitespace(sample)
    cells = cells.filter(pc.not_equal(cells, ""))
    amounts, days = parse_amounts(cells, typed=typed), parse_days(cells)
    bare = _matches(cells, _BARE_NUMBER) & ~_matches(cells, r"^(?:19|20)[0-9]{6}$")
    decimals = _matches(cells, r"[0-9][.,][0-9]|\p{Sc}") & amounts.ok
    examples = texts.filter(pa.array(~blank))[:5].to_pylist()
    n = max(len(cells), 1)
    return ColumnProfile(
        name=name,
        n_filled=len(column) - n_blank,
        n_blank=n_blank,
        n_distinct=int((~blank).sum()),
        day=float((days.ok & ~bare).sum() / n),
        serial=float(_matches(cells, _SERIAL).sum() / n),
        amount=float(amounts.ok.sum() / n),
        email=float(_matches(cells, _EMAIL).sum() / n),
        phone=float((_phones(cells) & ~days.ok).sum() / n),
        id_like=float(_matches(cells, _ID).sum() / n),
        name_like=float(_matches(cells, pattern_for(cells, _NAME)).sum() / n),
        currency=_share_of(cells, is_currency),
        status=_share_of(cells, _is_status),
        decimals=float(decimals.sum() / n),
        negative=float((amounts.values < 0).sum() / n),
        examples=tuple(examples),
    )


def _matches(cells: pa.ChunkedArray, pattern: str) -> BoolArray:
    found: BoolArray = pc.match_substring_regex(cells, pattern).to_numpy()
    return found


def _phones(cells: pa.ChunkedArray) -> BoolArray:
    """Return which cells are phone numbers: 7 to 15 digits, and more than a bare number."""
    digits = pc.binary_length(pc.replace_substring_regex(cells, "[^0-9]", "")).to_numpy()
    marked = _matches(cells, r"^\s*(?:\+|0)|[0-9)][\s/-]")
    found: BoolArray = _matches(cells, _PHONE) & marked & (digits >= 7) & (digits <= 15)
    return found


def _is_status(text: str) -> bool:
    return text.casefold().replace(" ", "_") in STATUS_WORDS


def _share_of(cells: pa.ChunkedArray, test: Callable[[str], bool]) -> float:
    counted = pc.value_counts(cells)
    if len(counted) > 500 or not len(counted):
        return 0.0
    counts = counted.field("counts").to_numpy(zero_copy_only=False)
    hits = [test(text) for text in counted.field("values").to_pylist()]
    return float(counts[np.array(hits, dtype=np.bool_)].sum() / counts.sum())
