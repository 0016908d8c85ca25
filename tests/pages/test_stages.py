from __future__ import annotations

import json

from crm_core.metrics.stages import assign_stages
from crm_core.policy import read_parameters
from crm_core.records.engine import open_database, reading
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, Visit, text_of


def test_sentence_says_the_counts_of_the_core(demo_database: str, visit: Visit) -> None:
    app = visit("stages")
    engine = open_database(demo_database)
    ledger = load_ledger(engine)
    with reading(engine) as connection:
        values = read_parameters(connection).values
    counts = assign_stages(ledger, values, ledger.default_as_of(to_day(TODAY))).counts()
    text = text_of(app)
    assert f"{counts['commitment']} regulars" in text
    assert f"{counts['expansion']} buying again" in text


def test_flows_between_the_two_days_sum_to_the_known_clients(
    demo_database: str, visit: Visit
) -> None:
    app = visit("stages")
    traces = json.loads(app.get("plotly_chart")[1].proto.spec)["data"]
    marks = next(trace for trace in traces if trace.get("customdata"))
    flows = sum(int(text.replace(",", "")) for text in marks["text"])
    ledger = load_ledger(open_database(demo_database))
    assert flows == int(ledger.known_at(ledger.default_as_of(to_day(TODAY))).sum())


def test_choosing_a_flow_lists_who_went_that_way(demo_database: str, visit: Visit) -> None:
    app = visit("stages")
    box = app.main.selectbox(key="stage_group")
    assert any("→" in option for option in box.options)
    box.set_value("commitment").run()
    assert not app.exception
    assert set(app.dataframe[0].value["Stage"]) == {"Regular"}


def test_a_year_before_is_another_comparison(demo_database: str, visit: Visit) -> None:
    three = text_of(visit("stages"))
    assert text_of(visit("stages", compare="a year")) != three


def test_single_client_gives_a_page_in_words(one_client_database: str, visit: Visit) -> None:
    app = visit("stages")
    assert "1 trying us" in text_of(app)


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("stages")
    assert "](http" not in text_of(app)
