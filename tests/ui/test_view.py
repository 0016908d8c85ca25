from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

import crm_core.ui.view as looking
from crm_core.access import Actor, Role, acting_as
from crm_core.metrics.carers import carers
from crm_core.records.engine import open_database, writing
from crm_core.records.handing_over import hand_over
from crm_core.ui.view import narrowed
from tests.pages.conftest import Visit, database, demo_database, demo_url, fresh_caches, visit

__all__ = ["database", "demo_database", "demo_url", "fresh_caches", "visit"]

pytestmark = pytest.mark.usefixtures("fresh_caches")  # these are about what is kept


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


def test_what_a_manager_sees_changes_at_midnight_when_clients_change_hands_then(
    demo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept yesterday is of other clients: it must not be shown for today's."""
    engine = open_database(demo_database)
    whole = looking.whole_view()
    assert whole is not None
    codes = carers(whole.full_ledger, whole.today)
    name = whole.full_ledger.managers[int(np.bincount(codes[codes >= 0]).argmax())]
    given = whole.full_ledger.clients.record_id[
        np.flatnonzero(codes == whole.full_ledger.managers.index(name))[:3]
    ]
    tomorrow = looking.today() + timedelta(days=1)
    with writing(engine) as connection:
        hand_over(connection, given.tolist(), to="Somebody else", from_day=tomorrow)
    engine.dispose()
    seen = []
    with acting_as(Actor("member 9", Role.MANAGER, 9, manager=name)):
        for day in (looking.today(), tomorrow):
            monkeypatch.setattr(looking, "today", lambda day=day: day)
            view = looking.whole_view()
            assert view is not None
            chosen = narrowed(view, "manager", name)
            assert len(view.stages.stage) == view.ledger.n_clients
            assert len(chosen.stages.stage) == chosen.ledger.n_clients == view.ledger.n_clients
            seen.append(view.full_ledger.n_clients)
    assert seen[1] == seen[0] - 3
