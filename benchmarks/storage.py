"""Opening a cached ledger, and the memory it takes."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import time_once
from crm_core.ledger import Ledger
from crm_core.ledger_files import open_ledger, save_ledger

PEAK = """
import sys, tracemalloc
from crm_core.records.engine import open_database, reading
from crm_core.records.reading import read_client_rows
from crm_core.snapshot import build_ledger, make_clients

engine = open_database(sys.argv[1])
with reading(engine) as connection:
    tracemalloc.start()
    clients = make_clients(read_client_rows(connection))
    apart = tracemalloc.get_traced_memory()[0]
    del clients
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    ledger = build_ledger(connection)
    peak = tracemalloc.get_traced_memory()[1]
print((peak - apart) / len(ledger.sales))
"""


def resident_bytes(ledger: Ledger) -> float:
    """Return the bytes a sale takes in memory: all columns of sales and purchases."""
    tables = (ledger.sales, ledger.purchases)
    columns = [column for table in tables for column in table.columns().values()]
    columns += [table.offsets for table in tables]
    return float(sum(column.nbytes for column in columns) / len(ledger.sales))


def peak_bytes(database: Path) -> float:
    """Return the bytes a sale takes at the peak of building, in a process of its own.

    What Python and NumPy have allocated at most, the client table taken off.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PEAK, f"sqlite:///{database}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


@dataclass(frozen=True)
class OpeningTimes:
    """Median seconds of opening a cached ledger, every byte of it compared with its checksum.

    Attributes
    ----------
    size : int
        Bytes of all files.
    warm, busy : float
        Its files in the system's memory: seconds on the wall, and of the processors.
    cold : float
        Nothing of it in the system's memory: read from the disk first.
    load : float
        Processes that wanted a processor meanwhile, as the system says.
    """

    size: int
    warm: float
    busy: float
    cold: float
    load: float


def time_opening(ledger: Ledger, folder: Path, repeats: int = 25) -> OpeningTimes:
    """Return what opening a cached ledger takes, after everything else was let go."""
    home = folder / "database" / "1-ledger"
    if not save_ledger(ledger, home):
        raise SystemExit(f"the ledger could not be written to {home}")
    files = sorted(home.iterdir())
    gc.collect()
    cold = []
    for _ in range(3):
        for file in files:
            _forget(file)
        cold.append(time_once(lambda: open_ledger(home)))
    busy = time.process_time()
    warm = [time_once(lambda: open_ledger(home)) for _ in range(repeats)]
    busy = (time.process_time() - busy) / repeats
    size = sum(file.stat().st_size for file in files)
    load = os.getloadavg()[0]
    return OpeningTimes(size, statistics.median(warm), busy, statistics.median(cold), load)


def _forget(file: Path) -> None:
    """Have the system write a file out and drop it from memory."""
    with file.open("rb") as data:
        os.fsync(data.fileno())
        os.posix_fadvise(data.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
