"""``python -m benchmarks.postgres``: the ledger read from PostgreSQL beside a bare ``COPY``.

Starts a PostgreSQL of its own on this computer, fills it with generated sales, and lets
the contenders take turns: a bare ``COPY … TO STDOUT`` of the columns the ledger is made
of, received and thrown away; reading them as arrays; and building the whole ledger. The
ledger is first found equal to the one SQLite gives.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from benchmarks.generated import generate
from benchmarks.importing import carry_out_once
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.page import PAGE, write_section
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
    busy : dict of str to (float, float)
        Processor seconds of one run here and on the server, 0 there where nobody tells.
    embedded : float
        Building the same ledger from SQLite, once.
    """

    n_sales: int
    move: float
    seconds: dict[str, float]
    busy: dict[str, tuple[float, float]]
    embedded: float

    def speed(self, name: str) -> float:
        """Return the speed of a contender as a share of the bare text ``COPY``."""
        return self.seconds["copy"] / self.seconds[name]


def receive(connection: Connection, statement: str) -> int:
    """Run a ``COPY … TO STDOUT``, throw away what comes, and return its bytes."""
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        return sum(len(piece) for piece in copy)


def processor_seconds(connection: Connection, run: Callable[[], Any]) -> tuple[float, float]:
    """Return the processor seconds one run takes here, and in the server's process."""
    held: Any = connection.connection.dbapi_connection
    schedule = Path(f"/proc/{held.info.backend_pid}/schedstat")

    def there() -> float:
        return int(schedule.read_text().split()[0]) / 1e9 if schedule.is_file() else 0.0

    here, server = time.process_time(), there()
    run()
    return time.process_time() - here, there() - server


def time_server(server: Engine, embedded: Engine, *, repeats: int) -> PostgresTimes:
    """Move a database onto a server, hold both ledgers together, and time the reading."""
    moving = time_once(lambda: move(embedded, server))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    with reading(server) as there, reading(embedded) as here:
        made = build_ledger(there)
        begun = time.perf_counter()
        plain = build_ledger(here)
        embedded_time = time.perf_counter() - begun
        odd = list(differences(made, plain))
        del plain
        if odd:
            raise SystemExit(f"the ledgers differ: {'; '.join(odd)}")
        place = make_clients(read_client_rows(there))[1]
        contenders: dict[str, Callable[[], Any]] = {
            "copy": lambda: receive(there, BARE),
            "copy binary": lambda: receive(there, BARE_BINARY),
            "arrays": lambda: read_sales(there, place),
            "ledger": lambda: build_ledger(there),
        }
        seconds = median_times(contenders, repeats)
        busy = {name: processor_seconds(there, run) for name, run in contenders.items()}
    n_sales = len(made.sales) + len(made.unnamed_day)
    return PostgresTimes(n_sales, moving, seconds, busy, embedded_time)


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
    yield "| sales | processor time of a bare `COPY`, here + server | of the whole ledger |"
    yield "|---:|---:|---:|"
    for it in found:
        cells = [" + ".join(f"{s * 1e3:,.0f}" for s in it.busy[n]) for n in ("copy", "ledger")]
        yield f"| {it.n_sales:,} | {cells[0]} ms | {cells[1]} ms |"
    yield ""
    yield "| sales | the same ledger from SQLite | `move` from SQLite, comparison included |"
    yield "|---:|---:|---:|"
    for it in found:
        yield f"| {it.n_sales:,} | {it.embedded * 1e3:,.0f} ms | {it.move:.1f} s |"


WORDS = """`python -m benchmarks.postgres {options} --write`, {today}. {machine}; server and program
on the same computer, load {load:.1f} at the start. Medians of {repeats}; wanted is the whole ledger
at no less than half the speed of the bare text `COPY` of its columns. The ledgers of both
databases were found equal, value by value.
"""


def section(found: Sequence[PostgresTimes], options: argparse.Namespace, load: float) -> str:
    """Return what stands in the documentation."""
    words = WORDS.format(
        options=f"--sales {' '.join(map(str, options.sales))} --repeats {options.repeats}",
        today=date.today().isoformat(),
        machine=describe_machine(),
        load=load,
        repeats=options.repeats,
    )
    return f"{words}\n" + "\n".join(rows_of(found))


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
    parser.add_argument("--write", action="store_true", help=f"write into {PAGE.name}")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{describe_machine()}\n{describe_versions()}", flush=True)
    found = [measure(n_sales, repeats=options.repeats) for n_sales in options.sales]
    print("\n".join(rows_of(found)))
    if options.write:
        write_section("PostgreSQL", section(found, options, load))
        print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
