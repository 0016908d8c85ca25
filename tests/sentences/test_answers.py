from __future__ import annotations

import math

from crm_core.metrics.bridge import sales_bridge
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import pareto
from crm_core.metrics.stage_moves import moves_between
from crm_core.metrics.stages import assign_stages
from crm_core.sentences.answers import (
    bridge_sentence,
    call_reason,
    pareto_sentence,
    regulars_sentence,
    stages_sentence,
)
from tests.builders import as_day, make_ledger

P = Parameters()
DAY = as_day("2026-06-30")


def bridge_of(orders):
    ledger = make_ledger(orders)
    return sales_bridge(ledger, purchase_history(ledger, P), P, DAY)


def test_sales_below_last_years_name_their_causes_with_signs() -> None:
    bridge = bridge_of({"a": [("2024-06-30", 1), ("2024-08-01", 300)], "n": [("2026-06-01", 100)]})
    said = bridge_sentence(bridge, "EUR")
    assert said == "Sales are **200\xa0EUR** below last year’s: gone −300, new +100."


def test_half_a_year_before_is_no_comparison() -> None:
    said = bridge_sentence(bridge_of({"a": [("2025-03-01", 50), ("2026-06-01", 900)]}), None)
    assert "below" not in said
    assert "begin on 1 Mar 2025" in said
    assert "**900**" in said


def test_first_year_says_that_there_is_nothing_to_compare_with() -> None:
    assert "no year before" in bridge_sentence(bridge_of({"a": [("2026-06-01", 900)]}), None)
    assert "no sales" in bridge_sentence(bridge_of({"a": [("2027-06-01", 900)]}), None)


def test_who_carries_us_names_the_largest_and_the_mark_he_passes() -> None:
    ledger = make_ledger(
        {n: [("2026-06-01", s)] for n, s in zip("abcd", (40, 30, 20, 10), strict=True)}
    )
    said = pareto_sentence(pareto(ledger, DAY), "*a*", unnamed=False)
    assert said.startswith("**3 of 4 buying clients** (75\xa0%) bring 80 % of sales")
    assert said.endswith("\\*a\\* alone brings **40\xa0%**: above the 40 % mark.")


def test_single_client_and_nobody_are_said_in_words() -> None:
    one = pareto(make_ledger({"a": [("2026-06-01", 5)]}), DAY)
    assert "everything hangs on one" in pareto_sentence(one, "a", unnamed=False)
    none = pareto(make_ledger({"a": [("2026-06-01", -5)]}), DAY)
    assert "No client" in pareto_sentence(none, "", unnamed=False)


def test_stages_say_who_moved_only_where_there_is_an_earlier_day() -> None:
    ledger = make_ledger({"a": [("2026-01-01", 5)], "b": [("2026-06-20", 5)]})
    now = assign_stages(ledger, P, DAY)
    assert stages_sentence(now, None, 0, since=None) == (
        "**0 regulars, 0 buying again and 1 trying us**."
    )
    moves = moves_between(assign_stages(ledger, P, as_day("2026-01-15")), now)
    said = stages_sentence(now, moves, 1, since=as_day("2026-01-15"))
    assert said.endswith("since 15 Jan 2026, 0 moved up and 1 down, the one a large client.")


def test_no_regulars_no_sentence_about_them() -> None:
    ledger = make_ledger({"a": [("2026-06-01", 5)]})
    assert regulars_sentence(assign_stages(ledger, P, DAY), pareto(ledger, DAY).by_client) == ""


def test_reason_to_call_leaves_the_rhythm_out_where_there_is_none() -> None:
    said = call_reason(
        late_on=DAY, gone_on=DAY + 30, usual_gap=math.nan, sales=50_000_000, currency=None
    )
    assert "usually" not in said
    assert "late since 30 Jun 2026" in said
