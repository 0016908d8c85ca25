"""What an analyst reads of a business full of groups of one to four clients: none of them.

Every client has an amount of its own, so that a sum over a few of them is known again
wherever it is shown.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from crm_core import access
from crm_core.access import LEAST_GROUP, Actor, Role
from crm_core.records.engine import open_database
from crm_core.ui.paper import view_report
from crm_core.ui.view import current_view
from tests.databases import Databases, close_for_good
from tests.pages.conftest import Visit, as_csv, fill, visit
from tests.pages.shown_numbers import open_everything, tabs_of, walk

__all__ = ["visit"]

ANALYST = Actor("member 3", Role.ANALYST, 3)
OWNER = Actor("member 1", Role.OWNER, 1)
PAGES = (
    *("overview", "pareto", "stages", "late", "returning", "key_accounts", "segments"),
    *("worth", "goodbyes"),
)
LAST = date(2025, 5, 30)
YEAR = 365

STORIES: dict[str, tuple[int, int, tuple[int, int]]] = {
    # name: how many clients, days from one purchase to the next, first and last day ago
    "steady": (26, 30, (1100, 5)),
    "gone": (3, 30, (1100, 170)),
    "late": (2, 30, (1100, 75)),
    "new": (2, 20, (80, 4)),
    "once": (4, 400, (50, 50)),
    "lead": (1, 400, (700, 700)),
}
"""Groups of a few beside the many; growing, shrinking and coming back are told by amounts."""

FACTORS = {"growing": (1, 2), "shrinking": (2, 1), "back": (1, 1)}

COUNT = re.compile(
    r"(?<![\d.,–−/#:])(?<!> )\b([1-4])[ \u00a0]"
    r"(?=\**(?:late|active|buying|key|known|first-time|regular|loyal|champion|client|relation|"
    r"paid|more are|moved|up\b|down|trying|who know|came|went|reach|entered|left|in [ABC]\b|"
    r"gone|probably|new\b|newly|existing|large|of them|of the champ|large ones|bought|snoozed|"
    r"said so|put off|stayed|would))"
)
OWN_LINE = re.compile(r"Client [A-Z2-9]{4}-[A-Z2-9]{4}:")
"""A client's own number, under its pseudonym."""

OF = re.compile(
    r"(?<![\d.,–])(\d{1,3}(?:,\d{3})*) of (?:[a-z ]*)(\d{1,3}(?:,\d{3})*)(?![\d,]| months?\b)"
)
BIG = re.compile(r"\d{1,3}(?:,\d{3})+|\d{6,}")
SINGLE = ("The largest", "One line a late client", "Shares of sales", "List of clients")
"""Beginnings of what is drawn of pictures and tables of single clients, line by line."""

Amounts = dict[str, dict[str, tuple[int, ...]]]


@cache
def stories() -> tuple[list[tuple[str, str, str]], dict[str, list[tuple[date, int]]]]:
    """Return the file's rows, and by client of a small group its purchases, whole units."""
    rows, told = [], {}
    number = 0
    people = [(name, *story, (1, 1)) for name, story in STORIES.items()]
    people += [(n, 2, 30, (1100, 6), parts) for n, parts in FACTORS.items() if n != "back"]
    people += [("back", 3, 30, (1100, 8), (1, 1))]
    for name, many, gap, (first, last), (before, recent) in people:
        for at in range(many):
            number += 1
            own = 1_000_000 + 7919 * number * number
            client = f"{name} {at}"
            days = range(first + at, last, -gap) if first != last else [first + at]
            for ago in days:
                if name == "back" and 60 < ago < 420:
                    continue
                factor = recent if ago < YEAR else before
                day = LAST - timedelta(days=ago)
                rows.append((client, day.isoformat(), f"{own * factor}.00"))
                if name != "steady":
                    told.setdefault(client, []).append((day, own * factor))
    return rows, told


@cache
def forbidden() -> dict[int, str]:
    """Return the sums of one to four clients of a small group, with what they are."""
    _, told = stories()
    groups: dict[str, list[str]] = {}
    for client in told:
        groups.setdefault(client.split()[0], []).append(client)
    found: dict[int, str] = {}
    for name, clients in groups.items():
        for size in range(1, len(clients) + 1):
            for some in combinations(clients, size):
                for what, amount in _sums(told, some):
                    found.setdefault(abs(amount), f"{size} {name}: {what}")
    return {amount: words for amount, words in found.items() if amount > 100_000}


def _sums(told: dict[str, list[tuple[date, int]]], some: tuple[str, ...]) -> Iterator[Any]:
    sales = [sale for client in some for sale in told[client]]
    middle, start = date(2024, 5, LAST.day), date(2023, 5, LAST.day)
    last = max(day for day, _ in stories_days())
    middle = last.replace(year=last.year - 1)
    start = last.replace(year=last.year - 2)
    recent = sum(a for day, a in sales if middle < day <= last)
    before = sum(a for day, a in sales if start < day <= middle)
    yield "all time", sum(a for _, a in sales)
    yield "last year", recent
    yield "the year before", before
    yield "change", recent - before
    months: dict[tuple[int, int], int] = {}
    for day, amount in sales:
        key = (day.year, day.month)
        months[key] = months.get(key, 0) + amount
    for (year, month), amount in months.items():
        yield f"in {year}-{month:02d}", amount


