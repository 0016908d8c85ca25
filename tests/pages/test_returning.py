from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.typing import PlotlyState

from crm_core.formatting import format_share
from crm_core.metrics.cohorts import cohorts
from crm_core.metrics.returning import Returning, returning
from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, Visit, text_of


def core_result(url: str) -> Returning:
    ledger = load_ledger(open_database(url))
    return returning(ledger, ledger.default_as_of(to_day(TODAY)))


def test_sentence_and_numbers_are_those_of_the_core(demo_database: str, visit: Visit) -> None:
    app = visit("returning")
    result = core_result(demo_database)
    shares = dict(zip(result.second.days, result.second.probability, strict=True))
    assert f"**{100 * shares[90]:.0f}** come again within 90 days" in text_of(app)
    assert f"**{len(result.second.in_window)}**" in text_of(app)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Bought again"] == format_share(result.repeat.value)
    assert shown["In the window now"] == str(len(result.second.in_window))
    assert shown["Usual gap"] == f"{result.gaps.median:g} days"


def test_list_holds_everybody_in_the_window_longest_first(demo_database: str, visit: Visit) -> None:
    app = visit("returning")
    result = core_result(demo_database)
    days = app.dataframe[0].value["Days since"].tolist()
    assert days == result.second.age[result.second.in_window].tolist()


def test_bars_are_the_months_of_the_core(demo_database: str, visit: Visit) -> None:
    spec = json.loads(visit("returning").get("plotly_chart")[1].proto.spec)
    months = core_result(demo_database).months
    assert len(spec["data"][1]["customdata"]) == len(months.calendar)


@pytest.mark.parametrize(("who", "title"), [("new", "New in"), ("existing", "From before")])
def test_clicking_a_month_opens_its_clients(
    demo_database: str, visit: Visit, who: str, title: str
) -> None:
    months = core_result(demo_database).months
    last = len(months.calendar) - 2
    app = visit("returning")
    app.session_state["months"] = clicked({"customdata": [last, who]})
    app.run()
    assert not app.exception
    count = int((months.new if who == "new" else months.existing)[last])
    assert any(part.value.startswith(title) and str(count) in part.value for part in app.subheader)


def test_clicking_a_cell_opens_as_many_clients_as_it_counts(
    demo_database: str, visit: Visit
) -> None:
    app = visit("returning")
    app.button_group(key="cohort_unit").set_value("quarter").run()
    result = core_result(demo_database)
    table = cohorts(load_ledger(open_database(demo_database)), result.as_of, unit="quarter")
    cohort = int(np.argmax(table.retained[:, 1]))
    count = int(table.retained[cohort, 1])
    point = {"customdata": cohort, "x": 1}
    app.session_state["cohorts_quarter"] = clicked(point)
    app.run()
    assert not app.exception
    opened = [part.value for part in app.subheader if part.value.startswith("First bought in")]
    assert len(opened) == 1
    assert str(count) in opened[0]


def test_rates_of_the_last_whole_month_stand_under_more(demo_database: str, visit: Visit) -> None:
    app = visit("returning")
    app.session_state["more"] = True
    app.run()
    assert not app.exception
    months = core_result(demo_database).months
    last = int(np.flatnonzero(~months.calendar.partial)[-1])
    shown = {metric.label: metric.value for metric in app.metric}
    rate = months.returning_rate(last).value
    assert shown["Returning buyers of a month"] == format_share(rate)


def test_single_client_says_why_nothing_can_be_said(one_client_database: str, visit: Visit) -> None:
    app = visit("returning")
    assert "1 of 1 client bought again; how soon cannot be said yet" in text_of(app)
    assert {metric.value for metric in app.metric} >= {"—"}


def test_empty_database_greets(database: str, visit: Visit) -> None:
    assert "Welcome" in text_of(visit("returning"))


def test_odd_names_leave_the_page_standing(odd_database: str, visit: Visit) -> None:
    assert "](http" not in text_of(visit("returning"))


def test_day_before_the_first_sale_gives_a_page_in_words(
    one_client_database: str, visit: Visit
) -> None:
    app = visit("returning", as_of="2025-05-01")
    assert "0 of 1 client bought again" in text_of(app)


def clicked(point: dict[str, object]) -> PlotlyState:
    return PlotlyState(
        {"selection": {"points": [point], "point_indices": [], "box": [], "lasso": []}}
    )
