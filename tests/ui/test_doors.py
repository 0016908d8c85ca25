"""Attacks on a running server: forged names, foreign pages, lying hosts, uploads of other sites.

Each is tried beside the honest visit that differs in that one thing, so that a guard
taken away fails a test.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from streamlit.web.server.starlette import starlette_app_utils as cookies

from crm_core import listening
from crm_core.access import Role
from crm_core.demo import fill_with_demo
from crm_core.records import team
from crm_core.records.engine import open_database, recording
from tests.browser.conftest import Dashboard, free_port, serve
from tests.line import answer, look
from tests.pages.conftest import TODAY

PROXY, STRANGER = "127.0.0.2", "127.0.0.1"
ANNA = ("X-Forwarded-Email", "anna@example.com")
SECRET = "s" * 40
CLOSED = ("Welcome to Regulars", "front entrance")

pytestmark = pytest.mark.slow


def _can_come_from_elsewhere() -> bool:
    try:
        with socket.socket() as probe:
            probe.bind((PROXY, 0))
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a database with the made-up business and one owner."""
    url = f"sqlite:///{(tmp_path_factory.mktemp('doors') / 'crm.db').as_posix()}"
    engine = open_database(url)
    fill_with_demo(engine, today=TODAY)
    with recording(engine) as connection:
        team.invite(connection, "anna@example.com", Role.OWNER)
        team.invite(connection, "vic@example.com", Role.VIEWER)
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def by_proxy(
    running: ExitStack, filled: str, tmp_path_factory: pytest.TempPathFactory
) -> Dashboard:
    """Return a dashboard behind a proxy that calls from one address only."""
    if not _can_come_from_elsewhere():
        pytest.skip("this system has only one address of its own")
    variables = {
        listening.SIGN_IN: "proxy",
        listening.PROXY_ADDRESS: PROXY,
        listening.FORWARDED: listening.TRUST_NO_FORWARDED,
    }
    folder = tmp_path_factory.mktemp("by_proxy")
    return running.enter_context(serve(folder, filled, variables=variables))


@pytest.fixture(scope="module")
def by_token(
    running: ExitStack, filled: str, tmp_path_factory: pytest.TempPathFactory
) -> Dashboard:
    """Return a dashboard where people sign in with a token kept in a cookie."""
    port = free_port()
    variables = {
        listening.SIGN_IN: "oidc",
        "REGULARS_OIDC_METADATA_URL": "http://127.0.0.1:9/.well-known/openid-configuration",
        "REGULARS_OIDC_CLIENT_ID": "client",
        "REGULARS_OIDC_CLIENT_SECRET": "secret",
        "REGULARS_COOKIE_SECRET": SECRET,
        "REGULARS_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    folder = tmp_path_factory.mktemp("by_token")
    return running.enter_context(serve(folder, filled, port=port, variables=variables))


def test_first_link_on_a_fresh_server_shows_nothing_before_signing_in(by_proxy: Dashboard) -> None:
    for page in ("client", "settings", "team", ""):
        seen = look(by_proxy.url, page=page, query="client=1", source=PROXY)
        assert CLOSED[0] in seen
        assert "As of" not in seen
        assert "Overview" not in seen


def test_pinned_proxy_lets_in_whom_it_names(by_proxy: Dashboard) -> None:
    seen = look(by_proxy.url, page="team", told=[ANNA], source=PROXY)
    assert "What each role may do" in seen
    assert not any(words in seen for words in CLOSED)
    other_case = ("x-FORWARDED-eMail", "Anna@Example.com")
    assert "What each role may do" in look(
        by_proxy.url, page="team", told=[other_case], source=PROXY
    )


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ([ANNA], STRANGER),
        ([("x-forwarded-email", ANNA[1])], STRANGER),
        ([ANNA, ("X-Forwarded-For", PROXY)], STRANGER),
        ([ANNA, ("Forwarded", f"for={PROXY}"), ("X-Real-Ip", PROXY)], STRANGER),
        ([("X-Forwarded-Email", "eve@example.com"), ANNA], PROXY),
        ([ANNA, ANNA], PROXY),
        ([("X-Forwarded-Email", f"{ANNA[1]}, eve@example.com")], PROXY),
        ([("X-Forwarded-User", ANNA[1]), ("Remote-User", ANNA[1])], PROXY),
    ],
)
def test_forged_name_of_the_owner_opens_nothing(
    told: list[tuple[str, str]], source: str, by_proxy: Dashboard
) -> None:
    seen = look(by_proxy.url, page="team", told=told, source=source)
    assert "What each role may do" not in seen
    assert "As of" not in seen


