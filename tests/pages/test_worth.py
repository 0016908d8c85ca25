from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from crm_core.metrics.lifetime.value import ClientValues, client_values
from crm_core.metrics.parameters import ParameterSet
from crm_core.policy import ValueTerms, read_parameters, read_value_terms
from crm_core.records.business_figures import read_figures
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.people import add_contract
from crm_core.sentences.worth import about, say_money
from crm_core.snapshot import load_ledger
from crm_core.tables import to_date, to_day
from tests.pages.conftest import TODAY, Visit, as_csv, fill, text_of


def values_in(url: str, **terms: float) -> ClientValues:
    engine = open_database(url)
    ledger = load_ledger(engine)
    with reading(engine) as connection:
        held: ParameterSet = read_parameters(connection)
    day = ledger.default_as_of(to_day(TODAY))
    return client_values(ledger, day, held.values, **terms)  # type: ignore[arg-type]


def table(app: AppTest, column: str):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def headline(app: AppTest) -> str:
    return next(str(part.value) for part in app.markdown if str(part.value).startswith("#### "))


def learnable(n: int = 260) -> Iterator[tuple[str, str, str]]:
    """Yield the sales of clients at rates of their own, some of whom leave."""
    random = np.random.default_rng(7)
    start, end = np.datetime64("2023-01-02"), np.datetime64("2025-06-01")
    for number in range(n):
        day = start + int(random.integers(0, 300))
        gap, leaves = 8 + 60 * random.gamma(1.2), random.beta(1.0, 5.0)
        worth = random.gamma(4, 30)
        while day <= end:
            amount = worth * random.gamma(5) / 5
            yield (f"Client {number}", str(day), f"{max(amount, 1):.2f}")
            if random.random() < leaves:
                break
            day += max(1, int(random.exponential(gap)))


@pytest.fixture
def learnable_database(database: str) -> str:
    fill(database, as_csv(list(learnable())))
    return database


def test_sentence_list_and_basis_say_what_the_core_says(
    learnable_database: str, visit: Visit
) -> None:
    values = values_in(learnable_database, discount_monthly=0.0)
    assert values.source == "model"
    app = visit("worth")
    buyers = about(float(values.chance_to_buy.sum()))  # type: ignore[union-attr]
    assert f"**About {buyers} of your {len(values)} clients**" in headline(app)
    assert say_money(values.total_sales.expected) in headline(app)
    assert f"on {values.basis.n_purchases:,} purchases of {len(values)} clients" in text_of(app)
    frame = table(app, "Eight in ten buy")
    assert list(frame["Expected sales"]) == sorted(values.sales / 10_000, reverse=True)
    assert (frame["From"] <= frame["Expected sales"]).all()
    assert (frame["To"] >= frame["Expected sales"]).all()
    assert "Value" not in frame.columns


def test_picture_marks_the_coming_month_and_the_words_judge_the_past(
    learnable_database: str, visit: Visit
) -> None:
    assert learnable_database
    app = visit("worth")
    data = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    names = [trace["name"] for trace in data]
    assert {"Bought by existing clients", "Expected next"} <= set(names)
    said = text_of(app)
    assert "off on average" in said
    assert "came within" in said or "could the model be fitted" in said


def test_terms_are_kept_and_a_margin_makes_sales_into_value(
    learnable_database: str, visit: Visit
) -> None:
    app = visit("worth")
    app.number_input(key="worth_months_12").set_value(6)
    app.number_input(key="worth_discount_0.01").set_value(2.0)
    app.number_input(key="worth_margin_None").set_value(40.0)
    next(one for one in app.button if one.label == "Save").click().run()
    assert not app.exception
    with reading(open_database(learnable_database)) as connection:
        assert read_value_terms(connection) == ValueTerms(6, 0.02)
        assert read_figures(connection).margin == 4_000
    values = values_in(learnable_database, months=6, discount_monthly=0.02, margin=0.4)
    assert "in the 6 months after" in headline(app)
    assert list(table(app, "Value")["Value"]) == sorted(values.value / 10_000, reverse=True)
    assert "discount 2 % a month, margin 40 %" in "".join(one.label for one in app.expander)


def test_fallen_are_listed_with_what_was_and_is_expected(
    learnable_database: str, visit: Visit
) -> None:
    assert learnable_database
    app = visit("worth", compare="a year")
    frame = table(app, "Before")
    assert (frame["Now"] <= 0.6 * frame["Before"] + 0.0001).all()
    assert np.allclose(frame["Before"] - frame["Now"], frame["Lost"])
    assert list(frame["Lost"]) == sorted(frame["Lost"], reverse=True)
    assert f"**{len(frame)} client" in headline(app)
    app.toggle(key="worth_much").set_value(False).run()
    assert len(table(app, "Before")) > len(frame)


