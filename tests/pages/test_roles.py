"""Every page as every role: it opens or says whom it is for, and shows only what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import streamlit as st
from google.protobuf import text_format
from sqlalchemy import insert, select, update
from streamlit.testing.v1 import AppTest

from crm_core import access
from crm_core.access import LEAST_GROUP, Actor, Right, Role
from crm_core.records.business_figures import FIXED_COSTS, MARGIN, write_figure
from crm_core.records.engine import open_database, reading, recording, writing
from crm_core.records.models import Client, ContactPerson, Member, SavedView
from crm_core.records.people import log_contact
from crm_core.ui.page_rights import PAGE_RIGHTS
from crm_core.ui.view import whole_view
from tests.conftest import ROOT
from tests.databases import Databases
from tests.pages.conftest import Visit, visit
from tests.pages.shown_numbers import tabs_of, walk

__all__ = ["visit"]

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
PEOPLE = {
    "owner": Actor("member 1", Role.OWNER, 1, email="owner@firm.example"),
    "manager": Actor("member 2", Role.MANAGER, 2, department="Interior"),
    "analyst": Actor("member 3", Role.ANALYST, 3),
    "viewer": Actor("member 4", Role.VIEWER, 4),
    "manager of nobody": Actor("member 5", Role.MANAGER, 5),
}
NOTE = "Whispered about a merger"
NOTED = datetime(2025, 5, 2, tzinfo=UTC)
SECRETS = ("Nordlicht group", NOTE, "Tilda Norrby", "+00 555 9001", "Sailing")
"""What only those may read who see names: a group's name, a note, a contact person."""

Enter = Callable[[str], None]
Clients = dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def team_database(
    shared_databases: Databases,
    demo_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Return the made-up business with ids nobody can take for an amount, for all tests here."""
    url = shared_databases.copy(demo_url, tmp_path_factory.mktemp("team"), "team")
    engine = open_database(url)
    with writing(engine) as connection:
        numbers = connection.execute(select(Client.id).order_by(Client.id)).scalars().all()
        for number in numbers:
            named = {"external_id": f"ref{number}zz", "email": f"box{number}@secret.example"}
            connection.execute(update(Client).where(Client.id == number).values(**named))
        for number in numbers[:40]:
            log_contact(
                connection,
                number,
                day=NOTED.date(),
                kind="call",
                inbound=True,
                created_at=NOTED,
                note=NOTE,
            )
    engine.dispose()
    st.cache_resource.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        yield url
    st.cache_resource.clear()


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Return a function that puts somebody at the page."""

    def come_in(name: str) -> None:
        monkeypatch.setattr(access, "_resolvers", [lambda: PEOPLE[name]])

    return come_in


@cache
def clients_of(url: str) -> Clients:
    """Return what names every client, by record."""
    engine = open_database(url)
    columns = (Client.id, Client.external_id, Client.name, Client.email, Client.phone)
    with reading(engine) as connection:
        rows = connection.execute(select(*columns, Client.department)).mappings().all()
        held = connection.execute(select(ContactPerson.name)).scalars().all()
    engine.dispose()
    assert "Tilda Norrby" in held, "the demo changed: name another contact person in SECRETS"
    return {row["id"]: dict(row) for row in rows}


def everything_on(app: AppTest) -> str:
    """Return all a browser was sent: every element, chart and cell, as one text."""
    parts = []
    for node in (*walk(app.main), *walk(app.sidebar)):
        proto = getattr(node, "proto", None)
        if proto is not None:
            parts.append(text_format.MessageToString(proto, as_utf8=True))
        if getattr(node, "type", "") == "arrow_data_frame":
            parts.append(node.value.to_csv())
    return "\n".join(parts)


def text_of_other_tabs(app: AppTest) -> str:
    """Return what a page shows while each of its other tabs is open."""
    tabs = [(key, label) for key, labels in tabs_of(app).items() for label in labels[1:]]
    parts = []
    for key, label in tabs:
        app.session_state[key] = label
        app.run()
        assert not app.exception, [error.value for error in app.exception]
        parts.append(everything_on(app))
    return "\n".join(parts)


def names_in(text: str, clients: Clients, *kinds: str) -> set[str]:
    """Return which of the clients' names, ids and addresses a text holds."""
    values = {str(one[kind]) for one in clients.values() for kind in kinds if one[kind]}
    return {value for value in values if value in text}


def link_of_somebody(visit: Visit) -> dict[str, str]:
    """Return the query of a client's card that the overview leads to."""
    links = [part for part in visit("overview").get("page_link") if "client=" in str(part.proto)]
    query = str(links[0].proto.query_string).split("client=")[1].split("&")[0]
    return {"client": query.replace("+", " ").replace("%20", " ")}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["owner", "manager", "analyst", "viewer"])
