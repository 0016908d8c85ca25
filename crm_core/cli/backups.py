"""Backing up and restoring, by hand or by a timer."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from crm_core.cli.options import database, open_existing, today
from crm_core.records.backup_retention import Keeping
from crm_core.records.backups import Backup, back_up
from crm_core.records.engine import open_database
from crm_core.records.restoring import Restored, restore
from crm_core.self_check import run_checks
from crm_core.self_check.text import check_text
from crm_core.snapshot import default_cache

KEEP = click.IntRange(min=0)


@click.command()
@click.argument("to", required=False, type=click.Path(path_type=Path))
@click.option("--keep", "last", type=KEEP, default=0, help="Keep the newest so many.")
@click.option("--keep-daily", "daily", type=KEEP, default=0, help="Keep one of each of N days.")
@click.option("--keep-weekly", "weekly", type=KEEP, default=0, help="And one of each of N weeks.")
@click.option("--keep-monthly", "monthly", type=KEEP, default=0, help="And of each of N months.")
@database
def backup(to: Path | None, db: str | None, **keep: int) -> None:
    """Back the database up while it is used, into the folder or .backup file TO.

    Without TO the folder is backups beside the database. Without --keep… nothing older is
    deleted; with it, only older whole backups of this same database are.
    """
    engine = open_existing(db)
    made = back_up(engine, to, at=datetime.now(UTC), keeping=Keeping(**keep))
    engine.dispose()
    _tell(made)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put what the database holds aside first.")
@database
@click.pass_context
def restore_(context: click.Context, file: Path, replace: bool, db: str | None) -> None:
    """Put the backup FILE in place of an empty database, then check it; 1 where it differs.

    A backup of SQLite goes into SQLite, one of PostgreSQL into PostgreSQL.
    """
    done = restore(file, db, at=datetime.now(UTC), replace=replace)
    engine = open_database(done.url)
    cache = default_cache(engine)
    if cache is not None:
        shutil.rmtree(cache / done.manifest.database_id, ignore_errors=True)
    click.echo(restored_text(done))
    report = run_checks(engine, today())
    engine.dispose()
    click.echo(check_text(report))
    if not report.is_well:
        context.exit(1)


def _tell(made: Backup) -> None:
    size = made.file.stat().st_size / 1e6
    rows = sum(made.manifest.rows.values())
    click.echo(f"Backed up {rows:,} rows into {made.file} ({size:,.1f} MB), read back and whole.")
    if made.deleted:
        click.echo(f"Deleted {len(made.deleted)} older ones: {_names(made.deleted)}.")
    if not made.written_down:
        click.echo("The audit could not take the line: the database allows no writing.", err=True)


def _names(files: list[Path]) -> str:
    return ", ".join(file.name for file in files)


def restored_text(done: Restored) -> str:
    """Return what a restore did, and what is left to do, in a few lines."""
    rows = sum(done.manifest.rows.values())
    lines = [f"Restored {rows:,} rows as they were on {done.manifest.moment:%Y-%m-%d %H:%M} UTC."]
    if done.migrated_from:
        lines.append(f"The tables were brought from schema {done.migrated_from} to this program's.")
    if done.erased_again:
        lines.append(f"{done.erased_again} clients erased since then were erased again.")
    if done.not_erased_again:
        lines.append(
            f"{done.not_erased_again} clients erased since then are not in the backup: a file "
            "that names them would bring them back; erase them again when one has."
        )
    if done.kept:
        schema = done.manifest.kind == "postgresql"
        place = f"the schema {done.kept} of the same database" if schema else done.kept
        way = f": DROP SCHEMA {done.kept} CASCADE" if schema else ""
        lines.append(
            f"What was there before is kept in {place}, with all it held; delete it once you "
            f"are sure{way}."
        )
    else:
        lines.append(
            "If clients were erased after that moment, erase them again, by the receipts: the "
            "backup does not know."
        )
    return "\n".join(lines)
