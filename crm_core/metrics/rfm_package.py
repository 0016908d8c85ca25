"""The segments of the R package ``rfm``: overlapping boxes of scores, the first match wins.

Two maps are in circulation, both ten segments long: one in the package's tests and
first documentation, one in its later documentation. Whoever fits no box is an other.
They stand here so that results can be compared; this product's own segments
(:mod:`crm_core.metrics.segments`) are a partition instead.

References
----------
Hebbali, *rfm: Recency, Frequency and Monetary Value Analysis*, R package (MIT).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.rfm import DIMENSIONS, RfmScores

OTHERS = "Others"
Range = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """A segment as ranges of scores, both ends included.

    Attributes
    ----------
    name : str
        Of the segment.
    recency, frequency, money : tuple of int
        Lowest and highest score.
    """

    name: str
    recency: Range
    frequency: Range
    money: Range


TESTS_MAP = (
    Box("Champions", (4, 5), (4, 5), (4, 5)),
    Box("Loyal Customers", (2, 5), (3, 5), (3, 5)),
    Box("Potential Loyalist", (3, 5), (1, 3), (1, 3)),
    Box("New Customers", (4, 5), (1, 1), (1, 1)),
    Box("Promising", (3, 4), (1, 1), (1, 1)),
    Box("Need Attention", (2, 3), (2, 3), (2, 3)),
    Box("About To Sleep", (2, 3), (1, 2), (1, 2)),
    Box("At Risk", (1, 2), (2, 5), (2, 5)),
    Box("Can't Lose Them", (1, 1), (4, 5), (4, 5)),
    Box("Lost", (1, 2), (1, 2), (1, 2)),
)
"""The boxes of the package's own tests."""

README_MAP = (
    Box("Champions", (5, 5), (5, 5), (5, 5)),
    Box("Potential Loyalist", (3, 5), (3, 5), (2, 5)),
    Box("Loyal Customers", (2, 4), (2, 4), (2, 4)),
    Box("Promising", (3, 4), (1, 3), (3, 5)),
    Box("New Customers", (4, 5), (1, 3), (1, 5)),
    Box("Can't Lose Them", (1, 2), (3, 4), (4, 5)),
    Box("At Risk", (1, 2), (2, 5), (4, 5)),
    Box("Need Attention", (1, 3), (3, 5), (3, 5)),
    Box("About To Sleep", (2, 3), (1, 3), (1, 4)),
    Box("Lost", (1, 1), (1, 5), (1, 5)),
)
"""The boxes of its later documentation."""

MAPS = {"documentation": README_MAP, "tests": TESTS_MAP}


def box_names(boxes: tuple[Box, ...]) -> tuple[str, ...]:
    """Return the names behind the codes of :func:`box_segments`, the others last."""
    return (*(box.name for box in boxes), OTHERS)


def box_segments(scores: RfmScores, boxes: tuple[Box, ...] = README_MAP) -> NDArray[np.int8]:
    """Return the first box each client's scores fit.

    Parameters
    ----------
    scores : RfmScores
        With ``compat="rfm"`` for the package's published figures; others will do.
    boxes : tuple of Box
        In the order in which they are tried.

    Returns
    -------
    ndarray of int8, shape (n_clients,)
        Position in ``boxes``, ``len(boxes)`` for the others, -1 for clients without scores.
    """
    codes = np.where(scores.values.bought, len(boxes), -1).astype(np.int8)
    for code, box in reversed(tuple(enumerate(boxes))):
        fits = scores.values.bought.copy()
        for name in DIMENSIONS:
            score, (low, high) = getattr(scores, name), getattr(box, name)
            fits &= (score >= low) & (score <= high)
        # From the last to the first: an earlier box overwrites a later one.
        codes[fits] = code
    return codes
