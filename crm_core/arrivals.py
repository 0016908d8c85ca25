"""A file that comes by itself: imported without a guess, counted at once or after approval.

Nobody is there to be asked, so a file is only taken where nothing is asked: its
columns are those of an earlier file or of a known export, and nothing in it could
be read in two ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from crm_core.access import Right, require
from crm_core.errors import RefusedError
from crm_core.formatting import plural
from crm_core.import_text import twice_sentence
from crm_core.importing import (
    Choices,
    Prepared,
    Rehearsal,
    carry_out,
    find_twice,
    prepare,
    settle_first_m0,
)
from crm_core.intake.mapping import REMEMBERED
from crm_core.metrics.stored_twice import StoredTwice
from crm_core.policy import read_parameters
from crm_core.records.arrivals import (
    find_arrival,
    find_content,
    find_fingerprint,
    note_arrival,
    settle_arrival,
)
from crm_core.records.bulk import Progress
from crm_core.records.engine import reading, recording, rehearsing, writing
from crm_core.records.import_report import ImportReport
from crm_core.records.mappings import recall_mapping
from crm_core.records.undoing import find_batch, redo, undo
from crm_core.records.versions import read_versions
from crm_core.report import build_report
from crm_core.snapshot import build_ledger, keep_ledger, load_ledger
from crm_core.tables import to_day

NO_QUESTION = frozenset({"future", "delimiter", "encoding", "header", "sheet", "format"})
"""What may be in doubt without a question: the columns found say that it was read rightly."""


@dataclass(frozen=True)
class Received:
    """A file that was taken.

    Attributes
    ----------
    arrival_id : int
        Row of ``arrivals``.
    report : ImportReport
        What became of its rows.
    waits : bool
        It counts only once an owner approves it.
    twice : StoredTwice
        How much of what it adds looks stored already; owners have a notice where it does.
    """

    arrival_id: int
    report: ImportReport
    waits: bool
    twice: StoredTwice


def prepare_unattended(
    engine: Engine,
    source: Path,
    *,
    name: str,
    choices: Choices,
    today: date,
    joined: Sequence[Path] = (),
) -> Prepared:
    """Read and stage a file that nobody looks at, and refuse where somebody would be asked.

    Parameters
    ----------
    engine, source, name, choices, today, joined
        As :func:`crm_core.importing.prepare`.

    Raises
    ------
    RefusedError
        If its columns are new, or something in it could be read in two ways; the message
        is the question.
    FileError, MappingError
        As :func:`crm_core.importing.prepare`.

    Notes
    -----
    What an earlier file with the same columns decided (day first or month first, point or
    comma) decides for this one.
    """
    prepared = prepare(engine, source, name=name, choices=choices, today=today, joined=joined)
    with reading(engine) as connection:
        remembered = recall_mapping(connection, prepared.staged.columns) or {}
    earlier = {
        one["topic"]: one["chosen"] for one in remembered.get("evidence", ()) if not one["doubtful"]
    }
    open_topics = {one["topic"] for one in _doubts(prepared)}
    order = earlier.get("day order") if "day order" in open_topics else None
    mark = earlier.get("marks") if "marks" in open_topics else None
    if order in ("dmy", "mdy") or mark in (",", "."):
        choices = replace(
            choices,
            day_order=choices.day_order or (order if order in ("dmy", "mdy") else None),
            decimal_mark=choices.decimal_mark or mark,
        )
        prepared = prepare(engine, source, name=name, choices=choices, today=today, joined=joined)
    _refuse_questions(prepared, remembered)
    return prepared


def _doubts(prepared: Prepared) -> list[dict[str, Any]]:
    evidence = prepared.staged.mapping["evidence"]
    return [one for one in evidence if one["doubtful"] and one["topic"] not in NO_QUESTION]


def _refuse_questions(prepared: Prepared, remembered: dict[str, Any]) -> None:
    mapping = prepared.mapping
    known = set(mapping.reasons.values()) <= {REMEMBERED, "You chose this column."}
    if mapping.format is None and not known:
        raise RefusedError(
            "Wanted a file with the columns of an earlier one or of a known export, found new "
            f"columns ({', '.join(prepared.staged.columns[:12])}); import it once on the page "
            "Import, and files like it are taken by themselves from then on."
        )
    accepted = {(one["topic"], one["chosen"]) for one in remembered.get("evidence", ())}
    asked = [one for one in _doubts(prepared) if (one["topic"], one["chosen"]) not in accepted]
    if asked:
        raise RefusedError(
            f"Wanted a file that can be read in one way only, found a question: "
            f"{' '.join(one['sentence'] for one in asked)} Import it on the page Import and "
            "answer there; later files follow that answer."
        )
    ends = prepared.staged.unused.end
    if prepared.staged.n_rows and ends.count("held_back") == prepared.staged.n_rows:
        reasons = sorted(set(prepared.staged.unused.reason))
        raise RefusedError(
            f"Wanted rows that can be read, found all {len(ends)} held back "
            f"({', '.join(reasons)}); mend the file, or import it on the page Import."
        )


def receive(
    engine: Engine,
    prepared: Prepared,
    *,
    now: datetime,
    waits: bool,
    progress: Progress | None = None,
) -> Received:
    """Import a file that came by itself, and write that down, in one transaction.

    Parameters
    ----------
    engine : Engine
        The database.
    prepared : Prepared
        The file.
    now : datetime
        The moment, with its time zone.
    waits : bool
        Switch the import off again in the same transaction: it counts once an owner
        approves it.
    progress : callable, optional
        Told the number of rows written so far.

    Raises
    ------
    RefusedError
        If the same content is live, waits already, or was refused by an owner.
    """
    require(Right.IMPORT)
    noted: list[tuple[int, StoredTwice]] = []

    def note(connection: Connection, report: ImportReport) -> None:
        twice = find_twice(connection, report.batch_id)
        if waits:
            undo(connection, report.batch_id, at=now)
        warning = twice_sentence(twice, None if waits else report.batch_id)
        told = f"{plural(report.n_rows, 'row')}, import {report.batch_id}"
        number = note_arrival(
            connection,
            file_name=prepared.staged.file_name,
            state="waiting" if waits else "taken",
            message=f"{told}. {warning}".removesuffix(". "),
            at=now,
            batch_id=report.batch_id,
            detail={"fingerprint": prepared.staged.fingerprint},
            repeats=bool(warning),
        )
        noted.append((number, twice))

    with reading(engine) as connection:
        refuse_known(connection, prepared.staged.fingerprint)
    report = carry_out(engine, prepared, now=now, progress=progress, also=_once(prepared, note))
    number, twice = noted[0]
    return Received(number, report, waits, twice)


Note = Callable[[Connection, ImportReport], None]


def _once(prepared: Prepared, note: Note) -> Note:
    """Ask again inside the transaction: two watchers may have looked at the same moment."""

    def work(connection: Connection, report: ImportReport) -> None:
        _refuse_waiting(connection, prepared.staged.fingerprint)
        note(connection, report)

    return work


def refuse_known(connection: Connection, fingerprint: str) -> None:
    """Refuse content that somebody decided about, or has to: it must not count by itself.

    Raises
    ------
    RefusedError
        If it waits for approval, was refused by an owner, or its import was undone.
    """
    batch = find_fingerprint(connection, fingerprint)
    if batch is None or batch.live:
        return
    _refuse_waiting(connection, fingerprint)
    found = find_content(connection, fingerprint)
    refused = found is not None and found.state == "refused"
    raise RefusedError(
        f"Wanted a new file, found the content of {batch.file_name}, which an owner "
        f"{'refused' if refused else 'undid'}; whoever wants it after all redoes import "
        f"{batch.id} on the page Import."
    )


def _refuse_waiting(connection: Connection, fingerprint: str) -> None:
    found = find_content(connection, fingerprint)
    if found is not None and found.state == "waiting":
        raise RefusedError(
            f"Wanted a new file, found the content of {found.file_name}, which waits for approval "
            f"since {found.at:%Y-%m-%d}; approve or refuse it on the page Import."
        )


def note_failure(
    engine: Engine,
    name: str,
    reason: str,
    *,
    now: datetime,
    state: str = "failed",
    fingerprint: str | None = None,
) -> int:
    """Write down a file that could not be taken, and leave owners a notice."""
    detail = {"fingerprint": fingerprint} if fingerprint else {}
    with recording(engine) as connection:
        return note_arrival(
            connection, file_name=name, state=state, message=reason, at=now, detail=detail
        )


def try_out_arrival(engine: Engine, arrival_id: int, *, now: datetime) -> Rehearsal:
    """Show what approving a file would change, and change nothing.

    Raises
    ------
    AccessError
        If whoever is at work may not import: a dry run holds the write lock as well.
    """
    require(Right.IMPORT)
    before, today = load_ledger(engine), to_day(now.date())
    with rehearsing(engine) as connection:
        batch = find_batch(connection, find_arrival(connection, arrival_id).batch_id)
        redo(connection, batch.id)
        twice = find_twice(connection, batch.id)
        settle_first_m0(connection, now.date())
        after, parameters = build_ledger(connection), read_parameters(connection)
    as_of = after.default_as_of(today)
    return Rehearsal(
        ImportReport.from_json(batch.report),
        build_report(before, parameters, as_of),
        build_report(after, parameters, as_of),
        twice,
    )


def approve(engine: Engine, arrival_id: int, *, now: datetime) -> None:
    """Let a file that waited count, as a normal import does.

    Raises
    ------
    RefusedError
        If it does not wait, or its import was switched on meanwhile.
    """
    require(Right.IMPORT)
    with writing(engine) as connection:
        row = find_arrival(connection, arrival_id)
        settle_arrival(connection, arrival_id, "taken", at=now)
        redo(connection, row.batch_id)
        versions = read_versions(connection)
        ledger = settle_first_m0(connection, now.date())
    if ledger is not None:
        keep_ledger(engine, ledger, versions)


def refuse(engine: Engine, arrival_id: int, *, now: datetime) -> None:
    """Leave a file that waited switched off for good."""
    require(Right.IMPORT)
    with recording(engine) as connection:
        settle_arrival(connection, arrival_id, "refused", at=now)
