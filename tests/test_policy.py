from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.errors import ParameterError
from crm_core.metrics.parameters import Origin, Parameters
from crm_core.metrics.rfm_cuts import OwnCuts
from crm_core.policy import (
    ValueTerms,
    read_parameters,
    read_rfm_cuts,
    read_value_terms,
    write_parameter,
    write_rfm_cuts,
    write_rule,
    write_value_terms,
)
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.settings import list_setting_changes
from tests.databases import Databases

DAY = date(2026, 5, 3)


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path))
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


def test_cut_points_are_stored_with_their_day_and_go_back_to_the_quantiles(engine: Engine) -> None:
    own = OwnCuts(recency=(30, 90, 180, 365))
    with reading(engine) as connection:
        assert read_rfm_cuts(connection) == (OwnCuts(), Origin())
    with writing(engine, sales=False) as connection:
        write_rfm_cuts(connection, own, since=DAY)
    with reading(engine) as connection:
        assert read_rfm_cuts(connection) == (own, Origin("owner", DAY))
        assert read_parameters(connection).origins == {}
    with writing(engine, sales=False) as connection:
        write_rfm_cuts(connection, OwnCuts(), since=DAY)
        assert len(list_setting_changes(connection, "rfm_cuts")) == 2
        assert read_rfm_cuts(connection) == (OwnCuts(), Origin())


MODEL = (0.24, 4.4, 0.79, 2.4, 39.0)


def test_a_whole_rule_is_put_in_force_at_once(engine: Engine) -> None:
    rule = {"kappa": 8.0, "k_gone": 5.0, "same_weeks": False, "m0": 44, "window": None}
    groups = (("trade", "", 14.0), ("", "shop", 60.0))
    with writing(engine, sales=False) as connection:
        write_rule(connection, rule | {"m0_groups": groups}, since=DAY, set_by="test")
    with reading(engine) as connection:
        held = read_parameters(connection)
    assert held.values == Parameters(
        kappa=8.0, k_gone=5.0, same_weeks=False, m0=44, m0_groups=groups
    )
    assert held.origins["m0_groups"] == Origin("owner", DAY)
    assert "window" not in held.origins


def test_a_model_takes_the_window_away_and_a_window_the_model(engine: Engine) -> None:
    with writing(engine, sales=False) as connection:
        write_parameter(connection, "window", 90, since=DAY)
        assert write_rule(connection, {"model": MODEL}, since=DAY).values.rule == "bgnbd"
    with reading(engine) as connection:
        assert read_parameters(connection).values == Parameters(model=MODEL)
    with writing(engine, sales=False) as connection:
        assert write_rule(connection, {"window": 60}, since=DAY).values.rule == "fixed:60"
        held = write_rule(connection, {"window": None, "model": None}, since=DAY)
    assert held.values == Parameters()
    assert held.origins == {}


def test_a_model_beside_a_window_is_refused_and_nothing_is_stored(engine: Engine) -> None:
    with (
        pytest.raises(ParameterError, match="one rule"),
        writing(engine, sales=False) as connection,
    ):
        write_rule(connection, {"model": MODEL, "window": 90}, since=DAY)
    with pytest.raises(ParameterError, match="n_commit"), writing(engine) as connection:
        write_rule(connection, {"n_commit": 4}, since=DAY)
    with reading(engine) as connection:
        assert read_parameters(connection).origins == {}


def test_a_rule_that_is_the_default_leaves_nothing_stored(engine: Engine) -> None:
    with writing(engine, sales=False) as connection:
        write_rule(connection, {"kappa": 8.0, "m0_groups": (("a", "b", 9.0),)}, since=DAY)
        held = write_rule(connection, {"kappa": 4, "m0_groups": ()}, since=DAY)
    assert held.origins == {}


def test_terms_of_values_are_stored_one_by_one_and_go_back_to_the_default(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read_value_terms(connection) == ValueTerms(12, 0.01)
    for terms in (ValueTerms(24, 0.01), ValueTerms(24, 0.005), ValueTerms()):
        with writing(engine, sales=False) as connection:
            write_value_terms(connection, terms, since=DAY, set_by="owner")
            assert read_value_terms(connection) == terms
    with reading(engine) as connection:
        assert len(list_setting_changes(connection, "value_months")) == 2
        assert len(list_setting_changes(connection, "value_discount_monthly")) == 2


@pytest.mark.parametrize(("months", "discount"), [(0, 0.01), (121, 0.01), (12, 1.0), (12, -0.1)])
def test_terms_of_values_outside_their_range_are_refused(months: int, discount: float) -> None:
    with pytest.raises(ParameterError, match="Wanted"):
        ValueTerms(months, discount)
