"""The results as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from benchmarks.machine import describe_machine, describe_versions

if TYPE_CHECKING:
    from benchmarks.importing import ImportTimes
    from benchmarks.lifetime import BacktestFigures, LifetimeTimes
    from benchmarks.pages import PageTimes
    from benchmarks.questions import Line
    from benchmarks.storage import OpeningTimes

CONTENDERS = ("Regulars", "DuckDB", "Polars", "pandas")

PREAMBLE = """# Benchmarks

Written by `python -m benchmarks` (needs `requirements-bench.txt`): every line asks Regulars
and its peers the same question about the same generated rows, in one run, after their answers
were found equal. Peers hold the rows in memory, unsorted; a second table gives them the rows
sorted by client and day beforehand. Times are medians in milliseconds, the contenders taking
turns; "×" is the best peer's time over ours. Machines differ; the ratios are what counts.
"""

NOTES = """
Times of a page hold the start of Python and of Streamlit where it says *a new process*. They vary
most: two runs within ten minutes, with nothing else on the machine, differed by up to 1.8 ×.

The generated clients buy at gamma-distributed rates over four years, one row in fifty is a
refund. *Client summary*: first and last purchase, purchases, orders, net sales per client.
*Cohort matrix*: clients by month of first purchase and month bought in. *Gaps*: histogram of
the days between consecutive purchases. *Pareto*: class of every client, shares, Gini, HHI.
*Stage states*: cadence, late and gone day, spell and stage after every purchase, against the
same rule in DuckDB's SQL.
"""


LIFETIME_NOTES = """Beside the package `lifetimes` 0.11.3 (archived), in a process and an
environment of its own that times itself; both got the same arrays. Fits start from nothing but
the clients; "×" is the best peer's time over ours.
"""


@dataclass
class Findings:
    """Everything a run found out.

    Attributes
    ----------
    lines : list of Line
        The comparisons.
    opening : dict of int to OpeningTimes
        Opening a cached ledger, by number of sales.
    resident : dict of int to float
        Bytes a sale, by number of sales.
    peak : float or None
        Bytes a sale at the peak of building from a database.
    imported : ImportTimes or None
        The import.
    pages : dict of str to PageTimes
        Server times by page, on as many sales as were imported.
    lifetime : LifetimeTimes or None
        Lifetime models beside ``lifetimes`` and pandas.
    backtests : dict of int to BacktestFigures
        What trying every rule of goodbye takes, by number of sales.
    """

    lines: list[Line] = field(default_factory=list)
    opening: dict[int, OpeningTimes] = field(default_factory=dict)
    resident: dict[int, float] = field(default_factory=dict)
    peak: float | None = None
    imported: ImportTimes | None = None
    pages: dict[str, PageTimes] = field(default_factory=dict)
    lifetime: LifetimeTimes | None = None
    backtests: dict[int, BacktestFigures] = field(default_factory=dict)


def write_document(found: Findings, today: date) -> str:
    """Return the page as Markdown."""
    parts = [PREAMBLE, f"{today.isoformat()}. {describe_machine()}.\n\n{describe_versions()}.\n"]
    for presorted in (False, True):
        for n_sales in sorted({line.n_sales for line in found.lines}):
            chosen = [x for x in found.lines if (x.n_sales, x.presorted) == (n_sales, presorted)]
            if chosen:
                how = "rows sorted beforehand" if presorted else "rows in no order"
                heading = f"## {n_sales:,} sales of {n_sales // 10:,} clients, {how}\n"
                parts += [heading, "\n".join(comparison(chosen)) + "\n"]
    growth = list(growth_rows(found.lines))
    if growth:
        parts += ["## Growth\n", "\n".join(growth) + "\n"]
    if found.lifetime is not None:
        rows = "\n".join(lifetime_rows(found.lifetime))
        parts += ["## Lifetime models\n", LIFETIME_NOTES, rows + "\n"]
    parts += ["## Ledger, import and pages\n", "\n".join(other_rows(found)) + "\n", NOTES.lstrip()]
    return "\n".join(parts)


def comparison(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the table of one size."""
    yield "| question | " + " | ".join(CONTENDERS) + " | × best peer | floor |"
    yield "|---|" + "---:|" * (len(CONTENDERS) + 2)
    for line in lines:
        times = [f"{line.seconds[n] * 1e3:,.1f}" if n in line.seconds else "" for n in CONTENDERS]
        cells = [line.question, *times, f"{line.ratio:.1f}", f"{line.floor:g}"]
        yield "| " + " | ".join(cells) + " |"


