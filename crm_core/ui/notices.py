"""The banner above every page: what others changed, until it was seen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crm_core.access import actor
from crm_core.errors import CrmError
from crm_core.records.engine import reading, recording
from crm_core.records.notices import FOR_OWNERS, NoticeLine, mark_seen, unseen_notices
from crm_core.sentences.notices import notice_sentence
from crm_core.small_groups import is_few
from crm_core.ui.setting_words import TITLES
from crm_core.ui.shell import IMPORT
from crm_core.ui.view import database

MOST_LINES = 3
ICONS = {
    "setting": ":material/tune:",
    "handover": ":material/handshake:",
    "import waiting": ":material/hourglass_empty:",
    "import failed": ":material/error:",
    "import repeats": ":material/content_copy:",
}


def draw_notices() -> None:
    """Draw what whoever is at the page has not seen yet; nothing where there is nothing."""
    with reading(database()) as connection:
        found = unseen_notices(connection)
    if not found:
        return
    with st.container(border=True, gap="xxsmall", key="notices"):
        for notice in found[:MOST_LINES]:
            _draw_notice(notice)
        if len(found) > MOST_LINES:
            with st.expander(f"{len(found) - MOST_LINES} more"):
                for notice in found[MOST_LINES:]:
                    _draw_notice(notice)
        if len(found) > 1:
            _seen_button("All seen", [notice.id for notice in found], "notices_seen")


def _draw_notice(notice: NoticeLine) -> None:
    day = notice.at.astimezone().date()
    detail = dict(notice.detail)
    if not actor().sees_names and is_few(int(detail.get("moved") or 0)):
        detail.pop("moved")
    said = notice_sentence(notice.kind, notice.by, day, detail, titles=TITLES)
    text, acts = st.columns([4, 1], vertical_alignment="center")
    text.markdown(f"{ICONS.get(notice.kind, '')} {said}")
    with acts, st.container(horizontal=True, horizontal_alignment="right"):
        if notice.kind in FOR_OWNERS:
            st.page_link(IMPORT, label="Look", icon=":material/arrow_forward:", width="content")
        _seen_button("Seen", [notice.id], f"notice_seen_{notice.id}")


def _seen_button(label: str, ids: Sequence[int], key: str) -> None:
    st.button(label, key=key, type="tertiary", icon=":material/check:", on_click=_see, args=(ids,))


def _see(ids: Sequence[int]) -> None:
    try:
        with recording(database()) as connection:
            mark_seen(connection, ids)
    except CrmError as error:
        st.session_state["start_error"] = str(error)
