"""A person's own page: own clients, handing over, views kept, what others changed, who is here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from crm_core import access
from crm_core.access import Actor, Role, acting_as
from crm_core.metrics.carers import carers
from crm_core.metrics.trailing import trailing_sales
from crm_core.policy import write_parameter
from crm_core.records.engine import open_database, reading, recording, writing
from crm_core.records.handing_over import list_hand_overs
from crm_core.records.models import Member, Visit
from crm_core.records.people import log_contact
from crm_core.records.presence import note_presence
from crm_core.records.saved_views import list_views
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, text_of
from tests.pages.conftest import Visit as VisitPage

INA = Actor("member 2", Role.MANAGER, member_id=2, name="Ina", manager="Ina Quist")
ANNA = Actor("member 1", Role.OWNER, member_id=1, name="Anna")


@pytest.fixture
def team(demo_database: str) -> Iterator[str]:
    engine = open_database(demo_database)
    early = datetime.now(UTC) - timedelta(days=30)
    with recording(engine) as held:
        for who in (ANNA, INA):
            values = {"id": who.member_id, "email": f"m{who.member_id}@x.example"}
            values |= {"name": who.name, "role": str(who.role), "manager": who.manager}
            held.execute(insert(Member).values(invited_at=early, **values))
    yield demo_database
    engine.dispose()


@contextmanager
def at_the_page(who: Actor) -> Iterator[None]:
    """Let the page find somebody at work, in its own thread too."""

    def found() -> Actor:
        return who

    access._resolvers.insert(0, found)
    try:
        yield
    finally:
        access._resolvers.remove(found)


def plain(app: AppTest) -> str:
    return text_of(app).replace("\xa0", " ").replace("\\", "").replace("*", "")


def own_sales(url: str, name: str) -> tuple[int, int]:
    """Return how many clients somebody has and what they brought in twelve months."""
    engine = open_database(url)
    ledger = load_ledger(engine)
    day = ledger.default_as_of(to_day(TODAY))
    mine = carers(ledger, day) == ledger.managers.index(name)
    total = int(trailing_sales(ledger, day)[mine].sum())
    engine.dispose()
    return int(mine.sum()), total


def test_a_manager_is_at_home_with_their_own_clients_only(team: str, visit: VisitPage) -> None:
    with at_the_page(INA):
        app = visit("my_clients")
    assert app.title[0].value == "My clients"
    assert plain(app).startswith("My clients\n") or "Of your " in plain(app)
    assert not [box for box in app.selectbox if box.label == "Whose clients"]
    n, total = own_sales(team, "Ina Quist")
    shown = dict(zip([m.label for m in app.metric], [m.value for m in app.metric], strict=True))
    assert int(shown["Own clients"]) <= n
    assert float(shown["Brought in 12 months"].split("\xa0")[0].replace(",", "")) * 10_000 > 0
    assert total > 0


def test_an_owner_chooses_whose_and_the_numbers_are_those_of_that_person(
    team: str, visit: VisitPage
) -> None:
    app = visit("my_clients")
    box = app.selectbox(key="whose")
    assert len(box.options) > 1
    with at_the_page(INA):
        own = visit("my_clients")
    app = box.set_value("Ina Quist").run()
    assert "Of Ina Quist's" in plain(app)
    assert [m.value for m in app.metric] == [m.value for m in own.metric]


def open_all(app: AppTest, to: str) -> AppTest:
    """Open the dialog with somebody chosen: a test run closes it when it runs the page again."""
    app.session_state["hand_to"] = to
    return app.button(key="hand_all").click().run()


def test_handing_over_is_counted_first_then_done_and_taken_back(
    team: str, visit: VisitPage
) -> None:
    app = visit("my_clients", whose="Ina Quist")
    names = app.selectbox(key="whose").options
    other = next(name for name in names if name != "Ina Quist")
    app = open_all(app, other)
    n, _ = own_sales(team, "Ina Quist")
    assert f"{n} clients, " in plain(app)
    assert f"go from Ina Quist to {other} from" in plain(app)
    app.button(key="act_save").click().run()
    assert not app.exception
    assert "Ina Quist" not in app.selectbox(key="whose").options
    engine = open_database(team)
    with reading(engine) as connection:
        past = list_hand_overs(connection)
    assert [(one.n_clients, one.to) for one in past] == [(n, other)]
    app.button(key=f"hand_back_{past[0].first_row}").click().run()
    assert "Ina Quist" in app.selectbox(key="whose").options
    engine.dispose()


def test_what_somebody_else_changed_stands_above_the_page_until_seen(
    team: str, visit: VisitPage
) -> None:
    engine = open_database(team)
    with acting_as(ANNA), writing(engine, sales=False) as connection:
        write_parameter(connection, "k_gone", 5.0, since=date(2025, 5, 3), moved=12)
    engine.dispose()
    with at_the_page(ANNA):
        assert "clients moved" not in plain(visit("overview"))
    with at_the_page(INA):
        app = visit("overview")
        assert "Anna changed “Gone after so many rhythms” on" in plain(app)
        assert "12 clients moved" in plain(app)
        next(button for button in app.button if button.label == "Seen").click().run()
        assert "clients moved" not in plain(app)
        assert "clients moved" not in plain(visit("late"))


def test_the_settings_page_counts_who_moved_for_the_others(team: str, visit: VisitPage) -> None:
    with at_the_page(ANNA):
        app = visit("settings")
        app.selectbox(key="setting").set_value("k_gone").run()
        field = next(one for one in app.number_input if str(one.key).startswith("new_k_gone"))
        field.set_value(8.0).run()
        said = next(m.value for m in app.markdown if "would move" in m.value)
        app.button(key="save_setting").click().run()
    moved = said.split("**")[1].split(" ")[0].split("\xa0")[0]
    with at_the_page(INA):
        assert f"{moved} clients moved" in plain(visit("overview"))


def test_a_view_kept_by_name_brings_page_filters_and_day_back(team: str, visit: VisitPage) -> None:
    app = visit("late", as_of="2025-03-01")
    name = next(m for m in app.multiselect if len(m.options) > 1)
    label = name.options[0]
    name.set_value([label]).run()
    app.text_input(key="view_name").set_value("Mine")
    next(b for b in app.button if b.label == "Save" and "view_form" in str(b.key)).click().run()
    assert not app.exception
    engine = open_database(team)
    with reading(engine) as connection:
        kept = list_views(connection)[0]
    engine.dispose()
    assert (kept.name, kept.state.page, kept.state.as_of) == ("Mine", "late", "2025-03-01")
    assert kept.state.filters == {name.key: (label,)}
    other = visit("pareto")
    other.button(key=f"view_{kept.id}").click().run()
    assert not other.exception
    assert other.title[0].value.startswith("Late and gone")
    assert other.multiselect(key=name.key).value == [label]
    assert other.date_input(key="as_of").value == date(2025, 3, 1)


@pytest.fixture
def came_before(team: str) -> Callable[[int | None, str], None]:
    """Return a function that lets somebody have been here when only earlier sales were there."""

    def come(member_id: int | None, day: str) -> None:
        engine = open_database(team)
        with recording(engine) as held:
            figures = {"as_of": day, "sales": 100, "seen": ["names"]}
            at = datetime.now(UTC) - timedelta(days=3)
            held.execute(
                insert(Visit).values(
                    member_id=member_id, began_at=at, last_at=at, sales_key="", figures=figures
                )
            )
        engine.dispose()

    return come


def since_of(app: AppTest) -> str:
    labels = [str(one.label) for one in app.expander]
    return next((label for label in labels if label.startswith("Since your last visit")), "")


@pytest.mark.parametrize("page", ["overview", "my_clients"])
def test_the_visit_begins_with_what_is_new(
    came_before: Callable[[int | None, str], None], visit: VisitPage, page: str
) -> None:
    assert since_of(visit(page)) == ""
    came_before(None, "2025-02-01")
    app = visit(page)
    said = since_of(app)
    assert "new sales" in said
    assert "late" in said
    app.session_state["since"] = True
    app.run()
    assert not app.exception


def test_two_at_one_card_see_each_other_and_nobody_writes_over_the_other(
    team: str, visit: VisitPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_core.ui.actions.signs_in", lambda: True)
    engine = open_database(team)
    ledger = load_ledger(engine)
    record, client = int(ledger.clients.record_id[0]), ledger.clients.external_id[0].as_py()
    now = datetime.now(UTC)
    with acting_as(INA), recording(engine) as connection:
        note_presence(connection, record, now=now)
    with at_the_page(ANNA):
        app = visit("client", client=client)
        assert "Ina has this card open too" in plain(app)
        app.button(key="card_Log a contact").click().run()
        with acting_as(Actor("member 2", Role.OWNER, member_id=2)), writing(engine) as connection:
            log_contact(connection, record, day=TODAY, kind="call", inbound=True, created_at=now)
        app.button(key="act_save").click().run()
        assert "Ina was faster" in "".join(error.value for error in app.error)
        app.button(key="card_Log a contact").click().run()
        app.button(key="act_save").click().run()
        assert not app.error
    engine.dispose()
