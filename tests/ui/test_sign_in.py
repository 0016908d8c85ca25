"""Who is at the page: proved, pinned, asked again at every check, and nobody where in doubt."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_core import access, listening
from crm_core.access import COMMAND_LINE, Role, acting_as
from crm_core.errors import CrmError
from crm_core.records import team
from crm_core.records.engine import open_database, recording
from crm_core.ui import sign_in
from crm_core.ui.sign_in import Refused
from tests.conftest import ROOT
from tests.pages.conftest import demo_database, demo_url, fresh_caches, text_of

__all__ = ["demo_database", "demo_url", "fresh_caches"]

AUTH = {
    "redirect_uri": "http://127.0.0.1:8501/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "client",
    "client_secret": "secret",
    "server_metadata_url": "https://id.example.com/.well-known/openid-configuration",
}
MINE = "https://login.microsoftonline.com/0b1c/v2.0"
Enter = Callable[..., AppTest]


def claims(email: str = "anna@example.com", **more: Any) -> dict[str, Any]:
    """Return what a sign-in service says of somebody."""
    now = {"is_logged_in": True, "iat": int(time.time()), "iss": "https://id.example.com"}
    return {**now, "email": email, "email_verified": True, "name": "Somebody", **more}


def plain(markdown: str) -> str:
    """Return Markdown without its escapes."""
    return markdown.replace("\\", "").replace("\u200b", "")


@pytest.fixture
def signing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(access.SIGN_IN_VARIABLE, "oidc")
    monkeypatch.delenv(team.OWNER_VARIABLE, raising=False)


@pytest.fixture
def enter(signing_in: None) -> Enter:
    """Return a function that opens a page as somebody who has signed in."""

    def open_page(user: dict[str, Any] | None = None, page: str = "overview") -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
        app.secrets["auth"] = AUTH
        app.user = user or {"is_logged_in": False}
        if page != "overview":
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return open_page


def member(database: str, email: str, role: Role, **scope: str) -> int:
    engine = open_database(database)
    with acting_as(COMMAND_LINE), recording(engine) as connection:
        key = team.invite(connection, email, role, **scope)
    engine.dispose()
    return key


def removed(database: str, member_id: int) -> None:
    engine = open_database(database)
    with acting_as(COMMAND_LINE), recording(engine) as connection:
        team.remove_member(connection, member_id)
    engine.dispose()


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, None),
        ({"is_logged_in": False}, Refused.NOT_SIGNED_IN),
        ({"is_logged_in": "yes"}, Refused.NOT_SIGNED_IN),
        ({"email_verified": False}, Refused.UNVERIFIED),
        ({"email_verified": "false"}, Refused.UNVERIFIED),
        ({"email_verified": None}, Refused.UNVERIFIED),
        ({"email_verified": "true"}, None),
        ({"email": ""}, Refused.UNVERIFIED),
        ({"iat": None}, Refused.TOO_OLD),
        ({"iat": time.time() - 8 * 86400}, Refused.TOO_OLD),
        ({"iat": time.time() + 3600}, Refused.TOO_OLD),
        ({"email_verified": False, "iss": MINE, "tid": "0b1c"}, Refused.UNVERIFIED),
    ],
)
def test_only_a_fresh_sign_in_with_a_proved_address_counts(
    changes: dict[str, Any], refused: Refused | None
) -> None:
    assert sign_in._proof_by_token({**claims(), **changes}).refused is refused


@pytest.mark.parametrize(
    ("changes", "trusted"),
    [
        ({}, False),
        ({"iss": MINE, "tid": "0b1c"}, True),
        ({"iss": MINE, "tid": "0b1c", "xms_edov": False}, False),
        ({"iss": MINE, "tid": sign_in.PRIVATE_ACCOUNTS}, False),
        ({"iss": "https://login.microsoftonline.com.evil.example/", "tid": "0b1c"}, False),
    ],
)
def test_silence_about_the_address_is_taken_from_the_firms_own_tenant_only(
    changes: dict[str, Any], trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {**claims(), **changes}
    del said["email_verified"]
    assert (sign_in._proof_by_token(said).refused is None) is trusted
    monkeypatch.setenv(sign_in.TRUST_EMAIL, "yes")
    assert (sign_in._proof_by_token(said).refused is None) is ("xms_edov" not in changes)


def stand_before(
    monkeypatch: pytest.MonkeyPatch, caller: str | None, told: dict[str, list[str]]
) -> None:
    """Let the line to the browser come from an address, with headers."""
    found = {name.lower(): values for name, values in told.items()}
    monkeypatch.setattr(sign_in, "peer", lambda: caller)
    monkeypatch.setattr(sign_in, "headers", lambda name: found.get(name.lower(), []))
    monkeypatch.setenv(listening.SIGN_IN, "proxy")
    monkeypatch.setenv(listening.PROXY_ADDRESS, "10.0.0.5, 10.1.0.0/24")


def email_header(*values: str) -> dict[str, list[str]]:
    return {"X-Forwarded-Email": list(values), "Host": ["regulars.example.com"]}


@pytest.mark.parametrize(
    ("caller", "told", "refused"),
    [
        ("10.0.0.5", email_header("anna@example.com"), None),
        ("10.1.0.77", email_header("anna@example.com"), None),
        ("::ffff:10.0.0.5", email_header("anna@example.com"), None),
        ("10.0.0.6", email_header("anna@example.com"), Refused.NOT_BY_PROXY),
        ("127.0.0.1", email_header("anna@example.com"), Refused.NOT_BY_PROXY),
        (None, email_header("anna@example.com"), Refused.NOT_BY_PROXY),
        ("proxy", email_header("anna@example.com"), Refused.NOT_BY_PROXY),
        ("10.0.0.5", email_header("eve@x.de", "anna@example.com"), Refused.NOT_BY_PROXY),
        ("10.0.0.5", email_header(" "), Refused.NOT_BY_PROXY),
        ("10.0.0.5", email_header(), Refused.NOT_SIGNED_IN),
        (
            "10.0.0.5",
            {**email_header("anna@example.com"), "Origin": ["http://localhost:9000"]},
            Refused.NOT_BY_PROXY,
        ),
        (
            "10.0.0.5",
            {**email_header("anna@example.com"), "Origin": ["https://regulars.example.com"]},
            None,
        ),
    ],
)
def test_header_counts_once_and_from_the_pinned_proxy_only(
    caller: str | None,
    told: dict[str, list[str]],
    refused: Refused | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_before(monkeypatch, caller, told)
    assert sign_in._proof().refused is refused


def test_proxy_is_refused_on_a_server_that_believes_forwarded_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_before(monkeypatch, "10.0.0.5", {})
    monkeypatch.delenv(listening.PROXY_ADDRESS)
    with pytest.raises(CrmError, match="the proxy"):
        sign_in.closed_reason()
    monkeypatch.setenv(listening.PROXY_ADDRESS, "10.0.0.5")
    monkeypatch.delenv(listening.FORWARDED, raising=False)
    assert "forwarded" in str(sign_in.closed_reason())
    monkeypatch.setenv(listening.FORWARDED, "*")
    assert sign_in.closed_reason() is not None
    monkeypatch.setenv(listening.FORWARDED, listening.TRUST_NO_FORWARDED)
    assert sign_in.closed_reason() is None


@pytest.mark.parametrize(
    ("caller", "told", "is_open"),
    [
        ("127.0.0.1", {"Host": ["127.0.0.1:8501"], "Origin": ["http://127.0.0.1:8501"]}, True),
        ("127.0.0.1", {"Host": ["localhost:8501"]}, True),
        ("::1", {"Host": ["[::1]:8501"]}, True),
        ("192.168.1.9", {"Host": ["127.0.0.1:8501"]}, False),
        ("127.0.0.1", {"Host": ["evil.example:8501"]}, False),
        ("127.0.0.1", {"Host": ["mine.streamlit.app"]}, False),
        ("127.0.0.1", {"Host": ["127.0.0.1:8501"], "X-Forwarded-For": ["9.9.9.9"]}, False),
        ("127.0.0.1", {"Host": ["127.0.0.1:8501"], "Forwarded": ["for=9.9.9.9"]}, False),
        ("127.0.0.1", {"Host": ["127.0.0.1:8501"], "Origin": ["http://localhost:9000"]}, False),
    ],
)
def test_without_sign_in_the_door_is_open_for_this_computer_alone(
    caller: str, told: dict[str, list[str]], is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_before(monkeypatch, caller, told)
    monkeypatch.setenv(listening.SIGN_IN, "off")
    assert (sign_in.closed_reason() is None) is is_open
    monkeypatch.setenv(listening.ANYONE, "yes")
    assert sign_in.closed_reason() is None


@pytest.mark.parametrize("address", ["0.0.0.0", "", None])
def test_streamlit_run_on_every_address_shows_a_refusal_and_no_data(
    address: str | None, demo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda key: address if key == "server.address" else asked(key)
    )
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    assert app.title[0].value == "Closed for safety"
    assert "--let-anyone-in" in plain(app.warning[0].value)
    assert not app.sidebar.button
    assert not app.get("plotly_chart")


def test_slip_of_the_pen_in_the_sign_in_closes_the_door(
    demo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(access.SIGN_IN_VARIABLE, "oicd")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    assert app.title[0].value == "Closed for safety"


def test_sign_in_without_settings_is_closed_and_names_what_is_missing(
    demo_database: str, signing_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*listening.OIDC, listening.PUBLIC_URL):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REGULARS_OIDC_CLIENT_SECRET", "kept to oneself")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    assert app.title[0].value == "Closed for safety"
    said = plain(app.warning[0].value)
    assert "REGULARS_OIDC_CLIENT_ID" in said
    assert "REGULARS_OIDC_CLIENT_SECRET" not in said
    assert "kept to oneself" not in said
    assert "Wanted everything that signing in" in plain(app.warning[0].value)


@pytest.mark.parametrize(
    "address", ["http://id.example.com/x", "https://login.microsoftonline.com/common/v2.0/x", ""]
)
def test_unsafe_service_named_in_the_secrets_closes_the_door(
    address: str, signing_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = {**AUTH, "server_metadata_url": address}
    monkeypatch.setattr(sign_in, "_auth_section", lambda: auth)
    with pytest.raises(CrmError, match="Wanted"):
        sign_in.closed_reason()


def test_who_was_not_let_in_at_the_door_may_do_nothing(
    signing_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = access.Actor("member 1", Role.OWNER, 1, email="anna@example.com")
    held: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", held)
    monkeypatch.setattr(sign_in, "_proof", lambda: sign_in._Proof(anna.email))
    monkeypatch.setattr(sign_in, "_member", lambda _: anna)
    monkeypatch.setattr(sign_in, "closed_reason", lambda: None)
    assert sign_in._find_out() is access.NOBODY
    held[sign_in._MARK] = (anna.label, anna.view_key)
    assert sign_in._find_out() is anna
    monkeypatch.setattr(sign_in, "closed_reason", lambda: "as the server runs")
    assert sign_in._find_out() is access.NOBODY


@pytest.mark.parametrize("page", ["overview", "client", "settings", "import", "team"])
def test_nothing_of_any_page_is_shown_before_signing_in(
    page: str, demo_database: str, enter: Enter
) -> None:
    app = enter(page=page)
    assert app.title[0].value == "Welcome to Regulars"
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.sidebar.children
    assert not app.dataframe


def test_stranger_is_told_whom_to_ask_and_sees_nothing(demo_database: str, enter: Enter) -> None:
    assert enter(claims()).title[0].value.startswith("Overview")
    app = enter(claims("eve@example.com"))
    assert app.title[0].value == "You are not on the list yet"
    assert "Ask the owner" in text_of(app)
    assert not app.sidebar.children
    app.run()
    assert app.title[0].value == "You are not on the list yet"


def test_sidebar_says_who_is_in_and_as_what(demo_database: str, enter: Enter) -> None:
    app = enter(claims())
    assert any("anna@example.com, owner" in plain(part.value) for part in app.sidebar.markdown)
    assert any(button.label == "Sign out" for button in app.sidebar.button)


def test_role_taken_away_ends_the_open_window_at_its_next_click(
    demo_database: str, enter: Enter
) -> None:
    enter(claims())
    key = member(demo_database, "vera@example.com", Role.VIEWER)
    app = enter(claims("vera@example.com"))
    assert app.title[0].value.startswith("Overview")
    removed(demo_database, key)
    app.run()
    assert app.title[0].value == "Your access has ended"
    assert not app.dataframe
    assert not app.sidebar.children


def test_another_persons_window_is_emptied_before_it_shows_anything(
    demo_database: str, enter: Enter
) -> None:
    enter(claims())
    member(demo_database, "vera@example.com", Role.VIEWER)
    app = enter(claims())
    app.session_state["secret of anna"] = "kept"
    app.run()
    assert app.session_state["secret of anna"] == "kept"
    app.user = claims("vera@example.com")
    app.run()
    assert "secret of anna" not in app.session_state
    assert any("vera@example.com, viewer" in plain(part.value) for part in app.sidebar.markdown)


def test_window_is_emptied_when_a_role_shows_less_and_when_nobody_is_signed_in(
    demo_database: str, enter: Enter
) -> None:
    enter(claims())
    key = member(demo_database, "vera@example.com", Role.VIEWER)
    app = enter(claims("vera@example.com"))
    app.session_state["seen with names"] = "kept"
    engine = open_database(demo_database)
    with acting_as(COMMAND_LINE), recording(engine) as connection:
        team.change_role(connection, key, Role.ANALYST)
    engine.dispose()
    app.run()
    assert "seen with names" not in app.session_state
    app.session_state["seen when signed in"] = "kept"
    app.user = {"is_logged_in": False}
    app.run()
    assert "seen when signed in" not in app.session_state
    assert app.title[0].value == "Welcome to Regulars"


def test_callback_of_a_left_window_does_nothing_in_the_next_persons_name(
    demo_database: str, enter: Enter
) -> None:
    app = enter(claims(), page="team")
    member(demo_database, "second@example.com", Role.OWNER)
    app.text_input(key="team_email").set_value("eve@example.com")
    app.user = claims("second@example.com")
    next(button for button in app.main.button if button.label == "Invite").click().run()
    engine = open_database(demo_database)
    with recording(engine) as connection:
        assert team.find_member(connection, "eve@example.com") is None
    engine.dispose()
