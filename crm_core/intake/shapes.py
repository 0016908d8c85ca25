"""Shapes owners' workbooks come in, turned into one row a sale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crm_core.intake.table import Table

ROW_KINDS = ("row", "subtotal", "heading", "footer", "blank")
"""What a row of a file is; only ``row`` can be a sale."""


@dataclass(frozen=True)
class ShapedTable:
    """A table with one sale a row, and what each row is.

    ``row_kinds`` holds per row of ``table`` a place in ``ROW_KINDS``.
    ``client_column`` names the column that was filled down, ``day_column`` and
    ``amount_column`` those made by unpivoting months (else None). The evidence
    is in ``table.evidence`` (topic ``shape``).
    """

    table: Table
    row_kinds: npt.NDArray[np.int8]
    client_column: str | None = None
    day_column: str | None = None
    amount_column: str | None = None


def straighten(
    table: Table, *, fill_down: str | bool | None = None, unpivot: bool | None = None
) -> ShapedTable:
    """Find and undo the shapes a table has; None means decide, False means leave."""
    raise NotImplementedError


def mark_rows(table: Table) -> npt.NDArray[np.int8]:
    """Return what each row is, as places in ``ROW_KINDS``."""
    raise NotImplementedError


def fill_down(table: Table, column: str, row_kinds: npt.NDArray[np.int8]) -> Table:
    """Return the table with empty cells of a column taken from the last filled one above."""
    raise NotImplementedError


def unpivot_months(table: Table) -> Table:
    """Return one row per client and month of a table with months across its columns."""
    raise NotImplementedError
