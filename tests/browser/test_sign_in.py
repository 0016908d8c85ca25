"""Signing in through a real provider: each role's menu, the way back to a link, the end of it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm_core import listening
from crm_core.access import Role
from crm_core.demo import fill_with_demo
from crm_core.records import team
from crm_core.records.engine import open_database, recording
from tests.browser import provider
from tests.browser.conftest import Dashboard, Visitor, eventually, free_port, serve, settle
from tests.conftest import ROOT
from tests.pages.conftest import TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OWNERS_ONLY = {"Import", "Settings", "Self-check", "Team"}


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the firm's sign-in service, a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.browser.provider", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as service:
        url = f"http://127.0.0.1:{port}"
        for _ in range(900):
            try:
                urllib.request.urlopen(f"{url}/jwks", timeout=2).close()
                break
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        yield url
        service.terminate()


@pytest.fixture(scope="module")
def shared(
    chromium: Browser, firm: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """Return a dashboard with a team: Anna by ``REGULARS_OWNER``, one invited for each role."""
    folder, port = tmp_path_factory.mktemp("team"), free_port()
    url = f"sqlite:///{(folder / 'crm.db').as_posix()}"
    engine = open_database(url)
    fill_with_demo(engine, today=TODAY)
    with recording(engine) as connection:
        team.invite(connection, "max@example.com", Role.MANAGER, manager="Nobody on the cards")
        team.invite(connection, "ali@example.com", Role.ANALYST)
        team.invite(connection, "vera@example.com", Role.VIEWER)
        team.invite(connection, "unverified@example.com", Role.OWNER)
        team.invite(connection, "silent@example.com", Role.OWNER)
    engine.dispose()
    variables = {
        listening.SIGN_IN: "oidc",
        team.OWNER_VARIABLE: "anna@example.com",
        "REGULARS_OIDC_METADATA_URL": f"{firm}/.well-known/openid-configuration",
        "REGULARS_OIDC_CLIENT_ID": provider.CLIENT_ID,
        "REGULARS_OIDC_CLIENT_SECRET": provider.CLIENT_SECRET,
        "REGULARS_COOKIE_SECRET": "c" * 40,
        "REGULARS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        listening.FORWARDED: listening.TRUST_NO_FORWARDED,
    }
    with ExitStack() as stack:
        yield stack.enter_context(serve(folder, url, port=port, variables=variables))


def sign_in(visitor: Visitor, shared: Dashboard, email: str, path: str = "/team") -> Page:
    """Open a page, sign in where the firm asks, and come back."""
    page = visitor.open(shared.url + path)
    heading(page, "Welcome to Regulars")
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{shared.url}/**")
    page.wait_for_selector("h1")
    settle(page)
    return page


def heading(page: Page, name: str) -> None:
    """Wait for the title of a page."""
    page.get_by_role("heading", level=1, name=name).wait_for()


def menu(page: Page) -> set[str]:
    """Return the pages the sidebar leads to."""
    links = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    links += page.locator(".st-key-upkeep").get_by_role("link").all_inner_texts()
    return {text.strip().splitlines()[-1] for text in links}  # the icon's name stands first


def take_out(shared: Dashboard, email: str) -> None:
    engine = open_database(shared.database_url)
    with recording(engine) as connection:
        member = team.find_member(connection, email)
        assert member is not None
        assert member.member_id is not None
        team.remove_member(connection, member.member_id)
    engine.dispose()


def test_named_owner_comes_back_to_the_page_wanted_and_signs_out(
    visitor: Visitor, shared: Dashboard
) -> None:
    page = sign_in(visitor, shared, "Anna@example.com", "/team?as_of=2024-03-31")
    heading(page, "Team")
    eventually(page, lambda: page.url, f"{shared.url}/team?as_of=2024-03-31")
    eventually(page, lambda: OWNERS_ONLY - menu(page), set())
    page.get_by_text("owner", exact=False).first.wait_for()
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Welcome to Regulars")
    page.goto(f"{shared.url}/team")
    heading(page, "Welcome to Regulars")


@pytest.mark.parametrize("name", ["max", "ali", "vera"])
def test_each_role_has_its_menu_and_finds_the_wall(
    name: str, visitor: Visitor, shared: Dashboard
) -> None:
    page = sign_in(visitor, shared, f"{name}@example.com")
    page.get_by_text("this page is for those who may").wait_for()
    eventually(page, lambda: "Who carries us" in menu(page), True)
    settle(page)
    listed = menu(page)
    assert not listed & OWNERS_ONLY


@pytest.mark.parametrize(
    ("email", "title"),
    [
        ("eve@example.com", "You are not on the list yet"),
        ("unverified@example.com", "This address is not confirmed"),
        ("silent@example.com", "This address is not confirmed"),
    ],
)
def test_stranger_and_unproved_address_are_kept_out(
    email: str, title: str, visitor: Visitor, shared: Dashboard
) -> None:
    page = sign_in(visitor, shared, email)
    heading(page, title)
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Welcome to Regulars")


def test_two_people_at_one_client_see_each_other(visitor: Visitor, shared: Dashboard) -> None:
    card = "/client?client=1369"
    anna, vera = (
        sign_in(visitor, shared, f"{name}@example.com", card) for name in ("anna", "vera")
    )
    vera.get_by_text("Anna has this card open too").wait_for()
    anna.get_by_text("Vera has this card open too").wait_for()


def test_access_taken_away_ends_the_open_window_at_the_next_click(
    visitor: Visitor, shared: Dashboard
) -> None:
    page = sign_in(visitor, shared, "vera@example.com")
    take_out(shared, "vera@example.com")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Late and gone").click()
    heading(page, "Your access has ended")
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
