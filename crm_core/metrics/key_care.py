"""How well key clients are looked after: visits, people known, offers, and four audit checks.

The facts are noted by hand; this module only judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

VISIT_DAYS = 180
"""A visit by the head of the house is overdue after so many days; our own choice."""

OFFER_DAYS = 180
"""A key client offered nothing new for so many days is named; our own choice."""

DECIDERS = ("owner", "head")
"""Roles of people who decide."""

DOSSIER_FACTS = (
    "somebody by name",
    "a second person",
    "who decides",
    "a phone number",
    "a birthday",
    "a cuisine",
    "a hobby",
)
"""What a dossier should hold at least."""

Check = Literal["equal", "head", "manager", "information"]


@dataclass(frozen=True)
class KnownPerson:
    """What is known about somebody at a client's.

    Attributes
    ----------
    role : str
        What they are there.
    phone, birthday, cuisine, hobby : bool
        Whether it is noted.
    """

    role: str
    phone: bool = False
    birthday: bool = False
    cuisine: bool = False
    hobby: bool = False


@dataclass(frozen=True)
class KeyClient:
    """The facts about one key client on a day.

    Attributes
    ----------
    position : int
        Place in the client table.
    reasons : tuple of str
        Reasons given by hand that hold on the day; empty where only volume makes it key.
    manager : int
        Code of who looks after it, -1 for nobody.
    people : tuple of KnownPerson
        Those known there.
    head_visit, offered : int or None
        Last day the head was there, and something new was offered.
    risks : int
        Risks noted in the last twelve months.
    """

    position: int
    reasons: tuple[str, ...] = ()
    manager: int = -1
    people: tuple[KnownPerson, ...] = ()
    head_visit: int | None = None
    offered: int | None = None
    risks: int = 0

    @property
    def roles(self) -> int:
        """Different roles among the people known: how deep the relationship goes."""
        return len({person.role for person in self.people})

    @property
    def hangs_on_one(self) -> bool:
        """Nobody or only one person is known: the relationship leaves with them."""
        return len(self.people) <= 1

    def dossier(self) -> tuple[bool, ...]:
        """Return which facts of :data:`DOSSIER_FACTS` are known.

        Examples
        --------
        >>> sum(KeyClient(0, people=(KnownPerson("owner", phone=True),)).dossier())
        3
        """
        people = self.people
        return (
            bool(people),
            len(people) > 1,
            any(p.role in DECIDERS for p in people),
            any(p.phone for p in people),
            any(p.birthday for p in people),
            any(p.cuisine for p in people),
            any(p.hobby for p in people),
        )

    def is_overdue(self, as_of: int, *, days: int = VISIT_DAYS) -> bool:
        """Return whether the head has not been there for more than ``days`` days."""
        return self.head_visit is None or as_of - self.head_visit > days

    def is_unoffered(self, as_of: int, *, days: int = OFFER_DAYS) -> bool:
        """Return whether nothing new was offered for more than ``days`` days."""
        return self.offered is None or as_of - self.offered > days


@dataclass(frozen=True)
class AuditCheck:
    """One of the four usual mistakes with key clients, and who shows it.

    Attributes
    ----------
    name : {"equal", "head", "manager", "information"}
        All clients are treated as equal; the head stays away; nobody looks after them;
        too little is known about them.
    passed : bool
        Whether nobody shows it.
    positions : tuple of int
        Places in the client table of the key clients that show it; none for "equal".
    """

    name: Check
    passed: bool
    positions: tuple[int, ...] = ()


def audit(clients: Sequence[KeyClient], as_of: int) -> tuple[AuditCheck, ...]:
    """Return the four checks of how key clients are treated.

    ``equal`` fails while nobody was named key by hand: then only sales decide.
    ``head`` fails for an overdue visit, ``manager`` without one, ``information``
    where less than half of the dossier is known.

    Parameters
    ----------
    clients : sequence of KeyClient
        All key clients.
    as_of : int
        The day.

    Returns
    -------
    tuple of AuditCheck
        Four, or none without key clients.
    """
    if not clients:
        return ()
    needed = (len(DOSSIER_FACTS) + 1) // 2
    failing: dict[Check, tuple[int, ...]] = {
        "head": tuple(c.position for c in clients if c.is_overdue(as_of)),
        "manager": tuple(c.position for c in clients if c.manager < 0),
        "information": tuple(c.position for c in clients if sum(c.dossier()) < needed),
    }
    named = any(client.reasons for client in clients)
    rest = (AuditCheck(name, not who, who) for name, who in failing.items())
    return (AuditCheck("equal", named), *rest)
