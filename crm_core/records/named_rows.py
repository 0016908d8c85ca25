"""Which rows of a file name a person: cell by cell, as the file's mapping reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_core.records.mentions import Mentions

GONE = "erased"
"""What stands in a cell whose row named an erased person."""

Lookup = Callable[[str, int | None, str], int | None]
"""Kind, source and text of an identity to the client it belongs to, None for nobody."""


@dataclass(frozen=True)
class Places:
    """Where a file says who a row is about.

    Attributes
    ----------
    ids : tuple of int or None
        Cells that hold the client's number; None: any may.
    parts : tuple of int
        Cells that together make a name.
    """

    ids: tuple[int, ...] | None = None
    parts: tuple[int, ...] = ()

    @classmethod
    def of(cls, columns: Sequence[str], mapping: Mapping[str, Any]) -> Places:
        """Return the places a stored mapping names.

        Examples
        --------
        >>> Places.of(
        ...     ["No", "First", "Last"],
        ...     {"columns": {"client": "No"}, "name_parts": ["First", "Last"]},
        ... )
        Places(ids=(0,), parts=(1, 2))
        """
        taken = mapping.get("columns")
        names = list(columns)
        if not isinstance(taken, Mapping):
            return cls()
        ids = [names.index(taken["client"])] if taken.get("client") in names else []
        parts = [names.index(name) for name in mapping.get("name_parts", ()) if name in names]
        return cls(tuple(ids), tuple(parts))


@dataclass
class RowReader:
    """Finds the person a row names; remembers every distinct text it asked about.

    Attributes
    ----------
    lookup : callable
        Whose an identity is.
    mentions : Mentions
        Texts that name somebody wherever they stand; replaced by ``str`` of the client id.
    """

    lookup: Lookup
    mentions: Mentions = field(default_factory=lambda: Mentions(()))
    _asked: dict[tuple[str, int | None, str], int | None] = field(default_factory=dict)

    def whose(self, cells: Sequence[str], places: Places, source_id: int) -> int | None:
        """Return the client a row names, None where it names none of those looked for."""
        for at, cell in enumerate(cells):
            if not cell:
                continue
            if places.ids is None or at in places.ids:
                found = self._ask("id", source_id, cell)
                if found is not None:
                    return found
            found = self._by_form(cell, source_id)
            if found is not None:
                return found
        if places.parts and max(places.parts) < len(cells):
            found = self._ask("name", source_id, " ".join(cells[at] for at in places.parts))
            if found is not None:
                return found
        hit = self.mentions.first(" ".join(cells)) if self.mentions else None
        return None if hit is None else int(hit)

    def _by_form(self, cell: str, source_id: int) -> int | None:
        if "@" in cell:
            return self._ask("email", None, cell)
        if any(char.isalpha() for char in cell):
            return self._ask("name", source_id, cell)
        return self._ask("phone", None, cell) if len(cell) > 6 else None

    def _ask(self, kind: str, source_id: int | None, text: str) -> int | None:
        key = kind, source_id, text
        if key not in self._asked:
            self._asked[key] = self.lookup(kind, source_id, text)
        return self._asked[key]


def blank(cells: Sequence[str]) -> list[str]:
    """Return a row of the same width that says nothing.

    Examples
    --------
    >>> blank(["Ann", "", "7"])
    ['erased', '', 'erased']
    """
    return [GONE if cell else "" for cell in cells]
