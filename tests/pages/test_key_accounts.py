from __future__ import annotations

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest

from crm_core.metrics.carers import cared_for_by
from crm_core.metrics.key_accounts import find_keys
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import pareto
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.trailing import trailing_sales
from crm_core.records.business_figures import MARGIN, read_figures
from crm_core.records.clients import merge
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.key_accounts import mark_key, read_key_notes
from crm_core.snapshot import load_ledger
from crm_core.tables import STAGES, to_day
from crm_core.ui.clients import find_client
from tests.pages.conftest import TODAY, Visit, as_csv, fill, text_of


def plain(app) -> str:
    return text_of(app).replace("\xa0", " ").replace("\\", "").replace("*", "")


def record_of(url: str, name: str) -> int:
    ledger = load_ledger(open_database(url))
    position = find_client(ledger, name)
    assert position is not None
    return int(ledger.clients.record_id[position])


def test_the_sentence_and_the_list_are_those_of_the_core(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts")
    ledger = load_ledger(open_database(demo_database))
    result = pareto(ledger, ledger.default_as_of(to_day(TODAY)))
    text = plain(app)
    assert "key clients bring" in text
    assert "Nordlicht alone 14 %" in text
    assert "Losing this client would cost" in text
    listed = app.dataframe[0].value
    assert listed["Client"].iloc[0] == "Nordlicht"
    assert "sales 14" in listed["Key because"].iloc[0]
    by_hand = {"potential", "well known", "innovative", "demanding"}
    for why in listed["Key because"].iloc[len(find_keys(result)) :]:
        assert set(why.split(", ")) <= by_hand


def test_bars_are_the_largest_with_their_marks(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts")
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    bars = sorted((x for trace in spec["data"] for x in trace["x"]), reverse=True)
    assert len(bars) == 10
    words = [note["text"] for note in spec["layout"]["annotations"]]
    assert words[:2] == ["10 %<br>key", "20 %<br>watch"]


def test_a_margin_is_asked_for_kept_and_used(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts")
    labels = [metric.label for metric in app.metric]
    assert "Margin that would go" not in labels
    app.number_input(key=f"figure_{MARGIN}_None").set_value(32.5)
    app.button(key="FormSubmitter:figures_form-Save").click().run()
    assert not app.exception
    with reading(open_database(demo_database)) as connection:
        assert read_figures(connection).margin == 3_250
    assert "Margin that would go" in [metric.label for metric in app.metric]
    assert "of margin a year" in plain(app)
    assert "Result without them" not in [metric.label for metric in app.metric]
    app.number_input(key="figure_fixed_costs_a_year_None").set_value(100_000.0)
    app.button(key="FormSubmitter:figures_form-Save").click().run()
    assert "Result without them" in [metric.label for metric in app.metric]


def test_losing_nobody_and_losing_several(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts")
    chosen = app.multiselect(key="what_if_clients")
    assert len(chosen.value) == 1
    chosen.set_value([]).run()
    assert "Choose one client or several" in plain(app)
    options = app.multiselect(key="what_if_clients").options
    assert "Nordlicht" in options
    records = [record_of(demo_database, name) for name in options[:2]]
    app.multiselect(key="what_if_clients").set_value(records).run()
    assert not app.exception
    frames = [frame.value for frame in app.dataframe if "Chance of leaving" in frame.value]
    assert len(frames[0]) == 2


def test_a_client_is_named_key_from_the_page(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts")
    before = len(app.dataframe[0].value)
    app.text_input(key="key_search").set_value("Nordlicht").run()
    app.button(key="name_reason").click().run()
    app.radio(key="act_reason").set_value("innovative")
    app.button(key="act_save").click().run()
    assert not app.exception
    with reading(open_database(demo_database)) as connection:
        rows = read_key_notes(connection).of(record_of(demo_database, "Nordlicht")).reasons
    assert "innovative" in {row.reason for _, row in rows}
    app.run()
    assert len(app.dataframe[0].value) == before
    assert "innovative" in app.dataframe[0].value["Key because"].iloc[0]


def test_the_card_notes_people_visits_and_reasons(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht")
    app.button(key="key_person").click().run()
    app.text_input(key="person_new_name").set_value("<b>Eva</b>")
    app.button(key="act_save").click().run()
    app.run()
    assert "<b>Eva</b>" in [text.value for text in app.text]
    app.button(key="key_care").click().run()
    app.button(key="act_save").click().run()
    app.run()
    day = load_ledger(open_database(demo_database)).default_as_of(to_day(TODAY))
    assert day <= to_day(TODAY)
    with reading(open_database(demo_database)) as connection:
        notes = read_key_notes(connection).of(record_of(demo_database, "Nordlicht"))
    assert notes.care[-1][1].kind == "head visit"
    number = notes.people[-1][1].id
    app.button(key=f"edit_person_{number}").click().run()
    app.text_input(key=f"person_{number}_phone").set_value("+00 1")
    app.button(key="act_save").click().run()
    app.run()
    assert any("+00 1" in text.value for text in app.text)
    app.button(key=f"person_{number}").click().run()
    assert "<b>Eva</b>" not in [text.value for text in app.text]


def test_a_reason_ends_and_its_days_stay(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht")
    with reading(open_database(demo_database)) as connection:
        notes = read_key_notes(connection).of(record_of(demo_database, "Nordlicht"))
    number = notes.reasons[0][1].id
    app.button(key=f"end_reason_{number}").click().run()
    assert not app.exception
    with reading(open_database(demo_database)) as connection:
        rows = read_key_notes(connection).of(record_of(demo_database, "Nordlicht")).reasons
    assert {row.id: row.until_day for _, row in rows}[number] is not None


def test_notes_of_a_merged_client_show_on_the_one_that_stays(
    demo_database: str, visit: Visit
) -> None:
    engine = open_database(demo_database)
    ledger = load_ledger(engine)
    small = [int(r) for r in ledger.clients.record_id[:2]]
    with writing(engine) as connection:
        mark_key(connection, small[0], reason="fame", from_day=date(2025, 1, 1))
        merge(
            connection, small[0], small[1], merged_at=datetime(2025, 6, 1, tzinfo=UTC),
            by="", evidence="",
        )  # fmt: skip
    name = str(ledger.clients.name[1])
    assert name in list(visit("key_accounts").dataframe[0].value["Client"])


@pytest.mark.parametrize("day", ["2021-06-03", "2023-01-01"])
def test_earlier_days_say_what_was_known_then(demo_database: str, visit: Visit, day: str) -> None:
    app = visit("key_accounts", as_of=day)
    assert "innovative" not in str(
        app.dataframe[0].value.get("Key because", "") if app.dataframe else ""
    )


def test_a_manager_with_more_than_three_key_clients_is_named(
    demo_database: str, visit: Visit
) -> None:
    engine = open_database(demo_database)
    ledger = load_ledger(engine)
    mine = np.flatnonzero(cared_for_by(ledger, "Ina Quist", to_day(TODAY)))[:4]
    assert "are too many for one" not in plain(visit("key_accounts"))
    with writing(engine, sales=False) as connection:
        for position in mine:
            record = int(ledger.clients.record_id[position])
            mark_key(connection, record, reason="potential", from_day=date(2025, 1, 1))
    assert "Ina Quist looks after" in plain(visit("key_accounts"))


def test_who_is_gone_already_has_no_chance_of_leaving(demo_database: str, visit: Visit) -> None:
    ledger = load_ledger(open_database(demo_database))
    day = ledger.default_as_of(to_day(TODAY))
    app = visit("key_accounts")
    gone = assign_stages(ledger, Parameters(), day).stage == STAGES.index("termination")
    at = np.flatnonzero(gone & (trailing_sales(ledger, day) > 0))
    app.multiselect(key="what_if_clients").set_value([int(ledger.clients.record_id[at[0]])]).run()
    assert "probably gone already" in plain(app)


def test_filters_leave_the_page_whole(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts", department="Garden")
    assert "Of the clients the filters leave: Garden." in plain(app)


def test_all_time_has_its_own_base(demo_database: str, visit: Visit) -> None:
    app = visit("key_accounts", period="All time")
    assert not app.exception


def test_the_only_client_is_said_to_carry_everything(
    one_client_database: str, visit: Visit
) -> None:
    text = plain(visit("key_accounts"))
    assert "Only is your only buying client: everything hangs on one" in text
    assert "the only client" in text


def test_ten_equal_clients_are_all_key_and_no_more(database: str, visit: Visit) -> None:
    fill(database, as_csv([(f"Firm {n}", "2025-05-01", "100.00") for n in range(10)]))
    assert "10 key clients bring 100 % of sales" in plain(visit("key_accounts"))


def test_refunds_only_leave_a_page_without_shares(database: str, visit: Visit) -> None:
    fill(database, as_csv([("Ann", "2025-05-01", "100.00"), ("Ann", "2025-05-02", "-100.00")]))
    text = plain(visit("key_accounts"))
    assert "none is key by sales" in text


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("key_accounts")
    assert "](http" not in text_of(app)


def test_chance_of_leaving_stands_beside_that_of_the_model(
    demo_database: str, visit: Visit
) -> None:
    assert demo_database
    app = visit("key_accounts")
    app.session_state["what_if_meaning"] = True
    app.run()
    assert not app.exception
    assert "by BG/NBD: no purchase within twelve months" in plain(app)
