"""A folder whose files import themselves, killed at any moment and fed with all kinds of things."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crm_core import watching
from crm_core.errors import DatabaseError, FileError, RefusedError
from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.audit import list_audit
from crm_core.records.batches import list_batches
from crm_core.records.engine import open_database, reading
from crm_core.watched_folder import look, open_folder, steady_files, watching_alone
from crm_core.watching import Options, take_files
from tests.databases import Databases
from tests.inbox import (
    FEBRUARY,
    HEAD,
    JANUARY,
    NOW,
    arrivals,
    drop,
    import_first,
    ledger,
    names,
    notices,
    take,
)


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Any:
    engine = open_database(databases.new(tmp_path, "crm"))
    yield import_first(engine)
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return open_folder(tmp_path / "inbox")


def test_a_file_like_an_earlier_one_is_imported_and_put_away_with_its_report(
    engine: Engine, folder: Path
) -> None:
    drop(folder)
    (outcome,) = take(engine, folder)
    assert (outcome.name, outcome.state) == ("sales.csv", "taken")
    assert "2 rows, 41.50" in outcome.message
    assert look(folder) == {}
    assert names(folder / "done") == ["2025-06-02 sales.csv", "2025-06-02 sales.csv.txt"]
    assert (folder / "done" / "2025-06-02 sales.csv").read_text(encoding="utf-8") == FEBRUARY
    assert "import 2" in (folder / "done" / "2025-06-02 sales.csv.txt").read_text(encoding="utf-8")
    (arrival,) = arrivals(engine)
    assert (arrival.state, arrival.batch_id, arrival.detail["moved"]) == ("taken", 2, True)
    assert notices(engine) == []
    assert ledger(engine).n_clients == 3
    with reading(engine) as connection:
        assert {row.who for row in list_audit(connection) if row.deed == "file arrived"} == {
            "watched folder"
        }


def test_a_file_with_new_columns_is_a_question_and_no_guess(engine: Engine, folder: Path) -> None:
    drop(folder, "Who,When,How much\nAnn,2025-02-01,5\n")
    (outcome,) = take(engine, folder)
    assert outcome.state == "refused"
    assert "import it once on the page Import" in outcome.message
    assert names(folder / "failed") == ["2025-06-02 sales.csv", "2025-06-02 sales.csv.txt"]
    assert [row.state for row in arrivals(engine)] == ["refused"]
    assert notices(engine) == ["import failed"]
    with reading(engine) as connection:
        assert len(list_batches(connection)) == 1


def test_a_known_export_needs_no_earlier_file(
    folder: Path, databases: Databases, tmp_path: Path
) -> None:
    engine = open_database(databases.new(tmp_path, "new"))
    text = (
        "date_created,order_number,status,order_total,billing_email,billing_first_name,"
        "billing_last_name,order_currency\n"
    )
    drop(folder, text.replace("date_created", "Order Date").replace("order_number", "Order Number"))
    assert take(engine, folder)[0].state in ("failed", "refused")
    engine.dispose()


def test_what_an_earlier_file_decided_decides_and_a_new_doubt_is_a_question(
    engine: Engine, folder: Path
) -> None:
    drop(folder, HEAD + "Ann;03/04/2025;11,50\n", "slashes.csv")
    assert take(engine, folder)[0].state == "taken", "day-first, as the points of the first file"
    day = int(ledger(engine).sales.day.max())
    assert datetime.fromtimestamp(day * 86_400, UTC).date().isoformat() == "2025-04-03"
    drop(folder, HEAD + "Ann;13.05.2025;11,50\nBo;14.05.2025;1.50\n", "marks.csv")
    (outcome,) = take(engine, folder)
    assert "held back                          1 row " in outcome.message


def test_what_no_earlier_file_decided_is_a_question(engine: Engine, folder: Path) -> None:
    head = "Client,Date,Amount\n"
    text = f"{head}Ann,2025-01-05,1.50\n"
    first = prepare(engine, text.encode(), name="x.csv", choices=Choices(), today=NOW.date())
    carry_out(engine, first, now=NOW)
    drop(folder, f"{head}Ann,03/04/2025,2.50\n")
    (outcome,) = take(engine, folder)
    assert outcome.state == "refused"
    assert "found a question: Nothing decides whether 1 value" in outcome.message
    drop(folder, f"{head}Ann,03/04/2025,2.50\n")
    options = Options(Choices(day_order="mdy"))
    seen = look(folder)
    (outcome,) = take_files(engine, folder, (seen, seen), options, clock=lambda: NOW)
    assert outcome.state == "taken"


def test_the_same_content_again_is_refused_and_said_so_once(engine: Engine, folder: Path) -> None:
    drop(folder, JANUARY, "again.csv")
    (outcome,) = take(engine, folder)
    assert outcome.state == "refused"
    assert "imported already" in outcome.message
    drop(folder, JANUARY, "again.csv")
    take(engine, folder)
    assert names(folder / "failed") == [
        "2025-06-02 again (2).csv", "2025-06-02 again (2).csv.txt",
        "2025-06-02 again.csv", "2025-06-02 again.csv.txt",
    ]  # fmt: skip
    assert notices(engine) == ["import failed"], "a folder must not fill the list"


@pytest.mark.parametrize("approve", [False, True])
def test_the_same_sales_in_another_form_are_taken_with_a_warning_and_a_notice(
    engine: Engine, folder: Path, approve: bool
) -> None:
    days = [f"{day}.03.2025" for day in range(10, 16)]
    drop(folder, HEAD + "".join(f"Ann;{day};10,00\n" for day in days), "whole.csv")
    take(engine, folder)
    assert notices(engine) == []
    drop(folder, HEAD + "".join(f"Ann;{day};4,00\nAnn;{day};6,00\n" for day in days), "parts.csv")
    (outcome,) = take(engine, folder, approve=approve)
    assert outcome.is_well
    assert "On 6 of 6 days with sales of a client, this file adds exactly" in outcome.message
    assert ("python -m crm_core undo 3" in outcome.message) is not approve
    assert notices(engine) == ["import waiting" if approve else "import repeats"]
    newest = arrivals(engine)[0]
    assert newest.message.startswith("12 rows, import 3. On 6 of 6 days")
    assert ("would count twice: leave it out" in newest.message) is approve


def test_what_still_grows_is_hidden_or_unfinished_stays(engine: Engine, folder: Path) -> None:
    for name in ("~$sales.xlsx", ".sales.csv", "s.csv.part", "s.crdownload", "Thumbs.db"):
        drop(folder, name=name)
    (folder / "folder.csv").mkdir()
    file = drop(folder)
    before = look(folder)
    assert set(before) == {"sales.csv"}
    assert steady_files({}, before, NOW) == []
    with file.open("a", encoding="utf-8") as stream:
        stream.write("Bo;15.02.2025;1,00\n")
    assert steady_files(before, look(folder), NOW) == []
    drop(folder, "", "empty.csv")
    assert "empty.csv" not in steady_files(look(folder), look(folder), datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(hours=2)
    assert "empty.csv" in steady_files(look(folder), look(folder), later)


def test_files_are_taken_oldest_first(engine: Engine, folder: Path) -> None:
    for age, name in ((10, "b.csv"), (20, "a.csv"), (30, "c.csv")):
        os.utime(drop(folder, FEBRUARY, name), (1_700_000_000 - age, 1_700_000_000 - age))
    assert steady_files(look(folder), look(folder), NOW) == ["c.csv", "a.csv", "b.csv"]


def test_a_file_that_changes_while_it_is_read_is_left(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(folder)
    real = watching.prepare_unattended

    def slow(*arguments: Any, **options: Any) -> Any:
        found = real(*arguments, **options)
        file.write_text(FEBRUARY + "Bo;15.02.2025;1,00\n", encoding="utf-8")
        return found

    monkeypatch.setattr(watching, "prepare_unattended", slow)
    (outcome,) = take(engine, folder)
    assert (outcome.state, outcome.is_well) == ("left", False)
    assert set(look(folder)) == {"sales.csv"}
    with reading(engine) as connection:
        assert len(list_batches(connection)) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_refused_and_what_they_point_to_is_untouched(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text(FEBRUARY, encoding="utf-8")
    (folder / "link.csv").symlink_to(outside)
    (folder / "..pretends.csv").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.csv")
    outcomes = take(engine, folder)
    assert {one.state for one in outcomes} == {"failed"}
    assert {one.name for one in outcomes} == {"link.csv", "pipe.csv"}
    assert outside.read_text(encoding="utf-8") == FEBRUARY
    assert (folder / "failed" / "2025-06-02 link.csv").is_symlink()
    with reading(engine) as connection:
        assert len(list_batches(connection)) == 1
    other = tmp_path / "other"
    other.mkdir()
    (other / "done").symlink_to(tmp_path)
    with pytest.raises(FileError, match="a link"):
        open_folder(other)
    with pytest.raises(FileError, match="which is none"):
        open_folder(outside)
    (tmp_path / "alias").symlink_to(folder)
    with pytest.raises(FileError, match="which is none"):
        open_folder(tmp_path / "alias")


def test_odd_names_stay_in_their_folder(engine: Engine, folder: Path) -> None:
    long = "x" * 250
    for number, name in enumerate(("a\nb.csv", "=cmd|x.csv", "..csv", long, "$(rm).csv")):
        drop(folder, FEBRUARY.replace("11,50", f"{number},50"), name)
    outcomes = take(engine, folder)
    assert {one.state for one in outcomes} == {"taken"}
    assert all(path.parent == folder / "done" for path in (folder / "done").iterdir())
    assert len(names(folder / "done")) == 2 * len(outcomes)


class KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moment", ["put_away", "_note_moved", "receive", "prepare_unattended"])
def test_killed_at_any_moment_the_next_look_finishes_and_nothing_counts_twice(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    drop(folder)

    def die(*_arguments: Any, **_options: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(watching, moment, die)
        with pytest.raises(KilledError):
            take(engine, folder)
    outcomes = take(engine, folder)
    assert all(one.state == "taken" for one in outcomes)
    assert look(folder) == {}
    assert "2025-06-02 sales.csv" in names(folder / "done")
    assert names(folder / "failed") == []
    with reading(engine) as connection:
        assert [batch.live for batch in list_batches(connection)] == [True, True]
    assert notices(engine) == []


def test_a_fault_of_the_program_fails_one_file_and_not_the_watch(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder, FEBRUARY, "a.csv")
    drop(folder, FEBRUARY.replace("11,50", "1,00"), "b.csv")
    real = watching.prepare_unattended

    def faulty(engine: Engine, path: Path, **options: Any) -> Any:
        if path.name == "a.csv":
            raise ZeroDivisionError("secret")
        return real(engine, path, **options)

    monkeypatch.setattr(watching, "prepare_unattended", faulty)
    states = {one.name: one.state for one in take(engine, folder)}
    assert states == {"a.csv": "failed", "b.csv": "taken"}
    said = (folder / "failed" / "2025-06-02 a.csv.txt").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in said
    assert "secret" not in said


def test_without_its_database_the_watch_touches_no_file(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder)

    def gone(*_arguments: Any, **_options: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(watching, "receive", gone)
    with pytest.raises(DatabaseError):
        take(engine, folder)
    assert set(look(folder)) == {"sales.csv"}


def test_two_watchers_do_not_watch_one_folder(folder: Path) -> None:
    with (
        watching_alone(folder),
        pytest.raises(RefusedError, match="another program"),
        watching_alone(folder),
    ):
        pass
    with watching_alone(folder):
        assert look(folder) == {}
