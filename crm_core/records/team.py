"""The team: who may come in, as what, and the first owner.

All that writes here belongs into :func:`crm_core.records.engine.recording`: no
number depends on it. Addresses are kept in lower case and plain ASCII, so that
no look-alike letter of another script passes for an invited one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, insert, select, update

from crm_core.access import Actor, Right, Role, actor, require
from crm_core.errors import RecordError
from crm_core.records.audit import write_down
from crm_core.records.deeds import deed
from crm_core.records.models import AuditEvent, Member

OWNER_VARIABLE = "REGULARS_OWNER"
"""Environment variable: the only address that may become the first owner."""

PUBLIC_URL = "REGULARS_PUBLIC_URL"
"""Environment variable: what people type to get here."""

SIGNED_IN = "signed in"
"""The audit's words for a visit begun."""

LONGEST_ADDRESS = 254
LONGEST_NAME = 200

_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)


@dataclass(frozen=True)
class TeamMember:
    """Somebody of the team as the Team page lists them.

    Attributes
    ----------
    member_id : int
        Row of ``members``.
    email, name : str
        In lower case; as the sign-in told it ("" before the first visit).
    role : Role
        What they are.
    department, manager : str or None
        Whose clients a manager sees; see :class:`crm_core.access.Actor`.
    invited_at : datetime
        When the (last) invitation was written.
    joined_at, last_at : datetime or None
        Of the first sign-in since, and of the newest; None where there was none.
    """

    member_id: int
    email: str
    name: str
    role: Role
    department: str | None
    manager: str | None
    invited_at: datetime
    joined_at: datetime | None
    last_at: datetime | None


def clean_address(text: str) -> str:
    """Return an e-mail address as the team keeps it.

    Raises
    ------
    RecordError
        If it is none, or holds letters outside ASCII.

    Examples
    --------
    >>> clean_address(" Anna@Example.COM ")
    'anna@example.com'
    >>> clean_address("anna at example.com")
    Traceback (most recent call last):
    ...
    crm_core.errors.RecordError: Wanted an e-mail address such as anna@example.com, ...
    """
    stripped = text.strip()
    address = stripped.lower() if stripped.isascii() else ""
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise RecordError(
            f"Wanted an e-mail address such as anna@example.com, found {stripped[:80]!r}; "
            "write one address, in letters without accents."
        )
    return address


def find_member(connection: Connection, email: str) -> Actor | None:
    """Return who an address belongs to; None for whoever is not, or no longer, in the team.

    Parameters
    ----------
    connection : Connection
        Any connection.
    email : str
        As the sign-in told it.
    """
    try:
        address = clean_address(email)
    except RecordError:
        return None
    found = connection.execute(
        select(Member.__table__).where(Member.email == address).where(Member.removed_at.is_(None))
    ).first()
    if found is None:
        return None
    return Actor(
        label=f"member {found.id}",
        role=Role(found.role),
        member_id=found.id,
        name=found.name or address,
        email=address,
        department=found.department,
        manager=found.manager,
    )


def member_names(connection: Connection) -> dict[int, str]:
    """Return what to call every member by id, those who left too; the address without a name."""
    rows = connection.execute(select(Member.id, Member.name, Member.email))
    return {row.id: row.name or row.email for row in rows}


def manager_names(connection: Connection) -> list[str]:
    """Return the names under which the managers of the team look after clients, sorted."""
    query = select(Member.manager).where(Member.removed_at.is_(None), Member.manager.is_not(None))
    return sorted({name for name in connection.execute(query).scalars() if name})


def list_members(connection: Connection) -> Sequence[TeamMember]:
    """Return who may come in, owners first, then by address.

    Raises
    ------
    AccessError
        If whoever asks may neither see the team nor the audit.
    """
    require(Right.TEAM)
    last = (
        select(AuditEvent.who, func.max(AuditEvent.at).label("at"))
        .where(AuditEvent.deed == SIGNED_IN)
        .group_by(AuditEvent.who)
    )
    visits = {row.who: row.at for row in connection.execute(last)}
    rows = connection.execute(
        select(Member.__table__).where(Member.removed_at.is_(None)).order_by(Member.email)
    ).all()
    members = [
        TeamMember(
            member_id=row.id,
            email=row.email,
            name=row.name,
            role=Role(row.role),
            department=row.department,
            manager=row.manager,
            invited_at=row.invited_at,
            joined_at=row.joined_at,
            last_at=visits.get(f"member {row.id}"),
        )
        for row in rows
    ]
    return sorted(members, key=lambda member: member.role is not Role.OWNER)


@deed(Right.TEAM, "invited", keep=("role",))
def invite(
    connection: Connection,
    email: str,
    role: Role | str,
    *,
    department: str | None = None,
    manager: str | None = None,
) -> int:
    """Let somebody in from now on; nothing is sent to them.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    email : str
        Their address, as their sign-in tells it.
    role : Role or str
        What they become.
    department, manager : str, optional
        For a manager: whose clients they see, one of the two at least.

    Returns
    -------
    int
        The row of ``members``; the old one for somebody who was here before.

    Raises
    ------
    AccessError
        If whoever asks may not invite.
    RecordError
        If the address is none, is in the team already, the role is unknown, or a
        manager would see no client.
    """
    address, values = clean_address(email), _scope_of(role, department, manager)
    _hold_the_door(connection)
    values |= {"invited_at": datetime.now(UTC), "invited_by": actor().member_id}
    found = connection.execute(
        select(Member.id, Member.removed_at).where(Member.email == address)
    ).first()
    if found is None:
        return _add(connection, address, values)
    if found.removed_at is None:
        raise RecordError(
            f"Wanted to invite {address}, found them in the team already; "
            "change their role instead."
        )
    again = {**values, "removed_at": None, "joined_at": None}
    connection.execute(update(Member).where(Member.id == found.id).values(**again))
    return int(found.id)


