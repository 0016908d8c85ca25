"""The days on which rules are tried: one to report on, and earlier ones to choose by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST_HORIZON = 30
"""Days a goodbye must be watched for at least."""

CUTS = 6
"""Cuts tried unless somebody wants another number."""


@dataclass(frozen=True)
class CutDays:
    """When rules are tried.

    Attributes
    ----------
    horizon_days : int
        The days after a cut that tell who came back.
    days : tuple of int
        Rising; the last one is the outer cut. Empty where the history is too short.
    reason : str or None
        What is less than wanted, as a plain sentence.
    """

    horizon_days: int
    days: tuple[int, ...]
    reason: str | None = None


def choose_cuts(first_day: int, as_of: int, horizon_days: int, *, cuts: int = CUTS) -> CutDays:
    """Return the outer cut one horizon before a day, and inner cuts whose truth ends by it.

    Parameters
    ----------
    first_day, as_of : int
        First day of all stored rows, and the day up to which the truth is known.
    horizon_days : int
        Wanted horizon, in days.
    cuts : int, default 6
        Cuts wanted in all, the outer one included.

    Returns
    -------
    CutDays
        Inner cuts lie a horizon apart where the history allows, else closer, but
        never closer than a quarter of it: then there are fewer. Every cut has at least
        half a horizon of history before it. Where that leaves no inner cut the horizon
        is shortened to two fifths of the history; below 30 days there are no cuts.

    Examples
    --------
    >>> choose_cuts(0, 1000, 100).days
    (400, 500, 600, 700, 800, 900)
    >>> choose_cuts(0, 545, 176).days
    (105, 149, 193, 369)
    >>> choose_cuts(0, 200, 100)
    CutDays(horizon_days=80, days=(40, 120), reason='the history covers 200 days: goodbyes are \
watched for 80 days instead of 100')
    """
    history = as_of - first_day
    horizon = min(horizon_days, 2 * history // 5)
    if horizon < LEAST_HORIZON:
        needed = LEAST_HORIZON * 5 // 2
        reason = f"the history covers {max(history, 0)} days, at least {needed} are needed"
        return CutDays(horizon_days, (), reason)
    outer = as_of - horizon
    latest, earliest = outer - horizon, first_day + horizon // 2
    room, wanted = latest - earliest, max(cuts, 2) - 1
    step = horizon if wanted == 1 else min(horizon, room // (wanted - 1))
    step = max(step, horizon // 4)
    number = min(wanted, room // step + 1)
    inner = latest - step * np.arange(number)[::-1]
    days = (*map(int, inner), outer)
    if horizon == horizon_days:
        return CutDays(horizon, days)
    shorter = f"goodbyes are watched for {horizon} days instead of {horizon_days}"
    return CutDays(horizon, days, f"the history covers {history} days: {shorter}")
