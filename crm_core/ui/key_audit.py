"""Levels by department and manager, and everything about key clients that needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.formatting import format_count, format_share, md_escape, one_line, plural, say_name
from crm_core.metrics.key_accounts import MOST_KEYS, KeyLevel, Load, count_load
from crm_core.metrics.key_care import OFFER_DAYS, VISIT_DAYS, AuditCheck, KeyClient, audit
from crm_core.money import UNIT
from crm_core.sentences.key_accounts import say_some
from crm_core.small_groups import is_few_of
from crm_core.ui.definitions import Shown, number_columns
from crm_core.ui.key_accounts import KeyBook
from crm_core.ui.phone import draw_table
from crm_core.ui.small_groups import HIDDEN, least_of, without_small_rows
from crm_core.ui.view import View

MOST_BASES = 200
"""Departments or managers in one table, the largest."""

CHECKS = {
    "equal": (
        "Clients are told apart",
        "All clients are treated as equal: nobody is named key by hand yet. Name them below or "
        "on their cards.",
    ),
    "head": ("The head knows them", f"The head has not been there for {VISIT_DAYS} days, or ever"),
    "manager": ("Everyone has a manager", "Nobody is named to look after"),
    "information": ("Enough is known", "Less than half of the dossier is noted"),
}
"""Heading of each check that passes, and what is said where it fails."""


def load_of(book: KeyBook) -> Load:
    """Return how many key clients each manager looks after."""
    base = book.bases("manager")
    return count_load(book.positions, None if base is None else base[0])


def shown_load(book: KeyBook) -> list[Shown]:
    """Return managers with too many key clients, and key clients without a manager."""
    load = load_of(book)
    n_keys = f"of {plural(len(book.clients), 'key client')}"
    return [
        Shown(
            "key.load",
            format_count(len(load.above())),
            f"of {plural(len(load.managers), 'manager')} with key clients; more than {MOST_KEYS} "
            "are too many",
            [
                (f"more than {most}", plural(len(load.above(most)), "manager"))
                for most in (MOST_KEYS - 1, MOST_KEYS + 2)
            ],
        ),
        Shown(
            "key.without_manager",
            format_count(len(load.without)),
            n_keys,
            few=is_few_of(len(load.without), len(book.clients)),
        ),
    ]


def draw_audit(book: KeyBook) -> None:
    """Draw the four checks of how key clients are treated, and what else needs attention."""
    if not book.clients:
        st.caption("Nobody is key yet, so there is nothing to check.")
        return
    if least_of(book.view) > 1:  # nearly all of it is about one client, or a few
        st.caption(HIDDEN)
        return
    for check in audit(book.clients, book.noted_until):
        _draw_check(book.view, check)
    for text in _alerts(book):
        st.markdown(f":orange[:material/warning:] {text}")


def _draw_check(view: View, check: AuditCheck) -> None:
    good, bad = CHECKS[check.name]
    if check.passed:
        st.markdown(f":green[:material/check_circle:] {good}.")
    elif check.positions:
        who = say_some(view.names(np.array(check.positions)))
        st.markdown(f":red[:material/cancel:] {bad}: {who}.")
    else:
        st.markdown(f":red[:material/cancel:] {bad}")


def _alerts(book: KeyBook) -> list[str]:
    load, base, until = load_of(book), book.bases("manager"), book.noted_until
    texts = []
    for manager in load.above().tolist() if base else []:
        count = int(load.counts[load.managers == manager][0])
        name = say_name(base[1][manager]) if base else ""
        texts.append(
            f"**{name}** looks after {format_count(count)} key clients: more than {MOST_KEYS} "
            "are too many for one."
        )
    texts += _name_those(
        book,
        [c for c in book.clients if c.hangs_on_one],
        "You know nobody, or a single person, at",
    )
    texts += _name_those(
        book,
        [c for c in book.clients if c.is_unoffered(until)],
        f"Nothing new was offered for {OFFER_DAYS} days, or ever, to",
    )
    texts += _name_those(book, [c for c in book.clients if c.risks], "A risk was noted at")
    return texts


def _name_those(book: KeyBook, clients: Sequence[KeyClient], words: str) -> list[str]:
    if not clients:
        return []
    at = np.array([client.position for client in clients])
    return [f"{words} {say_some(book.view.names(at))}."]


def draw_levels(book: KeyBook) -> None:
    """Draw the key clients of each department and of each manager, every base its own."""
    load = load_of(book)
    for name in ("department", "manager"):
        st.markdown(f"**By {name}**")
        level = book.level(name)
        if level is None or not level.total.any():
            st.caption(f"No {name} is recorded. Files can bring one with the sales.")
        else:
            _draw_level(book, level, name, load if name == "manager" else None)


def _draw_level(book: KeyBook, level: KeyLevel, name: str, load: Load | None) -> None:
    order = np.argsort(-level.total, kind="stable")[:MOST_BASES]
    order = order[level.total[order] > 0]
    frame: dict[str, Any] = {
        name.capitalize(): [one_line(level.labels[code], 60) for code in order],
        "Sales": level.total[order] / UNIT,
        "Clients": level.buyers[order],
    }
    defined = {"Sales": "client.sales", "Clients": "key.base", "Key here": f"key.{name}s"}
    if load is not None:
        counts = dict(zip(load.managers.tolist(), load.counts.tolist(), strict=True))
        frame["Key clients"] = [counts.get(code, 0) for code in order.tolist()]
        defined["Key clients"] = "key.load"
    frame["Key here"] = [_say_members(book.view, level, code) for code in order.tolist()]
    if least_of(book.view) > 1:  # key clients are few everywhere
        for heading in ("Key clients", "Key here"):
            frame.pop(heading, None)
            defined.pop(heading, None)
    rest = [level.n_without, *level.buyers[level.total <= 0]]
    draw_table(
        without_small_rows(book.view, pd.DataFrame(frame), count="Clients", beside=rest),
        hide_index=True,
        column_config=number_columns(defined, {"Sales": "%,.0f"}),
        height="content" if len(order) <= 10 else 400,
        alt=f"Key clients by {name}",
    )
    if least_of(book.view) > 1:
        return
    without = f"; {plural(level.n_without, 'client')} without one" if level.n_without else ""
    st.caption(
        f"{plural(len(order), name)}, {plural(len(level), 'key client')} in them{without}. "
        "A base of ten clients or fewer always has one: look at the large ones first."
    )


def _say_members(view: View, level: KeyLevel, base: int) -> str:
    mine = np.flatnonzero(level.base == base)
    names = view.names(level.position[mine])
    shares = level.share[mine].tolist()
    said = [f"{one_line(n, 30)} {format_share(s)}" for n, s in zip(names, shares, strict=True)]
    return ", ".join(said) or "nobody"


def say_filtered(view: View) -> None:
    """Say that filters are set: shares are of what they leave."""
    if view.filters:
        chosen = ", ".join(label for _, labels in view.filters for label in labels)
        st.caption(f"Of the clients the filters leave: {md_escape(one_line(chosen, 120))}.")
