"""The files and databases that trials work on."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

from sqlalchemy import Engine

from benchmarks.generated import generate
from crm_core.importing import Choices, Prepared, carry_out, prepare
from crm_core.tables import to_date

TODAY = date(2025, 1, 15)
NOW = datetime(2025, 1, 15, 9, 30, tzinfo=UTC)
PEOPLE = ("Anna", "Ben", "Cleo", "Dirk")


def sales_file(n_sales: int, *, part: int) -> bytes:
    """Return a CSV of sales; every tenth row of part 2 corrects an order of part 1."""
    rows = generate(n_sales, seed=part)
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["Order", "Client", "Date", "Amount", "Product", "Email", "Manager"])
    columns = zip(rows.client.tolist(), rows.day.tolist(), rows.amount.tolist(), strict=True)
    for number, (client, day, amount) in enumerate(columns):
        first = 1 if number % 10 == 0 else part
        lines.writerow(
            [
                f"{first}-{number}",
                f"K{client:05d}",
                to_date(day).isoformat(),
                f"{amount / 10_000:.2f}",
                f"Item {number % 40}",
                f"k{client}@example.com",
                PEOPLE[client % len(PEOPLE)],
            ]
        )
    return out.getvalue().encode()


def read_file(engine: Engine, n_sales: int, *, part: int) -> Prepared:
    """Return a part of the sales, read and staged, nothing written yet."""
    choices = Choices(source="shop", currency="EUR")
    content = sales_file(n_sales, part=part)
    return prepare(engine, content, name=f"part{part}.csv", choices=choices, today=TODAY)


def import_part(engine: Engine, n_sales: int, *, part: int) -> int:
    """Import a part of the sales and return the number of the import."""
    prepared = read_file(engine, n_sales, part=part)
    return carry_out(engine, prepared, now=NOW).batch_id
