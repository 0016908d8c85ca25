"""What the law lets people ask for: the file of one client, being forgotten, and the rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from crm_core.cli.options import database, ledger_on, open_existing, parameters_of, today
from crm_core.cli.output import print_json, write_text
from crm_core.errors import RecordError
from crm_core.formatting import plural
from crm_core.privacy.client_file import client_file
from crm_core.privacy.file_page import file_html
from crm_core.privacy.forgetting import clean_again, erase_client, forget_old_leads, preview_erasure
from crm_core.privacy.receipt_page import alike_line, receipt_html, receipt_lines
from crm_core.privacy.standing import standing_of
from crm_core.records.engine import open_database, reading, recording, writing
from crm_core.records.known_people import find_client
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.retention import find_forgettable, read_retention, write_retention

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("client-file")
@click.argument("client")
@click.option("--json", "json_file", type=FILE, metavar="OUT.json", help="As JSON.")
@click.option("--html", "html_file", type=FILE, metavar="OUT.html", help="As a page to read.")
@database
def client_file_(
    client: str, json_file: Path | None, html_file: Path | None, db: str | None
) -> None:
    """Write everything stored about CLIENT (record number, number, e-mail or name) to a file."""
    engine = open_existing(db)
    number = _find(engine, client)
    ledger, as_of = ledger_on(engine, None)
    values = parameters_of(engine, "stored").values
    with reading(engine) as connection:
        root = follow_merge(read_merges(connection), number)
    standing = standing_of(ledger, values, as_of, root)
    with recording(engine) as connection:
        file = client_file(connection, number, at=datetime.now(UTC), standing=standing)
    if json_file is not None:
        write_text(json_file, [json.dumps(file, indent=2, ensure_ascii=False), "\n"])
    if html_file is not None:
        write_text(html_file, [file_html(file)])
    if json_file is None and html_file is None:
        print_json(file)


def _find(engine: Engine, client: str) -> int:
    with reading(engine) as connection:
        return find_client(connection, client)


@click.command("erase")
@click.argument("client", required=False)
@click.option("--reason", help="The request's own reference, for the receipt.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--receipt", type=FILE, metavar="OUT.html", help="Write the receipt as a page.")
@click.option("--clean", is_flag=True, help="Only clean the file that was in use before.")
@database
def erase_(
    *,
    client: str | None,
    reason: str | None,
    yes: bool,
    receipt: Path | None,
    clean: bool,
    db: str | None,
) -> None:
    """Erase the person behind CLIENT for good; sums and counts stay. Shows first what goes."""
    engine = open_existing(db)
    if clean:
        said = {True: "The file is clean.", False: "The file is still in use; try later."}
        state = clean_again(engine)
        click.echo("This database cleans its own files." if state is None else said[state])
        return
    if client is None or not (reason or "").strip():
        raise click.UsageError("wanted CLIENT and --reason, found one missing")
    number, now = _find(engine, client), datetime.now(UTC)
    if not yes:
        preview = preview_erasure(engine, number, at=now)
        for kind, count in preview.removed.items():
            click.echo(f"{kind}: {count}")
        if preview.alike:
            click.echo(alike_line(preview))
        click.confirm(f"Erase client {number} for good? This cannot be undone", abort=True)
    done = erase_client(engine, number, at=now, reason=str(reason))
    if receipt is not None:
        write_text(receipt, [receipt_html(done)])
    click.echo("\n".join(receipt_lines(done)))


@click.command("retention")
@click.option("--months", type=int, help="Keep leads without a purchase so long (else: the rule).")
@click.option("--set", "keep", is_flag=True, help="Make --months the rule; 0 switches it off.")
@click.option("--preview", is_flag=True, help="Only say whom it would concern (default).")
@click.option("--run", "forget", is_flag=True, help="Erase them.")
@database
def retention(months: int | None, keep: bool, preview: bool, forget: bool, db: str | None) -> None:
    """Forget leads who never bought: say whom it concerns, or erase them with --run."""
    if preview and forget:
        raise click.UsageError("wanted --preview or --run, found both")
    if keep and months is None:
        raise click.UsageError("wanted --months beside --set, found none; 0 switches the rule off")
    engine = open_database(db)
    if keep:
        with writing(engine, sales=False) as connection:
            write_retention(connection, months or None, since=today(), set_by="command line")
        click.echo(f"Leads are kept {months} months." if months else "No rule: all are kept.")
        if not (preview or forget):
            return
    with reading(engine) as connection:
        rule = read_retention(connection) if months is None else months
        if rule is None:
            raise RecordError("Wanted a rule, found none in force; name one with --months.")
        found = find_forgettable(connection, months=rule, today=today())
    click.echo(f"{plural(len(found), 'lead')} known before {found.before} never bought.")
    if found.oldest is not None:
        click.echo(f"The one known longest is known since {found.oldest}.")
    for reason, count in found.spared.items():
        click.echo(f"{count} as old stay: {reason}.")
    if forget:
        numbers = forget_old_leads(engine, months=rule, today=today(), at=datetime.now(UTC))
        click.echo(f"{plural(len(numbers), 'lead')} erased.")
    else:
        click.echo("Nothing was changed; --run erases them.")


COMMANDS = (client_file_, erase_, retention)
