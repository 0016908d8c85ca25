"""Sales that wait for a currency rate: how many, how much, and from which day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection, text

from crm_core.records.bulk import fetch_columns
from crm_core.records.rates import read_rates
from crm_core.tables import to_date

_FOREIGN = text(
    """
    SELECT currencies.name, sales.day, count(*), sum(sales.amount)
    FROM sales JOIN currencies ON currencies.id = sales.currency_id
    WHERE sales.live GROUP BY currencies.name, sales.day ORDER BY currencies.name, sales.day
    """
)


@dataclass(frozen=True)
class Waiting:
    """Live sales of one currency without a rate on their day.

    Attributes
    ----------
    currency : str
        ISO code.
    rows, amount : int
        How many, and their sum in ten-thousandths of that currency.
    first_day, last_day : date
        Days between which they lie: a rate from ``first_day`` on frees them all.
    """

    currency: str
    rows: int
    amount: int
    first_day: date
    last_day: date


def waiting_currencies(connection: Connection) -> list[Waiting]:
    """Return the currencies whose sales wait for a rate, by code."""
    names, days, rows, amounts = fetch_columns(
        connection, _FOREIGN, [object, np.int64, np.int64, np.int64]
    )
    rates, found = read_rates(connection), []
    for name in sorted(set(names)):
        at = np.flatnonzero(names == name)
        at = at[rates.find(name, days[at]) < 0]
        if len(at):
            found.append(
                Waiting(
                    str(name),
                    int(rows[at].sum()),
                    int(amounts[at].sum()),
                    to_date(int(days[at[0]])),
                    to_date(int(days[at[-1]])),
                )
            )
    return found
