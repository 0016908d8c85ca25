"""A restored backup brings no erased person back, as far as anybody can know."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from crm_core.records.backups import back_up
from crm_core.records.batches import write_import
from crm_core.records.engine import reading, writing
from crm_core.records.erasing import erase
from crm_core.records.models import Client, ErasedIdentity
from crm_core.records.people import erased_clients
from crm_core.records.restoring import restore
from tests.builders import make_staged
from tests.records.test_backups import Home, everything_in, fill, new, url_of

__all__ = ["new"]

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
OLD = {"client": "Ann Old", "day": "2026-01-05", "amount": 3}
LATER = {"client": "Bea Later", "day": "2026-02-01", "amount": 1}


def test_whom_the_replaced_database_had_erased_is_erased_again(new: Home, tmp_path: Path):
    shop = fill(new("shop"), [OLD, {**OLD, "client": "Cem"}])
    file = back_up(shop, tmp_path, at=NOW).file
    fill(shop, [LATER])
    with reading(shop) as connection:
        rows = connection.execute(select(Client.external_id, Client.id))
        known = {row.external_id: row.id for row in rows}
    for name in ("Ann Old", "Bea Later"):
        with writing(shop) as connection:
            erase(connection, known[name], at=NOW, reason="asked")
    with reading(shop) as connection:
        marks = connection.execute(select(ErasedIdentity.fingerprint)).scalars().all()

    done = restore(file, url_of(shop), at=NOW, replace=True)
    assert (done.erased_again, done.not_erased_again) == (1, 1)
    assert "Ann Old" not in repr(everything_in(shop))
    assert "Cem" in repr(everything_in(shop))
    with reading(shop) as connection:
        assert erased_clients(connection) == {known["Ann Old"]}
        kept = connection.execute(select(ErasedIdentity.fingerprint)).scalars().all()
    assert set(kept) <= set(marks), "the same key made them"
    with writing(shop) as connection:
        again = make_staged([{**OLD, "day": "2026-03-01"}])
        write_import(connection, again, imported_at=NOW)
    assert "Ann Old" not in repr(everything_in(shop)), "a later file must not bring her back"


def test_a_backup_of_another_database_has_other_clients(new: Home, tmp_path: Path):
    file = back_up(fill(new("one"), [OLD]), tmp_path, at=NOW).file
    other = fill(new("other"), [LATER])
    with writing(other) as connection:
        (client,) = connection.execute(select(Client.id)).scalars()
        erase(connection, client, at=NOW, reason="asked")
    done = restore(file, url_of(other), at=NOW, replace=True)
    assert (done.erased_again, done.not_erased_again) == (0, 1)
    assert "Ann Old" in repr(everything_in(other))


def test_what_later_files_called_the_erased_is_not_forgotten_by_a_restore(
    new: Home, tmp_path: Path
) -> None:
    shop = new("shop")
    told = {"Ann Old": {"name": "Ann Old", "email": "ann@old-mail.se"}}
    later = {"W-7": {"name": "A. Old", "email": "ann@old-mail.se"}}
    with writing(shop) as connection:
        write_import(connection, make_staged([OLD], clients=told), imported_at=NOW)
        (client,) = connection.execute(select(Client.id)).scalars()
        erase(connection, client, at=NOW, reason="asked")
    file = back_up(shop, tmp_path, at=NOW).file
    with writing(shop) as connection:
        staged = make_staged([{**OLD, "client": "W-7"}], clients=later, source="web")
        assert write_import(connection, staged, imported_at=NOW).n_new_clients == 0
    done = restore(file, url_of(shop), at=NOW, replace=True)
    assert (done.erased_again, done.not_erased_again) == (0, 0)
    with writing(shop) as connection:
        staged = make_staged([{**OLD, "client": "W-7"}], source="main")
        assert write_import(connection, staged, imported_at=NOW).n_new_clients == 1
        staged = make_staged([{**OLD, "client": "W-7", "day": "2026-04-01"}], source="web")
        write_import(connection, staged, imported_at=NOW)
        names = connection.execute(select(Client.external_id)).scalars().all()
    assert names.count("W-7") == 1, "only the other shop has somebody new"
