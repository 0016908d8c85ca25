"""What commands leave behind: JSON on stdout and files, refused in words when unwritable."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from crm_core.errors import CrmError


def print_json(value: Any) -> None:
    """Print one JSON value, indented, letters as they are."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def write_text(path: Path, lines: Iterable[str], *, mode: str = "w") -> None:
    """Write lines, each with its own end, to a file in UTF-8.

    Raises
    ------
    CrmError
        If the file cannot be written.
    """
    try:
        with path.open(mode, encoding="utf-8", newline="") as stream:
            stream.writelines(lines)
    except OSError as error:
        raise CrmError(
            f"Wanted to write {path}, found that it cannot be written ({error.strerror}); "
            "name another file."
        ) from error
