"""The frame of every page: the list of pages, the front door, the heading."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from crm_core.access import Role, actor
from crm_core.charts.figure import Figure
from crm_core.errors import CrmError, DatabaseError
from crm_core.formatting import md_escape
from crm_core.ui.brand import ICON, LOGO
from crm_core.ui.moment import one_moment
from crm_core.ui.page_rights import may_open, require_page
from crm_core.ui.phone import on_a_phone
from crm_core.ui.sign_in import Entry, check_in, closed_reason, is_first_run
from crm_core.ui.sign_in_page import go_where_wanted, keep_out, remember_wanted, turn_away
from crm_core.ui.view import whole_view

OVERVIEW = "pages/overview.py"
MY_CLIENTS = "pages/my_clients.py"
PARETO = "pages/pareto.py"
STAGES = "pages/stages.py"
LATE = "pages/late.py"
RETURNING = "pages/returning.py"
IMPORT = "pages/import.py"
CLIENT = "pages/client.py"
SETTINGS = "pages/settings.py"
SEGMENTS = "pages/segments.py"
WORTH = "pages/worth.py"
KEY_ACCOUNTS = "pages/key_accounts.py"
GOODBYES = "pages/goodbyes.py"
SELF_CHECK = "pages/self_check.py"
PRIVACY = "pages/privacy.py"
MERGE = "pages/merge.py"
TEAM = "pages/team.py"

PERSON_ICON = ":material/person_pin:"

MAIN = [
    (OVERVIEW, "Overview", ":material/home:"),
    (PARETO, "Who carries us", ":material/bar_chart:"),
    (STAGES, "Stages", ":material/stairs_2:"),
    (LATE, "Late and gone", ":material/schedule:"),
    (RETURNING, "Coming back", ":material/replay:"),
    (IMPORT, "Import", ":material/upload_file:"),
]
DEEPER = [
    (KEY_ACCOUNTS, "Key accounts", ":material/key:"),
    (SEGMENTS, "Segments", ":material/grid_view:"),
    (WORTH, "What clients are worth", ":material/savings:"),
    (GOODBYES, "Goodbye rules", ":material/rule:"),
]
UPKEEP_TITLE = "Keep in order"
UPKEEP = [
    (MERGE, "Duplicates", ":material/merge:"),
    (SELF_CHECK, "Self-check", ":material/fact_check:"),
    (SETTINGS, "Settings", ":material/tune:"),
    (PRIVACY, "Privacy", ":material/shield_person:"),
    (TEAM, "Team", ":material/group:"),
]
"""File, title and icon of every page of the menu, by section."""

_front_door = threading.local()


def pages() -> dict[str, list[Page]]:
    """Return all pages by the menu's sections: main ones, looking deeper, keeping in order.

    The menu leaves out those that are not for whoever is at the page; a manager is at
    home with their own clients. The client's card is reached by links only. What keeps
    things in order stands at the foot of the sidebar (:func:`draw_upkeep`), so that the
    menu needs no "View more" and the filters stay in sight; on a phone, where a link in
    the sidebar would leave it open over the page, it is a section of the menu.
    """
    who, phone = actor(), on_a_phone()
    at_home = who.role is Role.MANAGER
    own = (MY_CLIENTS, "My clients" if at_home else "Clients by person", PERSON_ICON)
    sections = {
        "": [own, *MAIN] if at_home else MAIN,
        "Look deeper": DEEPER if at_home else [own, *DEEPER],
        UPKEEP_TITLE: UPKEEP,
    }
    home = MY_CLIENTS if at_home else OVERVIEW

    def made(section: str, path: str, title: str, icon: str) -> Page:
        name = Path(path).stem
        shown = may_open(name, who) and _is_of_use(path) and (phone or section != UPKEEP_TITLE)
        return st.Page(
            path,
            title=title,
            url_path=name,
            icon=icon,
            default=path == home,
            visibility="visible" if shown else "hidden",
        )

    offered = {name: [made(name, *one) for one in listed] for name, listed in sections.items()}
    card = st.Page(CLIENT, title="Client", url_path="client", visibility="hidden")
    return {**offered, "": [*offered[""], card]}


def draw_upkeep() -> None:
    """Draw at the foot of the sidebar the pages that keep things in order, for their people."""
    who = actor()
    offered = [one for one in UPKEEP if may_open(Path(one[0]).stem, who)]
    if not offered or on_a_phone():
        return
    with st.sidebar, st.container(key="upkeep", gap="xsmall"):
        st.caption(UPKEEP_TITLE)
        with st.container(horizontal=True, gap="xsmall"):
            for path, title, icon in offered:
                st.page_link(path, label=title, icon=icon, width="content")


def _is_of_use(path: str) -> bool:
    """Return whether there is anything to show on a page: clients by person need persons."""
    if path != MY_CLIENTS or actor().role is Role.MANAGER:
        return True
    try:
        view = whole_view()
    except CrmError:
        # Said where the page is drawn.
        return False
    return view is not None and bool(view.full_ledger.managers)


def page_asked() -> str:
    """Return the address of the page that is open; at the root that of the home page."""
    asked = getattr(_front_door, "asked", None)
    at_home = actor().role is Role.MANAGER
    return (asked.url_path if asked else "") or ("my_clients" if at_home else "overview")


def page_title() -> str:
    """Return the title of the page that is open, as the menu says it."""
    asked = getattr(_front_door, "asked", None)
    return str(asked.title) if asked else "Regulars"


def page_files() -> dict[str, str]:
    """Return the file of every page whoever is at work may open, by its address."""
    listed = [(MY_CLIENTS, "", ""), *MAIN, *DEEPER, *UPKEEP]
    named = {Path(file).stem: file for file, _, _ in listed}
    who = actor()
    return {name: file for name, file in named.items() if may_open(name, who)}


def _dress() -> None:
    """Set the tab's icon and the name above the menu.

    Before the menu: else the browser would fetch the page's icon from another host.
    """
    st.set_page_config(layout="wide", page_icon=ICON)
    st.logo(LOGO, size="large", icon_image=ICON)


@contextmanager
def front_door() -> Iterator[Page]:
    """Open the front door to whoever may come in: ``app.py`` does all its work within.

    Nothing is drawn, read or run for anybody else but the page that says why.

    Yields
    ------
    Page
        The page to run, once the shared sidebar is drawn.
    """
    _front_door.open = True
    _dress()
    try:
        with one_moment():
            yield _let_in()
    finally:
        _front_door.open = False


def _let_in() -> Page:
    came_now = is_first_run()
    entry, reason = _ask_at_the_door()
    if entry is None or entry.who is None:
        # Only names of pages, so that a link keeps its page until after signing in.
        asked = st.navigation(_bare_pages(), position="hidden")
        if entry is None:
            keep_out(reason)
        remember_wanted(asked)
        turn_away(entry)
    offered = pages()
    asked = _front_door.asked = st.navigation(offered, expanded=True)
    if entry.email and came_now and not asked.url_path and not st.query_params:
        go_where_wanted(page for listed in offered.values() for page in listed)
    return asked


def _ask_at_the_door() -> tuple[Entry | None, str]:
    try:
        reason = closed_reason()
        return (None, reason) if reason else (check_in(), "")
    except DatabaseError:
        # Where the database is, is nothing to tell a stranger.
        logging.getLogger(__name__).exception("nobody is let in")
        return None, "The database cannot be asked who may come in; the server's window says more."
    except CrmError as error:
        return None, str(error)


def _bare_pages() -> list[Page]:
    files = sorted((Path(__file__).parents[2] / "pages").glob("*.py"))
    return [
        st.Page(file, title="Regulars", url_path=file.stem, default=file.stem == "overview")
        for file in files
    ]


def require_app() -> None:
    """Let nobody past who may not open the page: first statement of every page.

    Whoever came straight to it is sent through ``app.py``.

    On a fresh server Streamlit would run the page file alone, without the
    shared sidebar, when a ``pages`` folder stands beside the main script.
    """
    if not getattr(_front_door, "open", False):
        _dress()
        st.navigation(_bare_pages(), position="hidden")
        st.rerun()
    require_page(_front_door.asked.url_path, _front_door.asked.title)


def page_header(title: str, sentence: str, *, word: str | None = None) -> None:
    """Open a page with its title and the answer in one sentence.

    Parameters
    ----------
    title : str
        The owner's words for the page.
    sentence : str
        Markdown; names in it come from :func:`crm_core.formatting.say_name`.
    word : str, optional
        The textbook word, shown small beside the title.
    """
    st.title(f"{md_escape(title)} :small[:gray[{word}]]" if word else md_escape(title))
    st.markdown(f"#### {sentence}")


def quiet_reason(reason: str) -> None:
    """Say why a figure or picture is missing, in place of it.

    Parameters
    ----------
    reason : str
        Plain text, shown as it stands.
    """
    st.info(md_escape(reason), icon=":material/info:")


def picture(
    figure: Figure,
    *,
    key: str,
    alt: str,
    clickable: bool = False,
    numbers: Sequence[str] = (),
) -> list[dict[str, object]]:
    """Draw a figure in the page's style and return the points clicked in it.

    Parameters
    ----------
    figure : Figure
        From :mod:`crm_core.charts`.
    key : str
        Unique on the page.
    alt : str
        What the picture shows, for those who cannot see it.
    clickable : bool, default False
        Rerun when a bar, cell or flow is clicked.
    numbers : sequence of str
        Keys of :data:`crm_core.definitions.DEFINITIONS`: what its axes show. The page
        has them in a drawer; the figure carries them as ``layout.meta``.

    Returns
    -------
    list of dict
        The points clicked, each with ``customdata`` as the chart gave it; empty without.
    """
    config = {"displayModeBar": False, "scrollZoom": False}
    drawn = figure.ready(meta={"numbers": list(numbers)})
    if not clickable:
        st.plotly_chart(drawn, key=key, config=config, alt=alt)
        return []
    event = st.plotly_chart(
        drawn,
        key=key,
        config=config,
        alt=alt,
        on_select="rerun",
        selection_mode="points",
    )
    return list(event["selection"]["points"])


def first_customdata(points: Sequence[dict[str, object]]) -> object | None:
    """Return what the first clicked point stands for, None where nothing was clicked."""
    if not points:
        return None
    data = points[0].get("customdata")
    return data[0] if isinstance(data, list) and data else data
