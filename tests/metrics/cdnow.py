"""The CDNOW sample as a ledger: the published file behind several of the figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from crm_core.assembly import SaleRows, assemble
from crm_core.ledger import Ledger
from crm_core.money import to_ten_thousandths
from crm_core.tables import NEVER, Clients, to_day

LAST_DAY = to_day(date(1998, 6, 30))


def read_cdnow(folder: Path) -> Ledger:
    """Read ``CDNOW_sample.txt``: client, client within the sample, day, quantity, amount."""
    rows = [line.split() for line in (folder / "cdnow/CDNOW_sample.txt").read_text().splitlines()]
    names, client = np.unique([row[0] for row in rows], return_inverse=True)
    days = [to_day(date.fromisoformat(f"{d[:4]}-{d[4:6]}-{d[6:]}")) for d in (r[2] for r in rows)]
    n = len(rows)
    clients = Clients(
        record_id=np.arange(len(names), dtype=np.int64),
        external_id=pa.array(names.tolist(), pa.string()),
        name=pa.array(names.tolist(), pa.string()),
        known_on=np.full(len(names), NEVER, dtype=np.int32),
    )
    sales = SaleRows(
        client=client.astype(np.int32),
        day=np.array(days, dtype=np.int32),
        amount=np.array([to_ten_thousandths(row[4]) for row in rows], dtype=np.int64),
        order=np.arange(1, n + 1, dtype=np.int64),
        refund_of=np.zeros(n, dtype=np.int64),
        product=np.full(n, -1, dtype=np.int32),
        channel=np.full(n, -1, dtype=np.int16),
        manager=np.full(n, -1, dtype=np.int16),
    )
    return assemble(clients, sales)