def lifetime_rows(times: LifetimeTimes) -> Iterator[str]:
    """Yield the table of the lifetime models, and that of scores beside passes of ``np.exp``."""
    contenders = ("Regulars", "lifetimes", "pandas")
    yield "| question | " + " | ".join(contenders) + " | × best peer | floor | answers |"
    yield "|---|" + "---:|" * (len(contenders) + 2) + "---|"
    for line in times.lines:
        cells = [f"{line.seconds[n] * 1e3:,.1f}" if n in line.seconds else "" for n in contenders]
        best = min(s for name, s in line.seconds.items() if name != "Regulars")
        floor = "" if line.floor is None else f"{line.floor:g}"
        ratio = f"{best / line.seconds['Regulars']:.1f}"
        yield "| " + " | ".join([line.question, *cells, ratio, floor, line.note]) + " |"
    yield ""
    yield "| score of as many clients | ms | `np.exp` passes it needs | ms a pass | × | at most |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, seconds, n_passes, one in times.passes:
        ratio = seconds / (n_passes * one)
        row = f"{seconds * 1e3:,.1f} | {n_passes} | {one * 1e3:,.1f} | {ratio:.1f} | 5"
        yield f"| {name} | {row} |"


def growth_rows(lines: Sequence[Line]) -> Iterator[str]:
    """Yield how our times grow from the smallest to the largest size."""
    ours = {(x.question, x.n_sales): x.seconds["Regulars"] for x in lines if not x.presorted}
    sizes = sorted({n for _, n in ours})
    if len(sizes) < 2:
        return
    small, large = sizes[0], sizes[-1]
    yield f"| question | time at {large:,} over time at {small:,} sales (rows: {large // small}) |"
    yield "|---|---:|"
    for question in dict.fromkeys(q for q, _ in ours):
        if (question, small) in ours and (question, large) in ours:
            yield f"| {question} | {ours[question, large] / ours[question, small]:.1f} |"


def other_rows(found: Findings) -> Iterator[str]:
    """Yield the lines without a peer, and the import."""
    yield "| what | found | wanted |"
    yield "|---|---:|---:|"
    for n_sales, it in found.opening.items():
        took = f"{it.warm * 1e3:.0f} ms, {it.cold * 1e3:.0f} ms from the disk"
        took += f" ({it.size / 1e6:.0f} MB, {it.busy * 1e3:.0f} ms of processor time, "
        took += f"load {it.load:.0f})"
        yield f"| opening a cached ledger, {n_sales:,} sales | {took} | < 100 ms |"
    for n_sales, size in found.resident.items():
        yield f"| bytes a sale in memory, {n_sales:,} sales | {size:.1f} | ≤ 32 |"
    if found.peak is not None:
        yield f"| bytes a sale at the peak of building | {found.peak:.1f} | ≤ 64 |"
    for n_sales, trial in found.backtests.items():
        what = f"backtest of {trial.n_rules} rules at {trial.n_cuts} cuts, {n_sales:,} sales"
        yield f"| {what} | {trial.seconds:.1f} s, {trial.extra_bytes:.1f} bytes a sale | < 30 |"
    if found.imported is not None:
        it = found.imported
        whole = f"{it.prepare + it.write:.1f} s ({it.prepare:.1f} read and checked, "
        whole += f"{it.write:.1f} stored), bare `executemany` {it.bare:.1f} s: {it.ratio:.2f} ×"
        yield f"| importing a CSV of {it.n_rows:,} rows | {whole} | ≤ 2 × |"
    for page, times in found.pages.items():
        yield f"| page {page}, a new process to its end | {times.first:.1f} s | ≤ 3 s |"
        yield f"| page {page}, rerun | {times.again * 1e3:.0f} ms | ≤ 300 ms |"
        yield f"| page {page}, new as-of day | {times.new_day * 1e3:.0f} ms | ≤ 1,500 ms |"
