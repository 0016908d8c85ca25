"""Table and mapping → the content of one import."""

from __future__ import annotations

from crm_core.intake.mapping import Mapping
from crm_core.intake.shapes import ShapedTable
from crm_core.intake.table import Table
from crm_core.records.staged import StagedImport


def stage(
    table: Table | ShapedTable,
    mapping: Mapping,
    *,
    today: int,
    source: str = "main",
    currency: str | None = None,
    time_zone: str | None = None,
    file_name: str = "",
    fingerprint: str = "",
    last_sale_day: int | None = None,
) -> StagedImport:
    """Return what an import of the table carries, every row in exactly one place."""
    raise NotImplementedError
