"""The parts of a person's own page: whose clients, who is late, the list, what comes up."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import streamlit as st

from crm_core.access import Role
from crm_core.explanations import guess_words
from crm_core.formatting import format_count, format_day, format_money, one_line, plural, say_name
from crm_core.metrics.cadence import TERMINATION
from crm_core.metrics.carers import carers
from crm_core.metrics.contacts import last_contacts
from crm_core.metrics.late import LateList, by_money
from crm_core.records.coming_up import birthdays_soon
from crm_core.records.engine import reading
from crm_core.records.key_accounts import read_key_notes
from crm_core.sentences.key_accounts import REASON_WORDS
from crm_core.sentences.places import own_clients_sentence
from crm_core.tables import NEVER, BoolArray, IntArray, to_date, to_day
from crm_core.ui.calls import to_call
from crm_core.ui.card import last_noted_day
from crm_core.ui.clients import card_query
from crm_core.ui.definitions import Shown
from crm_core.ui.elsewhere import at_settings
from crm_core.ui.lists import Column
from crm_core.ui.shared_columns import stage_column, trailing_column
from crm_core.ui.shell import CLIENT
from crm_core.ui.view import View, narrowed

BIRTHDAY_DAYS, CONTRACT_DAYS = 30, 60
MOST_COMING = 8
WHOSE = "whose"


def own_view(view: View) -> tuple[View, str | None]:
    """Return the view of somebody's clients and whose they are, None for one's own.

    A manager sees their own; whoever sees all chooses.
    """
    if view.who.role is Role.MANAGER:
        return view, None
    names = people_with_clients(view)
    if not names:
        return view, None
    mine = view.who.manager if view.who.manager in names else None
    chosen = st.selectbox(
        "Whose clients",
        names,
        index=names.index(mine) if mine else 0,
        format_func=one_line,
        key=WHOSE,
        bind="query-params",
        width=320,
    )
    return narrowed(view, "manager", chosen), chosen


def people_with_clients(view: View) -> list[str]:
    """Return who looks after clients on the view's day, most clients first."""
    return view.remember("carers", lambda: _people(view))


def _people(view: View) -> list[str]:
    codes = carers(view.ledger, view.as_of)
    counts = np.bincount(codes[codes >= 0], minlength=len(view.ledger.managers))
    order = np.argsort(-counts, kind="stable")
    return [view.ledger.managers[code] for code in order.tolist() if counts[code]]


def active_clients(view: View) -> BoolArray:
    """Return which clients of a view bought and are not gone, shape (n_clients,)."""
    stages = view.stages
    active = (stages.stage != TERMINATION) & (stages.all_purchases > 0)
    return np.asarray(active | stages.late)


def my_sentence(mine: View, late: LateList, whose: str | None) -> str:
    """Say how somebody's clients stand, in one sentence of Markdown."""
    active = np.flatnonzero(active_clients(mine))
    waiting = np.where(mine.stages.late[active], NEVER, mine.stages.late_on[active])
    coming = None
    if len(active) and not len(late):
        first = int(active[np.argmin(waiting)])
        coming = (mine.name(first), int(waiting.min()))
    return own_clients_sentence(
        len(active),
        len(late),
        late.total,
        whose="your" if whose is None else f"{say_name(whose)}'s",
        first=mine.name(int(late.client[0])) if len(late) else None,
        next_late=coming,
        currency=mine.currency,
    )


def my_numbers(mine: View, late: LateList) -> list[Shown]:
    """Return how many clients somebody has, who is late, and what they bring."""
    others = at_settings(
        mine,
        "my_clients",
        {
            "my.clients": lambda tried: format_count(int(active_clients(tried).sum())),
            "churn.late": lambda tried: format_count(len(to_call(tried))),
            "churn.at_stake": lambda tried: format_money(to_call(tried).total, mine.currency),
            "my.sales": lambda tried: format_money(_brought(tried), mine.currency),
        },
        str(mine.versions.data_version),
    )
    n, gone = int(active_clients(mine).sum()), _gone(mine)
    proofs = {
        "my.clients": (
            format_count(n),
            f"{format_count(gone)} more {guess_words(doubt=mine.doubt)}",
        ),
        "churn.late": (
            format_count(len(late)),
            f"of {plural(n, 'client')}, those put off left out",
        ),
        "churn.at_stake": (format_money(late.total, mine.currency), plural(len(late), "client")),
        "my.sales": (format_money(_brought(mine), mine.currency), plural(n, "client")),
    }
    return [Shown(key, *proof, others[key]) for key, proof in proofs.items()]


def _gone(view: View) -> int:
    return int(((view.stages.stage == TERMINATION) & ~active_clients(view)).sum())


