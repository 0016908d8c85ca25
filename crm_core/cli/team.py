"""The team from the command line: who may come in, and who did what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy import Connection, Engine

from crm_core.access import Role
from crm_core.cli.options import database
from crm_core.cli.output import print_json, write_text
from crm_core.errors import RecordError
from crm_core.exports import csv_lines
from crm_core.records.audit_reading import AUDIT_COLUMNS, AuditLine, export_audit, read_audit
from crm_core.records.engine import open_database, reading, recording
from crm_core.records.team import (
    TeamMember,
    change_role,
    clean_address,
    invite,
    list_members,
    remove_member,
)
from crm_core.snapshot import load_ledger

ROLES = [role.value for role in Role]
SHOWN = 50


@click.group()
def team() -> None:
    """See who may come in, invite people, take access away."""


@team.command("list")
@click.option("--json", "as_json", is_flag=True, help="Every member as JSON.")
@database
def list_(as_json: bool, db: str | None) -> None:
    """List who may come in."""
    with reading(open_database(db)) as connection:
        members = list_members(connection)
    if as_json:
        print_json([_as_json(member) for member in members])
    elif not members:
        click.echo("Nobody yet: the first person to sign in becomes owner.")
    for member in () if as_json else members:
        scope = " and ".join(filter(None, (member.department, member.manager)))
        seen = f"last here {member.last_at:%Y-%m-%d}" if member.last_at else "not here yet"
        role = f"{member.role}{f' of {scope}' if scope else ''}"
        click.echo(f"{member.email}  {role}, {seen}")


def _becoming(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what somebody becomes."""
    for option in (
        click.option("--manager", help="For a manager: their name on the clients' cards."),
        click.option("--department", help="For a manager: whose clients they see."),
        click.option("--role", type=click.Choice(ROLES), required=True, help="What they become."),
    ):
        command = option(command)
    return command


@team.command("invite")
@click.argument("email")
@_becoming
@database
def invite_(
    email: str, role: str, department: str | None, manager: str | None, db: str | None
) -> None:
    """Let EMAIL in from now on; nothing is sent."""
    scope = _scope(role, department, manager)
    engine = open_database(db)
    with recording(engine) as connection:
        invite(connection, email, role, **scope)
    click.echo(f"{clean_address(email)} may sign in as {role}. Nothing was sent: tell them.")
    _warn_of_nobody(engine, **scope)


@team.command("role")
@click.argument("email")
@_becoming
@database
def role_(
    email: str, role: str, department: str | None, manager: str | None, db: str | None
) -> None:
    """Make EMAIL, who is in the team already, something else."""
    scope = _scope(role, department, manager)
    engine = open_database(db)
    with recording(engine) as connection:
        member = _find(connection, email)
        change_role(connection, member.member_id, role, **scope)
    click.echo(f"{member.email} is {role} from the next click on.")
    _warn_of_nobody(engine, **scope)


def _scope(role: str, department: str | None, manager: str | None) -> dict[str, str | None]:
    if role != Role.MANAGER and (department or manager):
        raise click.UsageError(
            f"wanted --department and --manager with --role manager, found --role {role}, which "
            "is not limited to some clients"
        )
    return {"department": department, "manager": manager}


def _warn_of_nobody(engine: Engine, department: str | None, manager: str | None) -> None:
    """Say so where a manager's department or name stands with no client yet: mostly a slip."""
    ledger = load_ledger(engine) if department or manager else None
    if ledger is None:
        return
    known = ledger.clients.attributes.get("department")
    for what, name, there in (
        ("the department", department, known.labels if known is not None else ()),
        ("the manager", manager, ledger.managers),
    ):
        if name and name.strip() not in there:
            click.echo(f"Careful: no client has {what} {name.strip()!r} so far.")


def _find(connection: Connection, email: str) -> TeamMember:
    address = clean_address(email)
    for member in list_members(connection):
        if member.email == address:
            return member
    raise RecordError(f"Wanted somebody of the team, found no {address} in it; see: team list.")


@team.command("remove")
@click.argument("email")
@database
def remove_(email: str, db: str | None) -> None:
    """Take EMAIL's access away at once."""
    with recording(open_database(db)) as connection:
        member = _find(connection, email)
        remove_member(connection, member.member_id)
    click.echo(f"{member.email} may not come in any more; what they wrote stays.")


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Every line as JSON.")
@click.option("--csv", "out", type=click.Path(path_type=Path), help="Every line into a file.")
@database
def audit_(as_json: bool, out: Path | None, db: str | None) -> None:
    """Tell who did what, newest first."""
    engine = open_database(db)
    if not as_json and out is None:
        with reading(engine) as connection:
            lines = read_audit(connection, most=SHOWN)
        for line in lines:
            click.echo(_sentence(line))
        return
    with recording(engine) as connection:
        lines = export_audit(connection)
        if out is not None:
            write_text(out, csv_lines(AUDIT_COLUMNS, (line.cells for line in lines)))
    if as_json:
        print_json([dict(zip(AUDIT_COLUMNS, line.cells, strict=True)) for line in lines])
    else:
        click.echo(f"{len(lines)} lines are in {out}.")


def _sentence(line: AuditLine) -> str:
    client = f" (client record {line.client_id})" if line.client_id is not None else ""
    said = f": {line.said}" if line.said else ""
    return f"{line.at:%Y-%m-%d %H:%M} UTC  {line.name}  {line.deed}{client}{said}"


def _as_json(member: TeamMember) -> dict[str, object]:
    return {
        "email": member.email,
        "name": member.name,
        "role": member.role.value,
        "department": member.department,
        "manager": member.manager,
        "invited_at": member.invited_at.isoformat(),
        "joined_at": member.joined_at and member.joined_at.isoformat(),
        "last_at": member.last_at and member.last_at.isoformat(),
    }
