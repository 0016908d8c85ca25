"""Finding a client by name or number, and the address of a client's card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from crm_core.ledger import Ledger
from crm_core.tables import IntArray
from crm_core.ui.shell import CLIENT

RECORD = "record:"


def client_key(ledger: Ledger, position: int) -> str:
    """Return what names a client in a link: their id, or the record's where two share an id."""
    ids, position = ledger.clients.external_id, int(position)
    own = ids[position].as_py()
    near = [at for at in (position - 1, position + 1) if 0 <= at < len(ids)]
    # Clients are sorted by id: whoever shares it stands beside.
    if not own or any(ids[at].as_py() == own for at in near):
        return f"{RECORD}{int(ledger.clients.record_id[position])}"
    return str(own)


def find_client(ledger: Ledger, key: str) -> int | None:
    """Return the position of the client a link names, None where there is none."""
    number = key.removeprefix(RECORD)
    # Of the digits there are, some make no number, and too many of them neither.
    if key.startswith(RECORD) and re.fullmatch("[0-9]{1,18}", number):
        found = np.flatnonzero(ledger.clients.record_id == int(number))
        return int(found[0]) if len(found) else None
    for column in (ledger.clients.external_id, ledger.clients.name):
        at = pc.index(column, pa.scalar(key, column.type)).as_py()
        if at >= 0:
            return int(at)
    return None


def match_text(ledger: Ledger, text: str, among: IntArray | None = None) -> IntArray:
    """Return the positions of clients whose name or id holds a text, case aside.

    Parameters
    ----------
    ledger : Ledger
        The clients.
    text : str
        What was typed.
    among : ndarray of int64, optional
        Positions to look at, in the order to keep; all clients without.
    """
    wanted = text.strip()
    columns = [ledger.clients.name, ledger.clients.external_id]
    if among is not None:
        columns = [column.take(pa.array(among)) for column in columns]
    hits = [pc.match_substring(column, wanted, ignore_case=True) for column in columns]
    mask = pc.fill_null(pc.or_(*hits), False).to_numpy(zero_copy_only=False)
    found = np.flatnonzero(mask)
    return found if among is None else among[found]


def find_by_text(ledger: Ledger, text: str, *, most: int) -> tuple[IntArray, int]:
    """Return the first clients a text matches, names that begin with it first, and how many do."""
    found = match_text(ledger, text)
    some = found[: 50 * most]
    names = [str(name).casefold() for name in ledger.clients.name.take(pa.array(some)).to_pylist()]
    wanted = text.strip().casefold()
    order = sorted(range(len(some)), key=lambda i: (not names[i].startswith(wanted), names[i]))
    return some[order[:most]], len(found)


def card_query(ledger: Ledger, position: int) -> dict[str, str]:
    """Return the query of a link to a client's card; the sidebar's choices stay by themselves."""
    return {"client": client_key(ledger, position)}


def open_card(ledger: Ledger, position: int) -> NoReturn:
    """Go to a client's card."""
    st.switch_page(CLIENT, query_params=card_query(ledger, position))


def open_clicked(ledger: Ledger, points: Sequence[Mapping[str, object]]) -> None:
    """Go to the card of the client whose bar was clicked; do nothing without a click."""
    data = points[0].get("customdata") if points else None
    first = data[0] if isinstance(data, list) and data else data
    if isinstance(first, int):
        open_card(ledger, first)
