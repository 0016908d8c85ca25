from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.metrics.rfm import score_rfm
from crm_core.metrics.rfm_cuts import OwnCuts
from crm_core.metrics.segments import SegmentResult, assign_segments
from crm_core.policy import read_rfm_cuts
from crm_core.records.engine import open_database, reading
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, Visit, as_csv, fill, text_of


def segments_of(url: str) -> SegmentResult:
    ledger = load_ledger(open_database(url))
    return assign_segments(score_rfm(ledger, ledger.default_as_of(to_day(TODAY))))


def stored(url: str) -> OwnCuts:
    with reading(open_database(url)) as connection:
        return read_rfm_cuts(connection)[0]


def table(app: AppTest, column: str):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def choose(app: AppTest, key: str) -> AppTest:
    app.main.selectbox(key="rfm_group").set_value(key).run()
    assert not app.exception
    return app


def enter(app: AppTest, url: str, rows: dict[int, dict[str, float]]) -> AppTest:
    """Type cut points into the editor, as the browser reports it."""
    key = f"cut_editor_{segments_of(url).scores.cuts}"
    app.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    app.run()
    assert not app.exception
    return app


def test_sentence_and_table_say_the_counts_of_the_core(demo_database: str, visit: Visit) -> None:
    app = visit("segments")
    result = segments_of(demo_database)
    assert f"**{result.counts['champions']} champions** bring" in text_of(app)
    frame = table(app, "What to do").set_index("Segment")["Clients"]
    assert frame.sum() == result.n
    assert frame["Loyal"] == result.counts["loyal"]


def test_cells_of_the_grid_sum_to_the_buyers(demo_database: str, visit: Visit) -> None:
    app = visit("segments")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    keys = spec["data"][0]["customdata"]
    result = segments_of(demo_database)
    assert len(keys) == int((result.cell_counts > 0).sum())
    app = choose(app, keys[0])
    row, column = int(keys[0][4]) - 1, int(keys[0][5]) - 1
    assert len(table(app, "Scores")) == result.cell_counts[row, column]


def test_segment_lists_its_clients_with_advice(demo_database: str, visit: Visit) -> None:
    app = choose(visit("segments"), "champions")
    assert set(table(app, "Scores")["Segment"]) == {"Champions"}
    assert "recommend" in text_of(app)


def test_change_of_segment_lists_who_went_that_way(demo_database: str, visit: Visit) -> None:
    app = visit("segments", compare="a year")
    box = app.main.selectbox(key="rfm_way")
    way = next(option for option in box.options if "Loyal →" in option or "→ Loyal" in option)
    before, after = way.rsplit(" (", 1)[0].split(" → ")
    box.select(way).run()
    assert not app.exception
    frame = table(app, "Before")
    assert set(frame["Before"]) | set(frame["Segment"]) == {before, after}
    assert f"({len(frame)})" in way


def test_cut_points_are_counted_saved_shown_and_taken_back(
    demo_database: str, visit: Visit
) -> None:
    app = visit("segments")
    cuts = {"1st cut": 30.0, "2nd cut": 90.0, "3rd cut": 180.0, "4th cut": 365.0}
    app = enter(app, demo_database, {0: cuts})
    assert "would change segment" in text_of(app)
    assert stored(demo_database) == OwnCuts()
    effect = table(app, "Then")
    assert effect["Now"].sum() == effect["Then"].sum()
    app.main.button(key="save_cuts").click().run()
    assert not app.exception
    assert stored(demo_database) == OwnCuts(recency=(30, 90, 180, 365))
    assert table(app, "Comes from")["Comes from"].iloc[0].startswith("set by you, ")
    assert table(app, "Comes from")["Score 5"].iloc[0] == "up to 30"
    app.main.button(key="reset_cuts").click().run()
    assert stored(demo_database) == OwnCuts()


@pytest.mark.parametrize(
    ("row", "cuts", "words"),
    [
        (0, {"1st cut": 400.0, "2nd cut": 90.0}, "to rise"),
        (1, {"1st cut": 1.5}, "whole numbers"),
        (2, {"1st cut": None}, "found a gap"),
    ],
)
def test_cut_points_that_make_no_sense_are_refused_in_words(
    row: int, cuts: dict[str, float], words: str, demo_database: str, visit: Visit
) -> None:
    app = enter(visit("segments"), demo_database, {row: cuts})
    assert words in app.error[0].value
    assert not [button for button in app.button if button.key == "save_cuts"]


def test_r_package_is_shown_on_request_only(demo_database: str, visit: Visit) -> None:
    app = visit("segments")
    assert not [box for box in app.selectbox if box.key == "rfm_box"]
    app.session_state["rfm_package"] = True
    app.run()
    assert not app.exception
    assert "Loyal Customers" in set(table(app, "Rows")["Segment"])


def test_one_client_has_no_segment_but_a_list(one_client_database: str, visit: Visit) -> None:
    app = visit("segments")
    assert "No segments: only 1 client bought" in text_of(app)
    assert list(table(app, "Days since")["Client"]) == ["Only"]


def test_ten_clients_are_said_to_be_thin(database: str, visit: Visit) -> None:
    rows = [
        (f"c{k}", f"2025-0{1 + m}-1{k}", str(5 * k + m + 1)) for k in range(10) for m in range(4)
    ]
    fill(database, as_csv(rows))
    app = visit("segments")
    assert "Thin: only 10 clients bought" in text_of(app)


def test_clients_all_alike_are_said_to_be(database: str, visit: Visit) -> None:
    fill(database, as_csv([(f"c{k}", "2025-03-01", "10.00") for k in range(12)]))
    assert "nothing to tell them apart" in text_of(visit("segments"))


def test_first_days_have_no_segments_yet(demo_database: str, visit: Visit) -> None:
    app = visit("segments", as_of="2021-06-03")
    assert "No segments: only 2 clients bought" in text_of(app)


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("segments")
    assert len(table(app, "Days since")) <= 6
    assert "](http" not in text_of(app)
