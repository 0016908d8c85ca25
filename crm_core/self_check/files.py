"""Reconciling the database with the imported files: every row in one place, every cent there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from sqlalchemy import Connection

from crm_core.errors import RecordError
from crm_core.formatting import format_count, format_money, join_words, one_line, plural
from crm_core.records.import_report import ImportReport, Money, Tally, add_money
from crm_core.records.live_keys import find_live_faults
from crm_core.records.row_digests import read_digest
from crm_core.records.settings import read_currency
from crm_core.records.stored_sums import (
    StoredBatch,
    StoredRows,
    StoredUnused,
    never_clients,
    stored_batches,
    stored_sales,
    stored_unused,
)
from crm_core.self_check.findings import Check

RESTORE = (
    "Restore a backup from before the change. Without one: undo this import, add an empty line to "
    "the end of the file, so that it is read anew, and import it again."
)
SWITCH = (
    "Undo the import named and switch it on again; if it still differs, restore a backup and "
    "report this line."
)
UNCOVERED = (
    " Changes that keep these sums are not covered: it was imported before there was a digest of "
    "every sale."
)
WAITING = "no rate for "
"""How the reason of rows begins that waited for a rate at the import."""


@dataclass(frozen=True)
class Stored:
    """All imports, and what the tables hold of each.

    Attributes
    ----------
    batches : list of StoredBatch
        All imports, undone ones too.
    sales, unused : dict of int to list
        What is stored by import.
    currency : str or None
        The reporting currency.
    tills : bool
        Some client is marked as a till, a marketplace or an own branch.
    """

    batches: list[StoredBatch]
    sales: dict[int, list[StoredRows]]
    unused: dict[int, list[StoredUnused]]
    currency: str | None
    tills: bool

    @classmethod
    def read(cls, connection: Connection) -> Stored:
        """Read all of it: two passes over the tables."""
        sales: dict[int, list[StoredRows]] = {}
        unused: dict[int, list[StoredUnused]] = {}
        for rows in stored_sales(connection):
            sales.setdefault(rows.batch_id, []).append(rows)
        for left in stored_unused(connection):
            unused.setdefault(left.batch_id, []).append(left)
        return cls(
            stored_batches(connection),
            sales,
            unused,
            read_currency(connection),
            bool(len(never_clients(connection))),
        )

    @property
    def counted(self) -> int:
        """Sales that count now."""
        return sum(r.rows for rows in self.sales.values() for r in rows if r.live)

    @property
    def in_force(self) -> int:
        """Imports that are not undone."""
        return sum(batch.live for batch in self.batches)

    def tally(self, parts: Sequence[StoredRows | StoredUnused]) -> Tally:
        """Return rows and money of some rows, the reporting currency as None."""
        total = Tally()
        for part in parts:
            currency = None if part.currency == self.currency else part.currency
            total += Tally(part.rows, add_money({currency: part.amount}, {}))
        return total

    def sales_of(self, batch: StoredBatch) -> list[StoredRows]:
        """Return the sales of an import."""
        return self.sales.get(batch.id, [])

    def unused_of(self, batch: StoredBatch, end: str) -> list[StoredUnused]:
        """Return the rows of an import that became no sale, of one end."""
        return [left for left in self.unused.get(batch.id, []) if left.end == end]

    def whole(self, batch: StoredBatch) -> Tally:
        """Return all rows and money the tables hold of an import."""
        return self.tally([*self.sales_of(batch), *self.unused.get(batch.id, [])])


def file_checks(connection: Connection, stored: Stored) -> Iterator[Check]:
    """Yield one check an import, then those of all imports together."""
    for batch in stored.batches:
        yield _batch_check(connection, stored, batch)
    yield Check(
        "Imports and their rows",
        "the import every stored row names, with the imports that are known",
        lambda: _strangers(stored),
        RESTORE,
        "Every stored row belongs to one import, and lies in its place.",
    )
    yield Check(
        "What counts",
        "the sales that count, with the newest import in force of every order and row",
        lambda: _live_fault(connection, stored),
        SWITCH,
        f"{plural(stored.counted, 'sale')} count, each once: nothing in two places.",
    )


def _batch_check(connection: Connection, stored: Stored, batch: StoredBatch) -> Check:
    undone = "" if batch.live else ", undone"
    covered = "" if batch.digest is not None else UNCOVERED
    return Check(
        f"Import {batch.id} ({one_line(batch.file_name, 60)}{undone})",
        "rows and money of the file and of its five ends, and a digest of every sale as it was "
        "written, with all that is stored of it",
        lambda: (
            _whole_fault(stored, batch)
            or _ends_fault(stored, batch)
            or _row_fault(connection, batch)
        ),
        RESTORE,
        f"{_say(stored.whole(batch))}, as in the file, each row where its report says.{covered}",
    )


def report_of(batch: StoredBatch) -> ImportReport:
    """Return the stored report of an import.

    Raises
    ------
    RecordError
        If it is not one any more.
    """
    try:
        return ImportReport.from_json(batch.report)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordError(
            f"Wanted the report of import {batch.id}, found that it cannot be read: somebody "
            "changed it."
        ) from error


def _whole_fault(stored: Stored, batch: StoredBatch) -> str | None:
    said, held = _named(report_of(batch).total, stored.currency), stored.whole(batch)
    if said.rows != batch.n_rows:
        return (
            f"The file had {plural(batch.n_rows, 'row')}, but its report speaks of "
            f"{format_count(said.rows)}."
        )
    # Money given back that stands in a column of its own is a stored entry more, and no row.
    if held.rows < said.rows or dict(held.money) != dict(said.money):
        return f"The file had {_say(said)}; stored are {_say(held)}: {_say_gap(said, held)}."
    return None


def _ends_fault(stored: Stored, batch: StoredBatch) -> str | None:
    report = report_of(batch)
    sold, named = stored.sales_of(batch), [r for r in stored.sales_of(batch) if r.named]
    waited = {k: t for k, t in report.held_back.items() if k.startswith(WAITING)}
    kept = {k: t for k, t in report.held_back.items() if k not in waited}
    taken = report.sale_with_client + report.sale_without_client + report.already_stored
    pairs = {
        "sales": (sum(waited.values(), taken), stored.tally(sold)),
        **_by_reason(stored, batch, "not_a_sale", report.not_a_sale),
        **_by_reason(stored, batch, "held_back", kept),
    }
    if not (stored.tills or waited or report.already_stored.rows):
        pairs["sales with a client"] = (report.sale_with_client, stored.tally(named))
    for what, (said, held) in pairs.items():
        said = _named(said, stored.currency)  # noqa: PLW2901
        if held.rows < said.rows or dict(held.money) != dict(said.money):
            return f"Of {what} the report said {_say(said)}; stored are {_say(held)}."
    return None


def _row_fault(connection: Connection, batch: StoredBatch) -> str | None:
    """Return that single sales were changed although all sums are those of the file."""
    if batch.digest is None:
        return None
    # A server reads nothing more after a statement that failed, unless that stood by itself.
    alone = nullcontext() if connection.dialect.name == "sqlite" else connection.begin_nested()
    with alone:
        found = read_digest(connection, batch.first_sale_id, batch.last_sale_id)
    if found == batch.digest:
        return None
    return (
        f"The sums are those of the file {one_line(batch.file_name, 60)}, but its sales are not as "
        "they were written: a day, a client, an amount or another value of some was changed."
    )


def _by_reason(
    stored: Stored, batch: StoredBatch, end: str, said: Mapping[str, Tally]
) -> dict[str, tuple[Tally, Tally]]:
    """Pair what the report said of each reason with what is stored."""
    there = stored.unused_of(batch, end)
    word = end.replace("_", " ")
    return {
        f"rows {word} ({reason})": (
            said.get(reason, Tally()),
            stored.tally([left for left in there if left.reason == reason]),
        )
        for reason in dict.fromkeys([*said, *(left.reason for left in there)])
    }


def _named(tally: Tally, currency: str | None) -> Tally:
    """Return a tally with the reporting currency as None, whenever it got its name."""
    if currency is None or currency not in tally.money:
        return tally
    rest = {code: money for code, money in tally.money.items() if code != currency}
    return Tally(tally.rows, add_money(rest, {None: tally.money[currency]}))


def _strangers(stored: Stored) -> str | None:
    """Return rows whose import is not known, or that lie outside the place of theirs."""
    known = {batch.id: batch for batch in stored.batches}
    for number, parts in stored.sales.items():
        batch, rows = known.get(number), stored.tally(parts)
        if batch is None:
            return f"{_say(rows)} belong to import {number}, which is not there."
        first, last = min(p.first_id for p in parts), max(p.last_id for p in parts)
        if (first, last) != (batch.first_sale_id, batch.last_sale_id):
            return (
                f"The sales of import {number} have the numbers {first} to {last}, its row says "
                f"{batch.first_sale_id} to {batch.last_sale_id}."
            )
    empty = [
        b.id for b in stored.batches if b.first_sale_id is not None and b.id not in stored.sales
    ]
    return f"All sales of import {empty[0]} are gone." if empty else None


def _live_fault(connection: Connection, stored: Stored) -> str | None:
    faults = find_live_faults(connection, stored.batches)
    if not faults:
        return None
    said = [
        join_words(
            [
                *([f"{plural(f.counted, 'sale')} count and should not"] if f.counted else []),
                *([f"{plural(f.left_out, 'sale')} should count and do not"] if f.left_out else []),
            ]
        )
        + f" (import {f.batch_id})"
        for f in faults[:3]
    ]
    return f"{join_words(said)}."


def _say(tally: Tally) -> str:
    return f"{plural(tally.rows, 'row')} and {_say_money(tally.money)}"


def _say_money(money: Money) -> str:
    parts = [
        format_money(amount, currency, places=2 if amount % 100 == 0 else 4)
        for currency, amount in money.items()
    ]
    return " + ".join(parts) or "0.00"


def _say_gap(said: Tally, held: Tally) -> str:
    """Return what is missing or too much."""
    gap = add_money(said.money, {c: -amount for c, amount in held.money.items()})
    missing = {currency: amount for currency, amount in gap.items() if amount > 0}
    extra = {currency: -amount for currency, amount in gap.items() if amount < 0}
    few = [plural(said.rows - held.rows, "row")] if held.rows < said.rows else []
    few += [_say_money(missing)] if missing else []
    parts = [f"{join_words(few)} missing"] if few else []
    return join_words([*parts, *([f"{_say_money(extra)} too much"] if extra else [])])
