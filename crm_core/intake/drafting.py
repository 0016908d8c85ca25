"""Rows of a table with their money: what an amount is, of which order, and what was paid back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.intake.amounts import (
    AMOUNT_REASONS,
    AmountColumn,
    AmountMarks,
    multiply,
    parse_amounts,
)
from crm_core.intake.columns import TextCodes
from crm_core.intake.formats.description import Format
from crm_core.intake.mapped_file import MappedFile
from crm_core.intake.order_totals import find_repeated_totals, first_by, spread, sum_by
from crm_core.intake.outcomes import KIND_CODES, KindArray, RowMeaning
from crm_core.intake.table import Evidence
from crm_core.intake.words import fold
from crm_core.records.staged import NO_QUANTITY
from crm_core.tables import BoolArray, IntArray

NO_AMOUNT = "no amount"
AMOUNT_TROUBLES = ("", NO_AMOUNT, *AMOUNT_REASONS[1:])
"""Why a row has no readable amount, in words; the first means that it has one."""

_TOTAL_WORDS = ("total", "summe", "gesamt", "totale", "totaal", "итого", "yhteensa")
_SHIPPING = "refunded shipping and tax"


@dataclass(frozen=True)
class Draft:
    """Rows on their way to an end; a row of the file may give several (its sale and its refund).

    Attributes
    ----------
    row : ndarray of int64, shape (n_drafts,)
        Position in the table.
    kind : ndarray of int8
        Place in :data:`~crm_core.intake.outcomes.KINDS`.
    amount : ndarray of int64
        Ten-thousandths; 0 where not readable.
    trouble : ndarray of int8
        Place in :data:`AMOUNT_TROUBLES`.
    quantity : ndarray of int64
        Ten-thousandths of a piece, ``NO_QUANTITY`` where unknown.
    derived : ndarray of bool
        The row was worked out from another column (a refund without a day of its own).
    order_ref, refund_of : pyarrow.StringArray
        Null where none.
    signs : ndarray of int8
        Place in ``sign_names``, currency signs written beside the amounts.
    """

    row: IntArray
    kind: KindArray
    amount: IntArray
    trouble: NDArray[np.int8]
    quantity: IntArray
    derived: BoolArray
    order_ref: pa.StringArray
    refund_of: pa.StringArray
    signs: NDArray[np.int8]
    sign_names: tuple[str, ...] = ("",)
    evidence: tuple[Evidence, ...] = ()

    @property
    def readable(self) -> BoolArray:
        """Which rows have an amount."""
        readable: BoolArray = self.trouble == 0
        return readable


def draft_rows(file: MappedFile, meaning: RowMeaning) -> Draft:
    """Return the rows of a table with what each is worth.

    Parameters
    ----------
    file : MappedFile
        The table, order values filled in where a format leaves them blank on later rows.
    meaning : RowMeaning
        What each row is.

    Returns
    -------
    Draft
        One row a row of the table, and behind them what columns of refunds add. Order totals
        are counted once and spread over the order's lines, discounts of an order taken off them.
    """
    amounts = read_amounts(file)
    evidence = [amounts.marks.evidence] if amounts.marks and amounts.marks.evidence else []
    order = file.texts("order")
    draft = _first_draft(file, amounts, meaning, order)
    group = _groups(order)
    draft, found = _count_once(draft, file, group)
    draft = _take_off_discounts(draft, file, group)
    draft = _with_signs(draft, meaning, file.known)
    draft = _add_refund_column(draft, file, group, meaning.paid_back, once=bool(found))
    draft = _cap_refunds(draft, meaning, file)
    return replace(draft, evidence=(*evidence, *found))


def read_amounts(file: MappedFile) -> AmountColumn:
    """Return what each row of a file is worth: its amount, or quantity × unit price.

    What a format says to take off (tax, shipping) is taken off amounts above zero.
    """
    columns, known = file.mapping.columns, file.known
    if known and known.derive_amount and file.prescribed("amount"):
        return known.derive_amount(file.cells)
    if "amount" in columns:
        return _with_credits(file, _less(file, file.amounts(columns["amount"])))
    if {"quantity", "unit_price"} <= columns.keys():
        return multiply(file.amounts(columns["quantity"]), file.amounts(columns["unit_price"]))
    nothing = pa.chunked_array([pa.array([""] * file.table.n_rows, type=pa.string())])
    return parse_amounts(nothing, AmountMarks())


def _less(file: MappedFile, amounts: AmountColumn) -> AmountColumn:
    values, ok, reasons = amounts.values.copy(), amounts.ok, amounts.reasons
    for column in _less_columns(file):
        part = file.amounts(column)
        values -= np.where(amounts.values > 0, part.values, 0)
        unread = ~part.ok & ~part.blank
        reasons = np.where(ok & unread, part.reasons, reasons)
        ok = ok & ~unread
    return replace(amounts, values=np.where(ok, values, 0), ok=ok, reasons=reasons)


def _with_credits(file: MappedFile, amounts: AmountColumn) -> AmountColumn:
    """Take what stands in the column of refunds alone for a row of money given back."""
    column = file.refund_column()
    if column is None or file.known is not None:
        return amounts
    found = file.amounts(column)
    alone = found.ok & (found.values != 0) & (amounts.values == 0) & (amounts.ok | amounts.blank)
    return replace(
        amounts,
        values=np.where(alone, -np.abs(found.values), amounts.values),
        ok=amounts.ok | alone,
        blank=amounts.blank & ~alone,
    )


def _less_columns(file: MappedFile) -> list[str]:
    if file.known is None or not file.prescribed("amount"):
        return []
    return file.columns_of(file.known.less)


def _quantities(file: MappedFile) -> IntArray:
    column = file.mapping.columns.get("quantity")
    if column is None:
        return np.full(file.table.n_rows, NO_QUANTITY, dtype=np.int64)
    found = file.amounts(column)
    return np.where(found.ok, found.values, NO_QUANTITY)


def _line_values(file: MappedFile) -> IntArray | None:
    """Quantity × price less the line's discount: how an order's total is shared."""
    columns = file.mapping.columns
    if not {"quantity", "unit_price"} <= columns.keys():
        return None
    full = multiply(file.amounts(columns["quantity"]), file.amounts(columns["unit_price"]))
    values = full.values.copy()
    for column in file.columns_of(file.known.line_discounts if file.known else ()):
        values -= file.amounts(column).values
    return values


def _first_draft(
    file: MappedFile, amounts: AmountColumn, meaning: RowMeaning, order: TextCodes
) -> Draft:
    trouble = np.where(amounts.blank, 1, np.where(amounts.ok, 0, amounts.reasons + 1))
    n_rows = file.table.n_rows
    return Draft(
        row=np.arange(n_rows, dtype=np.int64),
        kind=meaning.kind,
        amount=np.where(amounts.ok, amounts.values, 0),
        trouble=trouble.astype(np.int8),
        quantity=_quantities(file),
        derived=np.zeros(n_rows, dtype=bool),
        order_ref=order.array(),
        refund_of=file.texts("refund_of").array(),
        signs=amounts.signs,
        sign_names=amounts.sign_names,
    )


def _groups(order: TextCodes) -> IntArray:
    """Return the order of each row; a row without a reference is its own."""
    alone = len(order.labels) + np.arange(len(order.codes), dtype=np.int64)
    return np.where(order.codes >= 0, order.codes, alone)


def _count_once(
    draft: Draft, file: MappedFile, group: IntArray
) -> tuple[Draft, tuple[Evidence, ...]]:
    prescribed = file.known is not None and file.known.order_level
    own_lines = file.known is not None and file.prescribed("amount") and not prescribed
    if "order" not in file.mapping.columns or own_lines or not len(group):
        return draft, ()
    lines = np.bincount(group)
    if lines.max() < 2 or "amount" not in file.mapping.columns:
        return draft, ()
    values = _line_values(file)
    found: tuple[Evidence, ...] = ()
    chosen = lines > 1
    if not prescribed:
        named = any(word in fold(file.mapping.columns["amount"]) for word in _TOTAL_WORDS)
        repeated = find_repeated_totals(
            draft.amount, draft.readable, group, line_value=values, named_total=named
        )
        if not repeated.found or repeated.evidence is None:
            return draft, ()
        found = (repeated.evidence,)
        chosen &= _uniform(draft, group, len(lines))
    return _spread_totals(draft, values, group, chosen), found


def _uniform(draft: Draft, group: IntArray, n_groups: int) -> BoolArray:
    first = np.maximum(first_by(draft.readable, group, n_groups), 0)
    odd = draft.readable & (draft.amount != draft.amount[first[group]])
    uniform: BoolArray = np.bincount(group, weights=odd, minlength=n_groups) == 0
    return uniform


def _spread_totals(
    draft: Draft, values: IntArray | None, group: IntArray, chosen: BoolArray
) -> Draft:
    """Give each line of the chosen orders its share of the order's one amount."""
    rows = np.flatnonzero(chosen[group] & (draft.kind != KIND_CODES["blank"]))
    places, local = np.unique(group[rows], return_inverse=True)
    first = first_by(draft.trouble[rows] != 1, local, len(places))
    source = rows[
        np.where(first >= 0, first, first_by(np.ones(len(rows), bool), local, len(places)))
    ]
    weights = values if values is not None else np.maximum(draft.quantity, 0)
    shares = spread(draft.amount[source], weights[rows], local)
    amount, trouble = draft.amount.copy(), draft.trouble.copy()
    amount[rows] = np.where(draft.trouble[source][local] == 0, shares, 0)
    trouble[rows] = draft.trouble[source][local]
    return replace(draft, amount=amount, trouble=trouble)


