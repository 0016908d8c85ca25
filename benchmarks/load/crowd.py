"""Everybody who is there at once, and what they saw."""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.load.session import Page, Session

PAGES = ("", "pareto", "stages", "late", "returning", "key_accounts", "segments")
QUERIES = ("", "as_of=2024-06-30", "as_of=2023-12-31&period=all", "manager=Anna", "manager=Ben")

Legal = dict[tuple[str, str], set[tuple[str, ...]]]
"""What each page shows under each query, in every state there is."""


@dataclass
class Seen:
    """What a crowd saw.

    Attributes
    ----------
    seconds : list of float
        Of every page.
    pages : Counter
        How often each page was turned to.
    faults : list of str
        Errors, and numbers of no state.
    by_browser : int
        Pages that real browsers drew.
    memory : list of float
        Megabytes of the server, once a second.
    """

    seconds: list[float] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    by_browser: int = 0
    memory: list[float] = field(default_factory=list)

    def add(self, name: str, query: str, page: Page, legal: Legal) -> None:
        """Note one page, and hold its numbers against the states."""
        self.seconds.append(page.seconds)
        self.pages[name or "overview"] += 1
        self.faults += [f"{name}?{query}: {fault}" for fault in page.faults]
        if not page.faults and page.shown not in legal[name, query]:
            self.faults.append(f"{name}?{query}: numbers of no state: {page.shown}")

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds) if self.seconds else 0.0

    @property
    def p95(self) -> float:
        """What 95 of 100 pages take at most."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] if ordered else 0.0


async def look_alone(address: str, legal: Legal, seen: Seen, *, few: bool) -> None:
    """Turn every page under every query, twice: what is shown is legal, the second is timed."""
    for query in QUERIES[:2] if few else QUERIES:
        session = await Session.open(address)
        for name in PAGES[:3] if few else PAGES:
            first = await session.turn_to(name, query)
            again = await session.turn_to(name, query)
            if first.faults or first.shown != again.shown or not first.shown:
                raise SystemExit(f"{name}?{query} alone: {first} then {again}")
            legal.setdefault((name, query), set()).add(again.shown)
            seen.add(name, query, again, legal)
        await session.close()


async def visit(
    address: str, legal: Legal, seen: Seen, *, seed: int, until: float, think: float
) -> None:
    """Be one of many: open a link, turn some pages, leave, come back by another link."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, think))
    while time.monotonic() < until:
        query = chance.choice(sorted({query for _, query in legal}))
        session = None
        try:
            session = await Session.open(address)
            for _ in range(chance.randint(3, 12)):
                name = chance.choice(sorted({name for name, _ in legal}))
                seen.add(name, query, await session.turn_to(name, query), legal)
                await asyncio.sleep(chance.uniform(0.5, 1.5) * think)
                if time.monotonic() > until:
                    break
        except Exception as error:  # noqa: BLE001  (whatever fails is a fault of the load)
            seen.faults.append(f"session {seed}: {type(error).__name__}: {error}")
        finally:
            if session is not None:
                await session.close()


async def browse(
    browser: Any, address: str, legal: Legal, seen: Seen, *, seed: int, until: float, think: float
) -> None:
    """Be one of the few with a real browser."""
    chance = random.Random(f"browser {seed}")
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(90_000)
    while time.monotonic() < until:
        name, query = chance.choice(sorted(legal))
        try:
            await page.goto(f"{address}/{name}?{query}")
            await page.wait_for_selector("[data-testid='stMainBlockContainer'] h4")
            figures = await _settled(page)
            bad = "[data-testid='stException'], [data-testid='stAlertContentError']"
            for text in await page.locator(bad).all_inner_texts():
                seen.faults.append(f"browser, {name}?{query}: {text}")
            _compare(figures, name, query, legal, seen)
            seen.by_browser += 1
        except Exception as error:  # noqa: BLE001  (whatever fails is a fault of the load)
            seen.faults.append(f"browser, {name}?{query}: {type(error).__name__}: {error}")
        await asyncio.sleep(chance.uniform(0.5, 1.5) * think)
    await context.close()


async def _settled(page: Any) -> list[str]:
    """Return the headline figures once the page is at rest: a run draws them one by one."""
    before: list[str] | None = None
    for _ in range(120):
        await page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
        found = await _figures(page)
        if found and found == before:
            return found
        before = found
        await asyncio.sleep(0.5)
    return before or []


async def _figures(page: Any) -> list[str]:
    values = page.locator("[data-testid='stMain'] [data-testid='stMetricValue']")
    return [text.strip() for text in await values.all_inner_texts()]


def _compare(found: list[str], name: str, query: str, legal: Legal, seen: Seen) -> None:
    # A session is sent Markdown, a browser shows what it says.
    states = [
        sorted(
            re.sub(r"\\(.)", r"\1", line.split(": ", 1)[1].strip())
            for line in state
            if not line.startswith("#### ")
        )
        for state in legal[name, query]
    ]
    if sorted(found) not in states:
        seen.faults.append(f"browser, {name}?{query}: figures of no state: {found}")
