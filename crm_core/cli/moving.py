"""Moving everything into another database: from a laptop's file to the team's server, or back."""

from __future__ import annotations

import sys

import click

from crm_core.cli.options import open_existing
from crm_core.formatting import plural
from crm_core.moving import move
from crm_core.records.engine import open_database


@click.command("move")
@click.option("--to", "to", required=True, metavar="URL", help="The empty database to fill.")
@click.option(
    "--from",
    "--db",
    "source",
    metavar="URL",
    help="The database to copy (default: DATABASE_URL, then the embedded one).",
)
def move_(to: str, source: str | None) -> None:
    """Copy everything into an empty database, SQLite or PostgreSQL, and compare both."""
    here = open_existing(source)
    there = open_database(to)
    moved = move(here, there, _say if sys.stderr.isatty() else None)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    tables = plural(len(moved.rows), "table")
    click.echo(
        f"Moved {plural(sum(moved.rows.values()), 'row')} of {tables}: every row, every sum and "
        f"the ledger of {plural(moved.sales, 'sale')} are the same in both."
    )
    if moved.texts_changed:
        click.echo(
            f"{plural(moved.texts_changed, 'text')} held a NUL character, which PostgreSQL cannot "
            "store; ␀ stands in its place."
        )
    where = there.url.render_as_string(hide_password=True)
    password = " (with its password)" if there.url.password else ""
    click.echo(
        f"To use the new one, set DATABASE_URL to {where}{password}; the old one is as it was. "
        "Stop writing to the old one: what is written there now stays there."
    )


def _say(what: str, rows: int) -> None:
    count = f" {rows:,}" if rows else ""
    click.echo(f"\r{what}{count}\x1b[K", err=True, nl=False)
