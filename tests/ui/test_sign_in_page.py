"""The page that asks people to sign in: the way back after it, and the way out."""

from __future__ import annotations

from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from crm_core import listening
from crm_core.errors import CrmError, DatabaseError
from crm_core.ui import shell, sign_in_page


def test_way_back_is_kept_by_the_browsers_own_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = []
    for cookie in (
        "2|00000000|00112233445566778899aabbccddeeff|1",
        "2|ffffffff|ffeeddccbbaa99887766554433221100|9",
        "2|00000000|10112233445566778899aabbccddeeff|1",
        "2|zz|00|1",
        "2|00000000|00|1",
        "",
    ):
        monkeypatch.setattr(sign_in_page.runtime, "exists", lambda: True)
        context = type("Context", (), {"cookies": {"_streamlit_xsrf": cookie}})
        monkeypatch.setattr(st, "context", context)
        marks.append(sign_in_page._browser())
    assert marks[0] is not None
    assert marks[0] == marks[1]
    assert marks[2] not in marks[:2]
    assert marks[3:] == [None, None, None]


class Query(dict[str, str]):
    """What a link asks for."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]]


def test_page_wanted_is_kept_briefly_for_so_many_browsers_and_no_endless_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, browser, went = [0.0], ["a"], []
    page: Any = SimpleNamespace(url_path="client")
    monkeypatch.setattr(sign_in_page, "_wanted", OrderedDict())
    monkeypatch.setattr(sign_in_page, "MOST_WANTED", 2)
    monkeypatch.setattr(sign_in_page, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(sign_in_page, "_browser", lambda: browser[0])
    monkeypatch.setattr(st, "query_params", Query(client="1"))
    monkeypatch.setattr(st, "switch_page", lambda _, query_params: went.append(query_params))
    for browser[0] in "abc":
        sign_in_page.remember_wanted(page)
    assert list(sign_in_page._wanted) == ["b", "c"]
    for browser[0] in "ac":
        sign_in_page.go_where_wanted([page])
    assert went == [{"client": ["1"]}]
    now[0], browser[0] = sign_in_page.WANTED_SECONDS + 1.0, "b"
    sign_in_page.go_where_wanted([page])
    assert len(went) == 1
    monkeypatch.setattr(st, "query_params", Query(client="x" * 10_000))
    sign_in_page.remember_wanted(page)
    assert not sign_in_page._wanted


@pytest.mark.parametrize(
    ("address", "offered"),
    [
        ("/oauth2/sign_out", 1),
        ("https://id.example.com/out", 1),
        ("javascript:alert(1)", 0),
        ("http://id.example.com/out", 0),
        ("", 0),
    ],
)
def test_way_out_of_the_proxy_is_a_page_and_nothing_that_runs(
    address: str, offered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setenv(listening.SIGN_IN, "proxy")
    monkeypatch.setenv(sign_in_page.SIGN_OUT_OF_PROXY, address)
    monkeypatch.setattr(st, "link_button", lambda _, url, **__: drawn.append(url))
    sign_in_page._draw_sign_out("Sign out")
    assert len(drawn) == offered


def test_signing_out_leaves_nothing_in_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    held, done = {"seen": "kept"}, []
    monkeypatch.setattr(st, "session_state", held)
    monkeypatch.setattr(st, "logout", lambda: done.append(dict(held)))
    sign_in_page._sign_out()
    assert done == [{}]


def test_a_stranger_is_not_told_where_the_database_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(error: CrmError) -> None:
        raise error

    monkeypatch.setattr(shell, "closed_reason", lambda: None)
    where = DatabaseError("Wanted to use the database postgresql://me@db.firm.example/crm")
    monkeypatch.setattr(shell, "check_in", lambda: fail(where))
    entry, reason = shell._ask_at_the_door()
    assert entry is None
    assert "firm.example" not in reason
    assert "cannot be asked" in reason
    monkeypatch.setattr(shell, "check_in", lambda: fail(CrmError("Wanted a setting, found none.")))
    assert shell._ask_at_the_door() == (None, "Wanted a setting, found none.")
