"""Definitions of what the self-check counts."""

from __future__ import annotations

from crm_core.definitions.definition import Definition

NOW = "What is stored at the moment of the check."

SELF_CHECK: tuple[Definition, ...] = (
    Definition(
        "check.answers",
        "Known answers",
        "Examples with answers known from elsewhere, computed by the program installed here.",
        "examples computed as published or worked by hand / examples",
        "Days of the examples; your own sales play no part.",
        "Nothing.",
        "golden cases: published figures, worked examples, a made-up business",
    ),
    Definition(
        "check.files",
        "Your files",
        "What is stored of every import, held against what its file carried, row by row and to "
        "the cent.",
        "for every import: stored rows and money = those of the file, in each of its five ends",
        NOW,
        "Nothing: undone imports are checked too.",
        "reconciliation",
    ),
    Definition(
        "check.ledger",
        "Ledger and figures",
        "What the pages read, held against sums the database makes on its own.",
        "per client: net sales, rows, days, orders; in all: parts = whole, headline = plain sum",
        NOW,
        "Sales that wait for a currency rate count on neither side.",
        "this product's own",
    ),
    Definition(
        "check.database",
        "Database",
        "Whether the database is whole: its storage, its tables, and what rows refer to.",
        "faults found by the database's own check, by the schema and by every reference",
        NOW,
        "Nothing.",
        "integrity check",
    ),
)
