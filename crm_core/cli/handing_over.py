"""``hand-over``: clients change hands from a day on, for good or for a while."""

from __future__ import annotations

from datetime import date, datetime

import click
import numpy as np
from sqlalchemy import Engine

from crm_core.cli.options import DAY, database, today
from crm_core.errors import CrmError
from crm_core.ledger import Ledger
from crm_core.metrics.carers import handed_over_by
from crm_core.metrics.trailing import trailing_sales
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.handing_over import (
    hand_over,
    list_hand_overs,
    names_in_team,
    take_back,
)
from crm_core.records.people import check_order
from crm_core.sentences.places import handing_sentence
from crm_core.snapshot import load_ledger
from crm_core.tables import IntArray, to_day


@click.command("hand-over")
@click.option("--of", "giver", metavar="NAME", help="Whose clients: all that NAME looks after.")
@click.option("--client", "ids", multiple=True, metavar="ID", help="Only this client; repeatable.")
@click.option("--to", metavar="NAME", help="Who gets them.")
@click.option("--from", "from_day", type=DAY, metavar="DAY", help="First day (default: today).")
@click.option("--until", type=DAY, metavar="DAY", help="Last day; then all goes back by itself.")
@click.option("--yes", is_flag=True, help="Do it; without, only say what would happen.")
@click.option("--list", "listed", is_flag=True, help="List what was handed over lately.")
@click.option("--undo", type=int, metavar="NUMBER", help="Take one back; NUMBER is of --list.")
@database
def hand_over_(
    *,
    giver: str | None,
    ids: tuple[str, ...],
    to: str | None,
    from_day: datetime | None,
    until: datetime | None,
    yes: bool,
    listed: bool,
    undo: int | None,
    db: str | None,
) -> None:
    """Hand clients over to somebody else; every earlier day stays with who had them."""
    engine = open_database(db)
    if listed:
        _list(engine)
        return
    if undo is not None:
        with writing(engine) as connection:
            take_back(connection, undo)
        click.echo(f"Handing over {undo} is taken back; every day is as it was before.")
        return
    if to is None or not (giver or ids):
        raise click.UsageError("wanted --to NAME, and --of NAME or --client ID")
    first = from_day.date() if from_day else today()
    last = until.date() if until else None
    _hand_over(engine, giver, ids, to, first=first, last=last, yes=yes)


def _hand_over(
    engine: Engine,
    giver: str | None,
    ids: tuple[str, ...],
    to: str,
    *,
    first: date,
    last: date | None,
    yes: bool,
) -> None:
    ledger, to = load_ledger(engine), to.strip()
    if last is not None:
        check_order("cover", first, last)
    found = _found(ledger, giver, ids, first=first, last=last)
    if giver and (not len(found) or giver == to):
        raise CrmError(_nothing_to_hand_over(ledger, giver, to, len(found)))
    as_of = ledger.default_as_of(to_day(today()))
    sales = int(trailing_sales(ledger, as_of)[found].sum())
    said = handing_sentence(
        len(found), sales, to, first, last, giver=giver, currency=ledger.currency
    )
    click.echo(said)
    _warn_of_a_new_name(engine, ledger, to)
    if not yes:
        click.echo("Nothing is changed yet: say --yes to do it.")
        return
    numbers = ledger.clients.record_id[found].tolist()
    with writing(engine) as connection:
        done = hand_over(connection, numbers, to=to, from_day=first, until=last, giver=giver)
    click.echo(f"Done; `hand-over --undo {done.first_row}` takes it back.")


def _nothing_to_hand_over(ledger: Ledger, giver: str, to: str, held: int) -> str:
    if held:
        return f"Wanted somebody else to hand the clients of {giver} to, found {to}; name another."
    known = ", ".join(sorted(ledger.managers)[:9]) or "nobody so far"
    return (
        f"Wanted clients of {giver!r} to hand over, found none in that time; names are written as "
        f"files and cards have them: {known}."
    )


def _warn_of_a_new_name(engine: Engine, ledger: Ledger, to: str) -> None:
    with reading(engine) as connection:
        known = names_in_team(connection)
    if to and to not in known and to not in ledger.managers:
        click.echo(f"Careful: nobody of the team or of your files is called {to!r} so far.")


def _found(
    ledger: Ledger, giver: str | None, ids: tuple[str, ...], *, first: date, last: date | None
) -> IntArray:
    """Return the positions of the clients asked for."""
    mask = np.ones(ledger.n_clients, dtype=np.bool_)
    if giver:
        mask = handed_over_by(ledger, giver, to_day(first), None if last is None else to_day(last))
    if ids:
        named = np.isin(np.array(ledger.clients.external_id.to_pylist(), dtype=object), list(ids))
        mask &= named
        if int(named.sum()) < len(set(ids)):
            raise CrmError(
                f"Wanted clients {', '.join(ids)}, found {int(named.sum())} of them; "
                "write the ids as the card shows them."
            )
    return np.flatnonzero(mask)


def _list(engine: Engine) -> None:
    with reading(engine) as connection:
        past = list_hand_overs(connection)
    if not past:
        click.echo("Nothing was handed over.")
    for one in past:
        until = f" until {one.until}" if one.until else ""
        click.echo(f"{one.first_row}: {one.n_clients} to {one.to} from {one.from_day}{until}")
