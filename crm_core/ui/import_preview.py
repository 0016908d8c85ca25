"""The first rows of a file, what was read beside what is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_core.formatting import DASH, format_day, format_money, one_line
from crm_core.importing import Prepared

WIDEST = 60
MOST_ROWS = 8


def preview(prepared: Prepared, *, most: int = MOST_ROWS) -> dict[str, list[str]]:
    """Return the first rows of a file, column by column, as texts.

    Parameters
    ----------
    prepared : Prepared
        A file understood and staged.
    most : int, default 8
        Rows shown.

    Returns
    -------
    dict of str to list of str
        ``Line, Becomes, Client``, then day and amount as written and as read.
    """
    table = prepared.shaped.table
    lines = [int(line) for line in table.lines[:most]]
    sales, becomes = _sales_at(prepared, lines), _unused_at(prepared, lines)
    columns = prepared.mapping.columns
    shown = {
        "Line": [f"{line:,}" for line in lines],
        "Becomes": [becomes.get(line) or _sale_word(prepared, sales.get(line)) for line in lines],
        "Client": [_client(prepared, sales.get(line)) for line in lines],
    }
    if "day" in columns:
        shown["Day, as written"] = _written(prepared, ["day"], len(lines))
        shown["Day, as read"] = [_day(prepared, sales.get(line)) for line in lines]
    fields = ["amount"] if "amount" in columns else ["quantity", "unit_price"]
    if set(fields) <= set(columns):
        shown["Amount, as written"] = _written(prepared, fields, len(lines))
        shown["Amount, as read"] = [_amount(prepared, sales.get(line)) for line in lines]
    return shown


def _sales_at(prepared: Prepared, lines: Sequence[int]) -> dict[int, int]:
    """Return the position of the first sale of each line that gave one."""
    found = np.flatnonzero(np.isin(prepared.staged.sales.line, lines))[::-1].tolist()
    return {int(prepared.staged.sales.line[place]): place for place in found}


def _unused_at(prepared: Prepared, lines: Sequence[int]) -> dict[int, str]:
    unused, wanted = prepared.staged.unused, set(lines)
    words = {"held_back": "held back", "not_a_sale": "not a sale"}
    return {
        line: f"{words[end]}: {reason}"
        for line, end, reason in zip(unused.line, unused.end, unused.reason, strict=True)
        if line in wanted
    }


def _sale_word(prepared: Prepared, place: int | None) -> str:
    if place is None:
        return DASH
    amount = int(prepared.staged.sales.amount[place])
    return "refund" if amount < 0 else "sale"


def _client(prepared: Prepared, place: int | None) -> str:
    if place is None:
        return DASH
    client = int(prepared.staged.sales.client[place])
    if client < 0:
        return "nobody"
    people = prepared.staged.clients
    label = people.label[client]
    names = people.attributes.get("name")
    name = names.labels[names.codes[client]] if names and names.codes[client] >= 0 else ""
    return one_line(f"{label}, {name}" if name and name != label else label, WIDEST)


def _day(prepared: Prepared, place: int | None) -> str:
    return DASH if place is None else format_day(int(prepared.staged.sales.day[place]))


def _amount(prepared: Prepared, place: int | None) -> str:
    if place is None:
        return DASH
    sales = prepared.staged.sales
    code = int(sales.currency.codes[place])
    currency = sales.currency.labels[code] if code >= 0 else prepared.currency
    return format_money(int(sales.amount[place]), currency, places=2)


def _written(prepared: Prepared, fields: Sequence[str], count: int) -> list[str]:
    columns = [prepared.mapping.columns[field] for field in fields]
    cells = [prepared.shaped.table.column(name)[:count].to_pylist() for name in columns]
    return [one_line(" × ".join(row), WIDEST) for row in zip(*cells, strict=True)]
