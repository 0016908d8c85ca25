"""The numbers of the Import page, for its drawer."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.formatting import DASH, format_count, format_day, plural
from crm_core.records.batches import BatchSummary
from crm_core.records.import_report import ImportReport
from crm_core.ui.definitions import Shown
from crm_core.ui.import_doctor import CheckUp
from crm_core.ui.import_words import LEAD, say_money


def report_numbers(report: ImportReport, currency: str | None) -> list[Shown]:
    """Return what became of the rows of one import.

    Parameters
    ----------
    report : ImportReport
        Of the import.
    currency : str or None
        The reporting currency.
    """
    ends = report.ends()
    leads = report.not_a_sale[LEAD].rows if LEAD in report.not_a_sale else 0
    other = ends["not_a_sale"].rows - leads
    held, unnamed = ends["held_back"], ends["sale_without_client"]
    rows = plural(report.total.rows, "row")
    taken = report.total.rows - held.rows - other
    return [
        Shown("import.taken", format_count(taken), f"of {rows} of {_file(report)}"),
        Shown("import.rows", _ends(report), f"{rows}, {format_count(leads)} of them leads"),
        Shown("import.money", say_money(report.total.money, currency), rows),
        Shown(
            "import.held_back",
            format_count(held.rows),
            f"{say_money(held.money, currency)} in them",
        ),
        Shown(
            "import.without_client",
            say_money(unnamed.money, currency),
            plural(unnamed.rows, "row"),
        ),
        Shown(
            "import.clients",
            format_count(report.n_clients),
            f"{format_count(report.n_new_clients)} of them new",
        ),
    ]


def _file(report: ImportReport) -> str:
    return report.file_name or "the file"


def _ends(report: ImportReport) -> str:
    """Return how many rows ended where, the kinds of those that are no sale named."""
    words = {
        "sale_with_client": "sales with a client",
        "sale_without_client": "without a client",
        "already_stored": "stored before",
        "not_a_sale": "no sale",
        "held_back": "held back",
    }
    kinds = [f"{format_count(tally.rows)} {kind}" for kind, tally in report.not_a_sale.items()]
    if kinds:
        words["not_a_sale"] += f" ({', '.join(kinds)})"
    ends = [f"{format_count(tally.rows)} {words[end]}" for end, tally in report.ends().items()]
    return ", ".join(ends)


def import_numbers(
    batches: Sequence[BatchSummary], found: CheckUp, currency: str | None
) -> list[Shown]:
    """Return the numbers of the page: the newest import that counts, and what is stored.

    Parameters
    ----------
    batches : sequence of BatchSummary
        Newest first, at least one.
    found : CheckUp
        What stands out in what is stored.
    currency : str or None
        The reporting currency.
    """
    newest = next((batch for batch in batches if batch.live), None)
    live = sum(batch.live for batch in batches)
    day = found.stored.rows.day
    span = f"{format_day(int(day.min()))} to {format_day(int(day.max()))}" if len(day) else DASH
    return [
        *(report_numbers(newest.report, currency) if newest is not None else ()),
        Shown("import.imports", format_count(len(batches)), f"{format_count(live)} of them count"),
        Shown("report.span", span, plural(len(day), "row") + " stored"),
        Shown(
            "import.months",
            plural(len(set(found.seen.months.month.tolist())), "month"),
            plural(len(day), "row") + " stored",
        ),
        Shown(
            "import.duplicates",
            plural(len(found.seen.duplicates), "pair"),
            plural(len(found.stored.rows.names), "client"),
        ),
    ]
