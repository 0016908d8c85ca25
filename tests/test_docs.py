"""What the documents say is so: commands exist, links lead somewhere, pins are explained."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import crm_core
from crm_core.environment import read_pins
from tests.conftest import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data/README.md"])
REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
COMMAND = re.compile(r"python3? -m crm_core +([^`\n#&|]*)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:app\.py|(?:crm_core|pages|tests|docs|benchmarks|data|\.ci)/)[^`\s*…<]*)`")
MADE_LATER = ("data/",)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands_of(document: Path) -> list[list[str]]:
    text = document.read_text(encoding="utf-8").replace(
        "python -m\n  crm_core", "python -m crm_core"
    )
    return [shlex.split(found) for found in COMMAND.findall(text) if found.strip()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_in_documents_exist_with_their_options(document: Path) -> None:
    words = [words for words in commands_of(document) if words[0] not in ("start", "test")]
    if not words:
        return
    cli = pytest.importorskip("crm_core.cli", reason="there is no command line yet")
    click = pytest.importorskip("click")
    group = cli.cli
    for command, *rest in words:
        if command.startswith("-") or command == "COMMAND":
            continue
        assert command in group.commands, f"python -m crm_core {command}"
        known = options_of(group.commands[command], rest, click)
        asked = {word.split("=")[0] for word in rest if word.startswith("--")}
        assert asked <= known | options_of(group, [], click) | {"--help"}, f"{command}: {asked}"


def options_of(command: object, rest: list[str], click: object) -> set[str]:
    """Return the options of a command, and of the subcommand that ``rest`` names."""
    found = {option for parameter in command.params for option in parameter.opts}
    if rest and rest[0] in getattr(command, "commands", {}):
        found |= options_of(command.commands[rest[0]], rest[1:], click)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_and_paths_in_documents_lead_to_files(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    broken = [link for link in links if not (document.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_files_of_the_program_named_in_documents_exist(document: Path) -> None:
    named = PATH.findall(document.read_text(encoding="utf-8"))
    missing = [
        path
        for path in named
        if not path.startswith(MADE_LATER) and not (ROOT / path.rstrip("/")).exists()
    ]
    if not (ROOT / "app.py").exists():
        pytest.skip("the house is still being built: there is no app.py yet")
    assert not missing


def test_every_document_is_listed_on_the_first_page_of_the_documents() -> None:
    listed = LINK.findall((ROOT / "docs/README.md").read_text(encoding="utf-8"))
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages <= set(listed)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_page_is_registered(page: Path) -> None:
    shell = [ROOT / "app.py", *sorted((ROOT / "crm_core" / "ui").rglob("*.py"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in shell if path.exists())
    assert f"{page.stem}.py" in text or re.search(rf"[\"']{page.stem}[\"']", text)


def test_readme_names_the_two_commands_before_anything_else_in_code() -> None:
    blocks = re.findall(r"```\w*\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert blocks[0].split("\n")[:2] == ["python -m crm_core start", "python -m crm_core test"]


def test_readme_explains_the_five_stages_and_the_limits() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for word in ("awareness", "exploration", "expansion", "commitment", "termination", "## Limits"):
        assert word in text


@pytest.mark.parametrize("file", REQUIREMENTS, ids=name_of)
def test_requirements_are_pinned_exactly_and_in_order(file: Path) -> None:
    lines = [
        line
        for line in file.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-r "))
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.]*", line) for line in lines)
    names = [line.split("==")[0].lower() for line in lines]
    assert names == sorted(names)


@pytest.mark.parametrize("file", REQUIREMENTS, ids=name_of)
def test_every_pin_is_explained(file: Path) -> None:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    unexplained = [
        f"{name} {version}"
        for name, version in read_pins(file).items()
        if f"| {name} {version} |" not in text
    ]
    assert not unexplained


def test_changelog_tells_of_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {crm_core.__version__}" in text


def test_contributors_find_the_commands_the_makefile_has() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert set(re.findall(r"(?:`|^)make (\w+)", text, re.MULTILINE)) <= targets


def test_customer_is_called_client() -> None:
    owners_words = [ROOT / "README.md", ROOT / "docs/methods.md", ROOT / "CHANGELOG.md"]
    for path in owners_words:
        assert not re.search(r"\bcustomers?\b", path.read_text(encoding="utf-8"), re.IGNORECASE)
