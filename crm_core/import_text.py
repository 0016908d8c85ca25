"""What became of a file, as JSON and as sentences."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from crm_core.exports import csv_lines
from crm_core.formatting import format_count, one_line, plural
from crm_core.importing import Prepared, Rehearsal
from crm_core.metrics.stored_twice import StoredTwice
from crm_core.money import to_decimal_text
from crm_core.records.import_report import ImportReport, Money, Tally
from crm_core.records.staged import StagedImport
from crm_core.records.undoing import BatchSummary
from crm_core.report import flatten

LONGEST_NAME = 200
"""Letters of a file's name in a line for a terminal."""

END_WORDS = {
    "sale_with_client": "sales with a client",
    "sale_without_client": "sales without a client",
    "already_stored": "already stored",
    "not_a_sale": "not a sale",
    "held_back": "held back",
}
"""The five ends of a row, in the order of the report."""


def import_json(
    prepared: Prepared,
    rows: ImportReport,
    rehearsal: Rehearsal | None = None,
    *,
    twice: StoredTwice | None = None,
    waits: bool = False,
) -> dict[str, Any]:
    """Return one import as plain values.

    Parameters
    ----------
    prepared : Prepared
        The file.
    rows : ImportReport
        What became of its rows.
    rehearsal : Rehearsal, optional
        Of a dry run: adds the headline figures that would change.
    twice : StoredTwice, optional
        Of an import that was made: how much of what it added looks stored already.
    waits : bool, default False
        It counts only once an owner approves it.

    Returns
    -------
    dict
        ``file, source, dry_run, batch, rows, money, ends`` (rows and money of each of the
        five, kinds and reasons inside), ``replaced, new_clients, mapping, evidence``,
        ``stored_twice`` where it was compared and, of a dry run, ``headlines``. Money is text
        in units; in other than the reporting currency it stands by its code under
        ``other_currencies``.
    """
    ends = {name: _tally(tally) for name, tally in rows.ends().items()}
    ends["not_a_sale"]["kinds"] = {k: _tally(t) for k, t in rows.not_a_sale.items()}
    ends["held_back"]["reasons"] = {r: _tally(t) for r, t in rows.held_back.items()}
    report = {
        "file": rows.file_name,
        "source": rows.source,
        "dry_run": rehearsal is not None,
        "batch": None if rehearsal else rows.batch_id,
        "currency": prepared.currency,
        **_tally(rows.total),
        "ends": ends,
        "replaced": _tally(rows.replaced),
        "clients": rows.n_clients,
        "new_clients": rows.n_new_clients,
        "switched_on_again": rows.redone,
        "mapping": {
            "format": prepared.mapping.format,
            "columns": dict(prepared.mapping.columns),
            "reasons": dict(prepared.mapping.reasons),
            "doubtful": list(prepared.mapping.doubtful),
        },
        "evidence": [
            {"topic": e.topic, "sentence": e.sentence, "doubtful": e.doubtful}
            for e in prepared.evidence
        ],
    }
    if rehearsal is not None:
        report["headlines"] = changed_headlines(rehearsal)
        twice = rehearsal.twice
    if twice is not None:
        report["stored_twice"] = {
            "by_client": asdict(twice.by_client),
            "by_day": asdict(twice.by_day),
            "warning": twice_sentence(twice, None if waits else report["batch"]),
        }
    return report


def twice_sentence(twice: StoredTwice, batch_id: int | None = None) -> str:
    """Return the warning that sales would count twice; empty where that is not likely.

    Parameters
    ----------
    twice : StoredTwice
        What was found.
    batch_id : int, optional
        The import, where it counts already: the warning then says how to undo it.

    Examples
    --------
    >>> from crm_core.metrics.stored_twice import Alike
    >>> twice_sentence(StoredTwice(by_day=Alike(added=375, alike=3)))
    ''
    """
    if not twice.is_likely:
        return ""
    by_client = twice.by_client.is_likely
    found = twice.by_client if by_client else twice.by_day
    whose, what = (" of a client", " and client") if by_client else ("", "")
    days = "days" if twice.whole else "days that were compared,"
    advice = "would count twice: leave it out then"
    if batch_id is not None:
        undo = f"python -m crm_core undo {batch_id}"
        advice = f"counts twice now: undo it then, on the page Import or by `{undo}`"
    return (
        f"On {format_count(found.alike)} of {format_count(found.added)} {days} with sales{whose}, "
        f"this file adds exactly what is stored for that day{what} already. If it is the same "
        f"business from another program or in another form, it {advice}."
    )


