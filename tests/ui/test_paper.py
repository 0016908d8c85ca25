"""The report behind the dashboard's button is that of what the page shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import ParameterSet
from crm_core.records.engine import open_database
from crm_core.records.versions import Versions
from crm_core.ui.paper import view_report
from crm_core.ui.view import View
from tests.builders import as_day, make_ledger
from tests.databases import Databases
from tests.paper.reading import read

SHOP = make_ledger(
    {"Ann": [("2024-01-05", 90), ("2024-04-05", 90)], "Bob": [("2024-01-06", 10)]},
    attributes={"country": {"Ann": "Spain", "Bob": "Peru"}},
)


@pytest.fixture
def view(databases: Databases, tmp_path: Path) -> View:
    history = purchase_history(SHOP, ParameterSet().values)
    return View(
        engine=open_database(databases.new(tmp_path)),
        versions=Versions("x", 0, "", 0, ""),
        full_ledger=SHOP,
        full_history=history,
        ledger=SHOP,
        history=history,
        parameters=ParameterSet(),
        as_of=as_day("2024-03-20"),
        today=as_day("2024-05-01"),
        period="12m",
    )


def test_report_is_that_of_the_day_and_all_clients(view: View) -> None:
    found = read(view_report(view).decode("utf-8"))
    assert "As of 20 Mar 2024" in found.text
    assert "of 2 known clients" in found.text


def test_filters_choose_the_clients_and_are_named(view: View) -> None:
    mask = np.array([True, False])
    some = replace(
        view,
        ledger=SHOP.select(mask),
        history=view.history.take(np.flatnonzero(mask)),
        filters=(("country", ("Spain",)),),
        period="all",
    )
    found = read(view_report(some).decode("utf-8"))
    assert "Only clients with Country: Spain." in found.text
    assert "shares are those of all time" in found.text
    assert "of 1 known client" in found.text
    assert "Bob" not in found.text