def test_page_opens_or_says_whom_it_is_for_and_shows_only_what_is_theirs(
    who: str, name: str, team_database: str, enter: Enter, visit: Visit
) -> None:
    enter(who)
    query = link_of_somebody(visit) if name == "client" else {}
    app = visit(name, **query)
    said = everything_on(app)
    refused = not PEOPLE[who].may(PAGE_RIGHTS.get(name, Right.SEE))
    assert ("and this page is for those who may" in said) is refused
    if refused:
        assert not app.dataframe
        assert not app.get("plotly_chart")
    elif who in ("manager", "analyst"):
        said += text_of_other_tabs(app)
    if who == "viewer":
        offers_nothing_to_write_or_take_away(app, name)
    clients = clients_of(team_database)
    if who == "analyst":
        reads_nobodys_name(said, clients)
    if who == "manager":
        reads_of_own_clients_only(said, clients)
    if name in ("overview", "pareto", "client"):
        names = names_in(said, clients, "name")
        assert "Client " in said if who == "analyst" else names


def reads_nobodys_name(text: str, clients: Clients) -> None:
    assert names_in(text, clients, "name", "external_id", "email", "phone") == set()
    assert [secret for secret in SECRETS if secret in text] == []


def reads_of_own_clients_only(text: str, clients: Clients) -> None:
    own = {n: one for n, one in clients.items() if one["department"] == "Interior"}
    others = {n: one for n, one in clients.items() if n not in own}
    # The demo has people whom two shops know, each under a number of its own.
    shared = names_in(text, own, "name")
    assert names_in(text, others, "name", "external_id", "email") - shared == set()


def offers_nothing_to_write_or_take_away(app: AppTest, name: str) -> None:
    # Views are everybody's own; what is saved in the sidebar writes nothing else.
    labels = {button.label for button in app.main.button}
    assert not labels & {"Log a contact", "Snooze", "Ended", "Save", "Take back"}
    files = {one.proto.label for one in app.get("download_button")}
    assert not files & {"CSV", "Excel"} or name == "goodbyes", "rules, not clients"


