"""The house keeps its shape: arrows, sizes, names and the top level."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

CORE = ROOT / "crm_core"
PAGES = sorted((ROOT / "pages").glob("*.py"))
SOURCES = sorted(CORE.rglob("*.py"))
EVERY_FILE = [
    *SOURCES,
    *PAGES,
    *sorted(ROOT.glob("*.py")),
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
]

BASE = {"crm_core", "errors", "money"}
ARRAYS = {"tables", "ledger"}
BEFORE_THE_ENVIRONMENT = {"crm_core", "__main__", "bootstrap", "environment", "errors"}
BEFORE_THE_ENVIRONMENT |= {"launch", "listening"}
MAY_IMPORT = {
    "crm_core": set(),
    "errors": set(),
    "access": {"errors"},
    "money": {"errors"},
    "addresses": set(),
    "small_groups": {"access", "tables"},
    "definitions": {"errors"},
    "formatting": {"errors", "money", "tables"},
    "exports": {"errors"},
    "policy": {"errors", "access", "records", "metrics"},
    "environment": {"errors"},
    "launch": {"errors", "environment", "listening"},
    "listening": {"errors"},
    "bootstrap": {"crm_core", "errors", "environment", "launch", "cli"},
    "__main__": {"bootstrap"},
    "tables": BASE,
    "ledger": BASE | {"tables"},
    "caring": {"tables"},
    "sorting": {"tables"},
    "assembly": BASE | ARRAYS | {"sorting"},
    "records": BASE | {"tables", "access", "addresses", "caring"},
    "intake": BASE | {"tables", "addresses", "records"},
    "metrics": BASE | ARRAYS | {"caring"},
    "sentences": BASE | ARRAYS | {"metrics", "formatting", "explanations"},
    "charts": BASE
    | ARRAYS
    | {"metrics", "formatting", "explanations", "sentences", "small_groups"},
    "explanations": BASE | ARRAYS | {"metrics"},
    "report": BASE | ARRAYS | {"metrics", "definitions", "explanations"},
    "paper": BASE
    | ARRAYS
    | {"metrics", "charts", "definitions", "explanations", "formatting", "report", "sentences"}
    | {"small_groups"},
    "self_check": BASE
    | ARRAYS
    | {"assembly", "records", "snapshot", "ledger_files", "metrics", "formatting", "policy"}
    | {"report", "intake", "importing"},
    "ledger_files": BASE | ARRAYS,
    "snapshot": BASE | ARRAYS | {"assembly", "caring", "ledger_files", "records", "sorting"},
    "moving": BASE | {"access", "formatting", "records", "self_check", "snapshot"},
    "demo": BASE | {"access", "tables", "records", "intake"},
    "first_import": BASE
    | ARRAYS
    | {"access", "records", "intake", "metrics", "policy", "importing"},
    "importing": BASE
    | ARRAYS
    | {"assembly", "records", "intake", "snapshot", "metrics", "report", "definitions", "policy"}
    | {"access"},
    "arrivals": BASE
    | ARRAYS
    | {"access", "records", "intake", "import_text", "importing", "metrics", "policy", "report"}
    | {"formatting", "snapshot"},
    "watched_folder": {"errors"},
    "watching": BASE
    | {"access", "arrivals", "records", "importing", "import_text", "watched_folder"},
    "merging": BASE
    | ARRAYS
    | {"access", "assembly", "records", "intake", "snapshot", "metrics", "report", "definitions"}
    | {"policy"},
    "progress": {"errors"},
    "sight": BASE | ARRAYS | {"access", "metrics"},
    "privacy": BASE
    | ARRAYS
    | {"access", "records", "snapshot", "metrics", "explanations", "formatting", "paper", "policy"},
    "client_export": BASE | ARRAYS | {"access", "metrics", "explanations"},
    "report_text": BASE | ARRAYS | {"metrics", "formatting", "report"},
    "import_text": BASE
    | ARRAYS
    | {"exports", "formatting", "importing", "metrics", "records", "report"},
}
ON_TOP = {"cli", "ui"}
"""These may import everything but each other."""

PURE = (
    *("tables", "ledger", "assembly", "metrics", "charts", "explanations", "sentences"),
    *("report", "paper", "definitions", "money"),
)
CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(path: Path) -> str:
    """Return the module or package directly under ``crm_core`` that a file belongs to."""
    inside = path.relative_to(CORE)
    name = inside.parts[0].removesuffix(".py")
    return "crm_core" if name == "__init__" else name


def imports_of(path: Path) -> set[str]:
    """Return the full names a file imports, those under ``TYPE_CHECKING`` too."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a name comes from"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def core_rooms_of(path: Path) -> set[str]:
    """Return the rooms of ``crm_core`` a file imports from."""
    rooms = set()
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "crm_core":
            second = parts[1] if len(parts) > 1 else ""
            is_room = (CORE / second).is_dir() or (CORE / f"{second}.py").is_file()
            rooms.add(second if second and is_room else "crm_core")
    return rooms


