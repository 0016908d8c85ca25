"""``docs/reliability.md``: parts between marks, each written by the command that found it."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"


def write_part(name: str, text: str, page: Path = PAGE) -> None:
    """Replace what stands between the marks of a part.

    Parameters
    ----------
    name : str
        Of the part: ``<!-- name -->`` opens it and ``<!-- /name -->`` closes it.
    text : str
        Markdown.
    page : Path
        The document.

    Raises
    ------
    SystemExit
        If the page has no such part.
    """
    held = page.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marks.search(held):
        raise SystemExit(f"{page} has no part {name!r} to write into")
    page.write_text(marks.sub(lambda m: f"{m[1]}{text.strip()}\n{m[2]}", held), encoding="utf-8")


def read_part(name: str, page: Path = PAGE) -> str:
    """Return what stands between the marks of a part; empty without it."""
    if not page.is_file():
        return ""
    held = page.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", held, re.DOTALL)
    return found[1] if found else ""


def merge_rows(held: str, rows: dict[str, str]) -> list[str]:
    r"""Return table rows, new ones in the place of old ones that begin with the same cells.

    Examples
    --------
    >>> merge_rows("| a | 1 |\n| b | 2 |\n", {"| b |": "| b | 3 |", "| c |": "| c | 4 |"})
    ['| a | 1 |', '| b | 3 |', '| c | 4 |']
    """
    lines = [line for line in held.splitlines() if line.startswith("|")]
    merged = []
    for line in lines:
        key = next((key for key in rows if line.startswith(key)), None)
        merged.append(line if key is None else rows[key])
    merged += [row for key, row in rows.items() if not any(x.startswith(key) for x in lines)]
    return merged
