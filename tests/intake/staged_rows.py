"""Staged imports as plain rows, so that tests read like the tables they check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crm_core.intake.mapping import Mapping as ColumnMapping
from crm_core.intake.staging import stage
from crm_core.intake.suggest import understand
from crm_core.intake.table import Table, make_table
from crm_core.money import to_decimal_text
from crm_core.records.staged import NO_QUANTITY, StagedImport
from crm_core.tables import Coded, to_date, to_day

TODAY = to_day(date(2026, 11, 1))


def staged_from(
    header: str,
    rows: Sequence[str],
    *,
    choices: Mapping[str, str] | None = None,
    **options: Any,
) -> StagedImport:
    """Return what a file gives, typed as a header and rows with ``|`` between cells."""
    return staged_of(table_of(header, rows), choices=choices, **options)


def table_of(header: str, rows: Sequence[str]) -> Table:
    """Return a table typed as a header and rows with ``|`` between cells; short rows are filled."""
    names = header.split("|")
    cells = [[*row.split("|"), *[""] * len(names)][: len(names)] for row in rows]
    return make_table(names, cells)


def filled(header: str, *rows: Mapping[str, str]) -> Table:
    """Return a table with a long header and only some cells of each row filled."""
    names = header.split(",")
    for row in rows:
        assert set(row) <= set(names), set(row) - set(names)
    return make_table(names, [[row.get(name, "") for name in names] for row in rows])


def staged_of(
    table: Table, *, choices: Mapping[str, str] | None = None, **options: Any
) -> StagedImport:
    """Return what a table gives, understood without help but for ``choices``."""
    shaped, mapping = understand(table, choices=choices)
    return checked(stage(shaped, mapping, **{"today": TODAY, **options}))


def staged_as(table: Table, columns: Mapping[str, str], **options: Any) -> StagedImport:
    """Return what a table gives with a mapping typed by hand."""
    return checked(stage(table, ColumnMapping(dict(columns)), **{"today": TODAY, **options}))


def checked(staged: StagedImport) -> StagedImport:
    """Return a staged import whose ends sum to the file, rows and money."""
    assert sum_of_ends(staged) == {c: m for c, m in staged.money.items() if m}
    derived = staged.sales.derived
    assert derived is not None
    assert staged.n_rows == int((~derived).sum()) + staged.unused.derived.count(False)
    return staged


def sum_of_ends(staged: StagedImport) -> dict[str | None, int]:
    """Return the money of all ends by currency, zeros left out."""
    total: dict[str | None, int] = {}
    named = zip(staged.sales.currency.codes.tolist(), staged.sales.amount.tolist(), strict=True)
    for code, amount in named:
        label = staged.sales.currency.labels[code] if code >= 0 else None
        total[label] = total.get(label, 0) + amount
    for currency, found in zip(staged.unused.currency, staged.unused.amount, strict=True):
        total[currency] = total.get(currency, 0) + (found or 0)
    return {currency: amount for currency, amount in total.items() if amount}


def sales_of(staged: StagedImport) -> list[tuple[str | None, str, str]]:
    """Return client, day and amount of each sale."""
    sales = staged.sales
    return [
        (
            staged.clients.label[client] if client >= 0 else None,
            str(to_date(day)),
            to_decimal_text(amount),
        )
        for client, day, amount in zip(
            sales.client.tolist(), sales.day.tolist(), sales.amount.tolist(), strict=True
        )
    ]


def refs_of(staged: StagedImport) -> list[tuple[str | None, str | None]]:
    """Return order and refunded order of each sale."""
    return list(
        zip(staged.sales.order_ref.to_pylist(), staged.sales.refund_of.to_pylist(), strict=True)
    )


def items_of(staged: StagedImport) -> list[tuple[str | None, str | None]]:
    """Return product and quantity of each sale."""
    quantities = [
        None if quantity == NO_QUANTITY else to_decimal_text(quantity, places=0)
        for quantity in staged.sales.quantity.tolist()
    ]
    return list(zip(texts(staged.sales.product), quantities, strict=True))


def unused_of(staged: StagedImport) -> list[tuple[int, str, str | None]]:
    """Return line, reason and amount of each row that is no sale."""
    unused = staged.unused
    amounts = [None if amount is None else to_decimal_text(amount) for amount in unused.amount]
    return list(zip(unused.line, unused.reason, amounts, strict=True))


def texts(coded: Coded) -> list[str | None]:
    """Return coded texts one by one."""
    return [coded.labels[code] if code >= 0 else None for code in coded.codes.tolist()]


def attribute(staged: StagedImport, name: str) -> dict[str, str | None]:
    """Return one attribute of each client, by the client's label."""
    return dict(zip(staged.clients.label, texts(staged.clients.attributes[name]), strict=True))


def evidence_of(staged: StagedImport, topic: str) -> list[str]:
    """Return the sentences about one topic."""
    return [one["sentence"] for one in staged.mapping["evidence"] if one["topic"] == topic]
