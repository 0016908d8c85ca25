"""The filters of the sidebar: which clients the pages are about.

A filter selects clients, never rows. The channel is that of the client's latest
sale up to the as-of day that names one, the manager whoever looked after the
client on that day.
"""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.carers import carers
from crm_core.tables import BoolArray

Chosen = tuple[tuple[str, tuple[str, ...]], ...]
"""Filter names with the labels chosen, those without a choice left out."""

TITLES = {
    "country": "Country",
    "region": "Region",
    "city": "City",
    "segment": "Segment",
    "department": "Department",
    "manager": "Manager",
    "group": "Group",
    "channel": "Channel",
    "source": "Source",
    "came_from": "Came from",
    "kind": "Kind",
}
"""Filters in their order; the name is also that in the link."""

MOST_LABELS = 2_000


def codes_of(
    ledger: Ledger, name: str, as_of: int
) -> tuple[NDArray[np.int32], tuple[str, ...]] | None:
    """Return every client's code and the labels of a filter, None where nothing is recorded."""
    if name == "manager":
        return (carers(ledger, as_of), ledger.managers) if ledger.managers else None
    coded = ledger.clients.attributes.get(name)
    if coded is not None and coded.labels and bool((coded.codes >= 0).any()):
        return coded.codes, coded.labels
    if name == "channel" and ledger.channels:
        return ledger.latest_code(name, as_of), ledger.channels
    return None


def reads_sales(chosen: Chosen) -> bool:
    """Return whether a choice depends on the as-of day."""
    return any(name in ("channel", "manager") for name, _ in chosen)


def filter_mask(ledger: Ledger, chosen: Chosen, as_of: int) -> BoolArray:
    """Return which clients the filters leave, shape (n_clients,).

    Within a filter any chosen label counts, between filters all must hold.
    """
    mask = np.ones(ledger.n_clients, dtype=np.bool_)
    for name, labels in chosen:
        found = codes_of(ledger, name, as_of)
        if found is None:
            continue
        codes, every = found
        wanted = [every.index(label) for label in labels if label in every]
        mask &= np.isin(codes, wanted)
    return mask


def count_labels(ledger: Ledger, name: str, as_of: int, *, least: int = 1) -> dict[str, int]:
    """Return the labels of a filter with their known clients, most first, at most 2,000.

    Labels of fewer than ``least`` clients are left out.
    """
    found = codes_of(ledger, name, as_of)
    if found is None:
        return {}
    codes, labels = found
    known = codes[ledger.known_at(as_of) & (codes >= 0)]
    counts = np.bincount(known, minlength=len(labels))
    order = np.argsort(-counts, kind="stable")[:MOST_LABELS]
    return {labels[code]: int(counts[code]) for code in order if counts[code] >= least}


def chosen_filters() -> Chosen:
    """Return what the sidebar's filters hold in this session."""
    held = ((name, tuple(st.session_state.get(name) or ())) for name in TITLES)
    return tuple((name, labels) for name, labels in held if labels)
