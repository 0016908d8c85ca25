from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from crm_core.ledger import Ledger
from crm_core.ui.clients import client_key, find_by_text, find_client, match_text
from tests.builders import make_ledger


@pytest.fixture
def ledger() -> Ledger:
    return make_ledger({name: [("2026-01-01", 1)] for name in ("17", "A.*b", "Nord", "Nordlicht")})


def twins(ledger: Ledger) -> Ledger:
    """Return the ledger with two clients under one id."""
    ids = pa.array(["17", "17", "Nord", ""], pa.string())
    return replace(ledger, clients=replace(ledger.clients, external_id=ids))


def test_link_names_a_client_by_his_own_id(ledger: Ledger) -> None:
    for position in range(4):
        assert find_client(ledger, client_key(ledger, position)) == position


def test_link_names_the_record_where_two_share_an_id_or_have_none(ledger: Ledger) -> None:
    shared = twins(ledger)
    assert client_key(shared, 0) == "record:1"
    assert [find_client(shared, client_key(shared, at)) for at in range(4)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "key",
    [
        *("", "nobody", "a" * 10_000, "record:", "record:99", "record:x", "record:-1"),
        *("record:²", "record:" + "9" * 5_000),
    ],
)
def test_link_to_nobody_finds_nobody(ledger: Ledger, key: str) -> None:
    assert find_client(ledger, key) is None


def test_search_finds_parts_whatever_their_case_and_takes_marks_as_text(ledger: Ledger) -> None:
    assert match_text(ledger, "NORD").tolist() == [2, 3]
    assert match_text(ledger, ".*").tolist() == [1]


def test_search_in_a_list_keeps_its_order(ledger: Ledger) -> None:
    assert match_text(ledger, "nord", np.array([3, 0, 2])).tolist() == [3, 2]


def test_names_that_begin_with_the_text_come_first(ledger: Ledger) -> None:
    found, n_found = find_by_text(ledger, "l", most=1)
    assert (len(found), n_found) == (1, 1)
