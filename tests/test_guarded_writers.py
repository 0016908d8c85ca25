"""Whatever writes into the database asks first who is at work: read from the sources.

A function that writes is guarded itself (``@deed``, or ``require`` in its body), or is
called by guarded ones only. Those that are neither stand here with the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.test_architecture import CORE, PAGES, SOURCES, room_of, tree_of

OUTSIDE = {"ui", "cli", "self_check"}
"""Rooms that call what writes: they may call guarded functions only."""

SQL = re.compile(
    r"\s*(INSERT (OR \w+ )?INTO|UPDATE \w+|DELETE FROM|REPLACE INTO|TRUNCATE|COPY (?!\())"
)
"""What a statement that writes begins with."""

EXCEPTIONS = {
    "records.audit.write_down": "the audit itself: nobody is refused to be written down",
    "records.secret_keys._make": "a random key of the database, made when first needed",
    "records.secret_keys.secret_key": "a random key of the database, made when first needed",
    "records.versions.bump_versions": "part of every write transaction",
    "records.migrate._first_version": "the tables themselves, before anybody can be known",
    "records.team.welcome": "coming in: nobody is at work before, and only the invited come in",
    "records.arrivals.mark_moved": "that a file was put away; taking it was the guarded deed",
}
"""Functions that write without a guard, each with the reason."""

Name = str
"""Module below ``crm_core`` and function, with dots."""


@dataclass(frozen=True)
class Function:
    """A function of the core: whether it is guarded, writes, and what it mentions."""

    name: Name
    guarded: bool
    writes: bool
    mentions: frozenset[Name]


def module_of(path: Path) -> str:
    """Return the dotted name of a file below ``crm_core``."""
    parts = path.relative_to(CORE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module) -> dict[str, str]:
    """Return what the names a file imports from the core, or from SQLAlchemy, stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = full.removeprefix("crm_core.")
    return found


