"""Firms drawn from the models themselves: clients who buy, spend and leave as BG/NBD says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from crm_core.assembly import SaleRows, assemble
from crm_core.ledger import Ledger
from crm_core.tables import NEVER, Clients, to_day

START = to_day(date(2020, 1, 1))


def assemble_rows(client: np.ndarray, day: np.ndarray, amount: np.ndarray) -> Ledger:
    """Return the ledger of orders of one row each; amounts in ten-thousandths."""
    n_clients, n = int(client.max(initial=-1)) + 1, len(client)
    names = [f"c{number:07d}" for number in range(n_clients)]
    clients = Clients(
        record_id=np.arange(1, n_clients + 1, dtype=np.int64),
        external_id=pa.array(names, pa.string()),
        name=pa.array(names, pa.string()),
        known_on=np.full(n_clients, NEVER, dtype=np.int32),
    )
    rows = SaleRows(
        client=client.astype(np.int32),
        day=day.astype(np.int32),
        amount=amount.astype(np.int64),
        order=np.arange(1, n + 1, dtype=np.int64),
        refund_of=np.zeros(n, dtype=np.int64),
        product=np.full(n, -1, dtype=np.int32),
        channel=np.full(n, -1, dtype=np.int16),
        manager=np.full(n, -1, dtype=np.int16),
    )
    return assemble(clients, rows)


def draw_orders(
    n_clients: int, *, days: int = 900, seed: int = 1, p_leave: tuple[float, float] = (0.8, 2.4)
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (client, day, amount) of orders; first purchases through the whole time."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.6, 1 / 40, n_clients)
    leaves = rng.beta(*p_leave, n_clients)
    clock = rng.uniform(0, days, n_clients)
    worth = 6.0 / rng.gamma(3.7, 1 / 15.0, n_clients)
    at, client, day = np.arange(n_clients), [], []
    while len(at):
        client.append(at)
        day.append(np.floor(clock[at]))
        if len(client) > 1:
            at = at[rng.random(len(at)) >= leaves[at]]
        clock[at] += rng.exponential(1 / np.maximum(rate[at], 1e-9))
        at = at[clock[at] < days]
    who, when = np.concatenate(client), np.concatenate(day)
    amount = np.rint(worth[who] * rng.gamma(6.0, 1 / 6.0, len(who)) * 10_000)
    return who, START + when, amount


def simulated_firm(n_clients: int, **options) -> Ledger:
    """Return the ledger of a firm drawn by :func:`draw_orders`."""
    return assemble_rows(*draw_orders(n_clients, **options))
