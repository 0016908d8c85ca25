"""``python -m benchmarks.load``: a crowd on one server, and ``docs/reliability.md``."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.faults.material import TODAY
from benchmarks.load.crowd import Legal, Seen, browse, look_alone, visit
from benchmarks.load.server import ROOT, Dashboard, serving
from benchmarks.load.writers import PARTS, fill, switch
from benchmarks.machine import describe_machine
from benchmarks.reliability import PAGE, write_part
from crm_core.records.engine import open_database
from crm_core.self_check import run_checks
from tests.postgres import find_server_programs, running_server

CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


@dataclass
class Found:
    """What a run found: alone, in the crowd, and afterwards."""

    alone: Seen = field(default_factory=Seen)
    crowd: Seen = field(default_factory=Seen)
    writes: int = 0
    start: float = 0.0
    after: float = 0.0
    complaints: list[str] = field(default_factory=list)
    check: str = ""

    @property
    def faults(self) -> list[str]:
        """Everything that was not as it should be."""
        return [*self.crowd.faults, *self.complaints, *([self.check] if self.check else [])]


def make_parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--browsers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--think", type=float, default=8.0, help="seconds between two pages")
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between two imports")
    parser.add_argument("--sales", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=1, help="dashboards on one database")
    parser.add_argument("--few", action="store_true", help="three pages, two links")
    parser.add_argument("--database", choices=["SQLite", "PostgreSQL"], default="PostgreSQL")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    return parser


async def crowd(dashboards: Sequence[Dashboard], legal: Legal, found: Found, options: Any) -> None:
    """Let everybody in at once, for a bounded time; each stays with one process."""
    until = time.monotonic() + options.seconds
    rest: dict[str, Any] = {"until": until, "think": options.think}

    def address(number: int) -> str:
        return dashboards[number % len(dashboards)].address

    work = [
        visit(address(number), legal, found.crowd, seed=number, **rest)
        for number in range(options.sessions)
    ]
    work.append(_weigh(dashboards, found.crowd, until))
    async with _browser(options.browsers) as browser:
        work += [
            browse(browser, address(number), legal, found.crowd, seed=number, **rest)
            for number in range(options.browsers)
        ]
        await asyncio.gather(*work)


class _browser:  # noqa: N801  (used as a function)
    """Start Chromium if anybody needs it."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted

    async def __aenter__(self) -> Any:
        if not self.wanted:
            return None
        from playwright.async_api import async_playwright  # noqa: PLC0415  (slow to import)

        self.playwright = await async_playwright().start()
        program = os.environ.get("REGULARS_CHROMIUM", "/usr/bin/chromium")
        self.browser = await self.playwright.chromium.launch(
            executable_path=program, args=list(CHROMIUM)
        )
        return self.browser

    async def __aexit__(self, *_error: object) -> None:
        if self.wanted:
            await self.browser.close()
            await self.playwright.stop()


async def _weigh(dashboards: Sequence[Dashboard], seen: Seen, until: float) -> None:
    while time.monotonic() < until:
        seen.memory.append(_megabytes(dashboards))
        await asyncio.sleep(1)


def _megabytes(dashboards: Sequence[Dashboard]) -> float:
    return max(dashboard.megabytes() for dashboard in dashboards)


def run(options: argparse.Namespace, url: str, folder: Path) -> Found:
    """Fill a database, learn its states alone, let the crowd in, and look at what is left."""
    found, legal = Found(), Legal()
    fill(url, options.sales)
    with ExitStack() as stack:
        dashboards = [
            stack.enter_context(serving(url, folder / f"log{number}"))
            for number in range(options.processes)
        ]
        for part in (*PARTS, *PARTS):
            asyncio.run(look_alone(dashboards[0].address, legal, found.alone, few=options.few))
            print(f"{len(found.alone.seconds)} pages looked at alone", flush=True)
            switch(url, part, options.sales)
        found.start = _megabytes(dashboards)
        settings = (str(options.sales), str(options.seconds), str(options.pause))
        command = [sys.executable, "-m", "benchmarks.load.writers", url]
        writers = [
            subprocess.Popen([*command, str(part), *settings], cwd=ROOT, stdout=subprocess.PIPE)
            for part in PARTS
        ]
        asyncio.run(crowd(dashboards, legal, found, options))
        for writer in writers:
            out, _ = writer.communicate(timeout=900)
            found.writes += out.count(b"done")
            if writer.returncode:
                found.crowd.faults.append(f"a writer ended with {writer.returncode}")
        time.sleep(min(5.0, options.seconds / 10))
        found.after = _megabytes(dashboards)
        found.complaints = [line for one in dashboards for line in one.complaints()]
    engine = open_database(url)
    report = run_checks(engine, TODAY)
    found.check = "" if report.is_well else report.sentence()
    engine.dispose()
    return found


def command_of(options: argparse.Namespace) -> str:
    """Return the command that does the same again: what differs from its defaults is named."""
    parser, words = make_parser(), ["python -m benchmarks.load"]
    for name, value in vars(options).items():
        if name not in ("json", "write") and value != parser.get_default(name):
            number = f"{value:g}" if isinstance(value, (int, float)) else value
            words.append(f"--{name}" if value is True else f"--{name} {number}")
    return " ".join([*words, "--write"])


def describe(found: Found, options: argparse.Namespace) -> str:
    """Return what was found, as Markdown."""
    alone, seen = found.alone, found.crowd
    most = max(seen.memory, default=0.0)
    lines = [
        f"`{command_of(options)}`: {options.database}, {options.sales:,} sales, a page every "
        f"{options.think:g} seconds from each. {describe_machine()}.",
        "",
        "| what | found |",
        "|---|---:|",
        f"| sessions and browsers at once, seconds | {options.sessions} + {options.browsers}, "
        f"{options.seconds:.0f} |",
        f"| processes of the dashboard | {options.processes} |",
        f"| pages turned by sessions, by browsers | {len(seen.seconds):,}, {seen.by_browser:,} |",
        f"| imports and undos meanwhile | {found.writes} |",
        f"| errors on pages, numbers of no state | {len(seen.faults)} |",
        f"| lines of complaint in the server's log | {len(found.complaints)} |",
        f"| check afterwards | {found.check or 'passed'} |",
        f"| page rerun alone, median and 95 of 100 | {alone.median * 1e3:,.0f} ms, "
        f"{alone.p95 * 1e3:,.0f} ms |",
        f"| page rerun in the crowd, median and 95 of 100 | {seen.median * 1e3:,.0f} ms, "
        f"{seen.p95 * 1e3:,.0f} ms |",
        f"| memory of a process before, at most, afterwards | {found.start:,.0f} MB, "
        f"{most:,.0f} MB, {found.after:,.0f} MB |",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run what was asked for; 1 where a fault was found."""
    options = make_parser().parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regulars-load-")))
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        url = f"sqlite:///{(folder / 'load.sqlite').as_posix()}"
        programs = find_server_programs()
        if options.database == "PostgreSQL" and programs is not None:
            url = stack.enter_context(running_server(programs))
        found = run(options, url, folder)
    text = describe(found, options)
    print(text, flush=True)
    for fault in found.faults:
        print(fault, file=sys.stderr)
    if options.json:
        figures = {"pages": len(found.crowd.seconds), "writes": found.writes}
        options.json.write_text(json.dumps({**figures, "faults": found.faults}))
    if options.write:
        write_part("load", text)
    return int(bool(found.faults))


if __name__ == "__main__":
    sys.exit(main())
