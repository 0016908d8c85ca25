"""``python -m crm_core …``: everything the pages do, without the pages.

Exit codes: 0 done, 1 refused with the reason on stderr, 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from crm_core import __version__, launch
from crm_core.client_export import CLIENT_COLUMNS, client_rows
from crm_core.demo import fill_with_demo, holds_demo, remove_demo
from crm_core.environment import ROOT
from crm_core.errors import CrmError, RefusedError
from crm_core.exports import csv_lines
from crm_core.import_text import held_back_lines, import_json, import_text, imports_text
from crm_core.importing import DEFAULT_SOURCE, Choices, carry_out, prepare, rehearse
from crm_core.intake.mapping import FIELDS
from crm_core.ledger import Ledger
from crm_core.metrics.parameters import ParameterSet
from crm_core.policy import read_parameters
from crm_core.progress import ProgressLine
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.rates import set_rate
from crm_core.records.undoing import list_batches, redo, undo
from crm_core.report import build_report
from crm_core.report_text import report_text
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day

DAY = click.DateTime(["%Y-%m-%d"])

database = click.option(
    "--db", metavar="URL", help="The database (default: DATABASE_URL, then the embedded one)."
)
as_of_day = click.option(
    "--as-of", type=DAY, metavar="DAY", help="Last day counted (default: the last sale day)."
)
which_parameters = click.option(
    "--parameters",
    type=click.Choice(["stored", "default"]),
    default="stored",
    help="What the database holds, or every default.",
)
pareto_period = click.option(
    "--period",
    type=click.Choice(["12m", "all"]),
    default="12m",
    help="The base of the Pareto figures.",
)


class Command(click.Group):
    """The commands in the order of a first day."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands as they were written down."""
        return list(self.commands)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Regulars", message="%(prog)s %(version)s")
