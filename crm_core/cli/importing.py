"""Sales files into the database, each wholly or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from crm_core.arrivals import note_failure, prepare_unattended, receive
from crm_core.cli.options import database
from crm_core.cli.output import print_json, write_text
from crm_core.demo import holds_demo
from crm_core.errors import CrmError, RefusedError
from crm_core.import_text import held_back_lines, import_json, import_text
from crm_core.importing import (
    DEFAULT_SOURCE,
    Choices,
    Prepared,
    carry_out,
    find_twice,
    prepare,
    rehearse,
)
from crm_core.intake.mapping import FIELDS
from crm_core.progress import ProgressLine
from crm_core.records.arrivals import reads_approval
from crm_core.records.engine import open_database, reading
from crm_core.records.import_report import ImportReport


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Name a column.")
@click.option("--source", default=DEFAULT_SOURCE, help="The shop or till the rows come from.")
@click.option("--currency", metavar="CUR", help="The reporting currency, an ISO code.")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option(
    "--held-back", type=click.Path(path_type=Path), metavar="OUT.csv", help="Write those rows."
)
@click.option("--join", is_flag=True, help="The files make one table by a shared column.")
@click.option("--sheet", help="The sheet of a workbook; * joins all.")
@click.option("--delimiter", help="What stands between the cells.")
@click.option("--encoding", help="The encoding of the text.")
@click.option("--header-row", type=int, help="Row of the column names, 0 for none.")
@click.option("--day-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order in dates.")
@click.option("--decimal-mark", type=click.Choice([",", "."]), help="Decimal mark of amounts.")
@click.option("--time-zone", help="The business's time zone, for columns in UTC.")
@click.option("--notify", is_flag=True, help="Ask nothing; a failure leaves owners a notice.")
@click.option("--approve", is_flag=True, help="It counts only once an owner approved it.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@database
def import_(
    *,
    files: tuple[Path, ...],
    columns: tuple[str, ...],
    join: bool,
    dry_run: bool,
    held_back: Path | None,
    notify: bool,
    approve: bool,
    as_json: bool,
    db: str | None,
    **options: Any,
) -> None:
    """Import sales files: each is one import (with --join, all are), wholly or not at all."""
    choices = Choices(columns=_split_maps(columns), **options)
    if held_back is not None:
        _check_held_back(held_back, files)
    engine, now = open_database(db), datetime.now(UTC).astimezone()
    refuse_demo(engine)
    results: list[dict[str, Any]] = []
    lines: list[str] = []
    how = _How(choices, dry_run=dry_run, notify=notify, approve=approve)
    for file, *joined in [files] if join else [(file,) for file in files]:
        prepared, result = _import_one(engine, file, joined, how, now=now)
        results.append(result)
        lines.extend(held_back_lines(prepared.staged))
    if held_back is not None:
        write_text(held_back, lines)
    if as_json:
        print_json(results[0] if len(results) == 1 else results)
    else:
        click.echo("\n\n".join(import_text(result) for result in results))


@dataclass(frozen=True)
class _How:
    choices: Choices
    dry_run: bool
    notify: bool
    approve: bool


def _import_one(
    engine: Engine, file: Path, joined: Sequence[Path], how: _How, *, now: datetime
) -> tuple[Prepared, dict[str, Any]]:
    try:
        read = prepare_unattended if how.notify else prepare
        prepared = read(
            engine, file, name=file.name, choices=how.choices, today=now.date(), joined=joined
        )
        if how.dry_run:
            rehearsal = rehearse(engine, prepared, now=now)
            return prepared, import_json(prepared, rehearsal.rows, rehearsal)
        with ProgressLine(file.name, len(prepared.staged.sales.line)) as progress:
            rows, compared = _write(engine, prepared, how, now, progress)
    except CrmError as error:
        if how.notify and not how.dry_run:
            state = "refused" if isinstance(error, RefusedError) else "failed"
            note_failure(engine, file.name, str(error), now=now, state=state)
        raise
    return prepared, import_json(prepared, rows, **compared)


def _write(
    engine: Engine, prepared: Prepared, how: _How, now: datetime, progress: ProgressLine
) -> tuple[ImportReport, dict[str, Any]]:
    """Write a file; return what became of its rows, and what is told of sales stored twice."""
    if not (how.notify or how.approve):
        report = carry_out(engine, prepared, now=now, progress=progress)
        with reading(engine) as connection:
            return report, {"twice": find_twice(connection, report.batch_id)}
    with reading(engine) as connection:
        waits = how.approve or reads_approval(connection)
    received = receive(engine, prepared, now=now, waits=waits, progress=progress)
    return received.report, {"twice": received.twice, "waits": received.waits}


def refuse_demo(engine: Engine) -> None:
    """Refuse a database that holds the demo: own sales must not mix with it."""
    with reading(engine) as connection:
        if holds_demo(connection):
            raise RefusedError(
                "Wanted a database for your own sales, found the demo data in it; remove that "
                "first: python -m crm_core demo --remove."
            )


def _split_maps(pairs: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, column in map(_split_map, pairs):
        if columns.get(name, column) != column:
            raise click.BadParameter(
                f"wanted one column for {name}, found “{columns[name]}” and “{column}”",
                param_hint="--map",
            )
        columns[name] = column
    return columns


def _split_map(pair: str) -> tuple[str, str]:
    name, mark, column = pair.partition("=")
    if not mark or name.strip() not in FIELDS:
        raise click.BadParameter(
            f"wanted FIELD=COLUMN with one of {', '.join(FIELDS)}, found {pair!r}",
            param_hint="--map",
        )
    return name.strip(), column


def _check_held_back(path: Path, files: Sequence[Path]) -> None:
    """Refuse a file that cannot be written, or is imported, before anything is stored."""
    if any(path.resolve() == file.resolve() for file in files):
        raise CrmError(
            f"Wanted a new file for the rows held back, found {path}, which is imported itself; "
            "name another file."
        )
    write_text(path, (), mode="a")
