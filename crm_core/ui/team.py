"""The Team page: who may come in, inviting, changing, taking away, and what each role may do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from crm_core import listening
from crm_core.access import LEAST_GROUP, RIGHTS, Right, Role, actor, signs_in
from crm_core.errors import CrmError
from crm_core.formatting import DASH, format_day, md_escape, plural
from crm_core.records.engine import reading, recording
from crm_core.records.team import (
    TeamMember,
    change_role,
    invite,
    list_members,
    member_names,
    remove_member,
)
from crm_core.ui.phone import draw_table
from crm_core.ui.view import database, whole_view

ROLE_TITLES = {
    Role.OWNER: "Owner",
    Role.MANAGER: "Manager",
    Role.ANALYST: "Analyst",
    Role.VIEWER: "Viewer",
}
ROLE_SENTENCES = {
    Role.OWNER: "sees and does everything",
    Role.MANAGER: "sees and looks after their own clients: a department's, or those with "
    "their name as manager",
    Role.ANALYST: f"sees every number, but no name and no group of fewer than {LEAST_GROUP}",
    Role.VIEWER: "sees everything, changes nothing, exports no list",
}
REFUSED, INVITED, DONE = "team_refused", "team_invited", "team_done"


def members() -> Sequence[TeamMember]:
    """Return who may come in; refuses whoever may not know."""
    with reading(database()) as connection:
        return list_members(connection)


def team_sentence(team: Sequence[TeamMember]) -> str:
    """Return the page's answer in one sentence, as Markdown."""
    if not signs_in():
        return "Nobody signs in here: Regulars is open on this computer alone."
    if not team:
        return "Nobody has been invited yet."
    counts = [(role, sum(member.role is role for member in team)) for role in Role]
    parts = [plural(n, ROLE_TITLES[role].lower()) for role, n in counts if n]
    last = f" and {parts[-1]}" if len(parts) > 1 else ""
    listed = ", ".join(parts[:-1] or parts) + last
    return f"{plural(len(team), 'person', 'people')} may come in: {listed}."


def draw_members(team: Sequence[TeamMember]) -> None:
    """Draw who may come in, as what, and when they were last here."""
    columns = {
        "Name": [member.name or DASH for member in team],
        "E-mail": [member.email for member in team],
        "Role": [ROLE_TITLES[member.role] for member in team],
        "Sees": [_scope(member) for member in team],
        "Last visit": [_last_visit(member) for member in team],
    }
    if not any(member.name for member in team):
        del columns["Name"]
    draw_table(columns, hide_index=True, height="content", alt="Who may come in")


def draw_invitation() -> None:
    """Draw the form that lets somebody in, and after it the text to send them."""
    st.text_input("E-mail", key="team_email", placeholder="anna@example.com", max_chars=254)
    _draw_role("team_role", Role.VIEWER)
    st.button("Invite", type="primary", icon=":material/person_add:", on_click=_invite)
    invited = st.session_state.get(INVITED)
    if invited:
        _draw_text_to_send(*invited)


def draw_change(team: Sequence[TeamMember]) -> None:
    """Draw what can be changed about somebody of the team."""
    by_id = {member.member_id: member for member in team}
    chosen = st.selectbox(
        "Who",
        list(by_id),
        format_func=lambda key: by_id[key].email if key in by_id else "",
        index=None,
        placeholder="Choose somebody",
        key="team_who",
    )
    if chosen not in by_id:
        return
    member = by_id[chosen]
    if chosen == actor().member_id:
        st.caption("This is you: what you take from yourself, another owner has to give back.")
    _draw_role(f"team_role_{chosen}", member.role, member)
    with st.container(horizontal=True):
        st.button("Save", type="primary", on_click=_change, args=(chosen,))
        st.button(
            "Take access away",
            icon=":material/person_remove:",
            on_click=_remove,
            args=(chosen,),
            help="At once, in every window they have open. What they wrote stays.",
        )


def draw_outcome() -> None:
    """Say how the last change went, once."""
    if refused := st.session_state.pop(REFUSED, None):
        st.error(md_escape(refused), icon=":material/error:")
    if done := st.session_state.pop(DONE, None):
        st.success(md_escape(done), icon=":material/check:")


def draw_rights() -> None:
    """Draw what each role may do, right by right as the program asks for it."""
    for column, role in zip(st.columns(len(Role), gap="medium"), Role, strict=True):
        with column:
            st.markdown(f"**{ROLE_TITLES[role]}** {ROLE_SENTENCES[role]}.")
            st.markdown("\n".join(f"- {right.value}" for right in rights_of(role)))


