"""Clients that may be one and the same, each pair with its evidence: what is proposed by hand.

The pairs are those of :mod:`crm_core.intake.merge_rules`; here a person decides on
each, so the doubtful ones are shown too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.merge_rules import Match, find_matches
from crm_core.intake.people import People

SAME_EMAIL, SAME_PHONE, SAME_NAME, NEAR_NAME = "same e-mail", "same phone", "same name", "near name"
_REASONS = {"email": SAME_EMAIL, "phone": SAME_PHONE, "name": SAME_NAME}

MOST_PAIRS = 500


@dataclass(frozen=True)
class PossibleDuplicate:
    """Two clients that may be one.

    Attributes
    ----------
    first, second : int
        Positions of the clients, ``first < second``.
    reason : str
        ``same e-mail``, ``same phone``, ``same name`` or ``near name``.
    evidence : str
        What both have, and what speaks against it.
    score : float
        0 to 1, as in :class:`~crm_core.intake.merge_rules.Match`.
    """

    first: int
    second: int
    reason: str
    evidence: str
    score: float


def find_duplicates(
    names: Sequence[str | None],
    *,
    emails: Sequence[str | None] | None = None,
    phones: Sequence[str | None] | None = None,
    most: int = MOST_PAIRS,
) -> tuple[PossibleDuplicate, ...]:
    """Return pairs of clients that may be one, surest first.

    Parameters
    ----------
    names : sequence of (str or None)
        One a client.
    emails, phones : sequence of (str or None) or None
        As long as ``names``.
    most : int, default 500
        Largest number of pairs returned.

    Returns
    -------
    tuple of PossibleDuplicate
        Each pair once, with its best reason; ties by position.

    Examples
    --------
    >>> pairs = find_duplicates(["Müller GmbH", "Mueller", "Muller Gmbh", "Nordlicht"])
    >>> [(pair.first, pair.second, pair.reason) for pair in pairs]
    [(0, 1, 'same name'), (0, 2, 'same name'), (1, 2, 'same name')]
    """
    people = People(tuple(names), tuple(emails or ()), tuple(phones or ()))
    return tuple(_propose(match) for match in find_matches(people)[:most])


def _propose(match: Match) -> PossibleDuplicate:
    # That nothing else agrees is no news where names are all a file has.
    doubt = "" if match.rule == "name" else f" {match.doubt}"
    return PossibleDuplicate(
        match.first,
        match.second,
        NEAR_NAME if match.near and match.rule == "name" else _REASONS[match.rule],
        f"{match.evidence}{doubt}".strip(),
        match.score,
    )


def texts_of(codes: NDArray[np.int32], labels: Sequence[str]) -> list[str | None]:
    """Return coded texts one by one, None where missing (what :func:`find_duplicates` takes).

    Examples
    --------
    >>> texts_of(np.array([1, -1], dtype=np.int32), ("a", "b"))
    ['b', None]
    """
    return [labels[code] if code >= 0 else None for code in codes.tolist()]
