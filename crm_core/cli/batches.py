"""After an import: what came in, switched off and on again, and what other currencies are worth."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from crm_core.cli.options import DAY, database
from crm_core.cli.output import print_json
from crm_core.import_text import imports_text
from crm_core.records.arrivals import waiting_arrivals
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.rates import set_rate
from crm_core.records.undoing import list_batches, redo, undo


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@database
def imports(as_json: bool, db: str | None) -> None:
    """List the imports, oldest first."""
    with reading(open_database(db)) as connection:
        batches = list_batches(connection)
        waiting = {int(row.batch_id) for row in waiting_arrivals(connection)}
    if as_json:
        print_json(
            [
                {
                    "id": batch.id,
                    "source": batch.source,
                    "file": batch.file_name,
                    "imported_at": batch.imported_at.isoformat(),
                    "live": batch.live,
                    "waits_for_approval": batch.id in waiting,
                    "rows": batch.n_rows,
                    "first_day": batch.first_day and batch.first_day.isoformat(),
                    "last_day": batch.last_day and batch.last_day.isoformat(),
                }
                for batch in batches
            ]
        )
    else:
        click.echo(imports_text(batches, waiting))


@click.command("undo")
@click.argument("number", type=int)
@database
def undo_(number: int, db: str | None) -> None:
    """Switch an import off; NUMBER is that of ``imports``. Any order will do."""
    with writing(open_database(db)) as connection:
        undo(connection, number, at=datetime.now(UTC))
    click.echo(f"Import {number} is undone; `redo {number}` switches it on again.")


@click.command("redo")
@click.argument("number", type=int)
@database
def redo_(number: int, db: str | None) -> None:
    """Switch an undone import on again."""
    with writing(open_database(db)) as connection:
        redo(connection, number)
    click.echo(f"Import {number} counts again.")


@click.command("rate")
@click.argument("currency")
@click.argument("rate")
@click.option("--from", "from_day", type=DAY, required=True, metavar="DAY", help="First day.")
@database
def rate_(currency: str, rate: str, from_day: datetime, db: str | None) -> None:
    """Say what one unit of CURRENCY is worth from a day on, e.g. USD 0.92 --from 2024-01-01."""
    with writing(open_database(db)) as connection:
        set_rate(connection, currency.upper(), from_day=from_day.date(), rate=rate)
    click.echo(f"One {currency.upper()} is worth {rate} from {from_day.date()} on.")
