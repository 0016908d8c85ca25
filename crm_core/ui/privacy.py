"""The page about privacy: who was erased, whom the rule would forget, what clients allow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from crm_core.access import Right, require
from crm_core.errors import CrmError
from crm_core.formatting import format_count, format_day, md_escape, one_line, plural
from crm_core.privacy.forgetting import clean_again, forget_old_leads
from crm_core.privacy.receipt_page import receipt_html
from crm_core.records.consents import consent_overview, latest_consents, refused_channels
from crm_core.records.engine import reading, writing
from crm_core.records.models_privacy import CONSENT_CHANNELS, CONSENT_STATES
from crm_core.records.receipts import Receipt, list_erasures
from crm_core.records.retention import (
    MOST_MONTHS,
    Forgettable,
    find_forgettable,
    name_leads,
    read_retention,
    write_retention,
)
from crm_core.ui.consents import CHANNEL_WORDS
from crm_core.ui.definitions import Shown, number_columns
from crm_core.ui.handing_out import hand_out
from crm_core.ui.numbers import number_row
from crm_core.ui.phone import draw_table
from crm_core.ui.view import database

ERROR, DONE = "privacy_error", "privacy_done"
SUGGESTED_MONTHS = 24
MOST_LISTED = 1_000


def today() -> datetime:
    """Return this moment with its zone."""
    return datetime.now(UTC)


def erasures() -> list[Receipt]:
    """Return all receipts, newest first; refuses whoever may not know."""
    require(Right.PRIVACY)
    with reading(database()) as connection:
        return list_erasures(connection)


def retention_now() -> tuple[int | None, Forgettable | None]:
    """Return the rule in force and whom it concerns today, None while it is off."""
    with reading(database()) as connection:
        months = read_retention(connection)
        if months is None:
            return None, None
        found = find_forgettable(connection, months=months, today=today().astimezone().date())
    return months, found


def privacy_sentence(done: Sequence[Receipt], months: int | None, found: Forgettable | None) -> str:
    """Return the page's answer in one sentence, as Markdown."""
    people = len({receipt.client_id for receipt in done})
    erased = f"**{plural(people, 'person', 'people')}** erased" if people else "Nobody was erased"
    if months is None or found is None:
        return f"{erased}; no rule forgets leads who never bought."
    kept = plural(months, "month")
    waiting = f"**{plural(len(found), 'lead')}** to forget" if len(found) else "nobody to forget"
    return f"{erased}; leads who never bought are kept {kept}: {waiting}."


def draw_outcome() -> None:
    """Say how the last deed on this page went, once."""
    if error := st.session_state.pop(ERROR, None):
        st.error(md_escape(error))
    if done := st.session_state.pop(DONE, None):
        st.success(md_escape(done), icon=":material/check:")


def draw_erased(done: Sequence[Receipt]) -> None:
    """Draw who was erased, and hand over the receipt of one."""
    if not done:
        st.caption("To erase somebody, open their card: “Erase this person” stands at its end.")
        return
    _draw_unclean(done)
    listed = done[:MOST_LISTED]
    frame = pd.DataFrame(
        {
            "Client": [receipt.pseudonym for receipt in listed],
            "Erased": [receipt.at.date() for receipt in listed],
            "Reason": [one_line(receipt.reason, 120) for receipt in listed],
            "By": [receipt.by for receipt in listed],
            "Removed": [sum(receipt.removed.values()) for receipt in listed],
        }
    )
    shown = number_columns({"Removed": "privacy.removed"}, {"Removed": "%,d"}) | {
        "Erased": st.column_config.DateColumn(format="D MMM YYYY")
    }
    draw_table(frame, hide_index=True, column_config=shown, alt="Erasures, newest first")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_number = {receipt.number: receipt for receipt in listed}
        chosen = st.selectbox(
            "Receipt of",
            list(by_number),
            format_func=lambda number: (
                f"{by_number[number].pseudonym}, {format_day(by_number[number].at.date())}"
            ),
            key="privacy_receipt",
            width=360,
        )
        if chosen in by_number:
            _offer_receipt(by_number[chosen])


def _offer_receipt(receipt: Receipt) -> None:
    st.download_button(
        "Receipt to hand over",
        hand_out(lambda: receipt_html(receipt).encode("utf-8"), right=Right.PRIVACY),
        f"erasure-{receipt.number}.html",
        "text/html",
        key="privacy_receipt_file",
        icon=":material/receipt_long:",
        on_click="ignore",
        help="What was removed, what stays and why; names nobody.",
    )


def _draw_unclean(done: Sequence[Receipt]) -> None:
    waiting = [r for r in done if r.database == "sqlite" and not r.file_clean]
    if waiting:
        st.warning("The database file was in use and may still hold old bytes of erased people.")
        st.button("Clean the file now", key="privacy_clean", on_click=_clean, args=(database(),))


