"""What stands at the door: sign in, why not, who is in; and the way back to the page wanted."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import NoReturn

import streamlit as st
from streamlit import runtime
from streamlit.navigation.page import Page

from crm_core import listening
from crm_core.access import Actor, Role
from crm_core.formatting import md_escape
from crm_core.ui.brand import LOGO
from crm_core.ui.sign_in import MOST_DAYS, TRUST_EMAIL, Entry, Refused

SIGN_OUT_OF_PROXY = "REGULARS_PROXY_SIGN_OUT"
"""Environment variable: the page of the proxy that signs out, such as ``/oauth2/sign_out``."""

ROLE_WORDS = {
    Role.OWNER: "owner",
    Role.MANAGER: "manager",
    Role.ANALYST: "analyst, without names",
    Role.VIEWER: "viewer, read only",
}

MOST_WANTED = 2000
WANTED_SECONDS = 900
LONGEST_LINK = 4000
_XSRF_COOKIE = "_streamlit_xsrf"

Wanted = tuple[str, dict[str, list[str]]]

_wanted: OrderedDict[str, tuple[float, Wanted]] = OrderedDict()
_wanted_lock = threading.Lock()


def keep_out(reason: str) -> NoReturn:
    """Say why the dashboard is closed to everybody as it runs, and stop.

    Parameters
    ----------
    reason : str
        Wanted, found, what to do; plain text.
    """
    with _card():
        st.title("Closed for safety")
        st.markdown("#### Nothing is shown until whoever runs Regulars has settled who may see it.")
        st.warning(md_escape(reason), icon=":material/lock:")
    st.stop()


def turn_away(entry: Entry) -> NoReturn:
    """Show the page that belongs to whoever is not let in, and stop.

    Parameters
    ----------
    entry : Entry
        From :func:`crm_core.ui.sign_in.check_in`, without anybody in it.
    """
    with _card():
        if entry.refused in (Refused.NOT_SIGNED_IN, Refused.TOO_OLD):
            _ask_to_sign_in(entry)
        else:
            _say_why_not(entry)
    st.stop()


def draw_signed_in(who: Actor) -> None:
    """Say at the foot of the sidebar who is in and as what, with the way out.

    Parameters
    ----------
    who : Actor
        Nothing is drawn for the owner alone.
    """
    if who.member_id is None or who.role is None:
        return
    with st.sidebar, st.container(key="signed_in"):
        st.divider()
        own = who.department or (who.manager and f"the clients of {who.manager}")
        scope = f" of {md_escape(own)}" if who.role is Role.MANAGER and own else ""
        role = f"{ROLE_WORDS[who.role]}{scope}"
        if who.name != who.email:
            role = f"{md_escape(who.email)}, {role}"
        st.markdown(f"**{md_escape(who.name)}**  \n:small[:gray[{role}]]")
        _draw_sign_out("Sign out")


def remember_wanted(page: Page) -> None:
    """Keep for a quarter of an hour which page this browser asked for before signing in."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    key = _browser()
    if key is None or not (page.url_path or query) or len(repr(query)) > LONGEST_LINK:
        return
    with _wanted_lock:
        _wanted[key] = (time.monotonic(), (page.url_path, query))
        _wanted.move_to_end(key)
        while len(_wanted) > MOST_WANTED:
            _wanted.popitem(last=False)


def go_where_wanted(offered: Iterable[Page]) -> None:
    """Go on to the page this browser asked for before signing in, where it is offered."""
    key = _browser()
    with _wanted_lock:
        kept = _wanted.pop(key, None) if key is not None else None
    if kept is None or time.monotonic() - kept[0] > WANTED_SECONDS:
        return
    path, query = kept[1]
    page = next((page for page in offered if page.url_path == path), None)
    if page is not None:
        st.switch_page(page, query_params=query)


def _browser() -> str | None:
    """Return a mark of the browser that outlasts signing in: of its own random cookie."""
    cookie = st.context.cookies.get(_XSRF_COOKIE, "") if runtime.exists() else ""
    parts = cookie.strip("\"'").split("|") if isinstance(cookie, str) else []
    if len(parts) != 4:
        return None
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return None
    if not mask or len(masked) < 16:
        return None
    # The cookie is masked anew with every answer; what lies under the mask stays.
    token = bytes(byte ^ mask[number % len(mask)] for number, byte in enumerate(masked))
    return hashlib.sha256(token).hexdigest()


def _card() -> st.delta_generator.DeltaGenerator:
    st.space("xlarge")
    middle = st.container(horizontal_alignment="center", key="door")
    card = middle.container(width=460, border=True)
    card.image(LOGO, width=150)
    return card


def _ask_to_sign_in(entry: Entry) -> None:
    st.title("Welcome to Regulars")
    st.markdown(
        "#### The clients your business lives on: who carries it, who is leaving, "
        "and whom to call today."
    )
    if entry.refused is Refused.TOO_OLD:
        st.info(
            f"Your last sign-in is more than {MOST_DAYS} days old. Please confirm that it is you.",
            icon=":material/history:",
        )
    if listening.sign_in_mode(os.environ) == "proxy":
        st.markdown("Please sign in where your firm's other pages ask you to, then come back.")
        return
    # A callback: it is heard even when the click is the first thing a session does.
    st.button("Sign in", type="primary", width="stretch", on_click=st.login, key="sign_in")
    st.caption(
        "You sign in with the account of your firm; Regulars never sees your password. "
        "Only people invited by an owner are let in."
    )


def _say_why_not(entry: Entry) -> None:
    title, sentence, advice = _WORDS[entry.refused or Refused.NOT_INVITED]
    st.title(title)
    st.markdown(f"#### {sentence}")
    if entry.email:
        st.text(f"You are signed in as {entry.email}.")
    st.markdown(advice)
    _draw_sign_out("Sign out and use another account")


_WORDS = {
    Refused.NOT_INVITED: (
        "You are not on the list yet",
        "This dashboard is open to people an owner has invited.",
        "Ask the owner of the dashboard in your firm to invite exactly this address, on the "
        "page Team. Then reload this page. Where there is no owner yet, whoever runs the server "
        "names one: `REGULARS_OWNER`, or `python -m crm_core team invite ADDRESS --role owner`.",
    ),
    Refused.ENDED: (
        "Your access has ended",
        "An owner of this dashboard has taken it away, and every window of yours is closed.",
        "If that is a mistake, ask an owner to invite you again.",
    ),
    Refused.UNVERIFIED: (
        "This address is not confirmed",
        "The sign-in service does not vouch that the e-mail address is yours.",
        "Confirm the address with the sign-in service, then sign in again. Whoever runs the "
        "service for your firm alone, and sets the addresses, can say so with "
        f"`{TRUST_EMAIL}=yes`.",
    ),
    Refused.NOT_BY_PROXY: (
        "Please use the front entrance",
        "This dashboard is reached through your firm's sign-in page only.",
        "Open the address you were given for it. If you did, ask whoever runs it to look at "
        f"`{listening.PROXY_ADDRESS}`.",
    ),
}


def _draw_sign_out(label: str) -> None:
    if listening.sign_in_mode(os.environ) == "oidc":
        st.button(label, icon=":material/logout:", on_click=_sign_out, key="sign_out")
        return
    way_out = os.environ.get(SIGN_OUT_OF_PROXY, "").strip()
    if way_out.startswith(("/", "https://")):
        st.link_button(label, way_out, icon=":material/logout:")


def _sign_out() -> None:
    st.session_state.clear()
    st.logout()