def _take_off_discounts(draft: Draft, file: MappedFile, group: IntArray) -> Draft:
    if file.known is None or not file.prescribed("amount"):
        return draft
    names = file.known.order_discounts
    columns = file.columns_of(names)
    if not columns or not len(group):
        return draft
    n_groups = int(group.max()) + 1
    discount = sum((np.abs(file.amounts(c).values) for c in columns), start=np.zeros(1, np.int64))
    goods = sum_by(np.maximum(draft.amount, 0), group, n_groups)
    discounts = np.minimum(sum_by(discount * draft.readable, group, n_groups), goods)
    return replace(draft, amount=draft.amount - spread(discounts, draft.amount, group))


def _with_signs(draft: Draft, meaning: RowMeaning, known: Format | None) -> Draft:
    """Make refunds negative; give negative rows that are none the kind the format names."""
    amount = np.where(meaning.refund, -np.abs(draft.amount), draft.amount)
    kind = draft.kind
    if known and known.negative:
        odd = (amount < 0) & ~meaning.refund & (kind == 0)
        kind = np.where(odd, np.int8(KIND_CODES[known.negative]), kind)
    return replace(draft, amount=amount, kind=kind)


def _add_refund_column(
    draft: Draft, file: MappedFile, group: IntArray, paid_back: BoolArray, *, once: bool
) -> Draft:
    """Add a row for what an order was paid back, up to its goods, and one for the rest."""
    column = file.refund_column()
    if not len(group) or (column is None and not paid_back.any()):
        return draft
    n_groups = int(group.max()) + 1
    refunded = np.zeros(n_groups, dtype=np.int64)
    if column is not None:
        refunded = _refunded(draft, file, column, group, n_groups, once=once)
    goods = np.maximum(sum_by(np.where(draft.derived, 0, draft.amount), group, n_groups), 0)
    full = np.bincount(group[paid_back], minlength=n_groups) > 0
    refunded = np.where(full & (refunded == 0), goods, refunded)
    back = np.minimum(refunded, goods)
    leader = first_by(draft.readable, group, n_groups)
    goods_rows = leader[(back > 0) & (leader >= 0)]
    rest_rows = leader[(refunded > back) & (leader >= 0)]
    draft = _append(draft, goods_rows, -back[group[goods_rows]], kind=None)
    return _append(draft, rest_rows, -(refunded - back)[group[rest_rows]], kind=_SHIPPING)