def test_a_manager_of_nobody_is_told_whom_to_ask(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    enter("manager of nobody")
    clients = clients_of(team_database)
    for name in ("stages", "client"):
        app = visit(name)
        said = everything_on(app)
        assert "No client is yours yet" in said
        assert [title.value for title in app.title] == [name.capitalize()]
        assert names_in(said, clients, "name", "external_id") == set()


@pytest.mark.parametrize("who", ["manager", "analyst"])
def test_no_link_or_search_leads_to_a_client_that_is_not_shown(
    who: str, team_database: str, enter: Enter, visit: Visit
) -> None:
    enter(who)
    garden = next(c for c in clients_of(team_database).values() if c["department"] == "Garden")
    for key in (garden["external_id"], garden["name"]):
        said = everything_on(visit("client", client=key))
        assert "is stored here" in said
    if who == "manager":
        assert "is stored here" in everything_on(visit("client", client=f"record:{garden['id']}"))
    app = visit("overview")
    app.sidebar.text_input(key="find").set_value(garden["name"]).run()
    assert "Nobody by that name or number." in everything_on(app)


def test_two_roles_in_one_process_never_see_what_was_kept_for_the_other(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    clients, seen = clients_of(team_database), {}
    for who in ("owner", "analyst", "manager", "owner", "analyst"):
        enter(who)
        seen[who] = everything_on(visit("pareto"))
    others = {n: c for n, c in clients.items() if c["department"] != "Interior"}
    assert names_in(seen["owner"], others, "name")
    own = {str(c["name"]) for n, c in clients.items() if n not in others}
    assert names_in(seen["manager"], others, "name") <= own
    assert names_in(seen["analyst"], clients, "name", "external_id") == set()


def test_what_a_role_sees_is_part_of_the_key_of_all_that_is_kept(team_database: str) -> None:
    keys, ledgers = set(), []
    for who in PEOPLE.values():
        with access.acting_as(who):
            view = whole_view()
        assert view is not None
        keys.add(view.key)
        ledgers.append(view.full_ledger)
    assert len(keys) == 4, "an owner and a viewer read the same"
    assert ledgers[0] is ledgers[3]
    assert len({id(ledger) for ledger in ledgers}) == 4


def test_filters_that_leave_a_few_tell_an_analyst_only_that(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    enter("analyst")
    app = visit("stages")
    for box in app.sidebar.multiselect:
        assert box.label != "Group"
    engine = open_database(team_database)
    with writing(engine, sales=True) as connection:
        few = list(clients_of(team_database))[:3]
        connection.execute(update(Client).where(Client.id.in_(few)).values(segment="Smallville"))
    engine.dispose()
    said = everything_on(visit("stages", segment="Smallville"))
    assert "Smallville" not in said
    enter("owner")
    assert "Smallville" in everything_on(visit("stages", segment="Smallville"))


def test_an_analyst_cannot_ask_for_a_pseudonym_by_the_number_of_a_record(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    """Records are numbered as the first file had them: whoever knows it would know who is who."""
    number = min(clients_of(team_database))
    enter("analyst")
    assert "is stored here" in everything_on(visit("client", client=f"record:{number}"))
    enter("viewer")
    assert "is stored here" not in everything_on(visit("client", client=f"record:{number}"))


def test_a_shared_view_names_no_group_to_whoever_may_not_see_it(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    engine = open_database(team_database)
    filters = {"group": ["Nordlicht group"], "department": ["Garden"]}
    kept = {"page": "late", "state": {"filters": filters}, "shared": True, "made_at": NOTED}
    with recording(engine) as connection:
        member = {"email": "owner@firm.example", "name": "", "role": "owner", "invited_at": NOTED}
        connection.execute(insert(Member).values(id=1, **member))
        connection.execute(insert(SavedView).values(member_id=1, name="Around the lights", **kept))
    engine.dispose()
    for who, shown in (("owner", True), ("viewer", True), ("analyst", False), ("manager", False)):
        enter(who)
        said = everything_on(visit("settings" if who == "owner" else "overview"))
        assert ("Around the lights" in said) is shown, who
    enter("analyst")
    assert "Nordlicht group" not in everything_on(visit("overview"))


def test_segments_of_the_package_hide_a_few_clients_from_an_analyst(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    few = {}
    for who in ("viewer", "analyst"):
        enter(who)
        app = visit("segments")
        app.session_state["rfm_package"] = True
        app.run()
        table = next(
            one.value for one in app.dataframe if "Segment" in one.value and "Rows" in one.value
        )
        few[who] = int(table["Clients"].between(1, LEAST_GROUP - 1).sum())
    assert few["viewer"] > 0
    assert few["analyst"] == 0


def test_costs_of_the_whole_business_are_not_held_against_a_managers_own_clients(
    team_database: str, enter: Enter, visit: Visit
) -> None:
    engine = open_database(team_database)
    with writing(engine, sales=False) as connection:
        for key, value in ((MARGIN, "30"), (FIXED_COSTS, "98765")):
            write_figure(connection, key, value, since=NOTED.date())
    engine.dispose()
    for who, shown in (("viewer", True), ("manager", False)):
        enter(who)
        said = everything_on(visit("key_accounts"))
        assert ("98,765" in said) is shown, who
        assert ("no result for a part of the clients" in said) is not shown
