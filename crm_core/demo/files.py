"""The demo's rows as the two files a real business would import."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crm_core.demo.business import OFFICE, SHOP, Business, Person, Row
from crm_core.money import UNIT, to_decimal_text
from crm_core.records.staged import (
    IDENTITY_KINDS,
    NO_QUANTITY,
    StagedClients,
    StagedImport,
    StagedSales,
    UnusedRows,
)
from crm_core.tables import NEVER, Coded, to_date

COLUMNS = ("Order", "Day", "Client", "Name", "Product", "Pieces", "Amount", "Currency")
FILE_NAMES = {OFFICE: "demo office sales.csv", SHOP: "demo web shop.csv"}
FOREIGN = "DKK"
"""Currency of the few rows that wait for a rate."""

ATTRIBUTES = (
    "name", "kind", "group_name", "email", "phone", "country", "region", "segment",
    "department", "manager", "came_from",
)  # fmt: skip


def make_file(business: Business, source: str, *, seed: int) -> StagedImport:
    """Return one source's file: its clients, leads, sales, and a few rows that are none.

    Parameters
    ----------
    business : Business
        From :func:`crm_core.demo.business.make_business`.
    source : {"office", "web shop"}
        Walk-ins, leads, fees and unreadable rows stand in the office's file.
    seed : int
        Part of the file's fingerprint.
    """
    people = [person for person in business.people if person.source == source]
    rows = _rows_of(business, source)
    unused = _unused(business, len(rows)) if source == OFFICE else UnusedRows()
    days = [row.day for row in rows]
    return StagedImport(
        source=source,
        file_name=FILE_NAMES[source],
        fingerprint=_fingerprint(source, seed, business.last),
        clients=_stage_people(people),
        sales=_stage_rows(rows, people),
        unused=unused,
        n_rows=len(rows) + len(unused.line),
        money=_money(rows, unused),
        columns=COLUMNS,
        covered=(min(days), max(days)),
    )


def _rows_of(business: Business, source: str) -> list[Row]:
    own = [r for r in business.rows if (r.person.source if r.person else OFFICE) == source]
    rows = sorted(own, key=lambda row: (row.day, row.order or "", row.amount))
    if source == OFFICE:
        once = [p for p in business.of("once") if p.source == OFFICE]
        abroad = [p for p in once if p.attributes["country"] == "Denmark"]
        day = business.last - 45
        rows += [
            Row(person, day + place, 890 * UNIT, f"K{place}", currency=FOREIGN)
            for place, person in enumerate(abroad[:3])
        ]
    return rows


def _stage_people(people: Sequence[Person]) -> StagedClients:
    numbers = tuple(person.number for person in people)
    return StagedClients(
        kind=np.full(len(people), IDENTITY_KINDS.index("id"), dtype=np.int8),
        value=numbers,
        label=numbers,
        attributes={n: _coded([p.attributes.get(n) for p in people]) for n in ATTRIBUTES},
        known_on=np.array(
            [NEVER if p.known_on is None else p.known_on for p in people], dtype=np.int32
        ),
        birthday=np.full(len(people), NEVER, dtype=np.int32),
    )


def _stage_rows(rows: Sequence[Row], people: Sequence[Person]) -> StagedSales:
    place = {person.number: position for position, person in enumerate(people)}
    return StagedSales(
        line=np.arange(2, len(rows) + 2, dtype=np.int64),
        client=np.array([place[r.person.number] if r.person else -1 for r in rows], dtype=np.int32),
        day=np.array([row.day for row in rows], dtype=np.int32),
        amount=np.array([row.amount for row in rows], dtype=np.int64),
        quantity=np.array(
            [NO_QUANTITY if row.pieces is None else row.pieces * UNIT for row in rows],
            dtype=np.int64,
        ),
        order_ref=pa.array([row.order for row in rows], pa.string()),
        refund_of=pa.array([row.refund_of for row in rows], pa.string()),
        currency=_coded([row.currency for row in rows]),
        product=_coded([row.product.name if row.product else None for row in rows]),
        category=_coded([row.product.category if row.product else None for row in rows]),
        channel=_coded([row.channel for row in rows]),
        manager=_coded([row.manager for row in rows]),
    )


def _coded(texts: Sequence[str | None]) -> Coded:
    labels = tuple(sorted({text for text in texts if text}))
    place = {label: code for code, label in enumerate(labels)}
    return Coded(np.array([place.get(t or "", -1) for t in texts], dtype=np.int32), labels)


@dataclass(frozen=True)
class _Odd:
    """A row that is no sale, or waits for somebody."""

    end: str
    reason: str
    day: str = ""
    amount: int | None = None
    person: Person | None = None
    detail: str = ""

    def cells(self) -> tuple[str, ...]:
        number, name = (self.person.number, self.person.name) if self.person else ("", "")
        money = "" if self.amount is None else to_decimal_text(self.amount)
        product = "Card fee" if self.reason == "fee" else ""
        return ("", self.day, number, name, product, "", money, "")


def _unused(business: Business, n_sales: int) -> UnusedRows:
    rows = list(_odd_rows(business))
    first = n_sales + 2
    return UnusedRows(
        line=tuple(range(first, first + len(rows))),
        end=tuple(row.end for row in rows),
        reason=tuple(row.reason for row in rows),
        detail=tuple(row.detail for row in rows),
        amount=tuple(row.amount for row in rows),
        currency=(None,) * len(rows),
        cells=tuple(row.cells() for row in rows),
    )


def _odd_rows(business: Business) -> Iterator[_Odd]:
    """Yield leads and card fees (no sales), and rows whose day nobody can read (held back)."""
    for lead in business.of("lead"):
        yield _Odd("not_a_sale", "lead", person=lead)
    for number in range(8):
        day = to_date(business.last - 30 * number).isoformat()
        yield _Odd("not_a_sale", "fee", day, -(290 + 35 * number) * UNIT // 100)
    for text, amount, person in zip(
        ("31.02.2025", "30.02.2024", "soon"), (240, 95, 310), business.of("regular"), strict=False
    ):
        detail = f"Wanted a day, found “{text}”; mend it and import the row again."
        yield _Odd("held_back", "unreadable day", text, amount * UNIT, person, detail)


def _money(rows: Sequence[Row], unused: UnusedRows) -> dict[str | None, int]:
    money: dict[str | None, int] = {}
    amounts = [*((r.currency, r.amount) for r in rows), *((None, a or 0) for a in unused.amount)]
    for currency, amount in amounts:
        money[currency] = money.get(currency, 0) + amount
    return money


def _fingerprint(source: str, seed: int, last: int) -> str:
    return hashlib.sha256(f"Regulars demo {source} {seed} {last}".encode()).hexdigest()
