"""``python -m benchmarks``: measure, print, and write ``docs/benchmarks.md``."""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.document import (
    Findings,
    comparison,
    lifetime_rows,
    other_rows,
    write_document,
)
from benchmarks.generated import Rows, generate
from benchmarks.importing import carry_out_once, time_import
from benchmarks.lifetime import time_backtest, time_lifetime
from benchmarks.ours import Regulars
from benchmarks.page import PAGE, merge_pages
from benchmarks.pages import time_pages
from benchmarks.questions import compare
from benchmarks.storage import peak_bytes, resident_bytes, time_opening

SECTIONS = ("questions", "presorted", "ledger", "import", "pages", "lifetime", "backtest")


def read_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sales", type=int, nargs="+", default=[10**6, 10**7], metavar="N")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="", help="questions whose name holds this text")
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--lifetime-sales", type=int, default=10**7, metavar="N")
    parser.add_argument("--cdnow", type=Path, metavar="FILE", help="CDNOW_master.txt")
    parser.add_argument("--import-rows", type=int, default=10**6)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    return parser.parse_args()


def measure_size(found: Findings, rows: Rows, options: argparse.Namespace) -> None:
    """Add what is found on one size of data."""
    ours = Regulars(rows)
    if "ledger" in options.sections:
        with tempfile.TemporaryDirectory() as folder:
            found.opening[len(rows)] = time_opening(ours.ledger, Path(folder))
        found.resident[len(rows)] = resident_bytes(ours.ledger)
    if "backtest" in options.sections:
        found.backtests[len(rows)] = time_backtest(ours.ledger)
    for section, presorted in (("questions", False), ("presorted", True)):
        if section not in options.sections:
            continue
        given = rows.sorted() if presorted else rows
        print(f"{len(rows):,} sales, {'sorted' if presorted else 'in no order'}", flush=True)
        for line in compare(
            given, ours, presorted=presorted, repeats=options.repeats, only=options.only
        ):
            found.lines.append(line)
            print(list(comparison([line]))[-1], flush=True)


def measure_database(found: Findings, options: argparse.Namespace) -> None:
    """Add the import of a CSV, the memory its ledger takes while built, and the pages."""
    rows = generate(options.import_rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "import" in options.sections:
            found.imported = time_import(rows, folder)
        database = carry_out_once(rows, folder)
        if "import" in options.sections:
            found.peak = peak_bytes(database)
        if "pages" in options.sections:
            found.pages = time_pages(database, repeats=options.repeats)


def main() -> None:
    """Run the benchmarks that were asked for."""
    options = read_arguments()
    found = Findings()
    for n_sales in options.sales:
        measure_size(found, generate(n_sales), options)
    if {"import", "pages"} & set(options.sections):
        measure_database(found, options)
    if "lifetime" in options.sections:
        found.lifetime = time_lifetime(
            options.lifetime_sales, options.cdnow, repeats=options.repeats
        )
        print("\n".join(lifetime_rows(found.lifetime)))
    print("\n".join(other_rows(found)))
    if options.write:
        whole = set(SECTIONS) <= set(options.sections)
        new = write_document(found, date.today())
        old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        PAGE.write_text(merge_pages(old, new, opening=whole), encoding="utf-8")
        print(f"wrote {PAGE}")


main()
