from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine

from crm_core.errors import ParameterError
from crm_core.metrics.parameters import Origin, Parameters
from crm_core.policy import read_parameters, write_parameter
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.settings import list_setting_changes

DAY = date(2026, 5, 3)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = open_database("sqlite://")
    yield engine
    engine.dispose()


def test_empty_database_holds_every_default(engine: Engine) -> None:
    with reading(engine) as connection:
        held = read_parameters(connection)
    assert held.values == Parameters()
    assert held.origins == {}


def test_written_value_is_in_force_with_its_source_and_day(engine: Engine) -> None:
    with writing(engine, sales=False) as connection:
        held = write_parameter(connection, "k_gone", 5.0, since=DAY)
    assert held.values.k_gone == 5.0
    assert held.origins["k_gone"] == Origin("owner", DAY)


def test_closed_months_come_back_as_they_went_in(engine: Engine) -> None:
    with writing(engine, sales=False) as connection:
        write_parameter(connection, "closed_months", (1, 8), since=DAY)
    with reading(engine) as connection:
        assert read_parameters(connection).values.closed_months == (1, 8)


def test_illegal_value_is_refused_and_nothing_is_stored(engine: Engine) -> None:
    with pytest.raises(ParameterError, match="Wanted k_gone"), writing(engine) as connection:
        write_parameter(connection, "k_gone", -1, since=DAY)
    with reading(engine) as connection:
        assert read_parameters(connection).origins == {}


def test_none_falls_back_to_the_default_and_is_noted(engine: Engine) -> None:
    with writing(engine, sales=False) as connection:
        write_parameter(connection, "m0", 44, since=DAY)
        held = write_parameter(connection, "m0", None, since=DAY)
        assert len(list_setting_changes(connection, "m0")) == 2
    assert held.values.m0 == 30
