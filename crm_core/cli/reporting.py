"""The headline figures, and the lists as files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import numpy as np
from sqlalchemy import Engine

from crm_core.cli.options import (
    as_of_day,
    database,
    ledger_on,
    parameters_of,
    pareto_period,
    today,
    which_parameters,
)
from crm_core.cli.output import print_json, write_text
from crm_core.client_export import CLIENT_COLUMNS, client_rows
from crm_core.exports import csv_lines
from crm_core.ledger import Ledger
from crm_core.paper import month_report
from crm_core.records.audit import write_down
from crm_core.records.clients import snoozed_clients
from crm_core.records.engine import open_database, reading, recording
from crm_core.report import build_report
from crm_core.report_text import report_text
from crm_core.tables import IntArray, to_date, to_day


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
@database
def report(
    *,
    as_of: datetime | None,
    period: str,
    parameters: str,
    as_json: bool,
    html: Path | None,
    db: str | None,
) -> None:
    """Print the headline figures as of a day, or write the month on paper."""
    if as_json and html is not None:
        raise click.UsageError("wanted --json or --html, found both; ask twice")
    engine = open_database(db)
    ledger, day = ledger_on(engine, as_of)
    chosen = parameters_of(engine, parameters)
    if html is not None:
        away = _snoozed(engine, ledger, day)
        text = month_report(ledger, chosen, day, period=period, snoozed=away)
        if str(html) == "-":
            click.echo(text, nl=False)
        else:
            write_text(html, [text])
        return
    result = build_report(ledger, chosen, day, period=period)
    if as_json:
        print_json(result.as_json())
    else:
        click.echo(report_text(result))


def _snoozed(engine: Engine, ledger: Ledger, as_of: int) -> IntArray:
    """Return the positions of the clients put off; on the latest day, those put off today."""
    now = to_day(today())
    day = max(as_of, now) if as_of >= ledger.default_as_of(now) else as_of
    with reading(engine) as connection:
        ids = snoozed_clients(connection, to_date(day))
    return np.flatnonzero(np.isin(ledger.clients.record_id, list(ids)))


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
