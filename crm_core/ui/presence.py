"""Two people at the same client see each other."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st
from sqlalchemy import Engine, exc

from crm_core.errors import CrmError
from crm_core.formatting import join_words, md_escape, one_line
from crm_core.records.engine import note_quietly, reading
from crm_core.records.presence import note_presence, others_present
from crm_core.ui.actions import record_of
from crm_core.ui.view import View

SECONDS = 20
"""How often each says that they are still there; three times within the life of a note."""


def draw_presence(view: View, position: int) -> None:
    """Say who else has this card open, as long as it is open; alone nothing."""
    if view.who.member_id is not None:
        _draw_presence(view.engine, record_of(view, position))


@st.fragment(run_every=SECONDS)
def _draw_presence(engine: Engine, record: int) -> None:
    now = datetime.now(UTC)
    try:
        note_quietly(engine, partial(note_presence, client_id=record, now=now))
        with reading(engine) as connection:
            others = others_present(connection, record, now=now)
    except (CrmError, exc.IntegrityError):
        # Signed out meanwhile, or two tabs wrote the same note: nothing to say this time.
        return
    if others:
        names = join_words([one_line(name, 40) for name in others])
        have = "has" if len(others) == 1 else "have"
        st.badge(f"{md_escape(names)} {have} this card open too", icon=":material/group:",
                 color="orange")  # fmt: skip
