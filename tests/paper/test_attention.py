"""The lists on paper hold the clients of the pages' lists, in their order."""

from __future__ import annotations

from crm_core.metrics.parameters import ParameterSet
from crm_core.paper.attention import attention_lists
from crm_core.paper.material import gather, month_sales
from crm_core.paper.numbers import key_numbers
from tests.builders import as_day, make_ledger
from tests.paper.reading import Read

SHOP = make_ledger(
    {
        "Big": [("2024-01-10", 900)],  # late from 11 March, gone from 10 May
        "Small": [("2024-01-05", 20)],  # late from 6 March, gone from 5 May
        "Fresh": [("2024-04-20", 70)],
    },
    currency="EUR",
)


def lists_on(day: str) -> dict[str, str]:
    """Return the text of each list by its heading."""
    made = attention_lists(gather(SHOP, ParameterSet(), as_day(day)))
    texts = []
    for one in made:
        found = Read()
        found.feed(one)
        texts.append(found.text)
    names = ("call", "going", "shrinking", "not regular", "first", "dependencies")
    return dict(zip(names, texts, strict=True))


def test_late_clients_come_by_the_money_at_stake() -> None:
    found = lists_on("2024-04-30")
    assert found["call"].startswith("Late: call first (2)")
    assert found["call"].index("Big") < found["call"].index("Small")
    assert "together 920 EUR in the last 12 months" in found["call"].replace("\u00a0", " ")
    assert "11 Mar 2024" in found["call"]


def test_those_whose_day_comes_within_a_week_have_a_list_of_their_own() -> None:
    found = lists_on("2024-04-30")
    assert found["going"].startswith("Probably gone this week (1)")
    assert "Small" in found["going"]
    assert "Big" not in found["going"]


def test_dependencies_name_the_mark_reached() -> None:
    found = lists_on("2024-04-30")
    assert "Big" in found["dependencies"]
    assert "more than half: critical" in found["dependencies"]


def test_lists_of_nobody_say_so() -> None:
    found = lists_on("2024-04-30")
    assert "No active client has a history long enough to tell." in found["shrinking"]
    assert "only 0 second purchases" in found["first"]


def test_month_is_held_against_the_same_days_last_year() -> None:
    ledger = make_ledger({"Ann": [("2023-02-03", 50), ("2023-02-20", 7), ("2024-02-02", 60)]})
    month = month_sales(ledger, as_day("2024-02-15"))
    assert (month.net, month.year_before, month.whole) == (600_000, 500_000, False)
    whole = month_sales(ledger, as_day("2024-02-29"))
    assert (whole.year_before, whole.whole) == (570_000, True)


def test_february_of_a_common_year_is_held_against_a_leap_years_whole() -> None:
    ledger = make_ledger({"Ann": [("2024-02-29", 50), ("2025-02-28", 60)]})
    assert month_sales(ledger, as_day("2025-02-28")).year_before == 500_000


def test_every_key_number_says_what_it_rests_on() -> None:
    numbers = {
        one.id: one for one in key_numbers(gather(SHOP, ParameterSet(), as_day("2024-04-30")))
    }
    assert all(one.value and one.proof for one in numbers.values())
    assert numbers["churn.late"].value == "2"
    assert numbers["returning.repeat_rate"].value == "—"
    assert numbers["paper.month_sales"].proof == "30 days; nothing on these days last year"
