"""The files and databases that trials work on."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import Engine

from benchmarks.generated import generate
from crm_core.importing import Choices, Prepared, carry_out, prepare
from crm_core.tables import to_date

TODAY = date(2025, 1, 15)
NOW = datetime(2025, 1, 15, 9, 30, tzinfo=UTC)
PEOPLE = ("Anna", "Ben", "Cleo", "Dirk")


def sales_file(n_sales: int, *, part: int, source: str = "shop") -> bytes:
    """Return a CSV of sales; every tenth row of part 2 corrects an order of part 1.

    Each source has numbers of its own for the same people.
    """
    rows, first = generate(n_sales, seed=part), generate(n_sales, seed=1)
    corrected = np.arange(n_sales) % 10 == 0
    clients = np.where(corrected, first.client, rows.client).tolist()
    days = np.where(corrected, first.day, rows.day).tolist()
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["Order", "Client", "Date", "Amount", "Product", "Email", "Phone", "Manager"])
    columns = zip(clients, days, rows.amount.tolist(), strict=True)
    for number, (client, day, amount) in enumerate(columns):
        order = 1 if number % 10 == 0 else part
        lines.writerow(
            [
                f"{order}-{number}",
                f"{source}{client:05d}",
                to_date(day).isoformat(),
                f"{amount / 10_000:.2f}",
                f"Item {number % 40}",
                f"{source}{client}@example.com",
                f"+49 30 {1_000_000 + client}",
                PEOPLE[client % len(PEOPLE)],
            ]
        )
    return out.getvalue().encode()


def read_file(engine: Engine, n_sales: int, *, part: int, source: str = "shop") -> Prepared:
    """Return a part of the sales, read and staged, nothing written yet."""
    choices = Choices(source=source, currency="EUR")
    content = sales_file(n_sales, part=part, source=source)
    return prepare(engine, content, name=f"part{part}.csv", choices=choices, today=TODAY)


def import_part(engine: Engine, n_sales: int, *, part: int, source: str = "shop") -> int:
    """Import a part of the sales and return the number of the import."""
    prepared = read_file(engine, n_sales, part=part, source=source)
    return carry_out(engine, prepared, now=NOW).batch_id
