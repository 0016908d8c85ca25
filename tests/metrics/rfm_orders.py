"""The orders behind the R package's published table, as a ledger."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from crm_core.assembly import SaleRows, assemble
from crm_core.ledger import Ledger
from crm_core.money import to_ten_thousandths
from crm_core.tables import NEVER, Clients, to_day

ANALYSIS_DAY = to_day(date(2006, 12, 31))


def read_rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_rfm_orders(folder: Path) -> Ledger:
    """Read ``rfm_data_orders.csv``: every row is an order of its own."""
    rows = read_rows(folder / "rfm/rfm_data_orders.csv")
    names, client = np.unique([row["customer_id"] for row in rows], return_inverse=True)
    n = len(rows)
    clients = Clients(
        record_id=np.arange(len(names), dtype=np.int64),
        external_id=pa.array(names.tolist(), pa.string()),
        name=pa.array(names.tolist(), pa.string()),
        known_on=np.full(len(names), NEVER, dtype=np.int32),
    )
    sales = SaleRows(
        client=client.astype(np.int32),
        day=np.array(
            [to_day(date.fromisoformat(row["order_date"])) for row in rows], dtype=np.int32
        ),
        amount=np.array([to_ten_thousandths(row["revenue"]) for row in rows], dtype=np.int64),
        order=np.arange(1, n + 1, dtype=np.int64),
        refund_of=np.zeros(n, dtype=np.int64),
        product=np.full(n, -1, dtype=np.int32),
        channel=np.full(n, -1, dtype=np.int16),
        manager=np.full(n, -1, dtype=np.int16),
    )
    return assemble(clients, sales)
