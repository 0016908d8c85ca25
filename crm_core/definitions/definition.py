"""What one definition says, and the windows and exclusions many of them share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """The meaning of a number.

    Attributes
    ----------
    id : str
        Its key, ``page.number``.
    title : str
        The owner's words.
    sentence : str
        What it says, in one plain sentence.
    formula : str
        How it is computed.
    window : str
        Which days it looks at.
    exclusions : str
        What is left out.
    source : str
        The textbook word, or that the definition is this product's own.
    """

    id: str
    title: str
    sentence: str
    formula: str = ""
    window: str = ""
    exclusions: str = ""
    source: str = ""


PERIOD = "The period chosen in the sidebar, up to and including the as-of day."
HISTORY = "All days up to and including the as-of day."
YEAR = "The twelve months up to the as-of day beside the twelve before."
UNNAMED = "Sales without a client."
VOID = "Purchases whose linked refunds had reached their amount by the as-of day."
NOT_POSITIVE = "Sales without a client; clients whose net sales in the period are zero or less."