def rights_of(role: Role) -> list[Right]:
    """Return what a role may do beyond seeing, in the order of the rights."""
    return [right for right in Right if right in RIGHTS[role] and right is not Right.SEE]


def invitation_text(email: str, address: str | None) -> tuple[str, str]:
    """Return subject and body of a message to somebody invited.

    Parameters
    ----------
    email : str
        Theirs.
    address : str or None
        Where the dashboard is; None where that is not known.
    """
    where = f"at {address}" if address else "at our dashboard's address"
    body = (
        f"Hello,\n\nyou can now see how our clients are doing, {where}\n\n"
        f"Please sign in with {email}. No other account will be let in.\n"
    )
    return "Regulars: you are invited", body


def _draw_role(key: str, role: Role, member: TeamMember | None = None) -> None:
    chosen = st.selectbox(
        "Role",
        list(Role),
        index=list(Role).index(role),
        format_func=ROLE_TITLES.__getitem__,
        key=key,
    )
    picked = Role(chosen or role)
    st.caption(f"{ROLE_TITLES[picked]} {ROLE_SENTENCES[picked]}.")
    if picked is not Role.MANAGER:
        return
    departments, managers = _known_scopes()
    for name, title, options in (
        ("department", "Clients of the department", departments),
        ("manager", "Clients looked after by", managers),
    ):
        now = getattr(member, name) if member else None
        choices = sorted({*options, *([now] if now else [])})
        st.selectbox(
            title,
            choices,
            index=choices.index(now) if now else None,
            placeholder="Nobody in particular",
            accept_new_options=True,
            key=f"{key}_{name}",
        )


def _known_scopes() -> tuple[Sequence[str], Sequence[str]]:
    view = whole_view()
    if view is None:
        return (), ()
    departments = view.full_ledger.clients.attributes.get("department")
    return departments.labels if departments is not None else (), view.full_ledger.managers


def _scope(member: TeamMember) -> str:
    if member.role is Role.ANALYST:
        return "all numbers, no names"
    if member.role is not Role.MANAGER:
        return "all clients"
    parts = [
        f"department {member.department}" if member.department else "",
        f"clients of {member.manager}" if member.manager else "",
    ]
    return ", ".join(part for part in parts if part)


def _last_visit(member: TeamMember) -> str:
    if member.last_at is None or member.joined_at is None:
        return f"invited {format_day(member.invited_at.astimezone().date())}"
    local = member.last_at.astimezone()
    return f"{format_day(local.date())}, {local:%H:%M}"


def _draw_text_to_send(email: str, role: str) -> None:
    subject, body = invitation_text(email, listening.public_origin(os.environ))
    st.success(f"{md_escape(email)} may now come in as {role}.", icon=":material/check:")
    st.caption("Nothing was sent. Here is a text for them:")
    st.code(body, language=None, wrap_lines=True)
    link = f"mailto:{quote(email)}?subject={quote(subject)}&body={quote(body)}"
    st.link_button("Open in your mail program", link, icon=":material/mail:")


def _asked(key: str) -> tuple[Role, dict[str, str | None]]:
    held = {name: st.session_state.get(f"{key}_{name}") for name in ("department", "manager")}
    return Role(st.session_state[key]), held


def _invite() -> None:
    email = str(st.session_state.get("team_email") or "").strip().lower()
    st.session_state.pop(INVITED, None)
    try:
        role, scope = _asked("team_role")
        with recording(database()) as connection:
            invite(connection, email, role, **scope)
    except CrmError as error:
        st.session_state[REFUSED] = str(error)
        return
    st.session_state[INVITED] = (email, role.value)
    st.session_state["team_email"] = ""


def _change(member_id: int) -> None:
    try:
        role, scope = _asked(f"team_role_{member_id}")
        with recording(database()) as connection:
            change_role(connection, member_id, role, **scope)
            who = member_names(connection).get(member_id, "")
    except CrmError as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[DONE] = f"{who} is {role.value} from the next click on."


def _remove(member_id: int) -> None:
    try:
        with recording(database()) as connection:
            remove_member(connection, member_id)
            who = member_names(connection).get(member_id, "")
    except CrmError as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[DONE] = f"{who} is out. To take that back, invite the address again."