def _clean(engine: Engine) -> None:
    try:
        clean = clean_again(engine)
    except CrmError as error:
        st.session_state[ERROR] = str(error)
        return
    if clean is False:
        st.session_state[ERROR] = "The file is still in use; close other programs and try again."
    else:
        st.session_state[DONE] = "The file holds nothing of erased people any more."


def draw_retention(months: int | None, found: Forgettable | None) -> None:
    """Draw the rule, whom it concerns, and the way to change and to run it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        value = st.number_input(
            "Forget leads without a purchase after (months)",
            min_value=1,
            max_value=MOST_MONTHS,
            value=months or SUGGESTED_MONTHS,
            key=f"privacy_months_{months}",
            width=340,
        )
        if months is None or value != months:
            label = "Switch the rule on" if months is None else "Change the rule"
            st.button(label, key="privacy_rule", on_click=_set_rule, args=(int(value),))
        if months is not None:
            st.button(
                "Switch it off",
                type="tertiary",
                key="privacy_rule_off",
                on_click=_set_rule,
                args=(None,),
            )
    st.caption("The rule forgets nobody by itself: somebody looks at the list and runs it.")
    if found is None:
        return
    number_row(_shown_retention(found), key="retention")
    if not len(found):
        return
    _draw_leads(found)
    st.checkbox(
        f"Erase {plural(len(found), 'lead')} for good. **This cannot be undone.**",
        key="privacy_sure",
    )
    st.button(
        "Forget them now",
        type="primary",
        key="privacy_run",
        on_click=_run,
        args=(found.months,),
    )


def _draw_leads(found: Forgettable) -> None:
    with reading(database()) as connection:
        leads = name_leads(connection, found)
    table = {
        "Client": [one_line(name, 120) for _, name, _ in leads],
        "Known since": [day for _, _, day in leads],
    }
    shown = {"Known since": st.column_config.DateColumn(format="D MMM YYYY")}
    with st.expander(f"Whom it concerns ({format_count(len(found))})"):
        draw_table(table, hide_index=True, column_config=shown, alt="Leads to forget")
        if len(leads) < len(found):
            st.caption(f"The {format_count(len(leads))} known longest.")


def _shown_retention(found: Forgettable) -> list[Shown]:
    oldest = f"known since {format_day(found.oldest)} at the earliest" if found.oldest else ""
    undated = f"; {format_count(found.undated)} without a day cannot be judged"
    return [
        Shown(
            "privacy.forgettable",
            format_count(len(found)),
            (oldest or f"nobody known before {format_day(found.before)}")
            + (undated if found.undated else ""),
            [],
        ),
        Shown(
            "privacy.spared",
            format_count(sum(found.spared.values())),
            ", ".join(f"{count}: {reason}" for reason, count in found.spared.items()) or "none",
            [],
        ),
    ]


def _set_rule(months: int | None) -> None:
    try:
        with writing(database(), sales=False) as connection:
            since = today().astimezone().date()
            write_retention(connection, months, since=since, set_by="dashboard")
    except CrmError as error:
        st.session_state[ERROR] = str(error)
        return
    st.session_state[DONE] = (
        "The rule is off: leads are kept."
        if months is None
        else f"The rule is {plural(months, 'month')}. It forgets nobody until somebody runs it."
    )


def _run(months: int) -> None:
    if not st.session_state.get("privacy_sure"):
        st.session_state[ERROR] = "Nobody was forgotten: tick that you want it for good."
        return
    try:
        numbers = forget_old_leads(
            database(), months=months, today=today().astimezone().date(), at=today()
        )
    except CrmError as error:
        st.session_state[ERROR] = str(error)
        return
    st.session_state.pop("privacy_sure", None)
    st.session_state[DONE] = f"{plural(len(numbers), 'lead')} forgotten."


def draw_consent_overview() -> None:
    """Draw how many clients said what for each channel."""
    with reading(database()) as connection:
        counts = consent_overview(connection)
        said_no = sum(bool(refused_channels(held)) for held in latest_consents(connection).values())
    if not counts:
        st.caption("Nothing is written down yet; each client's card has the place for it.")
        return
    number_row(
        [Shown("privacy.refusals", format_count(said_no), "marked on every list to call", [])],
        key="refusals",
    )
    table = {"Channel": [CHANNEL_WORDS[channel] for channel in CONSENT_CHANNELS]} | {
        state.capitalize(): [counts.get((channel, state), 0) for channel in CONSENT_CHANNELS]
        for state in CONSENT_STATES
    }
    names = [state.capitalize() for state in CONSENT_STATES]
    shown = number_columns(dict.fromkeys(names, "privacy.consents"))
    draw_table(table, hide_index=True, column_config=shown, alt="Consent by channel")


def shown_erased(done: Sequence[Receipt]) -> list[Shown]:
    """Return the numbers of the page's sentence."""
    people = len({receipt.client_id for receipt in done})
    newest = f"last on {format_day(done[0].at.date())}" if done else "none so far"
    return [Shown("privacy.erased", format_count(people), newest, [])]
