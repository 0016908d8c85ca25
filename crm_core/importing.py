"""One import from file to report: the way the page and the command line both go.

``prepare`` reads, recognises and stages without touching the database;
``rehearse`` shows the headline figures before and after; ``carry_out`` writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from crm_core.access import Right, require
from crm_core.errors import RefusedError
from crm_core.intake.currencies import currency_of_sign
from crm_core.intake.mapping import Mapping as ColumnMapping
from crm_core.intake.shapes import ShapedTable
from crm_core.intake.sheets import combine, read_sheets
from crm_core.intake.staging import stage
from crm_core.intake.suggest import understand
from crm_core.intake.table import Evidence, Table
from crm_core.ledger import Ledger
from crm_core.metrics.parameters import ParameterSet
from crm_core.metrics.pareto import Period
from crm_core.metrics.second_purchase import estimate_m0
from crm_core.metrics.stored_twice import DayRows, StoredTwice, stored_twice
from crm_core.policy import read_parameters, write_parameter
from crm_core.records.beside_import import read_beside
from crm_core.records.bulk import Progress
from crm_core.records.deeds import deed
from crm_core.records.engine import reading, rehearsing, writing
from crm_core.records.import_report import ImportReport
from crm_core.records.importing import write_import
from crm_core.records.mappings import recall_mapping
from crm_core.records.settings import CURRENCY, read_currency, write_setting
from crm_core.records.staged import StagedImport
from crm_core.records.versions import read_versions
from crm_core.report import Report, build_report
from crm_core.snapshot import build_ledger, keep_ledger, load_ledger
from crm_core.tables import to_day

DEFAULT_SOURCE = "main"
LONGEST_SOURCE = 100


@dataclass(frozen=True)
class Choices:
    """What a person decides about a file; everything left out is detected.

    Attributes
    ----------
    columns : mapping of str to str
        Field to column, by name or 1-based number; ``-`` says there is none.
    source : str
        The shop, till or list the rows come from.
    currency : str or None
        The reporting currency, an ISO code.
    sheet, delimiter, encoding : str or None
        How to read the file; sheet ``*`` joins all sheets of a workbook.
    header_row : int or None
        Record number of the header, 0 for none.
    day_order, decimal_mark : str or None
        ``dmy``, ``mdy`` or ``ymd``; ``","`` or ``"."``.
    time_zone : str or None
        The business's time zone, for columns in UTC.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    source: str = DEFAULT_SOURCE
    currency: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    day_order: str | None = None
    decimal_mark: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A file understood and staged, nothing written yet.

    Attributes
    ----------
    shaped : ShapedTable
        The cells, straightened.
    mapping : crm_core.intake.mapping.Mapping
        Which column means what, and why.
    staged : StagedImport
        What the import would carry.
    currency : str or None
        The reporting currency the file is read in: stored, chosen, else the one it names.
    """

    shaped: ShapedTable
    mapping: ColumnMapping
    staged: StagedImport
    currency: str | None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What was concluded from the file, reading first."""
        return (*self.shaped.table.evidence, *self.mapping.evidence)


@dataclass(frozen=True)
class Rehearsal:
    """What an import would change.

    Attributes
    ----------
    rows : ImportReport
        The five ends of the file's rows.
    before, after : Report
        The headline figures, both as of the day ``after`` would open with.
    twice : StoredTwice
        How much of what it adds looks stored already.
    """

    rows: ImportReport
    before: Report
    after: Report
    twice: StoredTwice


def prepare(
    engine: Engine,
    source: Path | bytes,
    *,
    name: str,
    choices: Choices,
    today: date,
    joined: Sequence[Path] = (),
) -> Prepared:
    """Read a file, find out what it means, and stage its rows.

    Parameters
    ----------
    engine : Engine
        The database, asked for a remembered mapping, the currency and the last sale day.
    source : Path or bytes
        The file, or its content.
    name : str
        The file's name as the person knows it.
    choices : Choices
        What the person decided.
    today : date
        The day on the wall.
    joined : sequence of Path
        More files that make one table with this one: the same columns, or a shared key.

    Returns
    -------
    Prepared

    Raises
    ------
    FileError, MappingError
        If the file cannot be read, or a needed column is missing.
    RefusedError
        If another reporting currency is in force, or the currency or the source has no
        sensible name.
    """
    _check_source(choices.source)
    table = _read(source, name, choices)
    if joined:
        table = combine([table, *(_read(path, path.name, choices) for path in joined)])
    with reading(engine) as connection:
        remembered = recall_mapping(connection, table.names)
        currency = _settle_currency(read_currency(connection), choices.currency)
    shaped, mapping = understand(table, choices=choices.columns, remembered=remembered)
    mapping = replace(
        mapping,
        day_order=choices.day_order or mapping.day_order,
        amount_marks=choices.decimal_mark or mapping.amount_marks,
    )
    staged = stage(
        shaped,
        mapping,
        source=choices.source,
        currency=currency,
        today=to_day(today),
        time_zone=choices.time_zone,
        file_name=name,
        fingerprint=fingerprint(source, choices.sheet, joined),
    )
    # A file that names its currency settles it: the next file's other one must not mix in.
    return Prepared(shaped, mapping, staged, currency or staged.mapping["currency"])


def _read(source: Path | bytes, name: str, choices: Choices) -> Table:
    return read_sheets(
        source,
        name=name,
        sheet=choices.sheet,
        delimiter=choices.delimiter,
        encoding=choices.encoding,
        header_row=choices.header_row,
    )