@cache
def stories_days() -> tuple[tuple[date, int], ...]:
    rows, _ = stories()
    return tuple((date.fromisoformat(day), 0) for _, day, _ in rows)


@pytest.fixture(scope="module")
def few_database(
    shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the business, made once for all tests here."""
    url = shared_databases.new(tmp_path_factory.mktemp("few"), "few")
    rows, _ = stories()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        close_for_good(open_database(url))
        fill(url, as_csv(rows))
        st.cache_resource.clear()
        yield url
    st.cache_resource.clear()


def states_of(app: AppTest) -> Iterator[AppTest]:
    """Yield a page with everything open, then with each other tab, each with its drawers."""
    open_everything(app)
    yield app
    for key, labels in list(tabs_of(app).items()):
        for label in labels[1:]:
            app.session_state[key] = label
            app.run()
            open_everything(app)
            yield app
            units = [box for box in app.get("button_group") if "Money" in str(box.proto)]
            if units:
                app.session_state["unit"] = "Money"
                app.run()
                yield app


def texts_of(app: AppTest) -> Iterator[str]:
    """Yield every text of a page but the lines of single clients."""
    for node in (*walk(app.main), *walk(app.sidebar)):
        kind, proto = getattr(node, "type", ""), getattr(node, "proto", None)
        if kind == "arrow_data_frame":
            frame = node.value
            if "Client" not in frame.columns:
                yield from (f"{c}: {v}" for c in frame.columns for v in frame[c].tolist())
        elif kind == "plotly_chart":
            if not str(proto.alt).startswith(SINGLE) and "clients by sales" not in proto.alt:
                yield from _of_chart(json.loads(proto.spec))
            yield str(proto.alt)
        elif kind == "multiselect" and "would leave" in str(getattr(node, "label", "")):
            continue
        elif isinstance(proto, Message):
            yield from _strings(proto)


def _strings(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in ("id", "column_id", "url", "page_script_hash", "columns", "query_string"):
            continue
        several = value if isinstance(value, list) or hasattr(value, "append") else [value]
        for one in several:
            if isinstance(one, Message):
                yield from _strings(one)
            elif isinstance(one, str):
                yield one


def _of_chart(node: Any) -> Iterator[str]:
    """Yield the texts and numbers of a picture, packed ones too."""
    if isinstance(node, dict):
        if "bdata" in node:
            packed = np.frombuffer(base64.b64decode(node["bdata"]), node["dtype"])
            yield from (str(v) for v in packed.tolist())
            return
        for key, value in node.items():
            if key not in ("layout", "marker", "line", "x0", "x1", "y0", "y1", "range", "base"):
                yield from _of_chart(value)
        yield from _of_chart(node.get("layout", {}).get("annotations", []))
    elif isinstance(node, list):
        for one in node:
            yield from _of_chart(one)
    elif isinstance(node, (str, int, float)) and not isinstance(node, bool):
        yield str(node)


def leaks_in(texts: Iterator[str]) -> set[str]:
    """Return what of some texts is a sum or count of one to four clients."""
    sums, found = forbidden(), set()
    for text in texts:
        read = text.replace("\\", "").replace("**", "")
        if OWN_LINE.match(read):
            continue
        for number in BIG.findall(re.sub(r"\.\d+", "", read)):
            if (amount := int(number.replace(",", ""))) in sums:
                found.add(f"{sums[amount]}: {read[:120]}")
        found |= {
            f"count: {read[max(0, m.start() - 60) : m.end() + 40]}" for m in COUNT.finditer(read)
        }
        for match in OF.finditer(read):
            part, whole = (int(group.replace(",", "")) for group in match.groups())
            if 0 < part < LEAST_GROUP or 0 < whole - part < LEAST_GROUP:
                found.add(f"share: {read[max(0, match.start() - 60) : match.end() + 40]}")
    return found


def at_page(monkeypatch: pytest.MonkeyPatch, who: Actor) -> None:
    monkeypatch.setattr(access, "_resolvers", [lambda: who])


@pytest.mark.parametrize("name", PAGES)
def test_an_analyst_reads_no_sum_and_no_count_of_a_few_clients(
    name: str, few_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_page(monkeypatch, ANALYST)
    for period in ("12m", "all"):
        for state in states_of(visit(name, period=period)):
            assert leaks_in(texts_of(state)) == set()


def test_the_check_finds_sums_and_counts_where_they_are_shown(
    few_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_page(monkeypatch, OWNER)
    found: set[str] = set()
    for name in ("overview", "stages", "late"):
        for state in states_of(visit(name)):
            found |= leaks_in(texts_of(state))
    kinds = {words.split(":")[0] for words in found}
    assert {"count", "share"} <= kinds
    assert {kind for kind in kinds if kind[0] in "234"}


def test_an_analysts_paper_holds_no_sum_and_no_count_of_a_few_clients(
    few_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {}
    for who in (OWNER, ANALYST):
        at_page(monkeypatch, who)
        view = current_view()
        assert view is not None
        paper = view_report(view).decode()
        lines = re.sub(r"<(style|table).*?</\1>", " ", paper, flags=re.DOTALL)
        texts[who] = leaks_in(iter(re.split(r"<[^>]+>", lines)))
    assert texts[OWNER]
    assert texts[ANALYST] == set()
