from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters, ParameterSet
from crm_core.records.versions import Versions
from crm_core.ui.elsewhere import GONE_ONLY, WITH_STAGES, Settings, at_settings, neighbours
from crm_core.ui.view import View
from tests.builders import as_day, make_ledger

LATE_ONLY = Settings(gone=False, typical=False, rules=False)


@pytest.fixture
def view() -> View:
    """Return a view of three clients who fall silent one after the other."""
    orders = {name: [(f"2024-0{n}-01", 10)] for n, name in enumerate("ABC", start=1)}
    ledger, values = make_ledger(orders), Parameters()
    history = purchase_history(ledger, values)
    return View(
        engine=None,  # type: ignore[arg-type]
        versions=Versions("here", 1, "first", 1, "first"),
        full_ledger=ledger,
        full_history=history,
        ledger=ledger,
        history=history,
        parameters=ParameterSet(values),
        as_of=as_day("2024-04-15"),
        today=as_day("2024-04-15"),
        period="12m",
        aside={},
    )


def late(view: View) -> str:
    return str(int(view.stages.late.sum()))


def test_neighbours_move_one_setting_each() -> None:
    values = Parameters()
    for _, moved in neighbours(values, WITH_STAGES):
        changed = [name for name in vars(values) if vars(values)[name] != vars(moved)[name]]
        assert len(changed) == 1


def test_neighbours_have_names_of_their_own() -> None:
    names = [name for name, _ in neighbours(Parameters(), WITH_STAGES)]
    assert len(names) == len(set(names))


def test_setting_in_force_is_no_neighbour_of_itself() -> None:
    names = [name for name, _ in neighbours(Parameters(window=90), GONE_ONLY)]
    assert "gone after 90 days of silence" not in names
    assert "own rhythm of each client" in names
    assert not any("rhythms" in name for name in names)


def test_late_never_reaches_gone() -> None:
    names = [name for name, _ in neighbours(Parameters(k_late=3.5), LATE_ONLY)]
    assert names == ["late after 2.5 rhythms"]


def test_numbers_are_worked_out_under_each_setting(view: View) -> None:
    found = at_settings(view, "test", {"late": late}, which=LATE_ONLY)["late"]()
    slow = replace(view.values, k_late=3.0)
    assert dict(found)["late after 3 rhythms"] == late(view.tried(slow))
    assert dict(found)["late after 1 rhythm"] != dict(found)["late after 3 rhythms"]


def test_numbers_of_a_group_are_worked_out_together_and_once(view: View) -> None:
    asked: list[str] = []

    def count(tried: View) -> str:
        asked.append(repr(tried.values))
        return late(tried)

    found = at_settings(view, "group", {"one": count, "two": late}, which=LATE_ONLY)
    assert asked == []
    found["two"]()
    found["one"]()
    assert len(asked) == 2


def test_trying_settings_leaves_the_view_as_it_is(view: View) -> None:
    before = late(view)
    at_settings(view, "again", {"late": late})["late"]()
    assert late(view) == before
    assert view.values == Parameters()


def test_one_client_alone_has_the_days_it_has_among_all(view: View) -> None:
    for client in range(view.ledger.n_clients):
        alone = view.alone(client)
        assert alone.stages.gone_on.tolist() == [view.stages.gone_on[client]]
        assert alone.stages.stage.tolist() == [view.stages.stage[client]]