def _brought(view: View) -> int:
    return int(view.trailing[active_clients(view)].sum())


def my_order(mine: View, late: LateList, *, gone: bool) -> IntArray:
    """Return somebody's clients: the late ones first, then by sales, the gone last if at all."""
    active = active_clients(mine)
    rest = np.flatnonzero(active & ~np.isin(np.arange(mine.ledger.n_clients), late.client))
    parts = [late.client, rest[by_money(mine.trailing[rest])]]
    if gone:
        left = np.flatnonzero((mine.stages.stage == TERMINATION) & ~active)
        parts.append(left[by_money(mine.trailing[left])])
    return np.concatenate(parts).astype(np.int64)


def my_columns(mine: View, listed: IntArray) -> list[Column]:
    """Return where each client stands, when to act, and what hangs on it."""
    contacts = mine.remember(
        "last_contacts", lambda: last_contacts(mine.ledger, to_day(last_noted_day(mine)))
    )
    stages, gone = mine.stages, guess_words(doubt=mine.doubt)
    return [
        stage_column(mine, listed),
        Column("Late from", stages.late_on[listed], "day", definition="client.late_on"),
        Column(
            f"{gone[0].upper()}{gone[1:]} from",
            stages.gone_on[listed],
            "day",
            definition="client.gone_on",
        ),
        Column("Last contact", contacts[listed], "day", definition="client.last_contact"),
        trailing_column(mine, listed),
        Column("Key because", key_reasons(mine, listed), help="Reasons noted by hand"),
    ]


def key_reasons(mine: View, listed: IntArray) -> list[str]:
    """Return why clients are key, as noted by hand up to the view's day."""
    until = to_day(last_noted_day(mine))
    with reading(mine.engine) as connection:
        rows = read_key_notes(connection).reasons
    held: dict[int, dict[str, None]] = {}
    for number, row in rows:
        over = row.until_day is not None and to_day(row.until_day) <= until
        if to_day(row.from_day) <= until and not over:
            held.setdefault(number, {})[REASON_WORDS[row.reason]] = None
    records = mine.ledger.clients.record_id[listed].tolist()
    return [", ".join(held.get(number, ())) for number in records]


def coming_up(mine: View) -> list[tuple[int, int, str]]:
    """Return birthdays and contracts running out soon: (day, position, what), by day."""
    day = to_day(last_noted_day(mine))
    active = active_clients(mine)
    found = _contracts(mine, day, active)
    if mine.who.sees_names:
        with reading(mine.engine) as connection:
            birthdays = birthdays_soon(connection, to_date(day), days=BIRTHDAY_DAYS)
        place = dict(zip(mine.ledger.clients.record_id.tolist(), range(len(active)), strict=True))
        for one in birthdays:
            position = place.get(one.client_id)
            if position is not None and active[position]:
                who = f"birthday of {one_line(one.person, 60)}" if one.person else "birthday"
                found.append((to_day(one.day), position, who))
    return sorted(found)


def _contracts(mine: View, day: int, active: BoolArray) -> list[tuple[int, int, str]]:
    contracts, owner = mine.ledger.contracts, mine.ledger.contracts.clients()
    last = np.full(mine.ledger.n_clients, -1, dtype=np.int64)
    np.maximum.at(last, owner, contracts.end)
    ends = (contracts.end >= day) & (contracts.end < day + CONTRACT_DAYS)
    ends &= ~contracts.trial & (contracts.notice >= NEVER) & active[owner]
    # A contract that another one follows does not run out.
    ends &= contracts.end == last[owner]
    rows = np.flatnonzero(ends)
    return [(int(contracts.end[row]), int(owner[row]), "contract runs out") for row in rows]


def draw_coming_up(mine: View, found: list[tuple[int, int, str]]) -> None:
    """Draw what comes up, names leading to cards; nothing where nothing does."""
    if not found:
        return
    st.subheader("Coming up")
    for day, position, what in found[:MOST_COMING]:
        with st.container(gap=None):
            name = f"**{say_name(mine.name(position))}**"
            st.page_link(CLIENT, label=name, query_params=card_query(mine.ledger, position))
            st.caption(f"{format_day(day)}: {say_name(what, 80)}")
    if len(found) > MOST_COMING:
        st.caption(f"and {plural(len(found) - MOST_COMING, 'day')} more")


def coming_numbers(mine: View, found: list[tuple[int, int, str]]) -> list[Shown]:
    """Return what comes up, for the drawer."""
    day = last_noted_day(mine)
    reach = f"{format_day(day)} to {format_day(day + timedelta(days=CONTRACT_DAYS - 1))}"
    return [Shown("my.coming_up", plural(len(found), "day"), reach)]
