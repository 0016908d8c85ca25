"""Clients written down in a few words, made into a ledger: the known data of the self-check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from crm_core.assembly import EventRows, SaleRows, assemble
from crm_core.ledger import Ledger
from crm_core.money import to_ten_thousandths
from crm_core.tables import END_REASONS, NEVER, STAGES, Clients, to_day


@dataclass
class Life:
    """What one client did.

    Attributes
    ----------
    rows : list of (int, int, str or None, str or None)
        Sales: day, ten-thousandths, own order, refunded order.
    known_on : int
        The recorded day, ``NEVER`` without one.
    events : dict of str to list of tuple
        ``contacts, endings, contracts, overrides``: the columns of their tables.
    """

    rows: list[tuple[int, int, str | None, str | None]] = field(default_factory=list)
    known_on: int = NEVER
    events: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def note(self, kind: str, *columns: Any) -> None:
        """Add a hand-made record."""
        self.events.setdefault(kind, []).append(columns)


def day_of(text: str) -> int:
    """Return an ISO day as days since 1970-01-01."""
    return to_day(date.fromisoformat(text))


def buy(life: Life, first: int, gaps: Iterable[int], amount: int = 1_000_000) -> None:
    """Add purchases of one amount: the first on a day, each next after a gap."""
    life.rows.append((first, amount, None, None))
    for gap in gaps:
        first += gap
        life.rows.append((first, amount, None, None))


def read_life(text: str) -> Life:
    """Read a life as :mod:`crm_core.self_check.stage_examples` writes it.

    Examples
    --------
    >>> life = read_life("buys 2024-01-01 +30*2; known 2023-12-01")
    >>> [row[0] - life.known_on for row in life.rows]
    [31, 61, 91]
    """
    life = Life()
    for part in text.split("; "):
        word, day, *more = part.split()
        _READERS[word](life, day_of(day), more)
    return life


def _read_gaps(words: Sequence[str]) -> list[int]:
    gaps: list[int] = []
    for word in words:
        days, _, times = word.removeprefix("+").partition("*")
        gaps += [int(days)] * int(times or 1)
    return gaps


def _read_row(life: Life, day: int, more: Sequence[str]) -> None:
    named = dict(zip(more[1::2], more[2::2], strict=True))
    life.rows.append((day, to_ten_thousandths(more[0]), named.get("as"), named.get("of")))


def _read_known(life: Life, day: int, _more: Sequence[str]) -> None:
    life.known_on = day


def _read_term(life: Life, day: int, more: Sequence[str], *, trial: bool = False) -> None:
    notice = day_of(more[2]) if len(more) > 1 else NEVER
    life.note("contracts", day, day_of(more[0]), trial, notice)


_READERS: Mapping[str, Any] = {
    "buys": lambda life, day, more: buy(life, day, _read_gaps(more)),
    "row": _read_row,
    "known": _read_known,
    "calls": lambda life, day, _more: life.note("contacts", day, True),
    "left": lambda life, day, more: life.note("endings", day, 3, END_REASONS.index(" ".join(more))),
    "term": _read_term,
    "trial": lambda life, day, more: _read_term(life, day, more, trial=True),
    "says": lambda life, day, more: life.note(
        "overrides", day, day_of(more[1]), STAGES.index(more[0])
    ),
}

_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "contacts": {"day": np.int32, "inbound": np.bool_},
    "endings": {"day": np.int32, "who": np.int8, "reason": np.int8},
    "contracts": {"day": np.int32, "end": np.int32, "trial": np.bool_, "notice": np.int32},
    "overrides": {"day": np.int32, "expires_on": np.int32, "stage": np.int8},
}


def make_ledger(lives: Sequence[Life], nobody: Sequence[tuple[int, int]] = ()) -> Ledger:
    """Return a ledger of these clients, in their order, and of sales without a client.

    Parameters
    ----------
    lives : sequence of Life
        The clients; they are named by their number.
    nobody : sequence of (int, int)
        Day and ten-thousandths of sales without a client.
    """
    names = pa.array([f"{number:04d}" for number in range(len(lives))], pa.string())
    known_on = np.array([life.known_on for life in lives], dtype=np.int32)
    clients = Clients(np.arange(len(lives), dtype=np.int64), names, names, known_on)
    return assemble(
        clients,
        _sale_rows(lives, nobody),
        **{kind: _event_rows(kind, lives) for kind in _COLUMNS},
    )


def _sale_rows(lives: Sequence[Life], nobody: Sequence[tuple[int, int]]) -> SaleRows:
    rows: list[tuple[int, int, int, str | None, str | None]] = [
        (-1, day, amount, None, None) for day, amount in nobody
    ]
    rows += [(place, *row) for place, life in enumerate(lives) for row in life.rows]
    keys: dict[tuple[int, str], int] = {}

    def key_of(place: int, order: str | None) -> int:
        return 0 if order is None else keys.setdefault((place, order), len(keys) + 1)

    named = [(key_of(place, own), key_of(place, of)) for place, _, _, own, of in rows]
    n = len(rows)
    return SaleRows(
        client=np.array([row[0] for row in rows], dtype=np.int32),
        day=np.array([row[1] for row in rows], dtype=np.int32),
        amount=np.array([row[2] for row in rows], dtype=np.int64),
        order=np.array([own or -1 - at for at, (own, _) in enumerate(named)], dtype=np.int64),
        refund_of=np.array([of for _, of in named], dtype=np.int64),
        product=np.full(n, -1, dtype=np.int32),
        channel=np.full(n, -1, dtype=np.int16),
        manager=np.full(n, -1, dtype=np.int16),
    )


def _event_rows(kind: str, lives: Sequence[Life]) -> EventRows | None:
    rows = [(place, *row) for place, life in enumerate(lives) for row in life.events.get(kind, ())]
    if not rows:
        return None
    place, *columns = zip(*rows, strict=True)
    return EventRows(
        np.array(place, dtype=np.int32),
        {
            name: np.array(values, dtype=dtype)
            for (name, dtype), values in zip(_COLUMNS[kind].items(), columns, strict=True)
        },
    )
