"""The parts of a client's card: who is meant, the numbers, the stages, the products."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import streamlit as st

from crm_core.access import Right
from crm_core.charts.timeline import Mark
from crm_core.explanations import explain
from crm_core.formatting import (
    format_count,
    format_day,
    format_money,
    format_share,
    md_escape,
    one_line,
    plural,
    say_name,
)
from crm_core.metrics.client_sales import DailySales
from crm_core.metrics.client_stages import stage_runs
from crm_core.metrics.products import ClientProducts
from crm_core.money import UNIT
from crm_core.records import clients as client_records
from crm_core.records.clients import ClientCard
from crm_core.records.engine import reading
from crm_core.records.not_clients import read_not_clients
from crm_core.sentences.relations import ClientFacts
from crm_core.tables import STAGES, to_date, to_day
from crm_core.ui.actions import write
from crm_core.ui.clients import RECORD, card_query, find_by_text, find_client
from crm_core.ui.definitions import number_columns
from crm_core.ui.phone import draw_table
from crm_core.ui.shell import CLIENT, page_header
from crm_core.ui.view import View

MOST_HITS = 25
LAST_CARD = "_last_card"
ENDED_BY = {"client": "the client", "us": "us", "both": "both sides", "unknown": "somebody"}
CLASS_WORDS = ("A", "B", "C")
STAGE_BADGES = {
    "awareness": "gray",
    "exploration": "blue",
    "expansion": "green",
    "commitment": "blue",
    "termination": "red",
}

RUN_COLUMNS = {
    "Stage": "client.stage",
    "From": "client.since",
    "Until": "client.stage_days",
    "Days": "client.stage_days",
}
"""Key of the definition by heading of the client's way through the stages."""

PRODUCT_COLUMNS = {
    "Stopped": "client.stopped",
    "Days bought": "client.product_days",
    "Last bought": "client.product_days",
    "Usual gap, days": "client.product_gap",
    "Last 12 months": "client.product_sales",
    "12 months before": "client.product_sales",
}
"""Key of the definition by heading of the table of products."""


def client_asked(view: View) -> int | None:
    """Return the client the link names; without one draw the search and return None.

    Parameters
    ----------
    view : View
        All clients, whatever the filters.
    """
    key = st.query_params.get("client", "")
    # Records are numbered as the first file had them: a number would tell who a pseudonym is.
    unnamed = not view.who.sees_names and key.startswith(RECORD)
    position = find_client(view.ledger, key) if key and not unnamed else None
    if position is None:
        _draw_search(view, key)
    elif st.session_state.get(LAST_CARD, key) != key:
        # From card to card the browser's address stays behind: a reload would show the old one.
        st.query_params["client"] = key
    st.session_state[LAST_CARD] = key
    return position


def _draw_search(view: View, key: str) -> None:
    if key:
        page_header("Client", f"No client “{say_name(key)}” is stored here. Look for another one:")
    else:
        page_header("Client", "Whose card shall it be?")
    text = st.text_input("Name or number", key="card_search", icon=":material/search:")
    largest, n_found = view.pareto.order[:10], 0
    if text and text.strip():
        largest, n_found = find_by_text(view.ledger, text, most=MOST_HITS)
        said = plural(n_found, "client")
        st.caption(f"{said} found" if n_found else "Nobody by that name or number.")
    elif len(largest):
        st.caption("The largest clients of the period:")
    for position in largest:
        st.page_link(
            CLIENT,
            label=say_name(view.name(position)),
            query_params=card_query(view.ledger, int(position)),
        )
    _draw_not_clients(view)


def _draw_not_clients(view: View) -> None:
    with reading(view.engine) as connection:
        others = read_not_clients(connection)
    if not others:
        return
    with st.expander(f"Not counted as clients ({format_count(len(others))})"):
        for one in others:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{one_line(one.name)} ({one.kind})", width="stretch")
                if view.may(Right.EDIT):
                    st.button(
                        "Count as a client again",
                        key=f"client_again_{one.record_id}",
                        type="tertiary",
                        on_click=_count_again,
                        args=(view, one.record_id),
                    )


def _count_again(view: View, record_id: int) -> None:
    write(
        view,
        lambda held: client_records.mark_not_client(held, record_id, None),
        "Counted as a client again.",
        sales=True,
    )


def card_of(view: View, position: int) -> ClientCard | None:
    """Return what is recorded about a client; None for who may not see names."""
    if not view.may(Right.SEE_NAMES):
        return None
    with reading(view.engine) as connection:
        return client_records.read_card(connection, int(view.ledger.clients.record_id[position]))


def last_noted_day(view: View) -> date:
    """Return the last day whose notes count: today under the latest as-of day, else that day."""
    latest = view.as_of >= view.latest_day
    return to_date(max(view.as_of, view.today) if latest else view.as_of)


