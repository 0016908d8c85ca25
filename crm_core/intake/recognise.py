"""Which known export a file is, told by its columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_core.intake.formats import FORMATS
from crm_core.intake.formats.description import Format
from crm_core.intake.mapping import Mapping
from crm_core.intake.table import Evidence
from crm_core.intake.words import fold


@dataclass(frozen=True)
class Recognition:
    """A format and what told it."""

    format: Format
    evidence: Evidence


def recognise(names: Sequence[str]) -> Recognition | None:
    """Return the export format whose required columns the file has, None where there is none.

    Columns may stand in any order; case, spaces, asterisks and accents do not
    matter. Where several formats fit, the one with most required columns wins,
    then the one that knows most of the file's columns.

    Parameters
    ----------
    names : sequence of str
        The column names of the file.

    Returns
    -------
    Recognition or None
        With one sentence of evidence.

    Examples
    --------
    >>> found = recognise(["order_total", "ORDER DATE", "order_id", "billing_email"])
    >>> found.format.key
    'woocommerce-minimal'
    >>> recognise(["Client", "Date", "Amount"]) is None
    True
    """
    there = {fold(name) for name in names}
    fitting = [known for known in FORMATS if _required(known, there)]
    if not fitting:
        return None
    best = max(fitting, key=lambda known: (len(known.required), _known_columns(known, there)))
    proof = ", ".join(_required(best, there))
    sentence = f"This is {best.title}: it has the columns {proof}."
    others = tuple(known.key for known in fitting if known is not best)
    return Recognition(best, Evidence("format", sentence, chosen=best.key, alternatives=others))


def map_format(known: Format, names: Sequence[str]) -> Mapping:
    """Return the mapping a format prescribes for the columns a file has."""
    there = {fold(name): name for name in reversed(names)}
    columns = {}
    for field, choices in known.fields.items():
        found = next((there[fold(c)] for c in choices if fold(c) in there), None)
        if found is not None:
            columns[field] = found
    parts = tuple(there[fold(part)] for part in known.name_parts if fold(part) in there)
    reason = f"{known.title} names it so."
    return Mapping(
        columns=columns,
        reasons=dict.fromkeys(columns, reason),
        format=known.key,
        name_parts=parts if "name" not in columns else (),
        identity=known.identity,
    )


def _required(known: Format, there: set[str]) -> list[str]:
    found = []
    for wanted in known.required:
        match = next((name for name in wanted.split("|") if fold(name) in there), None)
        if match is None:
            return []
        found.append(match)
    return found


def _known_columns(known: Format, there: set[str]) -> int:
    listed = {fold(column) for choices in known.fields.values() for column in choices}
    return len(listed & there)