def mentioned(node: ast.AST, names: dict[str, str], own: dict[str, str]) -> Iterator[str]:
    """Yield the full names of everything a piece of code refers to."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield own.get(part.id) or names.get(part.id) or part.id
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield f"{names.get(part.value.id, part.value.id)}.{part.attr}"


def holds_sql(node: ast.AST) -> bool:
    """Return whether a text in a piece of code begins like a statement that writes."""
    texts = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
    return any(isinstance(text.value, str) and SQL.match(text.value) for text in texts)


def writes_itself(node: ast.FunctionDef, said: set[str], constants: set[str]) -> bool:
    """Return whether a function makes or runs a statement that writes."""
    made = {"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete", "dialect.insert"}
    body = ast.Module(body=node.body[bool(ast.get_docstring(node)) :], type_ignores=[])
    return bool(said & made or said & constants or holds_sql(body))


def is_guarded(node: ast.FunctionDef, said: set[str]) -> bool:
    """Return whether a function asks who is at work."""
    deeds = (ast.unparse(one) for one in node.decorator_list)
    return any(one.startswith("deed(") for one in deeds) or "access.require" in said


@cache
def functions() -> dict[Name, Function]:
    """Return every function of the core at the top of its file, or of a class there."""
    found: dict[Name, Function] = {}
    for path in SOURCES:
        if "migrations" in path.parts or room_of(path) in OUTSIDE:
            continue
        tree, module = tree_of(path), module_of(path)
        names, own = imported(tree), {}
        nodes = [
            (node.name, inner)
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            for inner in ([node] if isinstance(node, ast.FunctionDef) else node.body)
            if isinstance(inner, ast.FunctionDef)
        ]
        own = {name: f"{module}.{name}" for name, _ in nodes}
        constants = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign) and holds_sql(node)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for name, node in nodes:
            said = set(mentioned(node, names, own))
            full = f"{module}.{name}"
            before = found.get(full, Function(full, True, False, frozenset()))
            writes = writes_itself(node, said, constants)
            found[full] = Function(
                full,
                before.guarded and (is_guarded(node, said) or (not writes and node.name != name)),
                before.writes or writes,
                before.mentions | frozenset(said - {full}),
            )
    return found


def unguarded() -> dict[Name, str]:
    """Return the functions that need a guarded caller, each with one that is none."""
    every = functions()
    needing = {
        name
        for name, one in every.items()
        if one.writes and not one.guarded and name not in EXCEPTIONS
    }
    while True:
        more = {
            name
            for name, one in every.items()
            if not one.guarded and name not in EXCEPTIONS and one.mentions & needing
        } - needing
        if not more:
            return dict.fromkeys(needing, "")
        needing |= more


def test_nothing_that_writes_can_be_reached_without_a_guard() -> None:
    needing = unguarded()
    called = {name for one in functions().values() for name in one.mentions}
    open_ends = sorted(name for name in needing if name not in called)
    assert open_ends == [], "guard them with @deed, or say in EXCEPTIONS why not"


def test_pages_and_commands_call_only_what_is_guarded() -> None:
    needing = unguarded()
    outside = [*PAGES, *(path for path in SOURCES if room_of(path) in OUTSIDE)]
    found = {
        f"{path.name}: {name}"
        for path in outside
        for name in set(mentioned(tree_of(path), imported(tree_of(path)), {})) & set(needing)
    }
    assert found == set()


def test_pages_and_commands_write_no_statements_of_their_own() -> None:
    made = {"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"}
    outside = [*PAGES, *(path for path in SOURCES if room_of(path) in OUTSIDE - {"self_check"})]
    found = [path.name for path in outside if made & set(imported(tree_of(path)).values())]
    assert found == []


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exception_is_still_needed(name: str) -> None:
    assert name in functions(), "it is gone: take it off the list"


def test_a_new_function_that_writes_without_a_guard_is_found() -> None:
    text = (
        "from sqlalchemy import insert\ndef store(connection):\n    connection.execute(insert(X))"
    )
    tree = ast.parse(text)
    node = tree.body[1]
    assert isinstance(node, ast.FunctionDef)
    said = set(mentioned(node, imported(tree), {}))
    assert writes_itself(node, said, set())
    assert not is_guarded(node, said)


REQUIRED = {
    "arrivals.receive": "IMPORT",
    "arrivals.try_out_arrival": "IMPORT",
    "arrivals.approve": "IMPORT",
    "arrivals.refuse": "IMPORT",
    "cli.personal_report.write_personal_reports": "PRINT",
    "client_export.client_rows": "EXPORT",
    "demo.fill_with_demo": "IMPORT",
    "demo.remove_demo": "IMPORT",
    "importing.rehearse": "IMPORT",
    "importing.carry_out": "IMPORT",
    "merging.propose": "MERGE",
    "merging.try_out": "MERGE",
    "merging.carry_out": "MERGE",
    "moving.move": "MAINTAIN",
    "privacy.forgetting.preview_erasure": "PRIVACY",
    "privacy.forgetting.clean_again": "PRIVACY",
    "records.audit_reading.read_audit": "AUDIT",
    "records.audit_reading.count_audit": "AUDIT",
    "records.audit_reading.audit_words": "AUDIT",
    "records.backups.back_up": "MAINTAIN",
    "records.clients.read_card": "SEE_NAMES",
    "records.notices.mark_seen": "SEE",
    "records.presence.note_presence": "SEE",
    "records.presence.others_present": "SEE",
    "records.presence.check_nobody_was_faster": "SEE",
    "records.restoring.restore": "MAINTAIN",
    "records.saved_views.list_views": "SEE",
    "records.saved_views.save_view": "SEE",
    "records.saved_views.rename_view": "SEE",
    "records.saved_views.share_view": "SEE",
    "records.saved_views.delete_view": "SEE",
    "records.team.list_members": "TEAM",
    "records.visits.note_visit": "SEE",
    "records.visits.last_visit": "SEE",
    "ui.import_jobs.check_still_in": "IMPORT",
    "ui.privacy.erasures": "PRIVACY",
    "ui.view.whole_view": "SEE",
}
"""Functions that ask for a right in their body, those that only read or hand out too."""


def rights_asked() -> dict[str, str]:
    """Return the rights each function of the core asks for in its body."""
    found = {}
    for path in SOURCES:
        for top in tree_of(path).body:
            calls = (node for node in ast.walk(top) if isinstance(node, ast.Call))
            rights = sorted(
                call.args[0].attr
                for call in calls
                if getattr(call.func, "id", "") == "require"
                and call.args
                and isinstance(call.args[0], ast.Attribute)
            )
            if rights:
                found[f"{module_of(path)}.{getattr(top, 'name', '')}"] = ", ".join(rights)
    return found


def test_what_reads_or_hands_out_asks_for_the_rights_written_down_here() -> None:
    """A list, a card or a backup leaves as surely by reading as by writing."""
    assert rights_asked() == REQUIRED
