"""What one definition says, and the windows and exclusions many of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOTHING = "Nothing."


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
        What is left out; empty where nothing is.
    source : str
        The textbook word, or that the definition is this product's own, or where it
        comes from.
    """

    id: str
    title: str
    sentence: str
    formula: str = ""
    window: str = ""
    exclusions: str = ""
    source: str = ""

    def facts(self) -> Mapping[str, str]:
        """Return what stands beside the sentence by its label, what is empty left out.

        Examples
        --------
        >>> Definition("a.b", "B", "It is b.", formula="b", window="A day.").facts()
        {'Formula': 'b', 'Window': 'A day.', 'Left out': 'Nothing.'}
        """
        named = {
            "Formula": self.formula,
            "Window": self.window,
            "Left out": self.exclusions or NOTHING,
            "Source": self.source,
        }
        return {label: text for label, text in named.items() if text}


PERIOD = "The period chosen in the sidebar, up to and including the as-of day."
HISTORY = "All days up to and including the as-of day."
YEAR = "The twelve months up to the as-of day beside the twelve before."
UNNAMED = "Sales without a client."
VOID = "Purchases whose linked refunds had reached their amount by the as-of day."
NOT_POSITIVE = "Sales without a client; clients whose net sales in the period are zero or less."
OWN = "this product's own"
STORED = "All rows stored, whatever the as-of day."
MONTHS = "Calendar months; the running one up to the as-of day."
TRAILING = "The last twelve months up to the as-of day."
