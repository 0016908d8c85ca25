"""Who is at the page: nobody asked (alone), signed in by OpenID Connect, or named by a proxy.

The answer is looked up again at every check, so that a role taken away ends at
once, in every open window. Whatever is unclear lets nobody in.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy import Engine
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm_core import listening
from crm_core.access import ALONE, NOBODY, Actor, actor, is_asked_anew, resolve_with
from crm_core.formatting import join_words
from crm_core.records.engine import database_url, open_database, reading, recording
from crm_core.records.team import find_member, welcome
from crm_core.ui.moment import read_once

TRUST_EMAIL = "REGULARS_OIDC_TRUST_EMAIL"
"""Environment variable: ``yes`` where the provider is the firm's own and says not of
addresses whether it checked them."""

MOST_DAYS = 7
"""A sign-in is good for so long; the service then confirms, mostly without a question, that
the person is still with the firm."""

MICROSOFT = "login.microsoftonline.com"
PRIVATE_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of everybody's private Microsoft account."""

PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded")
_MARK = "_signed_in_as"
_STRANGER = "_not_invited"


class Refused(StrEnum):
    """Why somebody is not let in; the page says it in more words."""

    NOT_SIGNED_IN = "not signed in"
    UNVERIFIED = "unverified"
    TOO_OLD = "too old"
    NOT_BY_PROXY = "not by proxy"
    NOT_INVITED = "not invited"
    ENDED = "ended"


@dataclass(frozen=True)
class Entry:
    """What the door found.

    Attributes
    ----------
    who : Actor or None
        Who may go in; None for nobody.
    refused : Refused or None
        Why not.
    email : str
        The address proved, "" without one.
    """

    who: Actor | None
    refused: Refused | None = None
    email: str = ""


@dataclass(frozen=True)
class _Proof:
    email: str = ""
    name: str = ""
    refused: Refused | None = None


def closed_reason() -> str | None:
    """Return why the dashboard is shown to nobody as it runs; None where the door may open.

    Without sign-in it is for this computer alone: no other listening address, nobody
    from another computer, no other site's name and no proxy in between, unless
    somebody said that anyone may come in.

    Raises
    ------
    CrmError
        If a setting of the sign-in is missing or wrong.
    """
    mode = listening.sign_in_mode(os.environ)
    if mode == "off":
        return None if listening.lets_anyone_in(os.environ) else _reason_not_alone()
    if mode == "proxy":
        listening.proxy_networks(os.environ)
        if os.environ.get(listening.FORWARDED) != listening.TRUST_NO_FORWARDED:
            return (
                "Wanted to know for certain who calls, found a server that believes forwarded "
                "addresses; start it with: python -m crm_core serve."
            )
        return None
    auth = _auth_section()
    if not auth:
        return _reason_no_service()
    listening.check_metadata_url(str(auth.get("server_metadata_url", "")))
    return None


def _reason_no_service() -> str:
    """Say to whoever set it up which variables of OpenID Connect are empty; never a value."""
    missing = listening.missing_for_oidc(os.environ)
    if not missing:
        return (
            "Wanted the settings of the sign-in service, found a server that was not given them; "
            "start it with: python -m crm_core serve."
        )
    return (
        f"Wanted everything that signing in by {listening.SIGN_IN}=oidc needs, found "
        f"{join_words(missing)} not set. Put what is missing into the environment and start again "
        "(Compose: into the file .env, then docker compose up -d; Streamlit Community Cloud: into "
        "the section [auth] of the secrets). docs/sign_in.md says where to find it."
    )


def check_in() -> Entry:
    """Let the person at the page in, or say why not; once a run, before anything is shown.

    The first run of a session writes the visit down. Nothing of another person's
    session stays: a change of person or of what they may see empties it.

    Raises
    ------
    CrmError
        If the database cannot be asked.
    """
    if listening.sign_in_mode(os.environ) == "off":
        return Entry(ALONE)
    proof, before = _proof(), st.session_state.get(_MARK)
    if proof.refused is not None:
        _empty_session()
        return Entry(None, proof.refused, proof.email)
    who = _member(proof.email)
    if before is not None and (who is None or before != (who.label, who.view_key)):
        _empty_session()
    if who is None and before is not None:
        return Entry(None, Refused.ENDED, proof.email)
    if before is None or who is None or before[0] != who.label:
        who = _welcome(proof, known=who is not None)
    if who is None:
        return Entry(None, Refused.NOT_INVITED, proof.email)
    st.session_state[_MARK] = (who.label, who.view_key)
    return Entry(who, email=proof.email)


def is_first_run() -> bool:
    """Return whether this session has not been let in before."""
    return _MARK not in st.session_state


def is_still_in() -> bool:
    """Return whether who is at the page may see what they saw when it was drawn."""
    mark = st.session_state.get(_MARK)
    who = actor()
    return mark is None or mark == (who.label, who.view_key)


def who_is_here() -> Actor | None:
    """Return who is at the page now; None where there is no page to be at.

    Registered with :func:`crm_core.access.resolve_with`: every check of a right asks. A
    run of a page draws everything for whom it found first; what writes finds out anew.
    """
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:
        return None
    return _find_out() if is_asked_anew() else read_once(("who", run.session_id), _find_out)


def _find_out() -> Actor:
    if closed_reason() is not None:
        return NOBODY
    if listening.sign_in_mode(os.environ) == "off":
        return ALONE
    proof, mark = _proof(), st.session_state.get(_MARK)
    if proof.refused is not None or mark is None:
        return NOBODY
    found = _member(proof.email)
    # A window another person left open does nothing in the new person's name.
    return found if found is not None and found.label == mark[0] else NOBODY


