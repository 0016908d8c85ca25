"""Killed at the worst moments: no half backup under a backup's name, and a whole database."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from crm_core.errors import RefusedError
from crm_core.records import restoring_server
from crm_core.records.backup_files import verify
from crm_core.records.backups import back_up
from crm_core.records.batches import list_batches
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.erasing import erase
from crm_core.records.models import Client, Source
from crm_core.records.people import erased_clients
from crm_core.records.restoring import restore
from tests.conftest import ROOT
from tests.databases import ServerDatabases, SqliteFiles
from tests.records.test_backups import fill

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills by a signal")

SCRIPT = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from crm_core.records import backups, restoring, restoring_files, restoring_server
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


@pytest.mark.postgres
def test_a_restore_killed_on_a_server_is_put_back_when_the_database_is_opened(
    server_databases: ServerDatabases, tmp_path: Path
):
    url = server_databases.new(tmp_path, "shop")
    shop = fill(open_database(url))
    file = back_up(shop, tmp_path / "kept", at=NOW).file
    with writing(shop) as connection:
        (client, *_) = connection.execute(select(Client.id)).scalars()
        erase(connection, client, at=NOW, reason="asked")
    shop.dispose()
    before = seen_in(shop)

    # By then the backup's tables stand in their place, and whom it knows is not yet erased.
    killed("restore", "restoring_server.make_ready", url, file)
    assert seen_in(open_database(url)) == before
    assert schemas_in(shop) == []
    killed("restore", "restoring_server.make_ready", url, file)
    done = restore(file, url, at=datetime.now(UTC), replace=True)
    assert done.erased_again == 1
    assert schemas_in(shop) == [done.kept]
    assert seen_in(open_database(url))[1] == {client}


@pytest.mark.postgres
def test_one_restore_of_a_server_at_a_time(server_databases: ServerDatabases, tmp_path: Path):
    url = server_databases.new(tmp_path, "shop")
    shop = fill(open_database(url))
    file = back_up(shop, tmp_path / "kept", at=NOW).file
    with (
        restoring_server._sole_restore(shop),
        pytest.raises(RefusedError, match="another restore of this database under way"),
    ):
        restore(file, url, at=NOW, replace=True)
    shop.dispose()


def seen_in(shop: Engine) -> tuple[list[int], frozenset[int] | set[int]]:
    with reading(shop) as connection:
        found = [batch.id for batch in list_batches(connection)], set(erased_clients(connection))
    shop.dispose()
    return found


def schemas_in(shop: Engine) -> list[str]:
    statement = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regulars%'")
    with shop.connect() as connection:
        found = list(connection.execute(statement).scalars())
    shop.dispose()
    return found
