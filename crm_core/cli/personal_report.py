"""The month on paper as each member of the team would see it: for a Monday file, from cron."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click
import numpy as np
from sqlalchemy import Engine

from crm_core.access import LEAST_GROUP, Actor, Right, acting_as, require
from crm_core.cli.options import ledger_on, parameters_of, today
from crm_core.cli.output import write_text
from crm_core.errors import CrmError
from crm_core.ledger import Ledger
from crm_core.metrics.pareto import Period
from crm_core.paper import month_report
from crm_core.records.audit import write_down
from crm_core.records.clients import snoozed_clients
from crm_core.records.engine import reading, recording
from crm_core.records.secret_keys import PSEUDONYMS, secret_key
from crm_core.records.team import find_member, list_members
from crm_core.sight import seen_by
from crm_core.tables import IntArray, to_date, to_day

ALL = "all"
LONGEST_SLUG = 40


def write_personal_reports(
    engine: Engine,
    wanted: str,
    *,
    as_of: datetime | None,
    period: Period,
    parameters: str,
    out: Path | None,
    folder: Path | None,
) -> list[Path]:
    """Write the month as members see it: their clients only, pseudonyms where names are hidden.

    Parameters
    ----------
    engine : Engine
        The database.
    wanted : str
        An address of the team, or ``all``.
    as_of : datetime or None
        Last day counted; the last sale day without.
    period : {"12m", "all"}
        The base of the shares.
    parameters : {"stored", "default"}
        Which settings.
    out : Path or None
        The file for one member; ``-`` for stdout.
    folder : Path or None
        Where each member gets a file of their own; it is made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CrmError
        If the address is not in the team, or a file cannot be written.
    """
    ledger, day = ledger_on(engine, as_of)
    chosen, written = parameters_of(engine, parameters), []
    for who in _members(engine, wanted):
        with acting_as(who):
            require(Right.PRINT)
        seen, _ = seen_by(
            ledger,
            who,
            day=to_day(today()),
            key=lambda: secret_key(engine, PSEUDONYMS),
        )
        least = 1 if who.sees_names else LEAST_GROUP
        known = seen.known_at(day)
        if known.sum() < least:
            seen = seen.select(known & False)
        text = month_report(
            seen,
            chosen,
            day,
            period=period,
            snoozed=snoozed_positions(engine, seen, day, latest=ledger),
            filters=_named_scope(who),
            least=least,
        )
        if folder is None and str(out) == "-":
            click.echo(text, nl=False)
        else:
            file = out if folder is None else folder / file_name(who, day)
            _write(file or Path(file_name(who, day)), text)
            written.append(file or Path(file_name(who, day)))
        with recording(engine) as connection:
            detail = {"member_id": who.member_id}
            write_down(connection, "month taken on paper for a member", detail=detail)
    return written


def _members(engine: Engine, wanted: str) -> Iterator[Actor]:
    with reading(engine) as connection:
        emails = [wanted]
        if wanted == ALL:
            emails = [member.email for member in list_members(connection)]
        found = [(email, find_member(connection, email)) for email in emails]
    for email, who in found:
        if who is None:
            raise CrmError(
                f"Wanted an address of the team, found {email!r}, who is not in it; "
                "`team list` shows who is."
            )
        yield who


def _named_scope(who: Actor) -> Sequence[tuple[str, Sequence[str]]]:
    """Return what the paper says about whose clients it holds."""
    if who.sees_all:
        return ()
    named = [(title, name) for title, name in
             (("Department", who.department), ("Manager", who.manager)) if name]  # fmt: skip
    return [(" or ".join(t for t, _ in named).capitalize(), [n for _, n in named])] if named else ()


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CrmError(
            f"Wanted the folder {file.parent}, found that it cannot be made "
            f"({error.strerror}); name another with --into."
        ) from error
    write_text(file, [text])


def file_name(who: Actor, day: int) -> str:
    """Return the name of a member's file: the day, the address in plain letters, the number.

    Examples
    --------
    >>> from crm_core.access import Role
    >>> file_name(Actor("member 3", Role.VIEWER, member_id=3, email="../a'b@x.example"), 0)
    'regulars-1970-01-01-a-b-3.html'
    """
    local = who.email.split("@", 1)[0].lower()
    slug = re.sub(r"[^a-z0-9]+", "-", local).strip("-")[:LONGEST_SLUG] or "member"
    return f"regulars-{to_date(day).isoformat()}-{slug}-{who.member_id}.html"


def snoozed_positions(
    engine: Engine, ledger: Ledger, as_of: int, *, latest: Ledger | None = None
) -> IntArray:
    """Return the positions of the clients put off; on the latest day, those put off today."""
    now = to_day(today())
    day = max(as_of, now) if as_of >= (latest or ledger).default_as_of(now) else as_of
    with reading(engine) as connection:
        ids = snoozed_clients(connection, to_date(day))
    return np.flatnonzero(np.isin(ledger.clients.record_id, list(ids)))
