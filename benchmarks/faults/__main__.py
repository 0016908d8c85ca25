"""``python -m benchmarks.faults``: kill, look, count, and write ``docs/reliability.md``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.faults.homes import FileHome, Home, ServerHome
from benchmarks.faults.killing import Tally, Trials
from benchmarks.faults.works import SERVER, WORKS
from benchmarks.machine import describe_machine
from benchmarks.reliability import PAGE, merge_rows, read_part, write_part
from tests.postgres import find_server_programs, running_server

HEAD = (
    "| work | database | sales of a file | seconds undisturbed | killed | before | within | after "
    "| found undone | found done | done again | faults |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
)


_one_writes = threading.Lock()


def read_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--moments", type=int, default=100, help="of each work, half a database")
    parser.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--databases", nargs="+", default=["SQLite", "PostgreSQL"])
    parser.add_argument("--sales", type=int, default=10_000, help="sales of a file")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="measure once, without the self-check")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every count there")
    parser.add_argument(
        "--found",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="kill nothing: take what earlier runs wrote with --json",
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    return parser.parse_args()


def run_trials(options: argparse.Namespace) -> list[Tally]:
    """Return the tallies of all works in all databases, one database beside the other."""
    with ExitStack() as stack:
        # The folder that a killed process's ledgers stay in, its clean-up included.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regulars-faults-")))
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        homes: list[Home] = []
        if "SQLite" in options.databases:
            (folder / "files").mkdir()
            homes.append(FileHome(folder / "files"))
        programs = find_server_programs()
        if "PostgreSQL" in options.databases and programs is not None:
            server = stack.enter_context(running_server(programs))
            os.environ[SERVER] = server
            homes.append(ServerHome(server, "trial", folder / "cache" / "regulars"))
        with ThreadPoolExecutor(len(homes)) as pool:
            shares = [options.moments // len(homes)] * len(homes)
            shares[0] += options.moments - sum(shares)
            found = pool.map(
                lambda at: list(_in_home(at[0], at[1], options, folder)),
                zip(homes, shares, strict=True),
            )
            tallies = [tally for one in found for tally in one]
    return sorted(tallies, key=lambda tally: list(WORKS).index(tally.work))


def _in_home(
    home: Home, moments: int, options: argparse.Namespace, folder: Path
) -> Iterator[Tally]:
    for name in options.works:
        trials = Trials(
            WORKS[name],
            home,
            n_sales=options.sales,
            seed=options.seed,
            ledgers=str(folder / "cache"),
            quick=options.quick,
        )
        tally = trials.kill(moments)
        with _one_writes:
            print(row(tally), flush=True)
            if options.write:
                write_page([tally], options)
        yield tally


def row(tally: Tally) -> str:
    """Return a tally as a row of the table."""
    counts = (tally.moments, tally.before, tally.within, tally.after, tally.undone, tally.done)
    cells = [tally.work, tally.home, f"{tally.sales:,}", f"{tally.seconds:.2f}", *map(str, counts)]
    return "| " + " | ".join([*cells, str(tally.again), str(len(tally.faults))]) + " |"


def write_page(tallies: list[Tally], options: argparse.Namespace) -> None:
    """Put the tallies into the document, beside those that were not run now."""
    rows = {f"| {x.work} | {x.home} | {x.sales:,} |": row(x) for x in tallies}
    merged = [line for line in merge_rows(read_part("kills"), rows) if line not in HEAD]
    merged.sort(key=_place)
    kills, within, faults = (sum(int(x.split("|")[at]) for x in merged) for at in (5, 7, 12))
    text = (
        "Each row by `python -m benchmarks.faults --works WORK --databases DATABASE --moments "
        f"KILLED --sales SALES --write`, seed {options.seed}. {describe_machine()}.\n\n"
        f"**{kills:,} kills, {within:,} of them within a transaction, {faults} faults.**\n\n"
    )
    write_part("kills", text + "\n".join((*HEAD, *merged)))


def _place(line: str) -> tuple[int, str, int]:
    """Return where a row belongs: by work, database and sales."""
    work, home, sales = (cell.strip() for cell in line.split("|")[1:4])
    return list(WORKS).index(work), home, int(sales.replace(",", ""))


def main() -> int:
    """Run what was asked for; 1 where a fault was found."""
    options = read_arguments()
    print("\n".join(HEAD), flush=True)
    if options.found:
        held = [tally for file in options.found for tally in json.loads(file.read_text())]
        tallies = [Tally(**tally) for tally in held]
        print("\n".join(map(row, tallies)))
    else:
        tallies = run_trials(options)
    for tally in tallies:
        for fault in tally.faults:
            print(f"{tally.work}, {tally.home}, {fault}", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps([tally.as_json() for tally in tallies]))
    if options.write and options.found:
        write_page(tallies, options)
    return int(any(tally.faults for tally in tallies))


if __name__ == "__main__":
    sys.exit(main())
