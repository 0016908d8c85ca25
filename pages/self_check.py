"""Self-check: whether the program is right, and shows what your files say."""

from __future__ import annotations

import streamlit as st

from crm_core.ui.self_check import (
    answer,
    check_again,
    draw_download,
    draw_faults,
    draw_group,
    draw_numbers,
    is_whole,
    latest_report,
    rebuild,
    run_all,
)
from crm_core.ui.shell import page_header, quiet_reason, require_app
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
report = run_all(view) if st.session_state.pop("check_now", False) else latest_report(view)
page_header("Self-check", answer(view, report))

if st.session_state.pop("check_rebuilt", True) is False:
    quiet_reason("The ledger on disk could not be replaced: close other programs that use it.")

with st.container(horizontal=True):
    st.button(
        "Check again" if is_whole(report) else "Check files, ledger and database",
        type="secondary" if is_whole(report) else "primary",
        icon=":material/fact_check:",
        on_click=check_again,
        args=(view,),
    )
    if is_whole(report):
        draw_download(report)

draw_faults(report, lambda: rebuild(view))
draw_numbers(report)
for group in report.groups:
    draw_group(group)
st.caption(
    "Nothing is changed by checking. The same, without the page: `python -m crm_core check`."
)
