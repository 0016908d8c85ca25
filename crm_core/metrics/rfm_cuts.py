"""Cut points that somebody chose: checked, kept as JSON, laid over the quantiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from crm_core.errors import ParameterError
from crm_core.metrics.rfm import DIMENSIONS, PARTS_OF, Four, RfmCuts

LEAST = {"recency": 0, "frequency": 1, "money": 0}
"""Smallest cut that parts anybody from anybody."""

MOST = {"recency": 36_500, "frequency": 1_000_000, "money": 10**15}


@dataclass(frozen=True)
class OwnCuts:
    """The dimensions cut by hand; None leaves a dimension to the quantiles.

    Attributes
    ----------
    recency : tuple of int or None
        Four days, rising: up to the first is score 5, beyond the last score 1.
    frequency : tuple of int or None
        Four numbers of purchases, rising: up to the first is score 1.
    money : tuple of int or None
        Four amounts in ten-thousandths, rising: up to the first is score 1.

    Raises
    ------
    ParameterError
        If a dimension has not four whole numbers, each above the one before.

    Examples
    --------
    >>> OwnCuts(recency=(30, 90, 180, 365)).dimensions
    ('recency',)
    """

    recency: tuple[int, ...] | None = None
    frequency: tuple[int, ...] | None = None
    money: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name in self.dimensions:
            _check(name, getattr(self, name))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions cut by hand."""
        return tuple(name for name in DIMENSIONS if getattr(self, name) is not None)

    def as_json(self) -> dict[str, list[int]]:
        """Return what a setting can hold; :func:`from_json` reads it."""
        return {name: list(getattr(self, name)) for name in self.dimensions}


def _check(name: str, cuts: Sequence[Any]) -> None:
    whole = [cut for cut in cuts if isinstance(cut, int) and not isinstance(cut, bool)]
    if len(cuts) != PARTS_OF - 1 or len(whole) != len(cuts):
        raise ParameterError(
            f"Wanted {PARTS_OF - 1} whole numbers as cut points of {name}, found {list(cuts)!r}."
        )
    if any(after <= before for before, after in pairwise(cuts)):
        raise ParameterError(
            f"Wanted the cut points of {name} to rise, each above the one before; make the "
            "later ones larger."
        )
    if cuts[0] < LEAST[name] or cuts[-1] > MOST[name]:
        raise ParameterError(
            f"Wanted cut points of {name} from {LEAST[name]:,} to {MOST[name]:,}, "
            f"found {cuts[0]:,} to {cuts[-1]:,}."
        )


def from_json(held: Any) -> OwnCuts:
    """Return the cuts a setting holds.

    Raises
    ------
    ParameterError
        If it holds something else.

    Examples
    --------
    >>> from_json({"frequency": [1, 2, 4, 8]}).frequency
    (1, 2, 4, 8)
    """
    names = {field.name for field in fields(OwnCuts)}
    if not isinstance(held, Mapping) or not set(held) <= names:
        raise ParameterError(f"Wanted cut points by {', '.join(DIMENSIONS)}, found {held!r}.")
    lists = {name: cuts for name, cuts in held.items() if cuts is not None}
    if not all(isinstance(cuts, list) for cuts in lists.values()):
        raise ParameterError(f"Wanted lists of four cut points, found {held!r}.")
    return OwnCuts(**{name: tuple(cuts) for name, cuts in lists.items()})


def with_own(cuts: RfmCuts, own: OwnCuts | None) -> RfmCuts:
    """Return the cuts with those chosen by hand in place of the quantiles."""
    if own is None or not own.dimensions:
        return cuts

    def chosen(four: tuple[int, ...] | None, quantiles: Four) -> Four:
        return quantiles if four is None else tuple(Fraction(cut) for cut in four)

    return replace(
        cuts,
        recency=chosen(own.recency, cuts.recency),
        frequency=chosen(own.frequency, cuts.frequency),
        money=chosen(own.money, cuts.money),
        own=own.dimensions,
    )
