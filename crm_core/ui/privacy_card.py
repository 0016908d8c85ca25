"""The part of a client's card about privacy: consent, the client file, and erasing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import streamlit as st

from crm_core.access import Right, actor
from crm_core.errors import CrmError
from crm_core.formatting import format_count, md_escape, one_line, say_name
from crm_core.privacy.client_file import client_file
from crm_core.privacy.file_page import file_html
from crm_core.privacy.forgetting import erase_client, preview_erasure
from crm_core.privacy.receipt_page import MOST_ALIKE
from crm_core.privacy.standing import standing_of
from crm_core.records.clients import ClientCard
from crm_core.records.engine import recording
from crm_core.records.receipts import REMOVED_KINDS, Receipt
from crm_core.ui.actions import record_of
from crm_core.ui.clients import RECORD
from crm_core.ui.consents import draw_consents
from crm_core.ui.handing_out import hand_out
from crm_core.ui.view import View

DONE, ERROR, OPEN = "erase_done", "erase_error", "erase_asked"


def draw_privacy(view: View, position: int, card: ClientCard) -> None:
    """Draw consent, and for an owner the client file and erasing.

    Parameters
    ----------
    view : View
        Its ledger is what ``position`` counts in.
    position : int
        The client.
    card : ClientCard
        Everything recorded about it.
    """
    if not actor().sees_names:
        return
    st.subheader("Privacy")
    members = [int(card.client.id), *(int(row.merged_id) for row in card.merged)]
    draw_consents(view, position, members)
    if done := st.session_state.pop(DONE, None):
        st.success(md_escape(done), icon=":material/check:")
    if not actor().may(Right.PRIVACY):
        return
    with st.container(horizontal=True):
        _offer_file(view, position, page=True)
        _offer_file(view, position, page=False)
        icon = ":material/person_off:"
        st.button("Erase this person", icon=icon, key="erase_open", on_click=_open)
    if st.session_state.pop(OPEN, False):
        ask_erase(view, position)


def _open() -> None:
    # In a callback: a page may start over before it comes to its button.
    st.session_state[OPEN] = True
    for key in ("erase_reason", "erase_sure"):
        st.session_state.pop(key, None)


def _offer_file(view: View, position: int, *, page: bool) -> None:
    number = record_of(view, position)
    ending, kind = ("html", "text/html") if page else ("json", "application/json")
    st.download_button(
        "Everything about this client" if page else "The same as data",
        hand_out(lambda: make_file(view, number, page=page), right=Right.PRIVACY),
        f"client-{number}.{ending}",
        kind,
        key=f"client_file_{ending}",
        icon=":material/folder_shared:" if page else ":material/data_object:",
        type="secondary" if page else "tertiary",
        on_click="ignore",
        help="All that any table holds about them, to hand over. Handing it out is written down.",
    )


def make_file(view: View, number: int, *, page: bool) -> bytes:
    """Return the client file, as a page to read or as data; handing it out is written down."""
    whole = view.whole
    standing = standing_of(whole.full_ledger, whole.values, whole.as_of, number)
    with recording(view.engine) as connection:
        file = client_file(connection, number, at=datetime.now(UTC), standing=standing)
    text = file_html(file) if page else json.dumps(file, indent=2, ensure_ascii=False)
    return text.encode("utf-8")


@st.dialog("Erase this person", icon=":material/person_off:", width="large")
def ask_erase(view: View, position: int) -> None:
    """Show what would be erased, ask for the reason and once more whether to do it."""
    number = record_of(view, position)
    st.text(one_line(view.name(position), 80))
    try:
        receipt = _preview(view, number)
    except CrmError as error:
        st.error(md_escape(str(error)))
        return
    _draw_preview(receipt)
    if receipt.alike:
        st.warning(_say_alike(view, receipt), icon=":material/group:")
    st.text_input(
        "Reason",
        key="erase_reason",
        max_chars=300,
        placeholder="Letter of 3 May",
        help="Stands on the receipt: the reference of the request, not the person's name.",
    )
    st.checkbox(
        "I have seen what goes. **This cannot be undone**, not even by undoing imports.",
        key="erase_sure",
    )
    pressed = st.button(
        "Erase for good",
        type="primary",
        key="erase_go",
        on_click=_erase,
        args=(view, number),
    )
    if refused := st.session_state.pop(ERROR, None):
        st.error(md_escape(refused))
    elif pressed:
        st.rerun()


def _preview(view: View, number: int) -> Receipt:
    """Try the erasure once for each state of the records; the dialog draws itself often."""

    def look() -> Receipt:
        with st.spinner("Looking everywhere for this person …"):
            return preview_erasure(view.engine, number, at=datetime.now(UTC))

    return view.whole.remember("erase_preview", look, str(number), view.versions.data_id)


def _draw_preview(receipt: Receipt) -> None:
    st.markdown("What names the person goes; what counts stays, under a pseudonym.")
    removed = [(kind, receipt.removed[kind]) for kind in REMOVED_KINDS if kind in receipt.removed]
    kept = list(receipt.kept.items())
    left, right = st.columns(2)
    for column, title, rows in ((left, "Goes", removed), (right, "Stays", kept)):
        with column:
            st.markdown(f"**{title}**")
            lines = [f"{kind.capitalize()}: {format_count(count)}" for kind, count in rows]
            st.markdown("  \n".join(map(md_escape, lines)) or "Nothing.")
    if receipt.members > 1:
        st.caption(f"{format_count(receipt.members)} records count as this client; all are erased.")
    st.caption(
        "Backups made before still hold the person until they run out, and so do files in a "
        "watched folder until you delete them."
    )


def _say_alike(view: View, receipt: Receipt) -> str:
    """Return who stays and could be the same person, by name; by record where no page has them."""
    clients = view.whole.full_ledger.clients
    places = {int(one): at for at, one in enumerate(clients.record_id) if one in receipt.alike}
    named = [
        say_name(str(clients.name[places[one]])) if one in places else f"record {one}"
        for one in receipt.alike[:MOST_ALIKE]
    ]
    return (
        f"The same name, e-mail or phone number also stands with {', '.join(named)}"
        f"{' and others' if len(receipt.alike) > MOST_ALIKE else ''}. They stay: where it is the "
        "same person, merge first, or erase each."
    )


def _erase(view: View, number: int) -> None:
    """Erase in a callback, and leave for the next run how it went."""
    reason = st.session_state.get("erase_reason", "")
    if not st.session_state.get("erase_sure"):
        st.session_state[ERROR] = "Nothing was erased: tick that you have seen what goes."
        return
    try:
        receipt = erase_client(view.engine, number, at=datetime.now(UTC), reason=reason)
    except CrmError as error:
        st.session_state[ERROR] = str(error)
        return
    st.session_state[DONE] = (
        f"Erased: from now on {receipt.pseudonym}. The receipt is on the page Privacy."
    )
    # The link named the client by what is erased now.
    st.query_params["client"] = f"{RECORD}{receipt.client_id}"
