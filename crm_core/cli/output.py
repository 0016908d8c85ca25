"""What commands leave behind: JSON on stdout and files, refused in words when unwritable."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from crm_core.errors import CrmError


def print_json(value: Any) -> None:
    """Print one JSON value, indented, letters as they are."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def plain_lines(text: str) -> str:
    r"""Return a text without signs that move a terminal's cursor or turn its letters.

    A file's name may hold any: it must not clear the screen of whoever reads the log.

    Examples
    --------
    >>> plain_lines("a\x1b[2Jb\u202e.csv: refused\n")
    'a[2Jb.csv: refused\n'
    """
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")


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
