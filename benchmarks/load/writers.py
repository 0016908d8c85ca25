"""The two programs that import and undo, and the four states they lead to."""

from __future__ import annotations

import sys
import time
from itertools import cycle

from benchmarks.faults.material import NOW, import_part, read_file
from crm_core.importing import carry_out
from crm_core.records.batches import list_batches, undo
from crm_core.records.engine import open_database, reading, writing

PARTS = (2, 3)
STATES = ((), (2,), (3,), (2, 3))
"""Which parts are in force besides the first."""


def fill(url: str, n_sales: int) -> None:
    """Import the first part, on which all else builds, and leave the others undone."""
    engine = open_database(url)
    import_part(engine, n_sales, part=1)
    for part in PARTS:
        switch(url, part, n_sales)
        switch(url, part, n_sales)
    engine.dispose()


def switch(url: str, part: int, n_sales: int) -> None:
    """Import a part that is not in force, undo one that is."""
    engine = open_database(url)
    with reading(engine) as connection:
        live = [b.id for b in list_batches(connection) if b.live and b.source == f"part{part}"]
    if live:
        with writing(engine) as connection:
            undo(connection, live[0], at=NOW)
    else:
        prepared = read_file(engine, n_sales // 2, part=part, source=f"part{part}")
        carry_out(engine, prepared, now=NOW)
    engine.dispose()


def main() -> None:
    """Import and undo one part again and again; each line says that one more is done."""
    url, part, n_sales, seconds, pause = sys.argv[1:6]
    end = time.monotonic() + float(seconds)
    for _ in cycle("."):
        if time.monotonic() > end:
            return
        switch(url, int(part), int(n_sales))
        print("done", flush=True)
        time.sleep(float(pause))


if __name__ == "__main__":
    main()