def facts_of(view: View, position: int, sales: DailySales) -> ClientFacts:
    """Return what the opening sentence needs."""
    ending = int(view.stages.ending[position])
    over = STAGES[view.stages.stage[position]] == "termination"
    who = view.ledger.endings.who[ending] if ending >= 0 and over else None
    return ClientFacts(
        name=view.name(position),
        typical=sales.typical,
        share=float(view.pareto.shares()[position]),
        ended_by="" if who is None else tuple(ENDED_BY.values())[who],
    )


def draw_labels(view: View, position: int) -> None:
    """Draw the two labels of a client: stage and share."""
    stage = STAGES[view.stages.stage[position]]
    code = int(view.pareto.class_codes()[position])
    with st.container(horizontal=True):
        st.badge(view.stage_names[stage], color=STAGE_BADGES.get(stage, "gray"))  # type: ignore[arg-type]
        if code >= 0:
            share = format_share(float(view.pareto.shares()[position]))
            st.badge(f"Class {CLASS_WORDS[code]}: {share}", color="gray")


def marks_of(card: ClientCard | None, until: date) -> list[Mark]:
    """Return contacts, endings and contracts up to a day, for the picture."""
    if card is None:
        return []
    contacts = [
        Mark(to_day(row.day), "contact", f"{row.kind}{_after_colon(row.note)}")
        for row in card.contacts
    ]
    endings = [
        Mark(
            to_day(row.day), "ending", f"{ENDED_BY[row.who]}: {row.reason}{_after_colon(row.note)}"
        )
        for row in card.endings
    ]
    contracts = [
        Mark(
            to_day(row.start_day), "contract", f"{_contract_kind(row)} to {format_day(row.end_day)}"
        )
        for row in card.contracts
    ]
    last = to_day(until)
    return [mark for mark in (*contacts, *endings, *contracts) if mark.day <= last]


def _after_colon(note: str) -> str:
    return f": {note}" if note else ""


def _contract_kind(row: Any) -> str:
    return "trial" if row.trial else "contract"


def draw_stage(view: View, position: int) -> None:
    """Draw why the client stands where it stands, and the way it came."""
    sentence = explain(
        view.ledger,
        view.stages,
        view.values,
        rows=np.array([position]),
        owner_words=True,
        doubt=view.doubt,
    )[0]
    st.markdown(md_escape(sentence))
    if view.stages.overridden[position]:
        computed = view.stage_names[STAGES[view.stages.computed[position]]]
        st.caption(f"Set by hand; the sales alone say: {computed}.")
    runs = stage_runs(view.ledger, view.values, position, view.as_of)
    if len(runs):
        words = [view.stage_names[STAGES[code]] for code in runs.stage.tolist()]
        ends = [format_day(int(end)) for end in runs.end.tolist()]
        table = {
            "Stage": words[::-1],
            "From": [format_day(int(day)) for day in runs.start.tolist()][::-1],
            "Until": ["now", *ends[:-1][::-1]],
            "Days": (runs.end - runs.start)[::-1],
        }
        draw_table(
            table,
            hide_index=True,
            column_config=number_columns(RUN_COLUMNS, {"Days": "%,d"}),
            alt="Stages one after the other, newest first",
        )


def draw_stopped(products: ClientProducts, currency: str | None) -> None:
    """Draw what the client stopped buying while it still buys, and all it ever bought."""
    if products.reason:
        st.caption(md_escape(products.reason[0].upper() + products.reason[1:] + "."))
        return
    stopped = np.flatnonzero(products.stopped)
    if not len(stopped):
        st.markdown("Nothing: whatever they bought regularly is still among their purchases.")
    for row in stopped[:5].tolist():
        worth = md_escape(format_money(int(products.net_before_stop[row]), currency))
        gap, last = products.usual_gap_days[row], format_day(int(products.last[row]))
        without = plural(int(products.missed[row]), "purchase")
        st.markdown(
            f"**{say_name(products.name[row])}**: every {gap:g} days until {last}, then left out "
            f"of {without}; worth {worth} in its last year"
        )
    with st.expander(f"All {plural(len(products), 'product')}"):
        draw_table(
            _product_table(products),
            hide_index=True,
            column_config=number_columns(
                PRODUCT_COLUMNS, dict.fromkeys(("Last 12 months", "12 months before"), "%,.0f")
            ),
            alt="Everything this client bought",
        )


def _product_table(products: ClientProducts) -> dict[str, Any]:
    return {
        "Product": [one_line(name, 80) for name in products.name],
        "Stopped": products.stopped,
        "Days bought": products.days_bought,
        "Last bought": [format_day(day) for day in products.last.tolist()],
        "Usual gap, days": products.usual_gap_days,
        "Last 12 months": products.net_last_year / UNIT,
        "12 months before": products.net_year_before / UNIT,
    }


def before(rows: Sequence[Any], name: str, until: date) -> list[Any]:
    """Return the rows up to a day, newest first."""
    return [row for row in rows if getattr(row, name) <= until][::-1]
