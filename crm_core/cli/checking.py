"""The self-check: whether the program is right, and shows what the files say."""

from __future__ import annotations

import sys

import click

from crm_core.cli.options import database, today
from crm_core.cli.output import print_json
from crm_core.records.engine import open_database
from crm_core.self_check import rebuild_cache, run_checks
from crm_core.self_check.text import check_text


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Every finding as one JSON object.")
@click.option(
    "--rebuild", is_flag=True, help="First make the ledger kept on disk again from the records."
)
@database
@click.pass_context
def check(context: click.Context, as_json: bool, rebuild: bool, db: str | None) -> None:
    """Check known answers, your files, the ledger and the database; 1 where something differs."""
    engine = open_database(db)
    if rebuild and not rebuild_cache(engine):
        click.echo("No ledger could be kept on disk; it is made anew at every start.", err=True)
    report = run_checks(engine, today(), _say if sys.stderr.isatty() else None)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(check_text(report))
    if not report.is_well:
        context.exit(1)


def _say(share: float, name: str) -> None:
    click.echo(f"\r{share:4.0%} {name}\x1b[K", err=True, nl=False)