def outside_packages_of(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports_of(path)}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_module_imports_only_from_rooms_below_it(path: Path) -> None:
    room = room_of(path)
    every_room = {room_of(other) for other in SOURCES}
    allowed = every_room - ON_TOP if room in ON_TOP else MAY_IMPORT.get(room)
    assert allowed is not None, f"say in MAY_IMPORT where {room} stands"
    assert core_rooms_of(path) - {room} <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_interface_imports_streamlit(path: Path) -> None:
    if room_of(path) != "ui":
        assert "streamlit" not in outside_packages_of(path)


@pytest.mark.parametrize("path", [p for p in SOURCES if room_of(p) in PURE], ids=name_of)
def test_pure_rooms_know_neither_database_nor_clock(path: Path) -> None:
    assert "sqlalchemy" not in outside_packages_of(path)
    assert room_of(path) == "charts" or "plotly" not in outside_packages_of(path)
    calls = {
        node.func.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("date", "datetime", "time", "dt")
    }
    assert not calls & CLOCKS, "pass the day in; only the command line and the pages know today"


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if room_of(p) in (*ARRAYS, "assembly", "metrics")], ids=name_of
)
def test_arrays_are_never_grouped_by_pandas(path: Path) -> None:
    assert ".groupby(" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if room_of(p) in BEFORE_THE_ENVIRONMENT], ids=name_of
)
def test_what_runs_before_the_environment_needs_only_python(path: Path) -> None:
    assert outside_packages_of(path) - {"crm_core"} <= set(sys.stdlib_module_names)
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", EVERY_FILE, ids=name_of)
def test_file_is_small_enough_to_read_and_named_for_what_it_holds(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert not re.search(r"utils?$|helpers?$|manager$", path.stem)


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines a function's body spans, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", [p for p in EVERY_FILE if "versions" not in p.parts], ids=name_of)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = {f.name: body_lines(f) for f in functions if body_lines(f) > 60}
    assert not too_long


def test_half_of_all_function_bodies_have_at_most_twelve_lines() -> None:
    lengths = sorted(
        body_lines(node)
        for path in SOURCES
        if "versions" not in path.parts  # a migration is a list, not a function
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 12


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_page_passes_the_front_door_first(path: Path) -> None:
    statements = [
        node
        for node in tree_of(path).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert statements, "a page does something"
    assert ast.unparse(statements[0]) == "require_app()"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_page_reads_like_the_screen(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    assert not {"sqlalchemy", "sqlite3", "psycopg"} & outside_packages_of(path)
    assert ".groupby(" not in text
    assert "unsafe_allow_html" not in text


def test_front_door_is_short() -> None:
    app = ROOT / "app.py"
    if app.exists():
        assert len(app.read_text(encoding="utf-8").splitlines()) < 80


def test_nothing_typed_by_people_becomes_markup() -> None:
    careless = re.compile(r"unsafe_allow_html\s*=\s*True|st\.html\(|st\.exception\(")
    rooms = [*PAGES, *(path for path in SOURCES if room_of(path) == "ui")]
    found = [name_of(path) for path in rooms if careless.search(path.read_text(encoding="utf-8"))]
    assert not found


def test_top_level_holds_what_the_design_names() -> None:
    usual = {
        *("app.py", "pages", "data", "crm_core", "tests", "benchmarks", "docs", "README.md"),
        *("requirements.txt", "requirements-dev.txt", "requirements-bench.txt", "pyproject.toml"),
        *("requirements-bench-lifetimes.txt", "requirements-fuzz.txt"),
        *("served.py", "docker", "compose.yaml"),
        *("Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "alembic.ini"),
    }
    made_here = {"screenshots", "build", "dist"}
    shown = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    assert {name for name in shown if not name.endswith(".egg-info")} <= usual | made_here


def test_records_are_the_only_room_besides_the_tops_that_speaks_sql() -> None:
    allowed = {"records", "snapshot", "importing", "first_import", "policy", "demo", "intake"}
    allowed |= {"self_check"}
    allowed |= {"arrivals", "merging", "moving", "privacy", "watching"}
    speakers = {room_of(path) for path in SOURCES if "sqlalchemy" in outside_packages_of(path)}
    assert speakers <= allowed | ON_TOP


def test_every_package_the_program_names_is_pinned() -> None:
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").lower().replace("-", "_")
    named = {
        package
        for path in EVERY_FILE
        if "tests" not in path.parts and "benchmarks" not in path.parts
        for package in outside_packages_of(path)
        if package not in sys.stdlib_module_names and package != "crm_core"
    }
    assert {package for package in named if f"\n{package.lower()}==" not in pinned} == set()
