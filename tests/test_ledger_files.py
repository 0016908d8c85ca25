from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_core.ledger import Ledger
from crm_core.ledger_files import open_ledger, prune_ledgers, save_ledger
from tests.builders import make_ledger
from tests.ledgers import same_ledgers


@pytest.fixture
def ledger() -> Ledger:
    return make_ledger(
        {
            "b": [("2024-01-05", "10.50", "A1"), ("2024-01-06", -10.5, None, "A1")],
            "": [("2024-01-02", 7)],
        },
        created={"ä": "2023-12-31"},
        inbound={"b": ["2024-02-01"]},
        closed={"b": [("2024-03-15", "other")]},
        contracts={"b": [("2024-01-01", "2024-12-31", "paid", "2024-06-01")]},
        overrides={"b": [("Commitment", "deal", "2024-02-15", "2024-08-15")]},
        attributes={"region": {"b": "N"}},
        currency="EUR",
    )


def test_a_ledger_comes_back_as_it_was(ledger: Ledger, tmp_path: Path):
    assert save_ledger(ledger, tmp_path / "1-a")
    found = open_ledger(tmp_path / "1-a")
    assert found is not None
    assert same_ledgers(found, ledger)
    assert [f.name for f in tmp_path.iterdir()] == ["1-a"]


def test_large_columns_are_mapped_and_come_back(tmp_path: Path):
    big = make_ledger({f"c{n:05d}": [(n, n + 1)] for n in range(20_000)})
    save_ledger(big, tmp_path / "1-a")
    found = open_ledger(tmp_path / "1-a")
    assert found is not None
    assert same_ledgers(found, big)
    assert not found.sales.amount.flags.writeable
    assert type(found.sales.amount + 1).__name__ == "ndarray"


def test_a_ledger_without_clients_comes_back(tmp_path: Path):
    save_ledger(make_ledger({}), tmp_path / "1-a")
    found = open_ledger(tmp_path / "1-a")
    assert found is not None
    assert same_ledgers(found, make_ledger({}))


def test_a_missing_folder_is_no_ledger(tmp_path: Path):
    assert open_ledger(tmp_path / "1-a") is None


@pytest.mark.parametrize("name", ["manifest.json", "texts.arrow", "sales.amount.npy"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "garbled", "longer"])
def test_a_damaged_folder_is_no_ledger(ledger: Ledger, tmp_path: Path, name: str, damage: str):
    save_ledger(ledger, tmp_path / "1-a")
    file = tmp_path / "1-a" / name
    held = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        changed = {
            "empty": b"",
            "cut": held[: len(held) // 2],
            "garbled": b"garbage!" + held[8:],
            "longer": held + b"more",
        }
        file.write_bytes(changed[damage])
    assert open_ledger(tmp_path / "1-a") is None


def test_a_damaged_folder_is_replaced(ledger: Ledger, tmp_path: Path):
    save_ledger(ledger, tmp_path / "1-a")
    (tmp_path / "1-a" / "manifest.json").write_text("{}")
    assert save_ledger(ledger, tmp_path / "1-a")
    assert open_ledger(tmp_path / "1-a") is not None


def test_a_folder_of_another_format_is_no_ledger(ledger: Ledger, tmp_path: Path):
    save_ledger(ledger, tmp_path / "1-a")
    file = tmp_path / "1-a" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 0}))
    assert open_ledger(tmp_path / "1-a") is None


def test_pruning_keeps_the_current_and_newer_versions(tmp_path: Path):
    for name in ("1-a", "2-b", "2-c", "3-d", ".writing-x"):
        (tmp_path / name).mkdir()
    prune_ledgers(tmp_path, keep="2-b")
    assert sorted(f.name for f in tmp_path.iterdir()) == [".writing-x", "2-b", "3-d"]
