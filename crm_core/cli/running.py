"""Opening the dashboard and running the tests; the demo business to open it with."""

from __future__ import annotations

import os
import sys

import click

from crm_core import launch
from crm_core.cli.options import database, today
from crm_core.demo import fill_with_demo, remove_demo
from crm_core.environment import ROOT
from crm_core.listening import HOST
from crm_core.records.engine import open_database


def pass_on(name: str, summary: str) -> click.Command:
    """Return a command that sets up its own environment before it runs."""

    @click.command(
        name, help=summary, context_settings={"ignore_unknown_options": True}, add_help_option=False
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> int:
        command = [sys.executable, "-m", "crm_core", name, *arguments]
        return launch.become(command, dict(os.environ))

    return run


start = pass_on("start", "Set everything up and open the dashboard in the browser.")
test = pass_on("test", "Set everything up and run the tests.")


@click.command()
@click.option("--seed", type=int, default=None, help="Another business from another number.")
@click.option("--remove", is_flag=True, help="Empty the database of the demo again.")
@database
def demo(seed: int | None, remove: bool, db: str | None) -> None:
    """Fill an empty database with a believable small business."""
    engine = open_database(db)
    if remove:
        remove_demo(engine)
        click.echo("The demo data is gone; `python -m crm_core import FILE` brings in your own.")
        return
    options = {} if seed is None else {"seed": seed}
    fill_with_demo(engine, today=today(), **options)
    click.echo("Demo data is in; `python -m crm_core start` opens the dashboard.")


@click.command()
@click.option("--port", type=int, help="Where to listen (default: 8501, or the next free one).")
@click.option("--address", default=HOST, help="Default: this computer only.")
@click.option("--let-anyone-in", is_flag=True, help="Without sign-in, for whoever reaches it.")
@database
def serve(port: int | None, address: str, let_anyone_in: bool, db: str | None) -> int:
    """Serve the dashboard without opening a browser; for a team, with sign-in."""
    arguments = ["--no-browser", "--address", address]
    arguments += ["--let-anyone-in"] if let_anyone_in else []
    arguments += ["--port", str(port)] if port else []
    arguments += ["--db", db] if db else []
    return launch.open_dashboard(ROOT, launch.parse_start(arguments))