def test_neither_a_pages_own_number_nor_the_owners_buttons_open_it_to_others(
    by_proxy: Dashboard,
) -> None:
    vic = ("X-Forwarded-Email", "vic@example.com")
    owners = look(by_proxy.url, page="team", told=[ANNA], source=PROXY)
    assert "What each role may do" in owners
    number = re.search(r'page_script_hash: "(\w+)"[^{}]*?url_pathname: "team"', owners)
    buttons = re.findall(r'id: "(\$\$ID-\w+-FormSubmitter[^"]+)"', owners)
    assert number
    assert buttons
    for pressed in ([], buttons):
        seen = look(by_proxy.url, told=[vic], source=PROXY, script=number[1], pressed=pressed)
        assert "this page is for those who may" in seen
        assert "What each role may do" not in seen


@pytest.mark.parametrize(
    "path",
    [
        "/media/../../../../etc/passwd",
        "/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/app/static/../../crm.db",
        "/component/x/../../../etc/passwd",
        "/_stcore/upload_file/../../etc/passwd",
        "/_stcore/metrics",
    ],
)
def test_path_that_climbs_or_tells_of_the_server_leads_nowhere(
    path: str, by_proxy: Dashboard
) -> None:
    assert answer(f"{by_proxy.url}{path}") in (400, 403, 404, 405)


def test_upload_to_nobodys_session_is_refused(by_proxy: Dashboard) -> None:
    token = cookies.generate_xsrf_token_string()
    whole = {"Cookie": f"_streamlit_xsrf={token}", "X-Xsrftoken": token}
    target = f"{by_proxy.url}/_stcore/upload_file/nobodys/file"
    assert answer(target, method="PUT", headers=whole) == 400


def test_page_of_another_site_gets_no_line(by_proxy: Dashboard) -> None:
    honest = by_proxy.url
    seen = look(honest, page="team", told=[ANNA], source=PROXY, origin=honest)
    assert "What each role may do" in seen
    with pytest.raises(PermissionError, match="403"):
        look(honest, page="team", told=[ANNA], source=PROXY, origin="https://evil.example")


def test_page_of_another_program_on_this_computer_sees_nothing(by_proxy: Dashboard) -> None:
    seen = look(
        by_proxy.url, page="team", told=[ANNA], source=PROXY, origin="http://localhost:9000"
    )
    assert "What each role may do" not in seen


def test_name_of_another_site_made_to_lead_here_gets_no_line(by_proxy: Dashboard) -> None:
    with pytest.raises(PermissionError, match="403"):
        look(by_proxy.url, page="team", told=[ANNA], source=PROXY, host="evil.example")
    seen = look(by_proxy.url, page="team", told=[ANNA], source=PROXY, host="localhost")
    assert "What each role may do" in seen


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_upload_of_another_site_is_refused(method: str, by_proxy: Dashboard) -> None:
    target = f"{by_proxy.url}/_stcore/upload_file/session/file"
    assert answer(target, method=method) in (403, 405)
    with_half = {"Cookie": f"_streamlit_xsrf={cookies.generate_xsrf_token_string()}"}
    assert answer(target, method=method, headers=with_half) in (403, 405)


def come_with(by_token: Dashboard, secret: str, **changes: Any) -> str:
    """Return what somebody sees who carries a cookie made with a secret."""
    told = {
        "origin": by_token.url,
        "is_logged_in": True,
        "provider": "default",
        "email": "anna@example.com",
        "email_verified": True,
        "iat": int(time.time()),
        **changes,
    }
    made = cookies.create_signed_value(secret, "_streamlit_user", json.dumps(told)).decode()
    token = cookies.generate_xsrf_token_string()
    header = ("Cookie", f"_streamlit_xsrf={token}; _streamlit_user={made}")
    return look(by_token.url, page="team", told=[header], origin=by_token.url, token=token)


def test_cookie_signed_by_the_server_lets_in(by_token: Dashboard) -> None:
    assert "What each role may do" in come_with(by_token, SECRET)


def test_forged_cookie_lets_nobody_in(by_token: Dashboard) -> None:
    for secret in ("", "x" * 40, SECRET[:-1]):
        assert CLOSED[0] in come_with(by_token, secret or "secret")


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"email_verified": False},
        {"email": "eve@example.com"},
        {"is_logged_in": False},
        {"iat": int(time.time()) - 30 * 86400},
    ],
)
def test_signed_cookie_with_the_wrong_words_lets_nobody_in(
    changes: dict[str, Any], by_token: Dashboard
) -> None:
    assert "What each role may do" not in come_with(by_token, SECRET, **changes)


def test_header_of_a_proxy_means_nothing_where_people_sign_in_with_a_token(
    by_token: Dashboard,
) -> None:
    assert CLOSED[0] in look(by_token.url, page="team", told=[ANNA])
