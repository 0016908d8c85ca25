from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.records.engine import open_database

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{(tmp_path / 'crm.sqlite').as_posix()}")
    yield engine
    engine.dispose()
