"""A folder whose files import themselves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from crm_core.cli.importing import refuse_demo
from crm_core.cli.options import database
from crm_core.cli.output import plain_lines
from crm_core.errors import DatabaseError
from crm_core.importing import DEFAULT_SOURCE, Choices
from crm_core.records.engine import open_database
from crm_core.watched_folder import look, open_folder, watching_alone
from crm_core.watching import Options, Outcome, say_outcomes, take_files

SETTLING = 2.0
"""Seconds between two looks of ``--once``."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--source", default=DEFAULT_SOURCE, help="The shop or till the rows come from.")
@click.option("--approve", is_flag=True, help="Files count only once an owner approved them.")
@click.option("--every", type=click.FloatRange(1), default=30, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Take what lies there and end; 1 where a file failed.")
@click.option("--currency", metavar="CUR", help="The reporting currency, an ISO code.")
@click.option("--day-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order in dates.")
@click.option("--decimal-mark", type=click.Choice([",", "."]), help="Decimal mark of amounts.")
@click.option("--time-zone", help="The business's time zone, for columns in UTC.")
@database
@click.pass_context
def watch(
    context: click.Context,
    /,
    *,
    folder: Path,
    source: str,
    approve: bool,
    every: float,
    once: bool,
    db: str | None,
    **reading: str | None,
) -> None:
    """Import every file that comes into FOLDER, and put it into FOLDER/done or FOLDER/failed."""
    engine = open_database(db)
    refuse_demo(engine)
    options = Options(Choices(source=source, **reading), approve=approve)  # type: ignore[arg-type]
    with watching_alone(open_folder(folder)):
        before = look(folder)
        while True:
            time.sleep(SETTLING if once else every)
            after = look(folder)
            try:
                outcomes = take_files(engine, folder, (before, after), options, clock=_now)
            except DatabaseError as error:
                if once:
                    raise
                click.echo(f"{_now():%Y-%m-%d %H:%M} {error}", err=True)
                outcomes = []
            _say(outcomes)
            if once:
                context.exit(0 if all(one.is_well for one in outcomes) else 1)
            before = after


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _say(outcomes: Sequence[Outcome]) -> None:
    for one, line in zip(outcomes, say_outcomes(outcomes), strict=True):
        click.echo(plain_lines(line), err=not one.is_well)
