"""What a column seems to hold, judged by its cells."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.intake.table import Table


@dataclass(frozen=True)
class ColumnProfile:
    """Shares of a column's filled cells that look like something (0–1, of a sample)."""

    name: str
    n_filled: int
    n_blank: int
    n_distinct: int
    day: float
    serial: float
    amount: float
    email: float
    phone: float
    id_like: float
    name_like: float
    currency: float
    status: float
    examples: tuple[str, ...]


def profile_columns(table: Table, *, sample: int = 20_000) -> tuple[ColumnProfile, ...]:
    """Return a profile of each column, counts over all rows, shares over a sample."""
    raise NotImplementedError
