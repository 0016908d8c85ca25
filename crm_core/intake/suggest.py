"""A first guess at what the columns of a file mean, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from crm_core.intake.mapping import Mapping
from crm_core.intake.shapes import ShapedTable
from crm_core.intake.table import Table


def suggest_mapping(table: Table | ShapedTable, remembered: Map[str, Any] | None = None) -> Mapping:
    """Return the most plausible mapping of a file's columns."""
    raise NotImplementedError


def understand(
    table: Table,
    *,
    choices: Map[str, str] | None = None,
    remembered: Map[str, Any] | None = None,
) -> tuple[ShapedTable, Mapping]:
    """Recognise, straighten and map a table: what :func:`~crm_core.intake.staging.stage` needs."""
    raise NotImplementedError