def test_models_stand_beside_each_other_on_opening(learnable_database: str, visit: Visit) -> None:
    assert learnable_database
    app = visit("worth")
    assert not any("Log-likelihood" in one.value.columns for one in app.dataframe)
    app.session_state["worth_models"] = True
    app.run()
    assert not app.exception
    frame = table(app, "Log-likelihood")
    assert list(frame["Model"]) == ["BG/NBD", "MBG/NBD", "Pareto/NBD"]
    assert frame["Parameters"].str.contains("weeks").all()
    assert "No paid contracts" in text_of(app)


def test_filter_chooses_clients_and_changes_no_model(demo_database: str, visit: Visit) -> None:
    whole = values_in(demo_database, discount_monthly=0.0)
    said = text_of(visit("worth", department="Garden"))
    assert "The models learn from all clients" in said
    assert f"of {len(whole)} clients since" in said
    assert f"of your {len(whole)} clients" not in said


def test_degenerate_history_gives_its_reason_and_the_plain_rule(
    database: str, visit: Visit
) -> None:
    rows = [
        (f"Client {number}", f"202{4 + month // 12}-{month % 12 + 1:02}-{number % 27 + 1:02}", "50")
        for number in range(120)
        for month in range(17)
    ]
    fill(database, as_csv(rows))
    app = visit("worth")
    assert "so this is last year’s pace of those not gone" in headline(app)
    assert "Eight in ten buy" not in table(app, "Purchases").columns
    app.session_state["worth_models"] = True
    app.run()
    assert not app.exception


@pytest.mark.parametrize("clients", [1, 10])
def test_few_clients_are_too_few_for_a_model(database: str, visit: Visit, clients: int) -> None:
    rows = [(f"C{n}", f"2025-0{1 + n % 3}-1{n % 9}", "10.00") for n in range(clients)]
    rows += [("C0", "2025-05-20", "25.00")]
    fill(database, as_csv(rows))
    app = visit("worth")
    assert headline(app).startswith("#### Only 1 client has bought again, at least 100 are needed")
    app.session_state["worth_models"] = True
    app.run()
    assert not app.exception


def test_one_time_buyers_alone_give_words(database: str, visit: Visit) -> None:
    fill(database, as_csv([(f"C{n}", "2025-05-01", "10.00") for n in range(30)]))
    app = visit("worth")
    assert headline(app).startswith("#### Nobody has bought twice yet")
    assert "sales begin on 1 May 2025 only" in headline(app)


def test_nobody_yet_is_greeted_and_odd_names_break_nothing(odd_database: str, visit: Visit) -> None:
    assert odd_database
    app = visit("worth")
    assert "bought again" in headline(app)


def test_on_the_first_day_hardly_anything_can_be_said(demo_database: str, visit: Visit) -> None:
    span = load_ledger(open_database(demo_database)).span(to_day(TODAY))
    assert span is not None
    app = visit("worth", as_of=to_date(span[0]).isoformat())
    assert headline(app).startswith("#### Nobody has bought twice yet")
    assert "so nothing is expected yet" in text_of(app)


def test_card_says_what_to_expect_on_request(learnable_database: str, visit: Visit) -> None:
    values = values_in(learnable_database, discount_monthly=0.0)
    ledger = load_ledger(open_database(learnable_database))
    top = int(values.client[int(values.sales.argmax())])
    app = visit("client", client=str(ledger.clients.external_id[top].as_py()))
    assert "chance of a purchase" not in text_of(app)
    app.session_state["card_worth"] = True
    app.run()
    assert not app.exception
    assert "Expected to buy about" in text_of(app)
    assert "chance of a purchase" in text_of(app)


def test_many_clients_are_looked_back_on_when_asked(
    learnable_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert learnable_database
    monkeypatch.setattr("crm_core.ui.worth_record.MOST_AT_ONCE", 10)
    app = visit("worth")
    assert not app.get("plotly_chart")
    app.button(key="look_back").click().run()
    assert not app.exception
    assert app.get("plotly_chart")


def test_contracts_are_shown_by_their_renewals(learnable_database: str, visit: Visit) -> None:
    engine = open_database(learnable_database)
    records = load_ledger(engine).clients.record_id[:60].tolist()
    with writing(engine) as connection:
        for number, record in enumerate(records):
            for year in range(2021, 2023 + number % 3):
                start, end = date(year, 1, 1), date(year, 12, 31)
                add_contract(connection, int(record), start=start, end=end)
    app = visit("worth")
    app.session_state["worth_models"] = True
    app.run()
    assert not app.exception
    assert "60 paid contracts" in text_of(app)
    assert "Renewal" in table(app, "Renewed").columns
