"""Orders that a newer export has as cancelled, from the files to the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crm_core.cli import cli
from tests.databases import Databases

COLUMNS = (
    *("Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Shipping", "Taxes"),
    *("Total", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price"),
    *("Billing Name", "Cancelled at", "Refunded Amount"),
)


def order(
    name: str, email: str, day: str, *prices: str, status: str = "paid", cancelled: str = ""
) -> list[dict[str, str]]:
    """Return the lines of one order as Shopify writes them: its values on the first line only."""
    total = str(sum(int(price) for price in prices))
    first = {
        "Email": email,
        "Financial Status": status,
        "Created at": f"{day} 10:00:00 +0100",
        "Subtotal": total,
        "Total": total,
        "Currency": "EUR",
        "Cancelled at": cancelled,
    }
    lines = [
        {"Name": name, "Lineitem quantity": "1", "Lineitem name": f"Item {p}", "Lineitem price": p}
        for p in prices
    ]
    return [first | lines[0], *lines[1:]]


def write(file: Path, *orders: list[dict[str, str]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        writer.writerows(line for lines in orders for line in lines)
    return file


@pytest.fixture
def exports(tmp_path: Path) -> tuple[Path, Path]:
    """Return January's export and a later one in which order #1 is cancelled."""
    second = order("#2", "bo@x.org", "2024-01-20", "7")
    january = write(
        tmp_path / "january.csv", order("#1", "ann@x.org", "2024-01-10", "10", "5"), second
    )
    february = write(
        tmp_path / "february.csv",
        order("#1", "Ann@x.org", "2024-01-10", "10", "5", cancelled="2024-02-01 09:00:00 +0100"),
        second,
        order("#3", "bo@x.org", "2024-02-10", "9"),
        order("#4", "dee@x.org", "2024-02-11", "40", status="voided"),
    )
    return january, february


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def figures(database: str) -> tuple[int, int, str]:
    """Return the known clients, the orders and the net sales."""
    text = run("report", "--as-of", "2024-02-29", "--json", "--db", database)
    report: dict[str, Any] = json.loads(text)
    return report["clients"]["known"], report["orders"], report["sales"]["net"]


def test_an_order_cancelled_in_a_newer_export_leaves_the_figures(
    exports: tuple[Path, Path], databases: Databases, tmp_path: Path
) -> None:
    database, (january, february) = databases.new(tmp_path), exports
    run("import", january, "--currency", "EUR", "--db", database)
    assert figures(database) == (2, 2, "22.00")
    found = json.loads(run("import", february, "--json", "--db", database))
    assert (found["replaced"]["rows"], found["replaced"]["money"]) == (2, "15.00")
    assert found["ends"]["already_stored"]["rows"] == 1
    # Of Ann nothing is left, and Dee, who never paid, does not become a client by that.
    assert figures(database) == (1, 2, "16.00")
    run("undo", "2", "--db", database)
    assert figures(database) == (2, 2, "22.00")
    run("import", february, "--db", database)
    run("undo", "1", "--db", database)
    assert figures(database) == (1, 2, "16.00")
