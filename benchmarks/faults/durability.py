"""What it costs that commits outlive a power cut: ``python -m benchmarks.faults.durability``.

The same work with ``synchronous = FULL``, as the program runs, and with ``NORMAL``, which
leaves the last commits in the memory of the system; in turn, on fresh databases.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.faults.material import NOW, read_file
from benchmarks.machine import describe_machine
from benchmarks.reliability import PAGE, write_part
from crm_core.importing import carry_out
from crm_core.records import engine as engines
from crm_core.records.clients import edit_client
from crm_core.records.engine import open_database, writing

WAYS = ("NORMAL", "FULL")

Seconds = dict[tuple[str, str], list[float]]


def measure(rows: int, rounds: int, changes: int, folder: Path) -> Seconds:
    """Return the seconds of every import and of every change, by what and by way."""
    found: Seconds = defaultdict(list)
    kept = engines.DURABLE
    try:
        for number in range(rounds):
            # Each way goes first in every second round.
            for way in WAYS[:: 1 if number % 2 else -1]:
                engines.DURABLE = way
                _one_round(found, way, folder / f"{way}{number}.sqlite", rows, changes)
    finally:
        engines.DURABLE = kept
    return found


def _one_round(found: Seconds, way: str, file: Path, rows: int, changes: int) -> None:
    engine = open_database(f"sqlite:///{file}")
    prepared = read_file(engine, rows, part=1)
    began = time.perf_counter()
    carry_out(engine, prepared, now=NOW)
    found["import", way].append(time.perf_counter() - began)
    for client in range(1, changes + 1):
        began = time.perf_counter()
        with writing(engine, sales=False) as connection:
            edit_client(connection, client, city=f"Town {client}")
        found["edit", way].append(time.perf_counter() - began)
    engine.dispose()
    for ending in ("", "-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)


def describe(found: Seconds, options: argparse.Namespace) -> str:
    """Return the medians as the page of reliability has them."""
    middle = {key: statistics.median(seconds) for key, seconds in found.items()}
    rows = "\n".join(
        f"| {what} | {form(middle[key, 'NORMAL'])} | {form(middle[key, 'FULL'])} |"
        for key, what, form in (
            ("import", f"import of {options.rows:,} rows", "{:.2f} s".format),
            ("edit", "one field of a client changed", lambda s: f"{s * 1000:.1f} ms"),
        )
    )
    return (
        f"`python -m benchmarks.faults.durability --rows {options.rows} --rounds {options.rounds} "
        f"--write`: medians of {options.rounds} imports and {len(found['edit', 'FULL'])} changes "
        f"each way, in turn, beside other programs. {describe_machine()}.\n\n"
        f"| what | `NORMAL` | `FULL` |\n|---|---:|---:|\n{rows}"
    )


def main() -> None:
    """Measure, and write the page where asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults.durability")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--edits", type=int, default=50, help="of each round")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regulars-durability-") as folder:
        found = measure(options.rows, options.rounds, options.edits, Path(folder))
    text = describe(found, options)
    print(text)
    if options.write:
        write_part("durability", text)


if __name__ == "__main__":
    main()