def _refunded(
    draft: Draft, file: MappedFile, column: str, group: IntArray, n_groups: int, *, once: bool
) -> IntArray:
    """Return what each order was paid back; without a format, line by line unless totals repeat."""
    found = file.amounts(column)
    given = found.ok & (found.values != 0)
    if file.known is None:  # where nothing was sold on the row, it is a refund of its own
        given &= draft.amount > 0
    if file.known is None and not once:
        return sum_by(np.where(given, np.abs(found.values), 0), group, n_groups)
    first = first_by(given, group, n_groups)
    return np.where(first >= 0, np.abs(found.values[first]), 0)


def _cap_refunds(draft: Draft, meaning: RowMeaning, file: MappedFile) -> Draft:
    """Part refunds that pay tax and shipping back too, where the sales were counted without."""
    if not _less_columns(file) or not meaning.refund.any() or not file.prescribed("amount"):
        return draft
    place = pc.index_in(draft.refund_of, value_set=draft.order_ref, skip_nulls=True)
    place = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero((place >= 0) & (draft.amount < 0) & (draft.kind == 0) & ~draft.derived)
    sold = np.maximum(draft.amount[place[rows]], 0)
    wanted = -draft.amount[rows]
    order = np.lexsort((rows, place[rows]))
    rows, sold, wanted = rows[order], sold[order], wanted[order]
    starts = np.flatnonzero(np.append(True, np.diff(place[rows]) != 0)) if len(rows) else rows
    before = np.cumsum(wanted) - wanted
    before -= np.repeat(before[starts], np.diff(np.append(starts, len(rows))))
    back = np.clip(sold - before, 0, wanted)
    amount = draft.amount.copy()
    amount[rows] = -back
    over = wanted > back
    draft = replace(draft, amount=amount)
    return _append(draft, rows[over], -(wanted - back)[over], kind=_SHIPPING)


def _append(draft: Draft, rows: IntArray, amount: IntArray, *, kind: str | None) -> Draft:
    """Add derived rows; ``kind`` None keeps that of the row they come from."""
    if not len(rows):
        return draft
    picked = pa.array(rows)
    kinds = draft.kind[rows]
    if kind is not None:
        kinds = np.where(kinds == 0, np.int8(KIND_CODES[kind]), kinds)
    order = draft.order_ref.take(picked)
    return replace(
        draft,
        row=np.concatenate([draft.row, draft.row[rows]]),
        kind=np.concatenate([draft.kind, kinds]),
        amount=np.concatenate([draft.amount, amount]),
        trouble=np.concatenate([draft.trouble, np.zeros(len(rows), dtype=np.int8)]),
        quantity=np.concatenate([draft.quantity, np.full(len(rows), NO_QUANTITY)]),
        derived=np.concatenate([draft.derived, np.ones(len(rows), dtype=bool)]),
        order_ref=pa.concat_arrays([draft.order_ref, order]),
        refund_of=pa.concat_arrays([draft.refund_of, order]),
        signs=np.concatenate([draft.signs, draft.signs[rows]]),
    )
