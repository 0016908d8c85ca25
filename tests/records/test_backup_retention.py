"""Which backups stay: the newest of each period, always the newest, and no other file goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crm_core.records.backup_files import backup_name, moment_of_name, read_manifest
from crm_core.records.backup_retention import Keeping, kept, thin_out
from crm_core.records.backups import back_up
from crm_core.records.engine import open_database
from tests.databases import SqliteFiles

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(SqliteFiles().new(tmp_path, "shop"))
    yield engine
    engine.dispose()


MOMENTS = st.lists(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    max_size=60,
    unique=True,
)
KEEPINGS = st.builds(Keeping, *[st.integers(0, 4)] * 4)


@settings(max_examples=150)
@given(MOMENTS, KEEPINGS)
def test_retention_keeps_the_newest_of_each_period_and_always_the_newest(moments, keeping):
    stay = kept(moments, keeping)
    assert stay <= set(moments)
    assert not moments or max(moments) in stay
    if keeping.is_named:
        most = keeping.last + keeping.daily + keeping.weekly + keeping.monthly
        assert len(stay) <= max(1, most)
        days = sorted({moment.date() for moment in moments}, reverse=True)[: keeping.daily]
        assert {moment.date() for moment in stay} >= set(days)
    else:
        assert stay == set(moments)


@settings(max_examples=150)
@given(MOMENTS, KEEPINGS)
def test_thinning_out_at_every_backup_keeps_what_thinning_out_once_would(moments, keeping):
    there: set[datetime] = set()
    for moment in sorted(moments):
        there = kept(there | {moment}, keeping)
    assert there == kept(moments, keeping)


def test_thinning_out_deletes_only_whole_backups_of_the_same_database(shop: Engine, tmp_path: Path):
    folder, elsewhere = tmp_path / "kept", tmp_path / "elsewhere"
    for days in range(4):
        back_up(shop, folder, at=NOW - timedelta(days=days))
    other = open_database(SqliteFiles().new(tmp_path, "other"))
    foreign = back_up(other, folder, at=NOW - timedelta(days=9)).file
    other.dispose()
    torn = folder / backup_name(NOW - timedelta(days=8))
    torn.write_bytes(b"PK torn")
    mine = [folder / "regulars-mine.backup", folder / "regulars-2026-11-22T091500Z.backup.txt"]
    for path in mine:
        path.write_text("mine")
    away = back_up(shop, elsewhere, at=NOW - timedelta(days=7)).file
    link = folder / away.name
    if os.name != "nt":
        link.symlink_to(away)
    forgotten = folder / f".{backup_name(NOW)}.0a1b2c3d.part"
    forgotten.write_bytes(b"half")
    os.utime(forgotten, (0, 0))
    whose = read_manifest(away).database_id
    gone = thin_out(folder, Keeping(last=1, daily=2), database_id=whose, now=NOW)
    assert [moment_of_name(path.name) for path in gone] == [
        NOW - timedelta(days=3),
        NOW - timedelta(days=2),
    ]
    assert all(path.exists() for path in (foreign, torn, *mine, away))
    assert os.name == "nt" or link.is_symlink()
    assert not forgotten.exists()
    assert thin_out(folder, Keeping(), database_id=whose, now=NOW) == []


def test_a_clock_that_was_ahead_does_not_cost_the_backups_of_today(shop: Engine, tmp_path: Path):
    folder, keeping = tmp_path / "kept", Keeping(last=2)
    ahead = [NOW + timedelta(days=300 + day) for day in range(3)]
    for moment in ahead:
        back_up(shop, folder, at=moment, keeping=keeping)
    for day in range(3):
        made = back_up(shop, folder, at=NOW + timedelta(days=day), keeping=keeping)
        assert made.file.exists()
    today = [NOW + timedelta(days=day) for day in (1, 2)]
    assert sorted(moment_of_name(path.name) for path in folder.iterdir()) == [*today, *ahead[1:]]
