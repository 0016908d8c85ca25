"""What a person decides about a file is checked before anything is read or written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.errors import RefusedError
from crm_core.importing import Choices, prepare
from crm_core.records.engine import open_database
from tests.databases import Databases

FILE = b"client,date,amount\nann,2024-01-01,12\n"


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Engine:
    return open_database(databases.new(tmp_path))


def currency_of(engine: Engine, chosen: str) -> str | None:
    choices = Choices(currency=chosen)
    return prepare(engine, FILE, name="a.csv", choices=choices, today=date(2024, 2, 1)).currency


@pytest.mark.parametrize(("chosen", "code"), [("eur", "EUR"), ("€", "EUR"), ("Kč", "CZK")])
def test_a_currency_may_be_given_as_people_write_it(engine: Engine, chosen: str, code: str) -> None:
    assert currency_of(engine, chosen) == code


@pytest.mark.parametrize("chosen", ["XX", "ABC", "dollars", "$"])
def test_what_is_no_one_currency_is_refused(engine: Engine, chosen: str) -> None:
    with pytest.raises(RefusedError, match="Wanted a currency's code"):
        currency_of(engine, chosen)


@pytest.mark.parametrize("source", ["", "  ", "x" * 101])
def test_a_source_without_a_sensible_name_is_refused(engine: Engine, source: str) -> None:
    with pytest.raises(RefusedError, match="--source"):
        prepare(engine, FILE, name="a.csv", choices=Choices(source=source), today=date(2024, 2, 1))
