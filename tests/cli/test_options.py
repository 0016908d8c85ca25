from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.cli import main


@pytest.mark.parametrize(
    "words",
    [
        ("backup", "backups"),
        ("move", "--to", "sqlite:///other.sqlite"),
        ("client-file", "Ann"),
        ("erase", "Ann", "--reason", "letter 3", "--yes"),
    ],
)
def test_slip_in_the_name_of_the_file_makes_no_empty_database(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--db", "sqlite:///shp.sqlite"]) == 1
    assert "Wanted a database at shp.sqlite, found no such file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
