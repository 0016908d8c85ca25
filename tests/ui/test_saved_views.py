"""A saved view brings back what can be chosen here and now, whatever is stored in it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from crm_core.access import ALONE
from crm_core.records.saved_views import KeptView, ViewState
from crm_core.tables import to_day
from crm_core.ui import saved_views

FIRST, LAST, TODAY = (to_day(date(2026, month, 1)) for month in (1, 3, 6))
ODD = "DE' OR 1=1--"


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a business of three months whose only country is Germany."""
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(saved_views, "labels_shown", lambda *_: {"DE": 9})
    ledger = SimpleNamespace(span=lambda _: (FIRST, LAST))
    return SimpleNamespace(latest_day=LAST, today=TODAY, full_ledger=ledger, who=ALONE)


def kept(*, mine: bool = True, **state: Any) -> KeptView:
    stored = ViewState(**{"page": "late", "filters": {"country": ("DE", ODD)}, **state})
    return KeptView(1, "Mine", mine, not mine, stored)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("latest", date(2026, 3, 1)),
        ("2026-02-03", date(2026, 2, 3)),
        ("0001-01-01", date(2026, 1, 1)),
        ("9999-12-31", date(2026, 6, 1)),
    ],
)
def test_only_what_can_be_chosen_comes_back(stored: str, shown: date, whole: Any) -> None:
    saved_views._open(whole, kept(as_of=stored, period="12m'; DROP TABLE clients"))
    held: Any = st.session_state
    assert held["country"] == ["DE"]
    assert held["period"] == "12m"
    assert held["as_of"] == shown


def test_a_page_somebody_may_not_open_is_not_gone_to(
    whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    monkeypatch.setattr(st, "switch_page", lambda file, **_: went.append(file))
    monkeypatch.setattr(saved_views, "page_files", lambda: {"late": "pages/late.py"})
    monkeypatch.setattr(saved_views, "page_asked", lambda: "overview")
    for page in ("team", "../../etc/passwd", "https://evil.invalid", "late"):
        saved_views._open(whole, kept(page=page))
        saved_views._go_where_asked()
    assert went == ["pages/late.py"]


def test_a_view_others_share_is_offered_where_its_labels_may_be_shown(whole: Any) -> None:
    unseen = {"filters": {"country": (ODD,)}}
    assert saved_views._is_of_use(whole, kept(mine=False))
    assert saved_views._is_of_use(whole, kept(mine=True, **unseen))
    assert not saved_views._is_of_use(whole, kept(mine=False, **unseen))


def test_no_view_keeps_a_clients_card(whole: Any) -> None:
    assert saved_views.state_now(whole, "client").page == "overview"
    assert saved_views.state_now(whole, "late").page == "late"
