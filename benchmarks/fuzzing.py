"""Throw files at the reader and the mapping until something breaks.

``python -m benchmarks.fuzzing --minutes 10`` lets atheris (pinned in
``requirements-fuzz.txt``) change files byte by byte, guided by which lines of
the program they reach. Every file must be refused in words or read whole: each
row in one place, the money of all ends the file's own, within a few seconds.
What breaks is written into ``--into`` and becomes a case of the suite.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import io
import json
import random
import sys
import time
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from crm_core.errors import CrmError
from crm_core.intake.sheets import read_sheets
from crm_core.intake.staging import stage
from crm_core.intake.suggest import understand
from crm_core.records.staged import StagedImport
from crm_core.tables import to_day

TODAY = to_day(date(2026, 11, 1))
PATIENCE_SECONDS = 10.0
LONGEST_FILE = 20_000

SEEDS = (
    b"Client,Date,Amount\nAnn,2024-01-02,10.50\nBob,2024-01-03,-3.00\n",
    b"Kunde;Datum;Betrag\r\nM\xfcller;02.01.2024;1.234,56\r\nSumme;;1.234,56\r\n",
    b'"Order","Customer Email","Total","Created at"\n"#1","a@x.org","12.00","2024-01-02 10:00"\n',
    b"\xef\xbb\xbfName\tDay\tSum\nX\t1/2/24\t$1,000.00\n",
    b"Client,Jan 2024,Feb 2024\nAnn,5,6\nBob,7,8\n",
    "Клиент;Дата;Сумма\nАнна;02.01.2024;1 234,50\n".encode("utf-16"),
    b"sep=;\nid;status;date;amount;currency\n1;paid;2024-01-02;5;EUR\n2;refunded;2024-01-02;6;USD\n",
    b"Type,Date,Name,Email,Gross,Fee,Net,Currency\nPayment,01/02/2024,A,a@x,1,0,1,EUR\n",
)


def read_whole(data: bytes, name: str = "sales.csv") -> StagedImport | None:
    """Read a file as an import does and hold it to its own sums; None where it is refused.

    Raises
    ------
    AssertionError
        If a row or money is lost or doubled, or it took longer than anybody waits.
    """
    # The processor's time, not the wall's: a busy machine is not the reader's fault.
    began = time.process_time()
    staged, words = _stage(data, name)
    assert time.process_time() - began < PATIENCE_SECONDS, "too slow"
    assert staged is not None or words.strip(), "a refusal without words"
    if staged is not None:
        hold_to_sums(staged)
    return staged


def _stage(data: bytes, name: str) -> tuple[StagedImport | None, str]:
    try:
        shaped, mapping = understand(read_sheets(data, name=name))
        return stage(shaped, mapping, today=TODAY, source="main", file_name=name), ""
    except CrmError as error:
        return None, str(error)


def hold_to_sums(staged: StagedImport) -> None:
    """Check that every row has one place and that the money of all places is the file's."""
    ends: collections.Counter[str | None] = collections.Counter()
    currency = staged.sales.currency
    labels = [currency.labels[code] if code >= 0 else None for code in currency.codes.tolist()]
    for label, amount in zip(labels, staged.sales.amount.tolist(), strict=True):
        ends[label] += amount
    for label, found in zip(staged.unused.currency, staged.unused.amount, strict=True):
        ends[label] += found or 0
    wanted = {label: money for label, money in staged.money.items() if money}
    assert {label: money for label, money in ends.items() if money} == wanted, "money"
    extra = staged.sales.derived
    n_sales = len(staged.sales.line) - (int(extra.sum()) if extra is not None else 0)
    n_unused = len(staged.unused.line) - sum(staged.unused.derived)
    assert staged.n_rows == n_sales + n_unused, "rows"


def workbook_of(rows: list[list[object]]) -> bytes:
    """Return an .xlsx file with these cells."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def _count(trial: Callable[[bytes], object], into: Path) -> Callable[[bytes], None]:
    """Return a trial that keeps what broke and goes on, and counts."""
    seen: collections.Counter[str] = collections.Counter()
    began = time.monotonic()

    def one(data: bytes) -> None:
        seen["files"] += 1
        try:
            seen["read" if trial(data) is not None else "refused"] += 1
        except Exception as error:  # noqa: BLE001  (kept, counted and named below)
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}"
            seen[place] += 1
            if seen[place] == 1:
                into.mkdir(parents=True, exist_ok=True)
                (into / f"{place}.bin").write_bytes(data)
                print(f"found {place}: {error}", file=sys.stderr)
        if seen["files"] % 1_000 == 0:
            figures = {"seconds": round(time.monotonic() - began), **seen}
            into.mkdir(parents=True, exist_ok=True)
            (into / "figures.json").write_text(json.dumps(figures), encoding="utf-8")

    return one


def _watch_the_reader() -> Any:
    """Load the reader again with atheris watching which lines a file reaches; return atheris."""
    atheris = importlib.import_module("atheris")
    for name in [name for name in sys.modules if name.startswith("crm_core.intake")]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["crm_core.intake"], enable_loader_override=False):
        for room, function in (
            ("sheets", "read_sheets"),
            ("suggest", "understand"),
            ("staging", "stage"),
        ):
            module = importlib.import_module(f"crm_core.intake.{room}")
            globals()[function] = getattr(module, function)
    return atheris


def main() -> None:
    """Fuzz for a while and say what was tried and found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--into", type=Path, default=Path(".fuzzing"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    atheris = _watch_the_reader()
    corpus = options.into / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    rows = [["Client", "Date", "Amount"], ["Ann", "2024-01-02", random.Random(1).random()]]
    (corpus / "seed-book").write_bytes(workbook_of(rows))
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={int(options.minutes * 60)}",
        f"-max_len={LONGEST_FILE}",
        f"-seed={options.seed}",
        "-timeout=60",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, _count(read_whole, options.into))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
