"""The headline figures, and the lists as files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from crm_core.cli.options import (
    as_of_day,
    database,
    ledger_on,
    parameters_of,
    pareto_period,
    which_parameters,
)
from crm_core.cli.output import print_json, write_text
from crm_core.cli.personal_report import ALL, snoozed_positions, write_personal_reports
from crm_core.client_export import CLIENT_COLUMNS, client_rows
from crm_core.exports import csv_lines
from crm_core.paper import month_report
from crm_core.records.audit import write_down
from crm_core.records.engine import open_database, recording
from crm_core.report import build_report
from crm_core.report_text import report_text


@click.command()
@as_of_day
@pareto_period
@which_parameters
@click.option("--json", "as_json", is_flag=True, help="One JSON object with fixed keys.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="OUT.html",
    help="Write the month on paper to a file that stands alone (- for stdout).",
)
@click.option(
    "--for", "member", metavar="EMAIL", help="The paper as a member sees it; `all` with --into."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="One file a member of --for, named by day and address.",
)
@database
def report(
    *,
    as_of: datetime | None,
    period: str,
    parameters: str,
    as_json: bool,
    html: Path | None,
    member: str | None,
    into: Path | None,
    db: str | None,
) -> None:
    """Print the headline figures as of a day, or write the month on paper."""
    if as_json and html is not None:
        raise click.UsageError("wanted --json or --html, found both; ask twice")
    if member is not None or into is not None:
        _check_personal(member, into, html, as_json=as_json)
        how: dict[str, Any] = {"as_of": as_of, "period": period, "parameters": parameters}
        files = write_personal_reports(open_database(db), str(member), out=html, folder=into, **how)
        click.echo("\n".join(map(str, files)), nl=bool(files))
        return
    engine = open_database(db)
    ledger, day = ledger_on(engine, as_of)
    chosen = parameters_of(engine, parameters)
    if html is not None:
        away = snoozed_positions(engine, ledger, day)
        text = month_report(ledger, chosen, day, period=period, snoozed=away)
        if str(html) == "-":
            click.echo(text, nl=False)
        else:
            write_text(html, [text])
        with recording(engine) as connection:
            write_down(connection, "month taken on paper")
        return
    result = build_report(ledger, chosen, day, period=period)
    if as_json:
        print_json(result.as_json())
    else:
        click.echo(report_text(result))


def _check_personal(
    member: str | None, into: Path | None, html: Path | None, *, as_json: bool
) -> None:
    if member is None:
        raise click.UsageError("wanted --for EMAIL or --for all beside --into")
    if as_json or (html is None) == (into is None):
        raise click.UsageError("wanted one of --html OUT.html and --into DIR beside --for")
    if member == ALL and into is None:
        raise click.UsageError("wanted --into DIR beside --for all: each member gets a file")


@click.group()
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
    engine = open_database(db)
    ledger, day = ledger_on(engine, as_of)
    rows = client_rows(
        ledger,
        parameters_of(engine, parameters).values,
        day,
        period=period,
    )
    write_text(out, csv_lines(CLIENT_COLUMNS, rows))
    with recording(engine) as connection:
        write_down(connection, "list exported", detail={"list": "clients"})