def still(who: Actor) -> Actor:
    """Return somebody as they are in the team now; nobody for whoever was taken out of it.

    For work that outlives the page that began it: nobody as well for whoever would see
    other clients, or other names, on that page now.
    """
    if who.member_id is None:
        return who
    now = _member(who.email)
    same = now is not None and (now.label, now.view_key) == (who.label, who.view_key)
    return now if now is not None and same else NOBODY


def peer() -> str | None:
    """Return the address at the other end of the line; None without a line.

    Not ``st.context.ip_address``, which does not tell this computer from nobody.
    What a header says does not matter here as long as the server believes none
    (:data:`crm_core.listening.FORWARDED`).
    """
    run = get_script_run_ctx(suppress_warning=True)
    if run is None or not runtime.exists():
        return None
    client = runtime.get_instance().get_client(run.session_id)
    context = client.client_context if client is not None else None
    found = context.remote_ip if context is not None else None
    return found if isinstance(found, str) else None


def headers(name: str) -> list[str]:
    """Return every value of a header of the line to the browser."""
    return st.context.headers.get_all(name) if runtime.exists() else []


def _reason_not_alone() -> str | None:
    refused = listening.refusal(st.get_option("server.address"), os.environ)
    if refused is not None:
        return refused
    caller, hosts = peer(), headers("Host")
    foreign = caller is not None and not listening.is_loopback(caller)
    if foreign or any(not _names_this_computer(host) for host in hosts):
        return _said_open("from another address")
    if any(headers(name) for name in PASSED_ON):
        return _said_open("by way of a proxy")
    origins = headers("Origin")
    if any(urlsplit(origin).netloc not in hosts for origin in origins):
        return "Wanted a page of this dashboard to ask, found that another site's page does."
    return None


def _said_open(way: str) -> str:
    return (
        f"Wanted a visitor on this computer, found one {way}, and nobody has to sign in. Set up "
        "sign-in (docs/sign_in.md), or, if everybody who reaches this address may see and change "
        f"everything, say so: {listening.ANYONE}=yes."
    )


def _names_this_computer(host: str) -> bool:
    try:
        return listening.is_loopback(urlsplit(f"//{host}").hostname)
    except ValueError:
        return False


def _proof() -> _Proof:
    if listening.sign_in_mode(os.environ) == "proxy":
        return _proof_by_proxy()
    return _proof_by_token({str(name): value for name, value in st.user.to_dict().items()})


def _proof_by_token(claims: dict[str, Any]) -> _Proof:
    """Return whose address the sign-in service vouches for."""
    if claims.get("is_logged_in") is not True:
        return _Proof(refused=Refused.NOT_SIGNED_IN)
    email = str(claims.get("email") or "")
    issued = claims.get("iat")
    age = time.time() - issued if isinstance(issued, int | float) else None
    if age is None or not -300 < age < MOST_DAYS * 86400:
        return _Proof(email, refused=Refused.TOO_OLD)
    if not email or not _is_verified(claims):
        return _Proof(email, refused=Refused.UNVERIFIED)
    return _Proof(email, str(claims.get("name") or ""))


def _is_verified(claims: dict[str, Any]) -> bool:
    for name in ("email_verified", "xms_edov"):
        if name in claims:
            return str(claims[name]).lower() in ("true", "1")
    # A firm's own Microsoft tenant says nothing, and its administrators set the addresses.
    issuer = urlsplit(str(claims.get("iss", "")))
    if issuer.hostname == MICROSOFT and claims.get("tid") not in (None, PRIVATE_ACCOUNTS):
        return True
    return os.environ.get(TRUST_EMAIL, "").strip().lower() == "yes"


def _proof_by_proxy() -> _Proof:
    """Return whom the pinned proxy names, in exactly one header, on a line of our own page."""
    by_proxy = Refused.NOT_BY_PROXY
    caller = peer()
    if caller is None or not _is_pinned(caller) or not _is_own_page():
        return _Proof(refused=by_proxy)
    name = os.environ.get(listening.PROXY_HEADER, "").strip() or "X-Forwarded-Email"
    values = headers(name)
    if len(values) != 1 or not values[0].strip():
        return _Proof(refused=Refused.NOT_SIGNED_IN if not values else by_proxy)
    return _Proof(values[0].strip())


def _is_pinned(caller: str) -> bool:
    try:
        address = ip_address(caller)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in listening.proxy_networks(os.environ))


def _is_own_page() -> bool:
    """Return whether the page that opened the line is ours; the server lets local ones pass."""
    own = {urlsplit(f"//{host}").netloc for host in headers("Host")}
    public = listening.public_origin(os.environ)
    own |= {urlsplit(public).netloc} if public else set()
    return all(urlsplit(origin).netloc in own for origin in headers("Origin"))


def _auth_section() -> dict[str, Any]:
    return dict(st.secrets.get("auth", {})) if st.secrets.load_if_toml_exists() else {}


def _welcome(proof: _Proof, *, known: bool) -> Actor | None:
    # A stranger is looked up for writing once a session, not at every click.
    if not known and st.session_state.get(_STRANGER) == proof.email:
        return None
    with recording(_engine()) as connection:
        who = welcome(connection, proof.email, proof.name)
    if who is None:
        st.session_state[_STRANGER] = proof.email
    return who


def _member(email: str) -> Actor | None:
    with reading(_engine()) as connection:
        return find_member(connection, email)


def _engine() -> Engine:
    return _open(database_url().render_as_string(hide_password=False))


@st.cache_resource(max_entries=2, show_spinner=False)
def _open(url: str) -> Engine:
    # Apart from the pages' own: a check within a write must not wait for a line that
    # other writers hold.
    return open_database(url)


def _empty_session() -> None:
    st.session_state.clear()


resolve_with(who_is_here)
