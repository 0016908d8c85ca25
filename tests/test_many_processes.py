"""Several programs on one database: each sees what the others did, and nobody spoils anything."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, select

from crm_core.records.audit import list_audit
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.importing import write_import
from crm_core.records.models import Batch, Client
from crm_core.records.versions import read_versions
from crm_core.self_check import Group, run_checks
from crm_core.snapshot import load_ledger
from tests.builders import make_staged
from tests.databases import Databases
from tests.ledgers import columns_of

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FILES = 6
WORKERS = ("ann", "bob")

WORK = """
import sys
from datetime import UTC, datetime
from sqlalchemy import select
from crm_core.errors import RefusedError
from crm_core.records.batches import undo, write_import
from crm_core.records.clients import merge, unmerge
from crm_core.records.engine import open_database, writing
from crm_core.records.models import Client
from crm_core.snapshot import load_ledger
from tests.test_many_processes import NOW, file_of

url, worker, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
engine = open_database(url)
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, last):
    with writing(engine) as connection:
        report = write_import(connection, file_of(worker, number), imported_at=NOW)
    before = len(load_ledger(engine).sales)
    if number % 2:
        with writing(engine) as connection:
            undo(connection, report.batch_id, at=NOW)
    with writing(engine) as connection:
        names = [f"{worker}-{n}" for n in (number, number + 1)]
        found = select(Client.id).where(Client.external_id.in_(names)).order_by(Client.external_id)
        one, other = connection.execute(found).scalars()
        merge(connection, one, other, merged_at=NOW, by=worker, evidence="test")
        if number % 3:
            unmerge(connection, one, undone_at=NOW)
    # Both bring the same file: whoever is second is told so, and nothing counts twice.
    try:
        with writing(engine) as connection:
            write_import(connection, file_of("both", number), imported_at=NOW)
    except RefusedError as error:
        assert "imported already" in str(error)
"""


def file_of(worker: str, number: int):
    """Return a file of a worker's own shop: new clients, and one of the file before again."""
    rows = [
        {"client": f"{worker}-{number + k}", "day": 19_000 + number, "amount": f"{1 + number}.0{k}"}
        for k in range(3)
    ]
    staged = make_staged(rows, source=worker, file_name=f"{worker}{number}", mapping={"n": number})
    staged.__dict__["fingerprint"] = f"{worker}{number}"
    return staged


def work(url: str, *shares: tuple[str, int, int]) -> None:
    """Let processes work through their shares, all at once."""
    command = [sys.executable, "-c", WORK, url]
    running = [
        subprocess.Popen(
            [*command, *map(str, share)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for share in shares
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        error = process.communicate(timeout=900)[1]
        assert process.returncode == 0, error


def counted(engine: Engine) -> tuple[list[tuple[str, int, int]], list[str]]:
    """Return what counts, by names: the order of the work gives the numbers."""
    ledger = load_ledger(engine)
    names = columns_of(ledger)["external_id"]
    owner = np.repeat(np.arange(ledger.n_clients), np.diff(ledger.sales.offsets)).tolist()
    sales = zip(owner, ledger.sales.day.tolist(), ledger.sales.amount.tolist(), strict=True)
    return sorted((names[at], day, amount) for at, day, amount in sales), sorted(names)


def test_two_who_import_undo_and_merge_at_once_leave_what_one_after_the_other_does(
    databases: Databases, tmp_path: Path
) -> None:
    urls = [databases.new(tmp_path, name) for name in ("together", "in_turn")]
    engines = [open_database(url) for url in urls]
    work(urls[0], *((worker, 0, FILES) for worker in WORKERS))
    for worker in WORKERS:
        work(urls[1], (worker, 0, FILES))
    together, in_turn = (counted(engine) for engine in engines)
    assert together == in_turn
    assert len(together[0]) == 3 * FILES * 2
    for engine in engines:
        found = run_checks(engine, date(2024, 7, 1), answers=Group("answers", "", ()))
        assert [(one.name, one.sentence) for one in found.differing] == []
        with reading(engine) as connection:
            live = connection.execute(select(Batch.live).order_by(Batch.id)).scalars().all()
            assert (len(live), sum(live)) == (3 * FILES, 2 * FILES)
            # A deed a step, refused ones none: no change was lost and none made twice.
            deeds = FILES * len(WORKERS) * (1 + 1) + FILES + FILES
            assert read_versions(connection).data_version == deeds
            assert len(list_audit(connection, deed="imported")) == 3 * FILES
        engine.dispose()


def test_an_import_of_another_program_is_there_at_the_next_look(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.new(tmp_path)
    engine = open_database(url)
    with writing(engine) as connection:
        write_import(connection, file_of("here", 0), imported_at=NOW)
    assert load_ledger(engine).n_clients == 3
    work(url, ("there", 0, 1))
    assert load_ledger(engine).n_clients == 3 + 2 + 3, "two of theirs were merged, three are both's"
    with reading(engine) as connection:
        assert "there-0" in connection.execute(select(Client.external_id)).scalars().all()
    engine.dispose()
