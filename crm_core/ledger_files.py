"""A ledger as a folder of files that open at once.

Columns are ``.npy`` files, mapped into memory when read; texts are one Arrow
file. A folder is written aside and renamed, so a half-written one is never
seen. A manifest holds a checksum of every byte of every file, compared at each
opening: a damaged folder is no ledger, and is made again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.tables import (
    ByClient,
    Care,
    Clients,
    Coded,
    Contacts,
    Contracts,
    Endings,
    Overrides,
    Purchases,
    Sales,
)

FORMAT = 2
"""Of these folders; another number means: make the folder again."""

TABLES: dict[str, type[ByClient]] = {
    "sales": Sales,
    "purchases": Purchases,
    "contacts": Contacts,
    "endings": Endings,
    "contracts": Contracts,
    "overrides": Overrides,
    "care": Care,
}
LABELS = ("products", "categories", "channels", "managers")
MANIFEST, TEXTS = "manifest.json", "texts.arrow"
SMALL = 1 << 16
"""Files up to this size are read, larger ones mapped."""
PAGE = 512
"""Whole numbers of 64 bits that a checksum takes together."""
SEALERS = 4
"""Threads that compare checksums; the arithmetic lets the others work."""


def save_ledger(ledger: Ledger, folder: Path) -> bool:
    """Write a ledger to a folder, aside and then renamed.

    Parameters
    ----------
    ledger : Ledger
        What to write.
    folder : Path
        Not there yet; its parents are made.

    Returns
    -------
    bool
        False where the disk does not allow it; the ledger is only not cached then.
    """
    aside = folder.parent / f".writing-{secrets.token_hex(8)}"
    try:
        aside.mkdir(parents=True)
        _write_arrays(ledger, aside)
        _write_texts(ledger, aside / TEXTS)
        _write_manifest(ledger, aside, folder)
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        # Another program may have written the same ledger first.
        return folder.exists()
    return True


def open_ledger(folder: Path) -> Ledger | None:
    """Open a ledger, its columns mapped from disk and read-only.

    Parameters
    ----------
    folder : Path
        From :func:`save_ledger`.

    Returns
    -------
    Ledger or None
        None when the folder is missing, damaged or of another format.
    """
    try:
        manifest = _read_manifest(folder)
        ledger = None if manifest is None else _read(folder, manifest)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None
    return ledger if ledger is not None and _fits(ledger) else None


def prune_ledgers(home: Path, *, keep: str) -> None:
    """Remove the ledgers of older versions, and what interrupted writers left behind.

    Parameters
    ----------
    home : Path
        Folder with one folder a version, named ``number-id``.
    keep : str
        The current version's folder.
    """
    newest = _version_of(keep)
    with suppress(OSError):
        for folder in home.iterdir():
            aside = folder.name.startswith(".writing-")
            stale = aside and time.time() - folder.stat().st_mtime > 3600
            if stale or (not aside and folder.name != keep and _version_of(folder.name) <= newest):
                # A folder still open elsewhere (Windows) goes the next time.
                shutil.rmtree(folder, ignore_errors=True)


def _version_of(name: str) -> int:
    number = name.split("-", 1)[0]
    return int(number) if number.isdigit() else 0


def arrays_of(ledger: Ledger) -> dict[str, NDArray[Any]]:
    """Return every array of a ledger, by the name of the file that keeps it."""
    arrays: dict[str, NDArray[Any]] = {
        "unnamed_day": ledger.unnamed_day,
        "unnamed_amount": ledger.unnamed_amount,
        "clients.record_id": ledger.clients.record_id,
        "clients.known_on": ledger.clients.known_on,
    }
    for name, coded in ledger.clients.attributes.items():
        arrays[f"attribute.{name}"] = coded.codes
    for name, table in ledger.tables().items():
        arrays[f"{name}.offsets"] = table.offsets
        arrays |= {f"{name}.{column}": values for column, values in table.columns().items()}
    return arrays


def _write_arrays(ledger: Ledger, folder: Path) -> None:
    for name, values in arrays_of(ledger).items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)


def _write_texts(ledger: Ledger, file: Path) -> None:
    columns = {
        "clients.external_id": ledger.clients.external_id,
        "clients.name": ledger.clients.name,
        **{name: pa.array(getattr(ledger, name), pa.string()) for name in LABELS},
        **{
            f"attribute.{name}": pa.array(coded.labels, pa.string())
            for name, coded in ledger.clients.attributes.items()
        },
    }
    # One row of lists, because the columns differ in length.
    lists = {name: _as_list(values) for name, values in columns.items()}
    table = pa.table(lists)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _as_list(values: Any) -> Any:
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    offsets = pa.array([0, len(values)], pa.int64())
    return pa.LargeListArray.from_arrays(offsets, values)


def _write_manifest(ledger: Ledger, folder: Path, home: Path) -> None:
    files = {file.name: _seal(file) for file in sorted(folder.iterdir())}
    manifest = {"format": FORMAT, "of": _owner(home), "currency": ledger.currency, "files": files}
    body = json.dumps(manifest).encode()
    with (folder / MANIFEST).open("wb") as out:
        out.write(b"%08x\n" % zlib.crc32(body) + body)
        out.flush()
        os.fsync(out.fileno())


def _owner(home: Path) -> list[str]:
    """Return the database and version a folder is named for: it may not stand in for another."""
    return [home.parent.name, home.name]


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a folder, None where it or a file it names is damaged."""
    seal, _, body = (folder / MANIFEST).read_bytes().partition(b"\n")
    if seal != b"%08x" % zlib.crc32(body):
        return None
    manifest: dict[str, Any] = json.loads(body)
    if manifest["format"] != FORMAT or manifest["of"] != _owner(folder):
        return None
    files: dict[str, list[int]] = manifest["files"]
    with ThreadPoolExecutor(SEALERS) as pool:
        found = list(pool.map(lambda name: _seal(folder / name), files))
    return manifest if found == list(files.values()) else None