def cli() -> None:
    """Client relationships, read from the sales files a business has."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``python -m crm_core``; those of the process by default.

    Returns
    -------
    int
        0 done, 1 refused with the reason on stderr, 2 wrong usage, 130 interrupted.
    """
    try:
        code = cli.main(args=arguments, prog_name="python -m crm_core", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except CrmError as error:
        click.echo(str(error), err=True)
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code if isinstance(code, int) else 0


def pass_on(name: str, summary: str) -> None:
    """Add a command that sets up its own environment before it runs."""

    @cli.command(
        name, help=summary, context_settings={"ignore_unknown_options": True}, add_help_option=False
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> int:
        command = [sys.executable, "-m", "crm_core", name, *arguments]
        return launch.become(command, dict(os.environ))


pass_on("start", "Set everything up and open the dashboard in the browser.")
pass_on("test", "Set everything up and run the tests.")


@cli.command("import")
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
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@database
def import_(
    *,
    files: tuple[Path, ...],
    columns: tuple[str, ...],
    join: bool,
    dry_run: bool,
    held_back: Path | None,
    as_json: bool,
    db: str | None,
    **options: Any,
) -> None:
    """Import sales files: each is one import (with --join, all are), wholly or not at all."""
    choices = Choices(columns=_split_maps(columns), **options)
    if held_back is not None:
        _check_held_back(held_back, files)
    engine, now = _open(db), datetime.now(UTC).astimezone()
    _refuse_demo(engine)
    results: list[dict[str, Any]] = []
    lines: list[str] = []
    for file, *joined in [files] if join else [(file,) for file in files]:
        prepared = prepare(
            engine, file, name=file.name, choices=choices, today=now.date(), joined=joined
        )
        if dry_run:
            rehearsal = rehearse(engine, prepared, now=now)
            results.append(import_json(prepared, rehearsal.rows, rehearsal))
        else:
            with ProgressLine(file.name, len(prepared.staged.sales.line)) as progress:
                rows = carry_out(engine, prepared, now=now, progress=progress)
            results.append(import_json(prepared, rows))
        lines.extend(held_back_lines(prepared.staged))
    if held_back is not None:
        _write_text(held_back, lines)
    if as_json:
        _print_json(results[0] if len(results) == 1 else results)
    else:
        click.echo("\n\n".join(import_text(result) for result in results))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@database
def imports(as_json: bool, db: str | None) -> None:
    """List the imports, oldest first."""
    with reading(_open(db)) as connection:
        batches = list_batches(connection)
    if as_json:
        _print_json(
            [
                {
                    "id": batch.id,
                    "source": batch.source,
                    "file": batch.file_name,
                    "imported_at": batch.imported_at.isoformat(),
                    "live": batch.live,
                    "rows": batch.n_rows,
                    "first_day": batch.first_day and batch.first_day.isoformat(),
                    "last_day": batch.last_day and batch.last_day.isoformat(),
                }
                for batch in batches
            ]
        )
    else:
        click.echo(imports_text(batches))


@cli.command("undo")
@click.argument("number", type=int)
@database
def undo_(number: int, db: str | None) -> None:
    """Switch an import off; NUMBER is that of ``imports``. Any order will do."""
    with writing(_open(db)) as connection:
        undo(connection, number, at=datetime.now(UTC))
    click.echo(f"Import {number} is undone; `redo {number}` switches it on again.")


@cli.command("redo")
@click.argument("number", type=int)
@database
def redo_(number: int, db: str | None) -> None:
    """Switch an undone import on again."""
    with writing(_open(db)) as connection:
        redo(connection, number)
    click.echo(f"Import {number} counts again.")


@cli.command("rate")
@click.argument("currency")
@click.argument("rate")
@click.option("--from", "from_day", type=DAY, required=True, metavar="DAY", help="First day.")
@database
def rate_(currency: str, rate: str, from_day: datetime, db: str | None) -> None:
    """Say what one unit of CURRENCY is worth from a day on, e.g. USD 0.92 --from 2024-01-01."""
    with writing(_open(db)) as connection:
        set_rate(connection, currency.upper(), from_day=from_day.date(), rate=rate)
    click.echo(f"One {currency.upper()} is worth {rate} from {from_day.date()} on.")


@cli.command()
@as_of_day
@pareto_period
@which_parameters
@click.option("--json", "as_json", is_flag=True, help="One JSON object with fixed keys.")
@database
def report(
    as_of: datetime | None, period: str, parameters: str, as_json: bool, db: str | None
) -> None:
    """Print the headline figures as of a day."""
    engine = _open(db)
    ledger, day = _ledger_on(engine, as_of)
    result = build_report(
        ledger,
        _parameters(engine, parameters),
        day,
        period="all" if period == "all" else "12m",
    )
    if as_json:
        _print_json(result.as_json())
    else:
        click.echo(report_text(result))


@cli.group()
def export() -> None:
    """Write lists as CSV files."""


@export.command("clients")
@click.argument("out", type=click.Path(path_type=Path))
@as_of_day
@pareto_period
@which_parameters
@database
def export_clients(
    out: Path, as_of: datetime | None, period: str, parameters: str, db: str | None
) -> None:
    """Write one row per known client to OUT.csv."""
    engine = _open(db)
    ledger, day = _ledger_on(engine, as_of)
    rows = client_rows(
        ledger,
        _parameters(engine, parameters).values,
        day,
        period="all" if period == "all" else "12m",
    )
    _write_text(out, csv_lines(CLIENT_COLUMNS, rows))


@cli.command()
@click.option("--seed", type=int, default=None, help="Another business from another number.")
@click.option("--remove", is_flag=True, help="Empty the database of the demo again.")
@database
def demo(seed: int | None, remove: bool, db: str | None) -> None:
    """Fill an empty database with a believable small business."""
    engine = _open(db)
    if remove:
        remove_demo(engine)
        click.echo("The demo data is gone; `python -m crm_core import FILE` brings in your own.")
        return
    options = {} if seed is None else {"seed": seed}
    fill_with_demo(engine, today=_today(), **options)
    click.echo("Demo data is in; `python -m crm_core start` opens the dashboard.")


@cli.command()
@click.option("--port", type=int, help="Where to listen (default: 8501, or the next free one).")
@database
def serve(port: int | None, db: str | None) -> int:
    """Serve the dashboard on this computer without opening a browser."""
    arguments = ["--no-browser"]
    arguments += ["--port", str(port)] if port else []
    arguments += ["--db", db] if db else []
    return launch.open_dashboard(ROOT, launch.parse_start(arguments))


def _open(db: str | None) -> Engine:
    return open_database(db)


def _today() -> date:
    return datetime.now().astimezone().date()


def _refuse_demo(engine: Engine) -> None:
    with reading(engine) as connection:
        if holds_demo(connection):
            raise RefusedError(
                "Wanted a database for your own sales, found the demo data in it; remove that "
                "first: python -m crm_core demo --remove."
            )


def _ledger_on(engine: Engine, chosen: datetime | None) -> tuple[Ledger, int]:
    """Return the ledger and the as-of day; by default what was noted since counts too."""
    ledger, today = load_ledger(engine), to_day(_today())
    if chosen is not None:
        return ledger, to_day(chosen.date())
    as_of = ledger.default_as_of(today)
    return ledger.with_records_until(as_of, today), as_of


def _parameters(engine: Engine, which: str) -> ParameterSet:
    if which == "default":
        return ParameterSet()
    with reading(engine) as connection:
        return read_parameters(connection)


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


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _check_held_back(path: Path, files: Sequence[Path]) -> None:
    """Refuse a file that cannot be written, or is imported, before anything is stored."""
    if any(path.resolve() == file.resolve() for file in files):
        raise CrmError(
            f"Wanted a new file for the rows held back, found {path}, which is imported itself; "
            "name another file."
        )
    _write_text(path, (), mode="a")


def _write_text(path: Path, lines: Iterable[str], *, mode: str = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8", newline="") as stream:
            stream.writelines(lines)
    except OSError as error:
        raise CrmError(
            f"Wanted to write {path}, found that it cannot be written ({error.strerror}); "
            "name another file."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
