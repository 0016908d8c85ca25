"""Who is at work and what they may do: roles, rights, and the one place that answers "may I?".

Knows neither database nor Streamlit. Somebody alone on this computer may do
everything; where people sign in, whoever is not known may do nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from crm_core.errors import AccessError

SIGN_IN_VARIABLE = "REGULARS_SIGN_IN"
"""Environment variable: ``off`` (default), ``oidc`` or ``proxy``."""


class Role(StrEnum):
    """What somebody is in the team."""

    OWNER = "owner"
    MANAGER = "manager"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a role may be allowed to do; the words complete "You may not …"."""

    SEE = "see this page"
    SEE_NAMES = "see names and contacts of clients"
    PRINT = "take the month on paper"
    EXPORT = "export lists of clients"
    EDIT = "write on a client's card"
    IMPORT = "import or undo files"
    MERGE = "merge clients"
    SETTINGS = "change settings"
    PRIVACY = "hand out or erase what is known about a client"
    TEAM = "invite people or change what they may do"
    AUDIT = "read who did what"
    MAINTAIN = "back up, restore or move the database"


ALL_RIGHTS = frozenset(Right)

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: ALL_RIGHTS,
    Role.MANAGER: frozenset({Right.SEE, Right.SEE_NAMES, Right.PRINT, Right.EXPORT, Right.EDIT}),
    Role.ANALYST: frozenset({Right.SEE, Right.PRINT}),
    Role.VIEWER: frozenset({Right.SEE, Right.SEE_NAMES, Right.PRINT}),
}
"""What each role may do; a manager only with their own clients (see :class:`Actor`)."""

LEAST_GROUP = 5
"""Groups of fewer clients are hidden from whoever may not see names."""


@dataclass(frozen=True)
class Actor:
    """Somebody at work: a signed-in member, the owner alone, or a program.

    Attributes
    ----------
    label : str
        How the audit names them: ``member 3``, ``alone``, ``command line``, ``watched
        folder``, ``nobody``. No personal data.
    role : Role or None
        None for nobody.
    member_id : int or None
        Row of ``members``; None for the owner alone and for programs.
    name : str
        What the screen calls them.
    email : str
        In lower case, "" where they did not sign in.
    department, manager : str or None
        A manager sees the clients of this department, or those this person (as the
        files and cards spell it) looks after; None for no such limit. With both, either
        is enough. A manager with neither sees no client.
    """

    label: str
    role: Role | None
    member_id: int | None = None
    name: str = ""
    email: str = ""
    department: str | None = None
    manager: str | None = None

    def may(self, right: Right) -> bool:
        """Return whether the role allows it."""
        return self.role is not None and right in RIGHTS[self.role]

    def looks_after(self, *, department: str | None = None, manager: str | None = None) -> bool:
        """Return whether a client of a department, or looked after by somebody, is theirs.

        Everybody but a manager sees all clients, or none.

        Examples
        --------
        >>> anna = Actor("member 3", Role.MANAGER, department="Office")
        >>> anna.looks_after(department="Office"), anna.looks_after(manager="Anna")
        (True, False)
        """
        if self.role is not Role.MANAGER:
            return self.role is not None
        by_department = bool(self.department) and department == self.department
        return by_department or (bool(self.manager) and manager == self.manager)

    @property
    def sees_all(self) -> bool:
        """Whether no client is hidden from them."""
        return self.role is not None and self.role is not Role.MANAGER

    @property
    def sees_names(self) -> bool:
        """Whether names and contacts are shown to them."""
        return self.may(Right.SEE_NAMES)

    @property
    def view_key(self) -> tuple[str, ...]:
        """What of them changes what they see: part of the key of everything cached."""
        if self.role is Role.MANAGER:
            return ("manager", self.department or "", self.manager or "")
        return ("names",) if self.sees_names else ("pseudonyms",) if self.role else ("nothing",)


ALONE = Actor("alone", Role.OWNER)
COMMAND_LINE = Actor("command line", Role.OWNER)
WATCHED_FOLDER = Actor("watched folder", Role.OWNER)
NOBODY = Actor("nobody", None)

_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)
_asked_anew: ContextVar[bool] = ContextVar("asked_anew", default=False)
_resolvers: list[Callable[[], Actor | None]] = []


def signs_in() -> bool:
    """Return whether people sign in here (``REGULARS_SIGN_IN`` is set and not ``off``)."""
    return os.environ.get(SIGN_IN_VARIABLE, "off").strip().lower() not in ("", "off")


def actor() -> Actor:
    """Return who is at work: named by :func:`acting_as`, else found by the interface.

    Where nobody is named: the owner alone, or nobody at all where people sign in.
    """
    named = _acting.get()
    if named is not None:
        return named
    for resolve in _resolvers:
        found = resolve()
        if found is not None:
            return found
    return NOBODY if signs_in() else ALONE


@contextmanager
def acting_as(who: Actor) -> Iterator[Actor]:
    """Do everything within as somebody."""
    token = _acting.set(who)
    try:
        yield who
    finally:
        _acting.reset(token)


def resolve_with(resolve: Callable[[], Actor | None]) -> None:
    """Ask this function who is at work where nobody is named: the interface says it once.

    It is asked at every check. What a page draws may all be drawn for whom it found when
    the run of the page began; whatever is done is checked :func:`asking_anew`, so that a role
    taken away ends at once.
    """
    if resolve not in _resolvers:
        _resolvers.append(resolve)


@contextmanager
def asking_anew() -> Iterator[None]:
    """Let no check within rest on what was found a moment ago."""
    token = _asked_anew.set(True)
    try:
        yield
    finally:
        _asked_anew.reset(token)


def is_asked_anew() -> bool:
    """Return whether who is at work must be found out now, for :func:`resolve_with`."""
    return _asked_anew.get()


def require(right: Right) -> Actor:
    """Return who is at work if their role allows it.

    Raises
    ------
    AccessError
        If it does not.
    """
    who = actor()
    if not who.may(right):
        found = f"you are {who.role.value}" if who.role else "nobody has signed in"
        raise AccessError(
            f"You may not {right.value}: {found}. Ask an owner of this dashboard, "
            "who can change it under Team."
        )
    return who
