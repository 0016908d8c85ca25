"""Two small files through the whole program, into a database that lives in memory only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine

from crm_core.importing import Choices, carry_out, prepare
from crm_core.metrics.parameters import ParameterSet
from crm_core.money import to_decimal_text
from crm_core.records.engine import open_database, writing
from crm_core.records.import_report import ImportReport
from crm_core.records.undoing import redo, undo
from crm_core.report import build_report
from crm_core.self_check.findings import Check, expect
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day

NOW = datetime(2024, 4, 2, 9, tzinfo=UTC)
TODAY = date(2024, 4, 2)

FIRST = """Client;Order;Date;Amount
Ada;A1;03.01.2024;1.200,50
Ada;A1;03.01.2024;99,50
Ben;A2;15.01.2024;300,00
;A3;20.01.2024;45,25
Ben;A2;25.01.2024;-100,00
Ada;A4;02.02.2024;800,00
Cem;A6;28.02.2024;0,05
Cem;A7;soon;10,00
Dora;A8;13.03.2024;2.000,00
Ada;A9;29.03.2024;500,10
"""
"""Decimal commas, days first, an order of two lines, a refund in part, nobody, no day."""

SECOND = """Client;Order;Date;Amount
Ada;A4;02.02.2024;850,00
Ada;A9;29.03.2024;500,10
Ben;A10;01.04.2024;60,00
"""
"""A later export: A4 was corrected, A9 is the same, A10 is new."""


class Rehearsal:
    """The two files in a database in memory, one step after the other."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The database in memory, made when it is first asked for."""
        if self._engine is None:
            self._engine = open_database("sqlite://")
        return self._engine

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def bring_in(self, text: str, name: str) -> ImportReport:
        """Import a text as a file of that name."""
        choices = Choices(source="self-check", currency="EUR")
        content = text.encode()
        prepared = prepare(self.engine, content, name=name, choices=choices, today=TODAY)
        return carry_out(self.engine, prepared, now=NOW)

    def ends(self, text: str, name: str) -> list[Any]:
        """Import and return rows and money of the five ends, of all, and of what gave way."""
        report = self.bring_in(text, name)
        tallies = [*report.ends().values(), report.total, report.replaced]
        return [x for t in tallies for x in (t.rows, to_decimal_text(t.money.get(None, 0)))]

    def headline(self) -> list[Any]:
        """Return gross, refunds, net, without client, clients, orders and first-class clients."""
        ledger = load_ledger(self.engine)
        report = build_report(ledger, ParameterSet(), to_day(date(2024, 4, 1)), period="all")
        sums = report.totals
        money = map(to_decimal_text, (sums.gross, sums.refunds, sums.net, sums.without_client))
        return [*money, sums.known, sums.orders, report.pareto.for80_clients]

    def undo(self, number: int) -> list[Any]:
        """Undo an import and return the headline figures."""
        with writing(self.engine) as connection:
            undo(connection, number, at=NOW)
        return self.headline()

    def redo(self, number: int) -> list[Any]:
        """Switch an import on again and return the headline figures."""
        with writing(self.engine) as connection:
            redo(connection, number)
        return self.headline()


AFTER_FIRST = ["4900.15", "100.00", "4800.15", "45.25", 4, 6, 2]
AFTER_BOTH = ["5010.15", "100.00", "4910.15", "45.25", 4, 7, 2]
SECOND_ALONE = ["1410.10", "0.00", "1410.10", "0.00", 2, 3, 1]
FIGURES = "gross, refunds, net, without client, clients, orders and clients for 80 %"
ENDS = "rows and money of its five ends, of the whole file and of what gave way"


def import_checks() -> Iterator[Check]:
    """Yield the steps of the rehearsal, each resting on those before."""
    steps = Rehearsal()
    first = [8, "4800.15", 1, "45.25", 0, "0.00", 0, "0.00", 1, "10.00", 10, "4855.40", 0, "0.00"]
    second = [2, "910.00", 0, "0.00", 1, "500.10", 0, "0.00", 0, "0.00", 3, "1410.10", 1, "800.00"]
    yield expect(
        "Reading a small file",
        f"{ENDS}, with its rows added up by hand",
        first,
        lambda: steps.ends(FIRST, "first.csv"),
    )
    yield expect(
        "Figures of a small file",
        f"{FIGURES}, with its rows added up by hand",
        AFTER_FIRST,
        steps.headline,
    )
    yield expect(
        "Reading a file that overlaps",
        f"{ENDS}: one order corrected, one the same, one new",
        second,
        lambda: steps.ends(SECOND, "second.csv"),
    )
    moves = {
        "Figures of two files that overlap": (AFTER_BOTH, steps.headline),
        "Undoing the second import": (AFTER_FIRST, lambda: steps.undo(2)),
        "Switching it on again": (AFTER_BOTH, lambda: steps.redo(2)),
        "Undoing the first import instead": (SECOND_ALONE, lambda: steps.undo(1)),
        "Switching the first on again": (AFTER_BOTH, lambda: steps.redo(1)),
    }
    for name, (wanted, move) in moves.items():
        yield expect(name, f"{FIGURES}, with the rows that count", wanted, move)
    steps.close()
