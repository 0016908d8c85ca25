"""Throw files at the reader and the mapping until something breaks.

``python -m benchmarks.fuzzing --minutes 10`` lets atheris (pinned in
``requirements-fuzz.txt``) change files byte by byte, guided by which lines of
the program they reach. Every file must be refused in words or read whole: each
row in one place, the money of all ends the file's own, within a few seconds.
What breaks is written into ``--into`` and becomes a case of the suite.

The files are tried by a child process, a new one every ``--piece`` minutes: what ends a
whole process (memory, a fault of a library) is a finding like any other, and the next
one goes on with what was found to lead somewhere.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import json
import os
import subprocess
import sys
import time
import traceback
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.fuzzing_seeds import file_of, starting_points, word_list
from benchmarks.machine import describe_machine
from benchmarks.reliability import PAGE, write_part
from benchmarks.remembered import patterns_remembered
from crm_core.errors import CrmError
from crm_core.intake.sheets import read_sheets
from crm_core.intake.staging import stage
from crm_core.intake.suggest import understand
from crm_core.records.staged import StagedImport
from crm_core.tables import to_day

TODAY = to_day(date(2026, 11, 1))
PATIENCE_SECONDS = 10.0
LONGEST_FILE = 8_000
NOTED_SECONDS = 2.0
"""How often the counts are written down: an end by force costs no more than these."""


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


class Counter:
    """A trial that keeps what broke, goes on, and counts."""

    def __init__(self, into: Path) -> None:
        self.into = into
        self.seen: collections.Counter[str] = collections.Counter()
        self.noted = time.monotonic()

    def __call__(self, made: bytes) -> None:
        """Try a file; see :func:`~benchmarks.fuzzing_seeds.file_of`."""
        self.seen["files"] += 1
        data = file_of(made)
        try:
            self.seen["read" if read_whole(data) is not None else "refused"] += 1
        except Exception as error:  # noqa: BLE001  (kept, counted and named below)
            self._keep(data, error)
        if time.monotonic() - self.noted > NOTED_SECONDS:
            self.noted = time.monotonic()
            (self.into / f"counts-{os.getpid()}.json").write_text(json.dumps(self.seen))

    def _keep(self, data: bytes, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}"
        self.seen[f"found {place}"] += 1
        if self.seen[f"found {place}"] == 1:
            (self.into / f"{place}.bin").write_bytes(data)
            print(f"found {place}: {error}", file=sys.stderr)


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


def try_files(options: argparse.Namespace) -> None:
    """Try files for a while; does not return."""
    pa.set_cpu_count(1)  # files of a few lines: handing them to other threads takes longer
    corpus, words = options.into / "corpus", options.into / "words"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, made in starting_points():
        (corpus / name).write_bytes(made)
    words.write_text(word_list())
    atheris = _watch_the_reader()
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={int(options.minutes * 60)}",
        f"-max_len={LONGEST_FILE}",
        f"-seed={options.seed}",
        f"-dict={words}",
        f"-artifact_prefix={options.into}/",
        "-timeout=120",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
    ]
    with patterns_remembered():
        atheris.Setup(arguments, Counter(options.into))
        atheris.Fuzz()


def run_pieces(options: argparse.Namespace) -> collections.Counter[str]:
    """Let one process after another try files, and return what they counted."""
    options.into.mkdir(parents=True, exist_ok=True)
    total: collections.Counter[str] = collections.Counter()
    end, began = time.monotonic() + options.minutes * 60, time.monotonic()
    while (left := (end - time.monotonic()) / 60) > 0.05:
        total["pieces"] += 1
        command = [sys.executable, "-m", "benchmarks.fuzzing", "--child"]
        command += ["--minutes", str(min(left, options.piece)), "--into", str(options.into)]
        command += ["--seed", str(options.seed + total["pieces"])]
        with subprocess.Popen(command) as child:
            if child.wait() != 0:
                total[f"found end of a whole process ({child.returncode})"] += 1
        counts = options.into / f"counts-{child.pid}.json"
        if not counts.is_file():
            raise SystemExit("the fuzzer tried nothing; is atheris installed?")
        total.update(json.loads(counts.read_text()))
        total["seconds"] = round(time.monotonic() - began)
        total["processor"] = round(os.times().children_user)
        (options.into / "figures.json").write_text(json.dumps(total, indent=1))
    total["kept"] = len(list((options.into / "corpus").iterdir()))
    return total


def describe(total: collections.Counter[str], options: argparse.Namespace) -> str:
    """Return the counts as the page of reliability has them."""
    found = [f"{name[6:]} ({count:,})" for name, count in total.items() if name[:6] == "found "]
    seconds = max(total["seconds"], 1)
    return (
        f"`python -m benchmarks.fuzzing --minutes {options.minutes:g} --write` "
        f"(seed {options.seed}, {_fuzzer()}). {describe_machine()}.\n\n"
        f"**{total['files']:,} files in {seconds / 60:.0f} minutes "
        f"({total['files'] / max(total['processor'], 1):.0f} for each second of a processor, of "
        f"which it got {total['processor']:,}), {total['kept']:,} of them kept because they "
        "reached something new: "
        f"{total['read']:,} read whole, {total['refused']:,} refused in words, "
        f"{sum(total[name] for name in total if name[:6] == 'found '):,} anything else.**"
        + ("\n\nAnything else: " + ", ".join(found) + "." if found else "")
    )


def _fuzzer() -> str:
    try:
        return f"atheris {version('atheris')}"
    except PackageNotFoundError:
        return "atheris"


def main() -> int:
    """Fuzz for a while and say what was tried and found; 1 where something was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--piece", type=float, default=15.0, help="minutes of one process")
    parser.add_argument("--into", type=Path, default=Path(".fuzzing"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    options = parser.parse_args()
    if options.child:
        try_files(options)
    total = run_pieces(options)
    text = describe(total, options)
    print(text)
    if options.write:
        write_part("fuzzing", text)
    return int(any(name.startswith("found ") for name in total))


if __name__ == "__main__":
    sys.exit(main())
