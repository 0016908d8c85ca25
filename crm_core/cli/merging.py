"""Clients written down twice: merged by rule, listed, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from crm_core.cli.options import database, today
from crm_core.cli.output import print_json
from crm_core.formatting import one_line, plural
from crm_core.intake.merge_rules import RULES
from crm_core.merging import (
    Effect,
    Proposal,
    carry_out,
    plan,
    propose,
    take_apart,
    take_back,
    try_out,
)
from crm_core.records.engine import open_database, reading
from crm_core.records.merge_runs import list_run_merges, list_runs

SHOWN = 20
WIDEST = 160


@click.command("merge-rules")
@click.option("--rule", "rules", multiple=True, type=click.Choice(RULES), help="Default: all.")
@click.option("--run", "carry", is_flag=True, help="Merge the groups nothing speaks against.")
@click.option("--preview", is_flag=True, help="Show groups and effect only (the default).")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@database
def merge_rules(
    rules: tuple[str, ...], carry: bool, preview: bool, as_json: bool, db: str | None
) -> None:
    """Merge clients by rule: same e-mail, same phone, name and place near enough."""
    if carry and preview:
        raise click.UsageError("Wanted --preview or --run, found both; give one.")
    engine, chosen = open_database(db), rules or RULES
    found = propose(engine, chosen)
    sure = [one for one in found if one.sure]
    effect = try_out(engine, sure, today=today())
    run = None
    if carry and sure:
        moment = datetime.now(UTC).astimezone()
        run = carry_out(engine, sure, rules=chosen, now=moment, effect=effect)
    if as_json:
        print_json(_as_json(found, effect, run))
    else:
        click.echo("\n".join(_lines(found, sure, effect, run)))


def _as_json(found: Sequence[Proposal], effect: Effect, run: int | None) -> dict[str, Any]:
    return {
        "run": run,
        "groups": [
            {
                "stays": one.ids[0],
                "merged": list(one.ids[1:]),
                "names": list(one.names),
                "sales": list(one.n_sales),
                "rules": list(one.rules),
                "sure": one.sure,
                "doubt": one.doubt,
                "pairs": [
                    {"clients": [first, second], "evidence": words}
                    for first, second, words in one.pairs
                ],
            }
            for one in found
        ],
        "effect": {
            key: {"before": before, "after": after}
            for key, (before, after) in effect.figures().items()
        },
    }


def _lines(
    found: Sequence[Proposal], sure: Sequence[Proposal], effect: Effect, run: int | None
) -> list[str]:
    fewer = plural(len(plan(sure)), "client")
    look = "looks" if len(sure) == 1 else "look"
    lines = [f"{plural(len(sure), 'group')} {look} like one client each, {fewer} to be merged."]
    for one in sure[:SHOWN]:
        lines.append("  " + one_line(f"{' = '.join(one.names)}: {one.evidence}", WIDEST))
    if len(sure) > SHOWN:
        lines.append(f"  and {len(sure) - SHOWN:,} more")
    doubtful = len(found) - len(sure)
    if doubtful:
        lines.append(f"{plural(doubtful, 'pair')} to look at on the page of duplicates.")
    for key, (before, after) in effect.figures().items():
        if before != after:
            lines.append(f"  {key}: {before} → {after}")
    if run is not None:
        lines.append(f"Merged as run {run}; `unmerge {run}` takes it back.")
    elif sure:
        lines.append("Nothing was merged; --run merges them.")
    return lines


@click.command()
@click.option("--run", "run_id", type=int, help="List the merges of one run.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@database
def merges(run_id: int | None, as_json: bool, db: str | None) -> None:
    """List the mergings by rule, newest first."""
    with reading(open_database(db)) as connection:
        if run_id is None:
            rows = [
                {
                    "run": one.id,
                    "at": one.at.isoformat(),
                    "by": one.by,
                    "rules": list(one.rules),
                    "merged": one.pairs,
                    "in_force": one.in_force,
                    "taken_back": one.undone_at and one.undone_at.isoformat(),
                }
                for one in list_runs(connection)
            ]
        else:
            rows = [
                {
                    "merge": row.id,
                    "merged": row.merged_name,
                    "into": row.into_name,
                    "evidence": row.evidence,
                }
                for row in list_run_merges(connection, run_id)
            ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo("  ".join(f"{key} {value}" for key, value in row.items() if value is not None))
    if not rows:
        click.echo("Nothing was merged by rule; `merge-rules` shows what could be.")


@click.command()
@click.argument("run", type=int, required=False)
@click.option("--merge", "alias_id", type=int, help="Take apart one merge of `merges --run RUN`.")
@database
def unmerge(run: int | None, alias_id: int | None, db: str | None) -> None:
    """Take a merging by rule back; RUN is that of ``merges``."""
    if (run is None) == (alias_id is None):
        raise click.UsageError("Wanted a run, or one merge with --merge; give one of both.")
    engine, moment = open_database(db), datetime.now(UTC)
    if run is not None:
        count = take_back(engine, run, now=moment)
        click.echo(f"Run {run} is taken back: {plural(count, 'client')} stand alone again.")
    elif alias_id is not None:
        take_apart(engine, alias_id, now=moment)
        click.echo(f"Merge {alias_id} is taken apart; no rule merges these two again.")
