"""One moment a run: what others write meanwhile is seen by the next run of the page.

Else the sidebar could show the business before an import, and the page that after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from crm_core.records.engine import times_written

T = TypeVar("T")

_this_run = threading.local()


@contextmanager
def one_moment() -> Iterator[None]:
    """Read once whatever is asked for within through :func:`read_once`."""
    _this_run.held = {}
    try:
        yield
    finally:
        _this_run.held = None


def read_once(key: Hashable, read: Callable[[], T]) -> T:
    """Return what was read in this run, reading it the first time and after own changes.

    Parameters
    ----------
    key : hashable
        What it depends on besides the records.
    read : callable
        Reads it. Outside :func:`one_moment`, in a part of a page that runs alone, it is
        asked every time.
    """
    held: dict[Any, Any] | None = getattr(_this_run, "held", None)
    if held is None:
        return read()
    place = (key, times_written())
    if place not in held:
        held[place] = read()
    return cast(T, held[place])
