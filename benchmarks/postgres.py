"""``python -m benchmarks.postgres``: the ledger read from PostgreSQL beside a bare ``COPY``.

Starts a PostgreSQL of its own on this computer, fills it with generated sales, and lets
the contenders take turns: a bare ``COPY … TO STDOUT`` of the columns the ledger is made
of, received and thrown away; reading them as arrays; and building the whole ledger. The
ledger is first found equal to the one SQLite gives.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from benchmarks.generated import generate
from benchmarks.importing import carry_out_once
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import median_times, time_once
from crm_core.moving import move
from crm_core.records.engine import open_database, reading
from crm_core.records.reading import read_client_rows
from crm_core.records.reading_sales import read_sales
from crm_core.self_check.cache import differences
from crm_core.snapshot import build_ledger, make_clients

COLUMNS = (
    "client_id, day, amount, key, refund_key, currency_id, product_id, channel_id, salesperson_id"
)
BARE = f"COPY (SELECT {COLUMNS} FROM sales WHERE live) TO STDOUT"
BARE_BINARY = f"{BARE} (FORMAT binary)"


@dataclass(frozen=True)
class PostgresTimes:
    """Median seconds of one size.

    Attributes
    ----------
    n_sales : int
        Sales that count.
    move : float
        Copying everything from SQLite and comparing it, once.
    seconds : dict of str to float
        By contender: ``copy``, ``copy binary``, ``arrays`` and ``ledger``.
    """

    n_sales: int
    move: float
    seconds: dict[str, float]

    def speed(self, name: str) -> float:
        """Return the speed of a contender as a share of the bare text ``COPY``."""
        return self.seconds["copy"] / self.seconds[name]


def receive(connection: Connection, statement: str) -> int:
    """Run a ``COPY … TO STDOUT``, throw away what comes, and return its bytes."""
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        return sum(len(piece) for piece in copy)


def time_server(server: Engine, embedded: Engine, *, repeats: int) -> PostgresTimes:
    """Move a database onto a server, hold both ledgers together, and time the reading."""
    moving = time_once(lambda: move(embedded, server))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    with reading(server) as there, reading(embedded) as here:
        made = build_ledger(there)
        odd = list(differences(made, build_ledger(here)))
        if odd:
            raise SystemExit(f"the ledgers differ: {'; '.join(odd)}")
        place = make_clients(read_client_rows(there))[1]
        seconds = median_times(
            {
                "copy": lambda: receive(there, BARE),
                "copy binary": lambda: receive(there, BARE_BINARY),
                "arrays": lambda: read_sales(there, place),
                "ledger": lambda: build_ledger(there),
            },
            repeats,
        )
    return PostgresTimes(len(made.sales) + len(made.unnamed_day), moving, seconds)


def rows_of(found: Sequence[PostgresTimes]) -> Iterator[str]:
    """Yield the table of the documentation."""
    yield "| sales | bare `COPY` (text) | bare `COPY` (binary) | read as arrays | whole ledger |"
    yield "|---:|---:|---:|---:|---:|"
    for it in found:
        cells = [f"{it.n_sales:,}"]
        for name in ("copy", "copy binary", "arrays", "ledger"):
            share = "" if name == "copy" else f" ({it.speed(name):.2f} × its speed)"
            cells.append(f"{it.seconds[name] * 1e3:,.0f} ms{share}")
        yield "| " + " | ".join(cells) + " |"
    yield ""
    yield "| sales | `move` from SQLite, comparison included |"
    yield "|---:|---:|"
    for it in found:
        yield f"| {it.n_sales:,} | {it.move:.1f} s |"


def measure(n_sales: int, *, repeats: int) -> PostgresTimes:
    """Generate, import, move and time so many sales, everything in a folder that goes."""
    from tests.postgres import find_server_programs, running_server  # noqa: PLC0415

    programs = find_server_programs()
    if programs is None:
        raise SystemExit("no PostgreSQL server programs on this computer")
    with tempfile.TemporaryDirectory() as folder, running_server(programs) as url:
        database = carry_out_once(generate(n_sales), Path(folder))
        embedded, server = open_database(f"sqlite:///{database}"), open_database(url)
        try:
            return time_server(server, embedded, repeats=repeats)
        finally:
            embedded.dispose()
            server.dispose()


def main() -> None:
    """Measure every size asked for and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.postgres", description=__doc__)
    parser.add_argument("--sales", type=int, nargs="+", default=[10**6], metavar="N")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"{describe_machine()}\n{describe_versions()}", flush=True)
    found = [measure(n_sales, repeats=options.repeats) for n_sales in options.sales]
    print("\n".join(rows_of(found)))


if __name__ == "__main__":
    main()
