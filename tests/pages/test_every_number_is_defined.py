"""Every number of every page has an entry in the registry, shown in a drawer or a heading.

Not read from the sources: each page is run on the demo, with its tabs, drawers and choices
opened one after the other, and what it then shows is held against the definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.definitions import DEFINITIONS
from tests.conftest import ROOT
from tests.pages.conftest import Visit
from tests.pages.shown_numbers import Page, open_everything, tabs_of

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))

EXCUSED: Mapping[str, Mapping[str, str]] = {
    "team": {
        "When": "when somebody did something: no number of the business",
        "Last visit": "the same",
        "Client record": "a name in digits",
    },
    "client": {
        "Value": "attributes as files and people wrote them",
        "As": "names and numbers a client has in files",
    },
    "goodbyes": {"Rule": "names of the rules"},
    "self_check": {"Found": "what a check came to, each in a unit of its own"},
}
"""Headings over figures that are no numbers of ours, by page, with the reason."""

NO_SETTING: Mapping[str, str] = {
    "import": "counts of a file's rows, and of what is stored",
    "report": "the days of what is stored",
    "check": "a comparison that holds or does not",
    "client.last_purchase": "a recorded day",
    "client.purchases": "recorded sales by day",
    "client.years": "recorded sales by month",
    "client.stopped": "its limits are no settings",
    "key.dossier": "facts noted by hand",
    "key.without_manager": "names noted by hand",
    "key.expected_loss": "a sum of products whose factors stand beside it",
    "my.coming_up": "days noted by hand",
    "segments.clients": "each segment stands beside it",
    "segments.money": "each segment stands beside it",
    "segments.package": "the published rules are fixed",
    "merge": "counts of clients that look like one; each rule is ticked beside them",
    "privacy": "counts of what is stored",
    "setting.in_force": "a count of the settings themselves",
    "setting.effect": "the change tried is the other setting",
    "stages.count": "each stage stands beside it",
    "stages.months": "each stage stands beside it, on the as-of day",
}
"""Numbers, or the first part of their keys, that no setting moves: with the reason."""

CHOICES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "import": ({"import_chosen": 1},),
    "late": ({"unit": "Money", "late_tabs": "The balance"},),
    "settings": ({"setting": "k_gone", "new_k_gone_4.0": 6.0},),
}
"""Choices that open more of a page: what the session holds then."""


def query_of(name: str, visit: Visit) -> dict[str, str]:
    """Return what the link of a page needs: the client's card somebody to show."""
    if name != "client":
        return {}
    links = [part for part in visit("overview").get("page_link") if "client=" in str(part.proto)]
    return {"client": str(links[0].proto.query_string).split("client=")[1].split("&")[0]}


def states(name: str, app: AppTest) -> list[Mapping[str, Any]]:
    """Return the states of a page: as it opens, each of its tabs, and its own choices."""
    tabs = [{key: label} for key, labels in tabs_of(app).items() for label in labels]
    return [*(tabs or [{}]), *CHOICES.get(name, ())]


@pytest.mark.parametrize("name", PAGES)
def test_every_number_of_the_page_is_defined(
    name: str, demo_database: str, visit: Visit, request: pytest.FixtureRequest
) -> None:
    assert demo_database
    if name == "self_check":
        request.getfixturevalue("fresh_caches")  # what another test has checked is kept
    page, query = Page(), query_of(name, visit)
    for state in states(name, visit(name, **query)):
        app = visit(name, **query)
        for key, value in state.items():
            app.session_state[key] = value
        app.run()
        open_everything(app)
        page.add(app)
    assert page.headlines
    assert page.problems(excused=EXCUSED.get(name, {})) == {}
    fixed = {key for key in page.unmoved() if {key, key.split(".")[0]} & set(NO_SETTING)}
    assert page.unmoved() - fixed == set()


def test_numbers_that_no_setting_moves_are_numbers_of_the_registry() -> None:
    assert set(NO_SETTING) <= set(DEFINITIONS) | {key.split(".")[0] for key in DEFINITIONS}
