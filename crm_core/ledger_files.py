"""A ledger as a folder of files that open at once.

Columns are ``.npy`` files, mapped into memory when read; texts are one Arrow
file. A folder is written aside and renamed, so a half-written one is never
seen, and a manifest tells a damaged one from a sound one.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.tables import (
    ByClient,
    Clients,
    Coded,
    Contacts,
    Contracts,
    Endings,
    Overrides,
    Purchases,
    Sales,
)

FORMAT = 1
"""Of these folders; another number means: make the folder again."""

TABLES: dict[str, type[ByClient]] = {
    "sales": Sales,
    "purchases": Purchases,
    "contacts": Contacts,
    "endings": Endings,
    "contracts": Contracts,
    "overrides": Overrides,
}
LABELS = ("products", "categories", "channels", "managers")
MANIFEST, TEXTS = "manifest.json", "texts.arrow"
SMALL = 1 << 16
"""Files up to this size are read, larger ones mapped; also how much of each end is checked."""


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
        _write_manifest(ledger, aside)
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
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT or not _is_sound(folder, manifest["files"]):
            return None
        ledger = _read(folder, manifest)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None
    return ledger if _fits(ledger) else None


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


def _write_manifest(ledger: Ledger, folder: Path) -> None:
    files = {file.name: list(_seal(file)) for file in sorted(folder.iterdir())}
    manifest = {"format": FORMAT, "currency": ledger.currency, "files": files}
    with (folder / MANIFEST).open("w", encoding="utf-8") as out:
        json.dump(manifest, out)
        out.flush()
        os.fsync(out.fileno())


def _seal(file: Path) -> tuple[int, int]:
    """Return a file's size and a checksum of its two ends."""
    size = file.stat().st_size
    with file.open("rb") as data:
        checksum = zlib.crc32(data.read(SMALL))
        if size > SMALL:
            data.seek(-SMALL, os.SEEK_END)
            checksum = zlib.crc32(data.read(), checksum)
    return size, checksum


def _is_sound(folder: Path, files: dict[str, list[int]]) -> bool:
    return all(list(_seal(folder / name)) == seal for name, seal in files.items())


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
