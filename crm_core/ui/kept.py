"""Results that all sessions share, kept while there is room: the oldest asked-for go first.

Fifty people look at different days and filters of one business. A cache that counts its
entries either forgets what the next of them needs or holds too much of a large business;
this one counts bytes.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

MOST_BYTES = 256 * 2**20
"""Room for each kind of results, in bytes."""


class Kept:
    """What was computed, by key; computed once, whoever asks for it at the same time.

    Parameters
    ----------
    most_bytes : int
        What all results together may weigh (:func:`weigh`).
    at_least : int, default 0
        So many of the latest stay whatever they weigh.

    Examples
    --------
    >>> kept = Kept(most_bytes=1000)
    >>> kept.get("a", lambda: 1), kept.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, most_bytes: int, *, at_least: int = 0) -> None:
        self.most_bytes = most_bytes
        self.at_least = at_least
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._weight = 0
        self._being_made: dict[Hashable, threading.RLock] = {}
        self._door = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what is held under a key; make it first where nothing is.

        Parameters
        ----------
        key : hashable
            What the result depends on.
        make : callable
            Makes it; nobody may change what it returns. While one thread makes it, others
            that ask for the same wait. What it raises is raised, and nothing is kept.
        """
        with self._door:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
            making = self._being_made.setdefault(key, threading.RLock())
        with making:
            with self._door:
                if key in self._held:
                    self._held.move_to_end(key)
                    return self._held[key][0]
            try:
                made = make()
                self._keep(key, made)
            finally:
                with self._door:
                    self._being_made.pop(key, None)
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._door:
            self._held.clear()
            self._weight = 0

    def __len__(self) -> int:
        """Return how many results are held."""
        return len(self._held)

    @property
    def weight(self) -> int:
        """What all that is held weighs, in bytes."""
        return self._weight

    def _keep(self, key: Hashable, made: Any) -> None:
        weight = weigh(made)
        with self._door:
            self._held[key] = (made, weight)
            self._weight += weight
            while self._weight > self.most_bytes and len(self._held) > self.at_least:
                _, (_, gone) = self._held.popitem(last=False)
                self._weight -= gone


@st.cache_resource(show_spinner=False)
def shared_results() -> Kept:
    """Return what this server computed: a page needs up to some twenty results of one choice."""
    return Kept(MOST_BYTES, at_least=32)


@st.cache_resource(show_spinner=False)
def shared_parts() -> Kept:
    """Return sales and history of some clients: of a filter, or of who sees only those."""
    return Kept(MOST_BYTES, at_least=6)


def weigh(value: Any) -> int:
    """Return about how many bytes a result holds: its arrays, and what they are wrapped in.

    An array that is a window on another one counts as if it were its own.

    Examples
    --------
    >>> weigh(np.zeros(1000)) >= 8000
    True
    >>> weigh({"a": (np.zeros(1000), "name")}) >= 8000
    True
    """
    return _weigh(value, set())


def _weigh(value: Any, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + 112
    if isinstance(value, (pa.Array, pa.ChunkedArray, pa.Table)):
        return int(value.nbytes) + 200
    if is_dataclass(value) and not isinstance(value, type):
        # Not vars(): what a property caches later would not be counted anyway.
        parts: Any = (getattr(value, field.name) for field in fields(value))
    elif isinstance(value, Mapping):
        parts = (part for pair in value.items() for part in pair)
    elif isinstance(value, (tuple, list, set, frozenset)):
        parts = value
    else:
        return sys.getsizeof(value, 64)
    return 64 + sum(_weigh(part, seen) for part in parts)
