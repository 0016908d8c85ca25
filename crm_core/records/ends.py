"""Tallies of the rows of an import that do not count (yet), by reason."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from crm_core.records.import_report import Tally, tally_rows
from crm_core.records.rates import read_rates
from crm_core.records.staged import StagedImport
from crm_core.tables import Coded


def tally_unused(staged: StagedImport, end: str) -> dict[str, Tally]:
    """Tally the rows that are no sales, of one end, by reason."""
    unused = staged.unused
    rows, money = Counter[str](), Counter[tuple[str, str | None]]()
    derived = unused.derived or (False,) * len(unused.line)
    for where, reason, amount, currency, extra in zip(
        unused.end, unused.reason, unused.amount, unused.currency, derived, strict=True
    ):
        if where == end:
            rows[reason] += not extra
            money[reason, currency] += amount or 0
    return {
        reason: Tally(count, {c: total for (r, c), total in money.items() if r == reason and total})
        for reason, count in rows.items()
    }


def tally_waiting(
    connection: Connection, staged: StagedImport, currency: Coded, waiting: NDArray[np.bool_]
) -> dict[str, Tally]:
    """Tally rows of currencies without a rate on their day; ``waiting`` keeps only those."""
    rates, tallies = read_rates(connection), dict[str, Tally]()
    for code in np.unique(currency.codes[waiting]).tolist():
        name = currency.labels[code]
        at = np.flatnonzero(waiting & (currency.codes == code))
        waiting[at] = rates.find(name, staged.sales.day[at]) < 0
        without = waiting & (currency.codes == code)
        if without.any():
            tallies[f"no rate for {name}"] = tally_rows(staged.sales, currency, without)
    return tallies
