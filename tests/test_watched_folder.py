"""A watched folder follows no link and writes over nothing, whatever lies in it already."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_core.errors import FileError
from crm_core.watched_folder import DONE, LOCK, look, open_folder, put_away, watching_alone

NOW = datetime(2026, 5, 3, 8, tzinfo=UTC)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="rights of links are others there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return open_folder(tmp_path)


def test_a_lock_that_is_a_link_is_not_followed(folder: Path) -> None:
    (folder / LOCK).symlink_to(folder / "elsewhere")
    with pytest.raises(FileError, match="cannot be opened"), watching_alone(folder):
        pass
    assert not (folder / "elsewhere").exists()


def test_a_link_that_leads_nowhere_or_to_a_folder_is_seen_and_not_passed_over(folder: Path) -> None:
    (folder / "gone.csv").symlink_to(folder / "nothing")
    (folder / "folder.csv").symlink_to(folder / DONE)
    assert set(look(folder)) == {"gone.csv", "folder.csv"}


@pytest.mark.parametrize("there", ["2026-05-03 a.csv", "2026-05-03 a.csv.txt"])
@pytest.mark.parametrize("just_now", [False, True], ids=["before", "just now"])
def test_what_lies_there_is_kept_beside_what_comes(
    there: str, just_now: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = folder / DONE / there
    kept.write_text("kept")
    (folder / "a.csv").write_text("new")
    if just_now and there.endswith(".txt"):  # laid there between the look and the writing
        monkeypatch.setattr(os.path, "lexists", lambda _: False)
    assert put_away(folder / "a.csv", DONE, "taken", now=NOW)
    assert kept.read_text() == "kept"
    assert (folder / DONE / "2026-05-03 a (2).csv").read_text() == "new"
    assert "taken" in (folder / DONE / "2026-05-03 a (2).csv.txt").read_text()
