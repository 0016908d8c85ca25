from __future__ import annotations

from datetime import date

import pytest

import crm_core.ui.view as looking
from tests.pages.conftest import Visit, database, demo_database, demo_url, fresh_caches, visit

__all__ = ["database", "demo_database", "demo_url", "fresh_caches", "visit"]


def test_another_day_or_filter_never_computes_the_history_again(
    demo_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    compute = looking.purchase_history

    def counted(*arguments, **options):
        calls.append(1)
        return compute(*arguments, **options)

    monkeypatch.setattr(looking, "purchase_history", counted)
    app = visit("overview")
    app.sidebar.date_input[0].set_value(date(2025, 3, 3)).run()
    box = next(b for b in app.sidebar.multiselect if b.label == "Region")
    box.set_value(box.options[:1]).run()
    app.switch_page("pages/stages.py").run()
    assert not app.exception
    assert len(calls) == 1


def test_every_session_shares_what_is_computed(
    demo_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit("pareto")

    def never(*_arguments, **_options):
        pytest.fail("computed again")

    for name in ("pareto", "assign_stages", "load_ledger_of_now", "purchase_history"):
        monkeypatch.setattr(looking, name, never)
    visit("pareto")


def test_unused_day_follows_newer_sales_and_a_chosen_one_stays(
    demo_database: str, visit: Visit
) -> None:
    app = visit("overview")
    latest = app.sidebar.date_input[0].value
    app.session_state["_latest_day"] = date(2020, 1, 1)
    app.session_state["as_of"] = date(2020, 1, 1)
    app.run()
    assert app.sidebar.date_input[0].value == latest
    app.sidebar.date_input[0].set_value(date(2025, 1, 1)).run()
    app.run()
    assert app.sidebar.date_input[0].value == date(2025, 1, 1)
