"""The page ``docs/glossary.md``, written from the definitions themselves."""

from __future__ import annotations

from collections.abc import Iterator

from crm_core.definitions import DEFINITIONS, Definition
from crm_core.definitions.json_keys import keys_of

_OPENING = """# Every number

What each number on the pages says, how it is computed, which days it looks at, what it leaves out
and where it comes from. The same entries stand in the drawers and headings of the pages and, by
their keys, in `report --json` under `definitions`.

This page is made from the definitions in `crm_core/definitions/`; a test keeps it in step
(`python -m crm_core.definitions.document > docs/glossary.md` writes it anew).
"""
_SUBJECTS = {
    "sales": "Sales",
    "clients": "Clients in all",
    "bridge": "Sales against last year",
    "overview": "Overview",
    "pareto": "Who carries us",
    "stages": "Stages",
    "churn": "Late and gone",
    "returning": "Coming back",
    "client": "One client, and the columns of lists",
    "import": "Import",
    "report": "Every report",
    "setting": "Settings",
    "key": "Key accounts",
    "check": "Self-check",
    "worth": "What clients are worth",
    "goodbyes": "Which goodbye to believe",
}
"""Headings of the subjects known here; any other is headed by its own name."""


def write_document() -> str:
    """Return the text of ``docs/glossary.md``.

    Examples
    --------
    >>> write_document().splitlines()[0]
    '# Every number'
    """
    return "\n".join([_OPENING, *_sections()])


def _sections() -> Iterator[str]:
    subjects: dict[str, list[Definition]] = {}
    for one in DEFINITIONS.values():
        subjects.setdefault(one.id.split(".")[0], []).append(one)
    for subject, entries in subjects.items():
        yield f"## {_SUBJECTS.get(subject, subject.replace('_', ' ').capitalize())}\n"
        for one in entries:
            yield _entry(one)


def _entry(one: Definition) -> str:
    facts = dict(one.facts())
    lines = [f"### {one.title}", "", one.sentence, ""]
    if "Formula" in facts:
        lines += ["```text", facts.pop("Formula"), "```", ""]
    lines += [f"- {label}: {text}" for label, text in facts.items()]
    lines.append(f"- Key: `{one.id}`{_in_reports(one.id)}")
    return "\n".join([*lines, ""])


def _in_reports(key: str) -> str:
    keys = keys_of(key)
    return f"; in reports {', '.join(f'`{name}`' for name in keys)}" if keys else ""


if __name__ == "__main__":
    print(write_document(), end="")  # noqa: T201
