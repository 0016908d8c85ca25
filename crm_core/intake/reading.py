"""File → :class:`~crm_core.intake.table.Table`."""

from __future__ import annotations

from pathlib import Path

from crm_core.intake.table import Table


def read_table(
    source: Path | str | bytes,
    *,
    name: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
) -> Table:
    """Read one file or sheet as text cells; options overrule what would be detected."""
    raise NotImplementedError


def sheet_names(source: Path | str | bytes, *, name: str | None = None) -> tuple[str, ...]:
    """Return the sheets of a workbook that hold anything, () for other files."""
    raise NotImplementedError