def fingerprint(source: Path | bytes, sheet: str | None = None, joined: Sequence[Path] = ()) -> str:
    """Return the SHA-256 of the content of a file, of the sheet chosen, and of files joined to it.

    Examples
    --------
    >>> fingerprint(b"a") == fingerprint(b"a"), fingerprint(b"a") == fingerprint(b"a", "May")
    (True, False)
    """
    digest = hashlib.sha256()
    for part in (source, *joined):
        if isinstance(part, bytes):
            digest.update(part)
            continue
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    if sheet:
        digest.update(b"\0sheet\0" + sheet.encode())
    return digest.hexdigest()


def _settle_currency(stored: str | None, chosen: str | None) -> str | None:
    code = currency_of_sign(chosen) if chosen else None
    if chosen and code is None:
        raise RefusedError(
            f"Wanted a currency's code such as EUR, USD or GBP, found “{chosen}”; give its three "
            "letters, as in --currency EUR."
        )
    if stored and code and stored != code:
        raise RefusedError(
            f"Wanted amounts in {stored}, the reporting currency of this database, found "
            f"--currency {code}; leave the currency out, map the file's currency "
            "column, and enter a rate for it."
        )
    return stored or code


def _check_source(source: str) -> None:
    if not source.strip() or len(source) > LONGEST_SOURCE:
        raise RefusedError(
            f"Wanted a name of up to {LONGEST_SOURCE} letters for the shop or list the rows come "
            f"from, found {len(source.strip()):,}; name it, as in --source shop."
        )


def rehearse(
    engine: Engine, prepared: Prepared, *, now: datetime, period: Period = "12m"
) -> Rehearsal:
    """Show what an import would change, and change nothing.

    Parameters
    ----------
    engine : Engine
        The database; its write lock is held for the while.
    prepared : Prepared
        From :func:`prepare`.
    now : datetime
        The moment, with its time zone.
    period : {"12m", "all"}, default "12m"
        The base of the Pareto figures.

    Returns
    -------
    Rehearsal
        The report of the ledger merged with the staged rows beside today's.

    Raises
    ------
    AccessError
        If whoever is at work may not import: a dry run holds the write lock as well.
    """
    require(Right.IMPORT)
    today = to_day(now.date())
    before = load_ledger(engine)
    with rehearsing(engine) as connection:
        rows = _write(connection, prepared, now)
        twice = find_twice(connection, rows.batch_id)
        after = build_ledger(connection)
        as_of = after.default_as_of(today)
        parameters = settle_m0(connection, estimate_m0(after, as_of)[0], now.date())
    return Rehearsal(
        rows,
        build_report(before, parameters, as_of, period=period),
        build_report(after, parameters, as_of, period=period),
        twice,
    )


def find_twice(connection: Connection, batch_id: int) -> StoredTwice:
    """Return how much of what an import in force adds looks stored already.

    Parameters
    ----------
    connection : Connection
        Any connection that sees the import.
    batch_id : int
        The import; RecordError where there is none of that number.
    """
    found = read_beside(connection, batch_id)
    if found is None:
        return StoredTwice()
    return stored_twice(DayRows(*found.added), DayRows(*found.stored), whole=found.whole)


def carry_out(
    engine: Engine,
    prepared: Prepared,
    *,
    now: datetime,
    progress: Progress | None = None,
    also: Callable[[Connection, ImportReport], object] | None = None,
) -> ImportReport:
    """Write an import, and ``m0`` from the data if it is time, in one transaction.

    Parameters
    ----------
    engine : Engine
        The database.
    prepared : Prepared
        From :func:`prepare`.
    now : datetime
        The moment, with its time zone.
    progress : callable, optional
        Told the number of rows written so far.
    also : callable, optional
        What belongs to the import: done in its transaction, once the rows are written.

    Returns
    -------
    ImportReport
        The five ends of the file's rows.

    Raises
    ------
    AccessError
        If whoever is at work may not import.
    RefusedError
        If the same content is live already.
    """
    require(Right.IMPORT)
    with writing(engine) as connection:
        report = _write(connection, prepared, now, progress)
        if also is not None:
            also(connection, report)
        versions = read_versions(connection)
        ledger = settle_first_m0(connection, now.date())
    if ledger is not None:
        keep_ledger(engine, ledger, versions)
    return report


def settle_first_m0(connection: Connection, today: date) -> Ledger | None:
    """Take ``m0`` from the data where none is stored and there is enough of it.

    Returns
    -------
    Ledger or None
        What was looked at, None where a value is stored already.
    """
    if "m0" in read_parameters(connection).origins:
        return None
    ledger = build_ledger(connection)
    found, _ = estimate_m0(ledger, ledger.default_as_of(to_day(today)))
    if found is not None:
        settle_m0(connection, found, today)
    return ledger


@deed(Right.IMPORT, "usual gap taken from the data", keep=("estimate",))
def settle_m0(connection: Connection, estimate: int | None, today: date) -> ParameterSet:
    """Store ``m0`` from the data once, and return the parameters then in force.

    A value that is stored already stays: later imports only propose another.
    """
    parameters = read_parameters(connection)
    if estimate is None or "m0" in parameters.origins:
        return parameters
    return write_parameter(connection, "m0", estimate, since=today, source="data")


@deed(Right.IMPORT, "imported")
def _write(
    connection: Connection,
    prepared: Prepared,
    now: datetime,
    progress: Progress | None = None,
) -> ImportReport:
    stored = read_currency(connection)
    if prepared.currency and not stored:
        write_setting(connection, CURRENCY, prepared.currency, source="owner", since=now.date())
    return write_import(connection, prepared.staged, imported_at=now, progress=progress)
