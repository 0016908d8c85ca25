"""The page of results: what one run found goes into it, what it did not ask for stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEADING = "## "


def merge_pages(old: str, new: str, *, opening: bool = False) -> str:
    r"""Return the new page with the sections and the lines of tables only the old one has.

    Parameters
    ----------
    old : str
        The page as it stands; may be empty.
    new : str
        What a run found, its opening words and sections of ``##``.
    opening : bool, default False
        The opening words, date and machine among them, are those of the new page too.

    Returns
    -------
    str
        Sections in the order of the old page, further ones after them. Of a section both
        have the words are the new one's, and lines of its table that only the old one has
        stay where they are.

    Examples
    --------
    >>> table = "# T\n\n## A\n\n| what | found |\n|---|---|\n"
    >>> print(merge_pages(table + "| x | 1 |\n| y | 2 |\n", table + "| x | 3 |\n"))
    # T
    <BLANKLINE>
    ## A
    <BLANKLINE>
    | what | found |
    |---|---|
    | x | 3 |
    | y | 2 |
    <BLANKLINE>
    """
    merged, found = dict(_sections(old)), dict(_sections(new))
    for name, body in found.items():
        if name in merged and (name or not opening):
            merged[name] = _merge_tables(merged[name], body) if name else merged[name]
        else:
            merged[name] = body
    return "\n".join(body.rstrip("\n") + "\n" for body in merged.values())


def write_section(heading: str, body: str) -> None:
    """Put one section into the page in place of the one of that name."""
    section = f"{HEADING}{heading}\n\n{body.strip()}\n"
    parts = dict(_sections(PAGE.read_text(encoding="utf-8"))) | {HEADING + heading: section}
    text = "\n".join(part.rstrip("\n") + "\n" for part in parts.values())
    PAGE.write_text(text, encoding="utf-8")


def _sections(page: str) -> Iterator[tuple[str, str]]:
    """Yield heading and text of every section; what comes before the first has no heading."""
    name, held = "", []
    for line in page.splitlines(keepends=True):
        if line.startswith(HEADING):
            yield name, "".join(held)
            name, held = line.strip(), []
        held.append(line)
    if held:
        yield name, "".join(held)


def _merge_tables(old: str, new: str) -> str:
    """Return the new section, with the table lines of the old one that it has not."""
    lines, found = new.splitlines(keepends=True), _rows(new)
    kept = [line for key, line in _rows(old).items() if key not in found]
    if not kept or sum(line.startswith("|---") for line in lines) != 1:
        return new
    last = max(place for place, line in enumerate(lines) if line.startswith("|"))
    return "".join([*lines[: last + 1], *kept, *lines[last + 1 :]])


def _rows(section: str) -> dict[str, str]:
    """Return the lines of tables by their first cell."""
    lines = [line for line in section.splitlines(keepends=True) if line.startswith("|")]
    return {line.split("|")[1].strip(): line for line in lines}
