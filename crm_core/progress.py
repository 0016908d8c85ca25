"""How far a long work has come: rows done, rows a second, time left."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO


@dataclass(frozen=True)
class Pace:
    """A moment in a long work.

    Attributes
    ----------
    done, total : int
        Rows done, and rows in all.
    seconds : float
        Time since the start.

    Examples
    --------
    >>> Pace(500, 2000, 2.0).sentence
    '500 of 2,000 rows, 250 a second, 6 s left'
    """

    done: int
    total: int
    seconds: float

    @property
    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 1.0

    @property
    def rows_per_second(self) -> float:
        """The pace so far, 0 at the start."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time left at this pace; None before the first rows."""
        if not self.done or not self.rows_per_second:
            return None
        return max(self.total - self.done, 0) / self.rows_per_second

    @property
    def sentence(self) -> str:
        """All of it in words."""
        text = f"{self.done:,} of {self.total:,} rows, {self.rows_per_second:,.0f} a second"
        left = self.seconds_left
        return text if left is None else f"{text}, {left:.0f} s left"


class ProgressLine:
    """A line on stderr that follows a long work; silent where nobody watches.

    Parameters
    ----------
    title : str
        What is being done.
    total : int
        Rows in all.
    stream : TextIO, optional
        Where to write; stderr by default.
    """

    def __init__(self, title: str, total: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._title, self._total = title, total
        self._start = time.monotonic()
        self._seen = self._stream.isatty()

    def __call__(self, done: int) -> None:
        """Show how many rows are done."""
        if self._seen:
            pace = Pace(done, self._total, time.monotonic() - self._start)
            self._stream.write(f"\r{self._title}: {pace.sentence}\x1b[K")
            self._stream.flush()

    def __enter__(self) -> Self:
        """Start the clock."""
        self._start = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the line."""
        if self._seen:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