@deed(Right.TEAM, "role changed", keep=("member_id", "role"))
def change_role(
    connection: Connection,
    member_id: int,
    role: Role | str,
    *,
    department: str | None = None,
    manager: str | None = None,
) -> None:
    """Make somebody something else; in every window they have open, at their next click.

    Raises
    ------
    AccessError
        If whoever asks may not.
    RecordError
        If there is no such member, the role is unknown, a manager would see no client,
        or nobody would be owner any more.
    """
    values = _scope_of(role, department, manager)
    _hold_the_door(connection)
    _check_an_owner_stays(connection, member_id, becomes=Role(role))
    connection.execute(update(Member).where(Member.id == member_id).values(**values))


@deed(Right.TEAM, "access taken away", keep=("member_id",))
def remove_member(connection: Connection, member_id: int) -> None:
    """Take somebody's access away; what they wrote stays theirs.

    Raises
    ------
    AccessError
        If whoever asks may not.
    RecordError
        If there is no such member, or nobody would be owner any more.
    """
    _hold_the_door(connection)
    _check_an_owner_stays(connection, member_id, becomes=None)
    connection.execute(
        update(Member).where(Member.id == member_id).values(removed_at=datetime.now(UTC))
    )


def welcome(connection: Connection, email: str, name: str = "") -> Actor | None:
    """Let somebody in whose address the sign-in has proved, and write the visit down.

    The first person ever becomes owner: whoever comes first, or only the address of
    ``REGULARS_OWNER`` where that is set, however many were invited before. Where
    ``REGULARS_PUBLIC_URL`` is not this computer's own, it must be set: nobody becomes
    owner by coming first. Not guarded by a right: it is what tells who has one.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    email : str
        Proved to be theirs.
    name : str
        As the sign-in tells it; kept from the first visit on.

    Returns
    -------
    Actor or None
        None for whoever is not invited.
    """
    try:
        address = clean_address(email)
    except RecordError:
        return None
    _hold_the_door(connection)
    now = datetime.now(UTC)
    if _is_first_owner(connection, address):
        _make_owner(connection, address, now)
    who = find_member(connection, address)
    if who is None:
        return None
    told = " ".join(name.split())[:LONGEST_NAME]
    mine = Member.id == who.member_id
    connection.execute(update(Member).where(mine, Member.joined_at.is_(None)).values(joined_at=now))
    if told:
        connection.execute(update(Member).where(mine, Member.name != told).values(name=told))
    who = find_member(connection, address)
    write_down(connection, SIGNED_IN, who=who)
    return who


def _hold_the_door(connection: Connection) -> None:
    """Let one at a time change the team; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE members IN SHARE ROW EXCLUSIVE MODE")


def _is_first_owner(connection: Connection, address: str) -> bool:
    wanted = os.environ.get(OWNER_VARIABLE, "").strip()
    anybody = select(func.count()).select_from(Member)
    if not wanted:
        # Where strangers reach the address, coming first proves nothing.
        return not _is_public() and connection.execute(anybody).scalar() == 0
    owners = anybody.where(Member.role == Role.OWNER.value, Member.joined_at.is_not(None))
    return address == wanted.lower() and not connection.execute(owners).scalar()


def _is_public() -> bool:
    """Return whether people type an address that is not this computer's own."""
    name = urlsplit(os.environ.get(PUBLIC_URL, "").strip()).hostname or "localhost"
    try:
        return not ip_address(name).is_loopback
    except ValueError:
        return name != "localhost"


def _make_owner(connection: Connection, address: str, now: datetime) -> None:
    values = {"role": Role.OWNER.value, "department": None, "manager": None, "removed_at": None}
    changed = connection.execute(update(Member).where(Member.email == address).values(**values))
    if not changed.rowcount:
        _add(connection, address, {**values, "invited_at": now, "invited_by": None})


def _add(connection: Connection, address: str, values: dict[str, object]) -> int:
    row = {"email": address, "name": "", "joined_at": None, "removed_at": None, **values}
    key = connection.execute(insert(Member).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _scope_of(role: Role | str, department: str | None, manager: str | None) -> dict[str, object]:
    """Return role, department and manager as columns, checked against each other."""
    try:
        wanted = Role(role)
    except ValueError as error:
        raise RecordError(
            f"Wanted one of the roles {', '.join(Role)}, found {str(role)[:40]!r}."
        ) from error
    if wanted is not Role.MANAGER:
        return {"role": wanted.value, "department": None, "manager": None}
    scope = {"department": (department or "").strip(), "manager": (manager or "").strip()}
    if not any(scope.values()):
        raise RecordError(
            "Wanted a manager with a department or with clients of their own, found neither: "
            "they would see no client. Name a department, or the manager's name on the cards."
        )
    return {"role": wanted.value, **{name: text or None for name, text in scope.items()}}


def _check_an_owner_stays(connection: Connection, member_id: int, *, becomes: Role | None) -> None:
    here = Member.removed_at.is_(None)
    role = connection.execute(select(Member.role).where(Member.id == member_id, here)).scalar()
    if role is None:
        raise RecordError(
            f"Wanted somebody of the team, found no member {member_id} in it; look again."
        )
    if Role(role) is not Role.OWNER or becomes is Role.OWNER:
        return
    others = (
        select(func.count())
        .select_from(Member)
        .where(here, Member.role == Role.OWNER.value, Member.id != member_id)
    )
    if not connection.execute(others).scalar():
        raise RecordError(
            "Wanted to leave at least one owner, found this one to be the last; "
            "make somebody else owner first."
        )
