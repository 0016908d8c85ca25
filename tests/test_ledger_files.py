from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def rewrite_manifest(folder: Path, **changed: object) -> None:
    """Change a manifest and seal it anew, as another program would have written it."""
    body = json.loads((folder / "manifest.json").read_bytes().partition(b"\n")[2]) | changed
    text = json.dumps(body).encode()
    (folder / "manifest.json").write_bytes(b"%08x\n" % zlib.crc32(text) + text)


@pytest.mark.parametrize("number", [0, 1, 99])
def test_a_folder_of_another_format_is_no_ledger(ledger: Ledger, tmp_path: Path, number: int):
    save_ledger(ledger, tmp_path / "1-a")
    rewrite_manifest(tmp_path / "1-a")
    assert open_ledger(tmp_path / "1-a") is not None
    rewrite_manifest(tmp_path / "1-a", format=number)
    assert open_ledger(tmp_path / "1-a") is None


def test_a_folder_may_not_stand_in_for_another_version_or_database(ledger: Ledger, tmp_path: Path):
    save_ledger(ledger, tmp_path / "one" / "1-a")
    for other in (tmp_path / "one" / "2-b", tmp_path / "two" / "1-a"):
        shutil.copytree(tmp_path / "one" / "1-a", other)
        assert open_ledger(other) is None
    assert open_ledger(tmp_path / "one" / "1-a") is not None


def flip(file: Path, at: int) -> None:
    """Change one byte of a file."""
    held = bytearray(file.read_bytes())
    held[at] ^= 0x10
    file.write_bytes(held)


def test_one_byte_changed_anywhere_is_found_in_every_file(ledger: Ledger, tmp_path: Path):
    save_ledger(ledger, tmp_path / "1-a")
    files = sorted((tmp_path / "1-a").iterdir())
    assert len(files) > 30
    for file in files:
        size = file.stat().st_size
        # Header, first and last byte of what follows it, and the middle.
        for at in {0, 9, min(128, size - 1), size // 2, size - 1}:
            flip(file, at)
            assert open_ledger(tmp_path / "1-a") is None, (file.name, at)
            flip(file, at)
    assert open_ledger(tmp_path / "1-a") is not None


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "1-a"
    save_ledger(make_ledger({f"c{n:05d}": [(n, n + 1)] for n in range(20_000)}), folder)
    return folder


@settings(max_examples=60)
@given(data=st.data())
def test_bytes_changed_anywhere_in_a_large_column_are_found(large: Path, data: st.DataObject):
    name = data.draw(st.sampled_from(["sales.amount.npy", "purchases.day.npy", "texts.arrow"]))
    file = large / name
    held = file.read_bytes()
    places = st.lists(st.integers(0, len(held) - 1), min_size=1, max_size=4, unique=True)
    try:
        for at in data.draw(places):
            flip(file, at)
        assert open_ledger(large) is None
    finally:
        file.write_bytes(held)


@pytest.mark.parametrize("change", ["swapped pages", "swapped words", "zeros", "next version"])
def test_content_of_the_same_size_in_the_wrong_place_is_found(large: Path, change: str):
    file = large / "sales.amount.npy"
    held = file.read_bytes()
    middle = len(held) // 2 // 4096 * 4096
    changed = bytearray(held)
    if change == "swapped pages":
        changed[middle : middle + 8192] = (
            held[middle + 4096 : middle + 8192] + held[middle : middle + 4096]
        )
    elif change == "swapped words":
        changed[middle : middle + 16] = held[middle + 8 : middle + 16] + held[middle : middle + 8]
    elif change == "zeros":
        changed[middle : middle + 512] = bytes(512)
    else:
        changed[128:] = (np.frombuffer(held[128:], np.int64) + 1).tobytes()
    file.write_bytes(changed)
    assert open_ledger(large) is None
    file.write_bytes(held)
    assert open_ledger(large) is not None


def test_pruning_keeps_the_current_and_newer_versions(tmp_path: Path):
    for name in ("1-a", "2-b", "2-c", "3-d", ".writing-x"):
        (tmp_path / name).mkdir()
    prune_ledgers(tmp_path, keep="2-b")
    assert sorted(f.name for f in tmp_path.iterdir()) == [".writing-x", "2-b", "3-d"]
