"""The Team page: inviting, changing, taking away, and reading who did what."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from crm_core import access
from crm_core.access import COMMAND_LINE, NOBODY, RIGHTS, Actor, Right, Role, acting_as
from crm_core.errors import AccessError
from crm_core.records import team
from crm_core.records.audit_reading import EVERYTHING, read_audit
from crm_core.records.engine import open_database, reading, recording
from crm_core.ui import handing_out, sign_in
from crm_core.ui.audit import audit_file
from crm_core.ui.team import invitation_text
from tests.conftest import ROOT
from tests.pages.conftest import Visit, text_of

AUTH = {
    "redirect_uri": "http://127.0.0.1:8501/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "client",
    "client_secret": "secret",
    "server_metadata_url": "https://id.example.com/.well-known/openid-configuration",
}
Enter = Callable[[str], AppTest]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Return a function that opens the Team page as somebody who has signed in."""
    monkeypatch.setenv(access.SIGN_IN_VARIABLE, "oidc")
    monkeypatch.delenv(team.OWNER_VARIABLE, raising=False)

    def open_page(email: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
        app.secrets["auth"] = AUTH
        said = {"is_logged_in": True, "iat": int(time.time()), "email_verified": True}
        app.user = {**said, "email": email, "name": "Anna"}
        app.switch_page("pages/team.py")
        return app.run()

    return open_page


def click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.main.button if button.label == label).click().run()
    assert not app.exception
    return app


def team_of(database: str) -> list[tuple[str, Role]]:
    engine = open_database(database)
    with acting_as(COMMAND_LINE), reading(engine) as connection:
        found = [(member.email, member.role) for member in team.list_members(connection)]
    engine.dispose()
    return found


def test_owner_invites_changes_and_takes_away(database: str, enter: Enter) -> None:
    app = enter("anna@example.com")
    assert "1 person may come in: 1 owner." in text_of(app)
    app.text_input(key="team_email").set_value("Vera@Example.com").run()
    click(app, "Invite")
    assert ("vera@example.com", Role.VIEWER) in team_of(database)
    assert "sign in with vera@example.com" in app.code[0].value
    assert app.get("link_button")[0].proto.url.startswith("mailto:vera%40example.com?subject=")
    app.selectbox(key="team_who").select(2).run()
    app.selectbox(key="team_role_2").select(Role.ANALYST).run()
    click(app, "Save")
    assert ("vera@example.com", Role.ANALYST) in team_of(database)
    click(app, "Take access away")
    assert team_of(database) == [("anna@example.com", Role.OWNER)]


def test_manager_is_given_clients_to_see(demo_database: str, enter: Enter) -> None:
    app = enter("anna@example.com")
    app.text_input(key="team_email").set_value("max@example.com")
    app.selectbox(key="team_role").select(Role.MANAGER).run()
    click(app, "Invite")
    assert "would see no client" in app.error[0].value
    known = app.selectbox(key="team_role_manager")
    known.select(known.options[0]).run()
    click(app, "Invite")
    assert not app.error, app.error[0].value
    assert ("max@example.com", Role.MANAGER) in team_of(demo_database)


def test_last_owner_is_told_why_they_stay(database: str, enter: Enter) -> None:
    app = enter("anna@example.com")
    app.selectbox(key="team_who").select(1).run()
    click(app, "Take access away")
    assert "found this one to be the last" in app.error[0].value.replace("\\", "")
    assert team_of(database) == [("anna@example.com", Role.OWNER)]


def test_name_told_by_the_sign_in_is_never_markup(database: str, enter: Enter) -> None:
    enter("anna@example.com")
    engine = open_database(database)
    with recording(engine) as connection:
        team.welcome(connection, "anna@example.com", "![x](https://evil.example/p.png)")
    engine.dispose()
    app = enter("anna@example.com")
    assert not any("![x](" in part.value for part in (*app.sidebar.markdown, *app.markdown))


def test_what_each_role_may_do_is_read_from_the_rights(database: str, visit: Visit) -> None:
    app = visit("team")
    listed = [part.value for part in app.main.markdown if part.value.startswith("- ")]
    assert len(listed) == len(Role)
    for role, lines in zip(Role, listed, strict=True):
        shown = {line.removeprefix("- ") for line in lines.split("\n")}
        assert shown == {right.value for right in RIGHTS[role] - {Right.SEE}}


def test_owner_alone_reads_the_audit_and_is_told_how_to_share(database: str, visit: Visit) -> None:
    app = visit("team")
    assert "on this computer alone" in text_of(app)
    assert not [button for button in app.main.button if button.label == "Invite"]


def test_audit_is_filtered_by_deed_and_person(database: str, enter: Enter) -> None:
    app = enter("anna@example.com")
    app.text_input(key="team_email").set_value("vera@example.com").run()
    click(app, "Invite")
    app.multiselect(key="audit_what").set_value(["invited"]).run()
    table = next(frame.value for frame in app.dataframe if "What" in frame.value)
    assert list(table["What"]) == ["invited"]
    assert list(table["Who"]) == ["Anna"]


def test_audit_names_who_was_invited_and_folds_sign_ins_in_a_row(
    database: str, enter: Enter
) -> None:
    enter("anna@example.com")
    app = enter("anna@example.com")
    app.text_input(key="team_email").set_value("vera@example.com").run()
    click(app, "Invite")
    table = next(frame.value for frame in app.dataframe if "What" in frame.value)
    assert list(table["What"]) == ["invited", "signed in"]
    assert table["Details"][0] == "vera@example.com, as viewer"
    assert table["Details"][1].startswith("2 times since ")


def test_taking_the_audit_is_a_line_of_it(database: str) -> None:
    engine = open_database(database)
    assert audit_file(EVERYTHING).startswith(b"\xef\xbb\xbfat,who,name")
    with reading(engine) as connection:
        assert read_audit(connection)[0].deed == "audit exported"
    engine.dispose()


def test_file_is_refused_to_whoever_lost_the_right_after_the_page_was_drawn(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Actor("member 1", Role.OWNER, 1, email="anna@example.com")
    with acting_as(owner):
        make = handing_out.hand_out(lambda: b"file", right=Right.AUDIT)
    for now in (None, NOBODY, Actor("member 1", Role.VIEWER, 1, email="anna@example.com")):
        monkeypatch.setattr(sign_in, "_member", lambda _, found=now: found)
        with pytest.raises(AccessError):
            make()
    monkeypatch.setattr(sign_in, "_member", lambda _: owner)
    assert make() == b"file"


def test_invitation_names_the_address_and_the_account() -> None:
    subject, body = invitation_text("vera@example.com", "https://regulars.example.com")
    assert "Regulars" in subject
    assert "https://regulars.example.com" in body
    assert "vera@example.com" in body
