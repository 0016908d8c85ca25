"""The headline figures, and the lists as files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

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
from crm_core.client_export import CLIENT_COLUMNS, client_rows
from crm_core.exports import csv_lines
from crm_core.records.engine import open_database
from crm_core.report import build_report
from crm_core.report_text import report_text


@click.command()
@as_of_day
@pareto_period
@which_parameters
@click.option("--json", "as_json", is_flag=True, help="One JSON object with fixed keys.")
@database
def report(
    as_of: datetime | None, period: str, parameters: str, as_json: bool, db: str | None
) -> None:
    """Print the headline figures as of a day."""
    engine = open_database(db)
    ledger, day = ledger_on(engine, as_of)
    result = build_report(
        ledger,
        parameters_of(engine, parameters),
        day,
        period="all" if period == "all" else "12m",
    )
    if as_json:
        print_json(result.as_json())
    else:
        click.echo(report_text(result))


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
        period="all" if period == "all" else "12m",
    )
    write_text(out, csv_lines(CLIENT_COLUMNS, rows))
