"""Words as files write them, folded so that spelling does not matter."""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return a column name or status word without case, accents and signs.

    Examples
    --------
    >>> fold("*ContactName"), fold(" Commande n° "), fold("CustomerID"), fold("Währung")
    ('contact name', 'commande n', 'customer id', 'wahrung')
    """
    parts = _CAMEL.sub(" ", text)
    plain = unicodedata.normalize("NFKD", parts.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _SIGNS.sub(" ", plain).strip()


def fold_name(text: str) -> str:
    """Return a client's name with spaces and case folded, the same person however typed.

    Examples
    --------
    >>> fold_name("  ACME   Gmbh "), fold_name("Straße") == fold_name("STRASSE")
    ('acme gmbh', True)
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def pattern_for(texts: pa.Array | pa.ChunkedArray, pattern: str) -> str:
    r"""Return a pattern that finds the same in these texts and, if it can be, is quicker to build.

    The letters of all scripts make a large automaton, built anew at every call (2 ms instead of
    30 µs); most columns hold ASCII alone.

    Parameters
    ----------
    texts : Array or ChunkedArray of string
        What the pattern is for.
    pattern : str
        Of RE2; ``\pL`` and ``\pM`` within brackets only.

    Examples
    --------
    >>> pattern_for(pa.array(["Ann", None]), r"^[\pL][\pL\pM]*$")
    '^[A-Za-z][A-Za-z]*$'
    >>> pattern_for(pa.array(["Zoë"]), r"^[\pL]+$")
    '^[\\pL]+$'
    """
    if pc.all(pc.string_is_ascii(texts)).as_py() is False:
        return pattern
    return pattern.replace(r"\pL", "A-Za-z").replace(r"\pM", "")


MISSING_WORDS = frozenset(
    {"", "-", "--", "—", "–", "nan", "null", "none", "n/a", "na", "#n/a", "nil", "(blank)", "\\n"}
)
"""What files write, in any case, where they know no client."""