def _seal(file: Path) -> list[int]:
    """Return a file's size and a checksum of all its bytes.

    Each page of 4 KiB becomes one number, the sum of its words times odd weights modulo
    2⁶⁴, and those numbers become pages in turn. A change within one word always shows,
    as an odd factor loses nothing; any other goes unseen about once in 2⁶⁴. At the speed
    of memory: a third of a gigabyte in some 50 ms.
    """
    size = file.stat().st_size
    n_pages, rest = divmod(size, PAGE * 8)
    with file.open("rb") as data:
        data.seek(size - rest)
        numbers = _weigh(_as_pages(data.read()))
    if n_pages:
        mapped = np.memmap(file, dtype="<u8", mode="r", shape=(n_pages, PAGE))
        numbers = np.concatenate((_weigh(mapped), numbers))
    while len(numbers) > 1:
        numbers = _weigh(_as_pages(numbers.tobytes()))
    return [size, int(numbers[0])]


def _as_pages(data: bytes) -> NDArray[np.uint64]:
    """Return bytes as pages of words, the last one filled up with zeros."""
    n_pages = max(1, -(-len(data) // (PAGE * 8)))
    return np.frombuffer(data.ljust(n_pages * PAGE * 8, bytes(1)), "<u8").reshape(-1, PAGE)


def _weigh(pages: NDArray[np.uint64]) -> NDArray[np.uint64]:
    numbers: NDArray[np.uint64] = np.einsum("ij,j->i", pages, WEIGHTS)
    return numbers


def _make_weights() -> NDArray[np.uint64]:
    """Return odd numbers without a pattern (splitmix64), the same for ever."""
    mixed = np.arange(1, PAGE + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed ^ (mixed >> np.uint64(31))) | np.uint64(1)


WEIGHTS = _make_weights()
"""What the words of a page count in its checksum, shape (PAGE,)."""


def _read(folder: Path, manifest: dict[str, Any]) -> Ledger:
    arrays = {
        name.removesuffix(".npy"): _load(folder / name, size)
        for name, (size, _) in manifest["files"].items()
        if name.endswith(".npy")
    }
    texts = pa.ipc.open_file(pa.memory_map(str(folder / TEXTS))).read_all()

    def text(name: str) -> Any:
        return texts.column(name).chunk(0).flatten()

    attributes = [name.split(".", 1)[1] for name in arrays if name.startswith("attribute.")]
    tables: dict[str, Any] = {
        name: kind(**{c: arrays[f"{name}.{c}"] for c in kind.__dataclass_fields__})
        for name, kind in TABLES.items()
    }
    labels: dict[str, Any] = {name: tuple(text(name).to_pylist()) for name in LABELS}
    return Ledger(
        clients=Clients(
            record_id=arrays["clients.record_id"],
            external_id=text("clients.external_id"),
            name=text("clients.name"),
            known_on=arrays["clients.known_on"],
            attributes={
                name: Coded(
                    arrays[f"attribute.{name}"], tuple(text(f"attribute.{name}").to_pylist())
                )
                for name in attributes
            },
        ),
        unnamed_day=arrays["unnamed_day"],
        unnamed_amount=arrays["unnamed_amount"],
        currency=manifest["currency"],
        **tables,
        **labels,
    )


def _load(file: Path, size: int) -> NDArray[Any]:
    if size <= SMALL:
        values: NDArray[Any] = np.load(file, allow_pickle=False)
        values.flags.writeable = False
        return values
    # A plain view of the map: arithmetic on it gives plain arrays.
    mapped: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    return mapped


def _fits(ledger: Ledger) -> bool:
    """Return whether all columns of a table have the length its offsets say."""
    n_clients = len(ledger.clients)
    return len(ledger.clients.external_id) == n_clients and all(
        len(table.offsets) == n_clients + 1
        and all(len(column) == table.offsets[-1] for column in table.columns().values())
        for table in ledger.tables().values()
    )
