"""What a page shows: its numbers, and the definitions its drawers hold, in every state of it."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from crm_core.definitions import DEFINITIONS
from crm_core.ui.definitions import tooltip

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DATE = re.compile(rf"\b(?:\d{{1,2}} )?(?:{MONTHS})[a-z]*(?: \d{{4}})?")
FIGURE = re.compile(r"\d[\d,.]*")
STARTS_AS_NUMBER = re.compile(r"[+−\-]?\d")
KEYED = re.compile(r"\$\$ID-[0-9a-f]{32}-(.+)", re.DOTALL)
DRAWER_ICON = ":material/menu_book:"
TOOLTIPS = {tooltip(key) for key in DEFINITIONS}


@dataclass(frozen=True)
class Entry:
    """One number in a drawer: its heading with the value, and all the text beneath it."""

    heading: str
    text: str

    @property
    def moves(self) -> bool:
        """Whether the entry says what the number would be at other settings."""
        return "At other settings" in self.text

    @property
    def key(self) -> str:
        """Key of the definition the entry was drawn from."""
        found = [one.id for one in DEFINITIONS.values() if self._is(one.title, one.sentence)]
        return found[0] if found else ""

    def _is(self, title: str, sentence: str) -> bool:
        return self.heading.startswith(f"{title}: ") and sentence in self.text


@dataclass
class Page:
    """What the states of a page show together."""

    headlines: set[str] = field(default_factory=set)
    metrics: set[str] = field(default_factory=set)
    columns: dict[str, str | None] = field(default_factory=dict)
    pictures: dict[str, tuple[str, ...]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    @property
    def defined(self) -> set[str]:
        """Keys of all definitions the drawers hold."""
        return {entry.key for entry in self.entries}

    def unmoved(self) -> set[str]:
        """Return the keys of the numbers without a value at other settings."""
        return self.defined - {entry.key for entry in self.entries if entry.moves}

    def add(self, app: AppTest) -> None:
        """Take up what one state of the page shows."""
        self.headlines |= {plain(p.value[5:]) for p in app.markdown if p.value.startswith("#### ")}
        self.metrics |= {plain(f"{metric.label}: {metric.value}") for metric in app.metric}
        for table in app.dataframe:
            self.columns |= dict(number_headings(table))
        for chart in app.get("plotly_chart"):
            layout = json.loads(chart.proto.spec)["layout"]
            numbers = tuple((layout.get("meta") or {}).get("numbers", ()))
            self.pictures[chart.proto.alt] = numbers
        self.entries += [entry for drawer in app.expander for entry in entries_of(drawer)]

    def problems(self, *, excused: Container[str] = ()) -> dict[str, set[str]]:
        """Return what the page shows without saying what it means, by rule broken."""
        entries, columns, pictures = self.entries, self.columns, self.pictures
        named = {key for numbers in pictures.values() for key in numbers}
        headings = {entry.heading for entry in entries}
        found = {
            "figures of the headline in no drawer": self._figures(),
            "numbers side by side in no drawer": self.metrics - headings,
            "headings over numbers that say nothing": {
                title
                for title, said in columns.items()
                if said not in TOOLTIPS and title not in excused
            },
            "pictures that name no number": {alt for alt, held in pictures.items() if not held},
            "numbers of pictures in no drawer": named - self.defined,
            "entries of no definition": {e.heading for e in entries if not e.key},
            "entries that rest on nothing": {
                e.heading for e in entries if "Rests on: " not in e.text
            },
            "entries without a value": {e.heading for e in entries if e.heading.endswith(": ")},
        }
        return {rule: broken for rule, broken in found.items() if broken}

    def _figures(self) -> set[str]:
        """Return the figures of the headlines that stand in no drawer."""
        held = {
            figure.rstrip(".,")
            for entry in self.entries
            for figure in FIGURE.findall(f"{entry.heading} {entry.text}")
        }
        return {figure for line in self.headlines for figure in figures_of(line)} - held


def figures_of(text: str) -> set[str]:
    """Return the figures of a text, its days left out.

    Examples
    --------
    >>> sorted(figures_of("On 3 May 2025, 1,204 of 2,000 (60 %)."))
    ['1,204', '2,000', '60']
    """
    return {found.rstrip(".,") for found in FIGURE.findall(DATE.sub("", text))}


def plain(text: str) -> str:
    """Return Markdown as it reads."""
    return re.sub(r"\\(.)", r"\1", text).replace("**", "").replace("\u200b", "")


def number_headings(table: Any) -> Iterator[tuple[str, str | None]]:
    """Yield every heading of a table whose cells are numbers or days, with its tooltip."""
    config = json.loads(table.proto.columns or "{}")
    for name in table.value.columns:
        column = config.get(name, {})
        if not column.get("hidden") and holds_numbers(table.value[name]):
            yield str(name), column.get("help")


def holds_numbers(values: pd.Series[Any]) -> bool:
    """Return whether a column holds numbers, days, or texts that begin like one."""
    if values.dtype == bool:
        return False
    if values.dtype.kind in "iufM":
        return True
    return any(bool(STARTS_AS_NUMBER.match(str(v))) for v in values if v is not None)


def entries_of(drawer: Any) -> Iterator[Entry]:
    """Yield the numbers a drawer defines, nothing for other expanders."""
    if drawer.proto.icon != DRAWER_ICON:
        return
    heading, lines = "", list[str]()
    for part in walk(drawer):
        raw = str(getattr(part, "value", ""))
        if raw.startswith("**"):
            if heading:
                yield Entry(heading, "\n".join(lines))
            heading, _, rest = plain(raw).partition("  \n")
            lines = [rest]
        elif heading:
            lines.append(plain(raw))
    if heading:
        yield Entry(heading, "\n".join(lines))


def open_everything(app: AppTest) -> None:
    """Open every drawer and expander that is made when it is opened, those inside too."""
    for _ in range(4):
        closed = [
            key
            for expander in app.expander
            if (key := key_of(expander.proto.id)) and not app.session_state[key]
        ]
        if not closed:
            return
        for key in closed:
            app.session_state[key] = True
        app.run()
        assert not app.exception, [error.value for error in app.exception]


def key_of(widget_id: str) -> str | None:
    """Return the key a widget was given, None without one."""
    found = KEYED.fullmatch(widget_id)
    return found[1] if found else None


def tabs_of(app: AppTest) -> dict[str, list[str]]:
    """Return the labels of the tabs that are made when they are opened, by key."""
    found: dict[str, list[str]] = {}
    for node in walk(app.main):
        proto = getattr(node, "proto", None)
        kind = getattr(proto, "tab_container", None)
        key = key_of(getattr(kind, "id", "")) if kind is not None else None
        if key:
            found[key] = [child.label for child in node.children.values()]
    return found


def walk(block: Any) -> Iterator[Any]:
    """Yield a block and everything in it."""
    yield block
    for child in getattr(block, "children", {}).values():
        yield from walk(child)
