"""Definitions of what only the report on paper shows."""

from __future__ import annotations

from crm_core.definitions.definition import UNNAMED, Definition

PAPER: tuple[Definition, ...] = (
    Definition(
        "paper.month_sales",
        "Sales of the month",
        "What clients paid in the month of the as-of day, beside the same days a year before.",
        "sum of sales − sum of refunds, from the first of the month to the as-of day",
        "The calendar month of the as-of day, up to and including it.",
        UNNAMED,
        "net sales, against the same month last year",
    ),
)
