"""Sales made from a seed: the rows every peer gets, and the same rows as a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.assembly import SaleRows, assemble
from crm_core.ledger import Ledger
from crm_core.tables import NEVER, Clients, to_day

FIRST_DAY = to_day(date(2021, 1, 4))
LAST_DAY = to_day(date(2024, 12, 31))
REFUND_EVERY = 50


@dataclass(frozen=True)
class Rows:
    """Unsorted sales: client index, day since 1970-01-01, ten-thousandths."""

    client: NDArray[np.int32]
    day: NDArray[np.int32]
    amount: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.client)

    def sorted(self) -> Rows:
        """Return the rows by client and day."""
        order = np.lexsort((self.day, self.client))
        return Rows(self.client[order], self.day[order], self.amount[order])


def generate(n_sales: int, *, seed: int = 20) -> Rows:
    """Return ``n_sales`` sales of a tenth as many clients over four years.

    Clients differ in how much they buy (gamma, so few buy often and many once or
    twice), when they come and when they leave; one row in fifty is a refund that
    names no order. Rows stand in no order.
    """
    chance = np.random.default_rng(seed)
    n_clients = n_sales // 10
    weight = chance.gamma(0.7, size=n_clients)
    client = chance.choice(n_clients, size=n_sales, p=weight / weight.sum()).astype(np.int32)
    span = LAST_DAY - FIRST_DAY + 1
    came = chance.integers(0, span, size=n_clients) * chance.random(n_clients)
    stayed = (span - came) * np.sqrt(chance.random(n_clients))
    day = FIRST_DAY + (came[client] + stayed[client] * chance.random(n_sales)).astype(np.int32)
    mean = np.exp(chance.normal(4.0, 0.8, size=n_clients))
    amount = np.round(mean[client] * chance.gamma(2.0, 0.5, size=n_sales), 2)
    cents = np.round(amount * 100).astype(np.int64)
    cents[::REFUND_EVERY] *= -1
    return Rows(client, day.astype(np.int32), cents * 100)


def clients_table(n: int) -> Clients:
    """Return ``n`` clients named by their number."""
    names = pa.array(np.char.zfill(np.arange(n).astype("U8"), 8).tolist(), pa.string())
    return Clients(np.arange(n), names, names, np.full(n, NEVER, dtype=np.int32))


def to_sale_rows(rows: Rows) -> SaleRows:
    """Return the rows as an import hands them over, each its own order."""
    n = len(rows)
    return SaleRows(
        client=rows.client,
        day=rows.day,
        amount=rows.amount,
        order=np.arange(1, n + 1),
        refund_of=np.zeros(n, dtype=np.int64),
        product=np.full(n, -1, dtype=np.int32),
        channel=np.full(n, -1, dtype=np.int16),
        manager=np.full(n, -1, dtype=np.int16),
    )


def build_ledger(rows: Rows) -> Ledger:
    """Return the rows as a ledger."""
    return assemble(clients_table(len(rows) // 10), to_sale_rows(rows))