def changed_headlines(rehearsal: Rehearsal) -> dict[str, dict[str, Any]]:
    """Return the headline figures an import would change, before and after, by key."""
    before = flatten(rehearsal.before.as_json())
    after = flatten(rehearsal.after.as_json())
    return {
        key: {"before": before.get(key), "after": value}
        for key, value in after.items()
        if before.get(key) != value and not key.startswith("notes.")
    }


def import_text(report: Mapping[str, Any]) -> str:
    """Return one import as lines for a terminal.

    Parameters
    ----------
    report : mapping
        From :func:`import_json`.
    """
    return "\n".join(_lines(report))


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    tail = "nothing is changed (dry run)" if report["dry_run"] else f"import {report['batch']}"
    rows = f"{plural(report['rows'], 'row')}, {_money(report)}"
    yield f"{one_line(report['file'], LONGEST_NAME)}: {rows}; {tail}"
    for name, words in END_WORDS.items():
        end = report["ends"][name]
        if end["rows"]:
            yield f"  {words:<24}{_rows(end['rows']):>17}  {_money(end):>18}"
        for why, inner in (end.get("kinds") or end.get("reasons") or {}).items():
            yield f"    {why:<22}{_rows(inner['rows']):>17}  {_money(inner):>18}"
    if report["replaced"]["rows"]:
        count = plural(report["replaced"]["rows"], "stored row")
        yield f"  takes the place of {count} ({_money(report['replaced'])})"
    yield f"  {plural(report['clients'], 'client')}, {format_count(report['new_clients'])} new"
    if report["switched_on_again"]:
        yield "  this file had been undone: its import counts again"
    columns = ", ".join(
        f"{name} = {column}" for name, column in report["mapping"]["columns"].items()
    )
    recognised = report["mapping"]["format"]
    yield f"  read as {recognised or 'a table'}: {columns}"
    for evidence in report["evidence"]:
        if evidence["doubtful"]:
            yield f"  doubtful: {evidence['sentence']}"
    if report.get("stored_twice", {}).get("warning"):
        yield f"  careful: {report['stored_twice']['warning']}"
    for key, change in report.get("headlines", {}).items():
        yield f"  {key}: {change['before']} → {change['after']}"


def _rows(count: int) -> str:
    # As wide with one row as with many, so that the amounts stand below each other.
    return f"{plural(count, 'row'):<{len(format_count(count)) + 5}}"


def imports_text(batches: Sequence[BatchSummary], waiting: Container[int] = ()) -> str:
    """Return the list of imports as lines for a terminal.

    Parameters
    ----------
    batches : sequence of BatchSummary
        The imports.
    waiting : container of int, default ()
        Numbers of those that wait for an owner's approval.
    """
    if not batches:
        return "No imports yet; `import FILE` makes the first."
    lines = []
    for batch in batches:
        off = "waits for approval" if batch.id in waiting else "undone"
        state = "" if batch.live else f"  ({off})"
        days = f"{batch.first_day} to {batch.last_day}" if batch.first_day else "no sales"
        source, file = (one_line(n, LONGEST_NAME) for n in (batch.source, batch.file_name))
        lines.append(
            f"{batch.id:>4}  {batch.imported_at:%Y-%m-%d %H:%M}  {_rows(batch.n_rows):>15}"
            f"  {days:<24}  {source}: {file}{state}"
        )
    return "\n".join(lines)


def held_back_lines(staged: StagedImport) -> Iterator[str]:
    """Yield a CSV file of the rows held back: line, reason, and the original cells."""
    unused = staged.unused
    rows = (
        (line, reason, detail, *cells)
        for line, end, reason, detail, cells in zip(
            unused.line, unused.end, unused.reason, unused.detail, unused.cells, strict=True
        )
        if end == "held_back"
    )
    return csv_lines(("line", "reason", "what to do", *staged.columns), rows)


def _tally(tally: Tally) -> dict[str, Any]:
    found: dict[str, Any] = {"rows": tally.rows, "money": to_decimal_text(tally.money.get(None, 0))}
    others = _others(tally.money)
    return found | ({"other_currencies": others} if others else {})


def _others(money: Money) -> dict[str, str]:
    return {code: to_decimal_text(amount) for code, amount in money.items() if code is not None}


def _money(tally: Mapping[str, Any]) -> str:
    others = tally.get("other_currencies", {})
    texts = [f"{amount} {code}" for code, amount in others.items()]
    if tally["money"] != "0.00" or not texts:
        texts.insert(0, tally["money"])
    return " + ".join(texts)
