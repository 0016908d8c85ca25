"""Imports, in one place to import from.

:mod:`crm_core.records.importing` writes one, :mod:`crm_core.records.undoing`
switches it off and on, :mod:`crm_core.records.leftovers` returns what it held back.
"""

from __future__ import annotations

from crm_core.records.import_report import ImportReport, Tally
from crm_core.records.importing import write_import
from crm_core.records.leftovers import Leftover, held_back, unused_rows
from crm_core.records.undoing import BatchSummary, find_batch, list_batches, redo, undo

__all__ = [
    "BatchSummary",
    "ImportReport",
    "Leftover",
    "Tally",
    "find_batch",
    "held_back",
    "list_batches",
    "redo",
    "undo",
    "unused_rows",
    "write_import",
]
