"""Two commands on a fresh machine, tried on copies of the program in folders of their own.

The copies ask for one small package that is made here, so no test needs an
index; ``.ci/run`` sets up the whole environment from nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from crm_core import bootstrap, environment
from crm_core.errors import CrmError
from tests.conftest import ROOT

CLI = """
import os, sys
import pebble

def main():
    print(pebble.VERSION, os.path.basename(sys.prefix), *sys.argv[1:])
    return int(os.environ.get("ANSWER", "0"))
"""


def write_wheel(folder: Path, version: str) -> None:
    """Write an installable package ``pebble`` of one line."""
    info = f"pebble-{version}.dist-info"
    files = {
        "pebble.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: pebble\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        record += f"{name},sha256={digest.decode().rstrip('=')},{len(text)}\n"
    with zipfile.ZipFile(folder / f"pebble-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            wheel.writestr(name, text)


class Copy:
    """A copy of what runs before the environment, with a tiny program behind it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.first_starts: list[tuple[int, str, str]] = []
        self.wheels = root.with_name("wheels")
        self.wheels.mkdir()
        for version in ("1.0", "2.0"):
            write_wheel(self.wheels, version)
        core = root / "crm_core"
        core.mkdir(parents=True)
        standard = ("__init__", "__main__", "bootstrap", "environment", "errors", "launch")
        for name in (*standard, "listening"):
            shutil.copy(ROOT / "crm_core" / f"{name}.py", core)
        (core / "cli.py").write_text(CLI)
        self.require("1.0")

    def require(self, version: str) -> None:
        (self.root / "requirements.txt").write_text(f"# one package\npebble=={version}\n")

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / environment.STAMP

    def start(
        self, *arguments: str, python: str = sys.executable, **variables: str
    ) -> subprocess.Popen[str]:
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return subprocess.Popen(
            [python, "-m", "crm_core", *arguments],
            cwd=self.root,
            env={**os.environ, **index, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=600)
        return process.returncode, out.strip(), err


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy whose environment two first starts at once set up."""
    made = Copy(tmp_path_factory.mktemp("fresh") / "regulars")
    both = [made.start("report"), made.start("report")]
    for process in both:
        out, err = process.communicate(timeout=600)
        made.first_starts.append((process.returncode, out, err))
    return made


@pytest.mark.slow
class TestEnvironment:
    def test_two_first_starts_at_once_set_up_once(self, copy: Copy) -> None:
        told = [(code, out) for code, out, _ in copy.first_starts]
        assert told == [(0, "1.0 .venv report\n")] * 2, copy.first_starts
        assert sum("Setting up Regulars" in err for *_, err in copy.first_starts) == 1

    def test_second_start_says_nothing_and_keeps_arguments(self, copy: Copy) -> None:
        assert copy.run("import", "a b.csv", "--map", "day=Día") == (
            0,
            "1.0 .venv import a b.csv --map day=Día",
            "",
        )

    @pytest.mark.parametrize("answer", ["1", "2"])
    def test_exit_code_of_a_command_reaches_the_caller(self, copy: Copy, answer: str) -> None:
        assert copy.run("import", ANSWER=answer)[0] == int(answer)

    def test_started_from_its_own_environment_it_stays_there(self, copy: Copy) -> None:
        inside = str(environment.interpreter(copy.root / ".venv"))
        process = copy.start("report", python=inside)
        assert process.communicate(timeout=600) == ("1.0 .venv report\n", "")

    def test_changed_requirements_are_installed_before_the_command(self, copy: Copy) -> None:
        copy.require("2.0")
        try:
            assert copy.run("report")[1] == "2.0 .venv report"
        finally:
            copy.require("1.0")
        assert copy.run("report")[1] == "1.0 .venv report"

    def test_half_filled_environment_is_made_anew(self, copy: Copy) -> None:
        copy.stamp.write_text(json.dumps({"installing": "requirements.txt"}))
        stray = copy.root / ".venv" / "stray"
        stray.touch()
        next((copy.root / ".venv").rglob("pebble.py")).unlink()
        assert copy.run("report")[:2] == (0, "1.0 .venv report")
        assert not stray.exists()

    def test_half_filled_environment_repairs_itself_from_within(self, copy: Copy) -> None:
        copy.stamp.write_text(json.dumps({"installing": "requirements.txt"}))
        next((copy.root / ".venv").rglob("pebble.py")).unlink()
        inside = str(environment.interpreter(copy.root / ".venv"))
        process = copy.start("report", python=inside)
        assert process.communicate(timeout=600)[0] == "1.0 .venv report\n"

    def test_environment_without_a_working_python_is_made_anew(self, copy: Copy) -> None:
        python = environment.interpreter(copy.root / ".venv")
        python.unlink()
        python.symlink_to("/nowhere/python")
        assert copy.run("report")[:2] == (0, "1.0 .venv report")

    def test_missing_package_is_told_with_what_to_do_and_breaks_nothing(self, copy: Copy) -> None:
        copy.require("9.9")
        try:
            code, out, err = copy.run("report")
        finally:
            copy.require("1.0")
        assert (code, out) == (1, "")
        assert "but pip stopped" in err
        assert "run the same command again" in err
        assert "Traceback" not in err
        assert copy.run("report") == (0, "1.0 .venv report", "")

    def test_help_of_a_program_without_environment_installs_nothing(self, tmp_path: Path) -> None:
        copy = Copy(tmp_path / "regulars")
        assert copy.run("--help")[0] == 0
        assert copy.run()[0] == 2
        assert copy.run("start", "--port", "eleven")[0] == 2
        assert not (copy.root / ".venv").exists()


def test_pins_are_read_through_included_files(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("# why\nAlpha.One==1.0\nbeta[extra]>=2\n")
    (tmp_path / "more.txt").write_text("-r base.txt\ngamma==3.1  # why\n")
    assert environment.read_pins(tmp_path / "more.txt") == {"Alpha.One": "1.0", "gamma": "3.1"}


def test_fingerprint_changes_with_a_version_and_not_with_a_remark(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("alpha==1.0\n")
    first = environment.fingerprint(file)
    file.write_text("# remark\nalpha==1.0\n")
    assert environment.fingerprint(file) == first
    file.write_text("alpha==1.1\n")
    assert environment.fingerprint(file) != first


def test_unmet_names_missing_and_other_versions_only(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(f"pytest=={pytest.__version__}\nclick==0.0.1\nno-such-package==1.0\n")
    assert environment.unmet(file) == ["click==0.0.1", "no-such-package==1.0"]


def test_installed_copy_without_requirements_file_uses_the_running_python(tmp_path: Path) -> None:
    assert bootstrap.settle(tmp_path / "requirements.txt", tmp_path / ".venv") is None


def test_python_without_venv_hears_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text("no-such-package==1.0\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CrmError, match="apt install python3-venv"):
        bootstrap.settle(tmp_path / "requirements.txt", tmp_path / ".venv")


def test_command_is_handed_over_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("no-such-package==1.0\n")
    monkeypatch.setenv(bootstrap.HANDED_OVER, "1")
    monkeypatch.setattr(bootstrap, "is_ready", lambda *_: True)
    with pytest.raises(CrmError, match="delete the folder"):
        bootstrap.settle(tmp_path / "requirements.txt", tmp_path / ".venv")


def test_old_python_hears_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert bootstrap.run(["start"]) == 1
    assert capsys.readouterr().err.startswith("Wanted Python 3.11 or newer, found 3.9 ")
