from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.records.engine import open_database
from tests.databases import Databases

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path, "crm"))
    yield engine
    engine.dispose()
