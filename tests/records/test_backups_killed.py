"""Killed at the worst moments: no half backup under a backup's name, and a whole database."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_core.records.backup_files import verify
from crm_core.records.backups import back_up
from crm_core.records.engine import open_database, reading
from crm_core.records.models import Source
from crm_core.records.restoring import restore
from tests.conftest import ROOT
from tests.databases import SqliteFiles
from tests.records.test_backups import fill

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills by a signal")

SCRIPT = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from crm_core.records import backups, restoring, restoring_files
from crm_core.records.engine import open_database

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

work, where, url, file = sys.argv[1:]
module, _, name = where.partition(".")
setattr(globals()[module], name, die)
now = datetime.now(UTC)
if work == "back up":
    backups.back_up(open_database(url), Path(file).parent / "later.backup", at=now)
else:
    restoring.restore(Path(file), url, at=now, replace=True)
"""


def killed(work: str, where: str, url: str, file: Path) -> None:
    """Run a program that is killed when it comes to a function."""
    command = [sys.executable, "-c", SCRIPT, work, where, url, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()


def test_what_is_killed_leaves_the_old_or_the_new_and_nothing_in_between(tmp_path: Path):
    url = SqliteFiles().new(tmp_path, "shop")
    shop = fill(open_database(url))
    file = back_up(shop, tmp_path / "kept", at=NOW).file
    shop.dispose()
    killed("back up", "backups.write_archive", url, file)
    killed("back up", "backups.verify", url, file)
    assert sorted((tmp_path / "kept").glob("*.backup")) == [file]
    for where in ("restoring_files.make_ready", "restoring_files._keep", "restoring_files._swap"):
        killed("restore", where, url, file)
        shop = open_database(url)
        with reading(shop) as connection:
            assert len(connection.execute(select(Source.name)).all()) == 1
        shop.dispose()
    verify(file)

    left = list(tmp_path.glob(".*.restoring"))
    assert left
    for path in left:
        os.utime(path, (0, 0))
    restore(file, url, at=NOW + timedelta(days=2), replace=True)
    assert list(tmp_path.glob(".*.restoring*")) == []
