"""The Python environment the program runs in: looked at, made, filled, repaired.

Standard library only, and syntax an older Python can still read. An
environment is stamped with the fingerprint of the requirements it was filled
from, so a changed requirements file is noticed; while pip works the stamp says
so, which is how an interrupted set-up is told from a finished one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from crm_core.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds ``app.py``, the requirements files and ``.venv``."""

STAMP = "regulars-stamp.json"
LOG = "regulars-install.log"
DEBIAN_HINT = "on Debian or Ubuntu: apt install python3-venv"

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;#]+)")
_CHANGING = "Installing collected packages:"
_FETCHING = re.compile(r"^\s*Downloading (?:\S*/)?([A-Za-z0-9_.]+?)-\d\S* \((.+)\)$")


def say(text: str) -> None:
    """Tell the person at the terminal something, leaving stdout to results."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def read_pins(requirements: Path) -> dict[str, str]:
    """Return the pinned version of every package a requirements file asks for.

    Parameters
    ----------
    requirements : Path
        A file of ``name==version`` and ``-r other`` lines. A missing file
        asks for nothing: an installed copy of the program has none.

    Returns
    -------
    dict of str to str
        Versions by package name, those of included files too.
    """
    pins: dict[str, str] = {}
    if not requirements.is_file():
        return pins
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            pins.update(read_pins(requirements.parent / line[3:].strip()))
        match = _PIN.match(line)
        if match:
            pins[match.group(1)] = match.group(2)
    return pins


def fingerprint(requirements: Path) -> str:
    """Return a short hash that changes whenever a pinned version does."""
    text = "\n".join("{}=={}".format(*pin) for pin in sorted(read_pins(requirements).items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def unmet(requirements: Path, *, folders: Sequence[str] | None = None) -> list[str]:
    """Return the pins that are not installed in exactly the version asked for.

    Parameters
    ----------
    requirements : Path
        The requirements file.
    folders : sequence of str, optional
        Where to look for installed packages; by default, where the running
        interpreter looks.

    Returns
    -------
    list of str
        ``name==version`` for each pin that is missing or of another version.
        Only the packages' own records are read; nothing is imported.
    """
    from importlib.metadata import distributions  # noqa: PLC0415  (a Python 3.7 has none)

    where = list(sys.path if folders is None else folders)
    found = {
        name: next(iter(distributions(name=name, path=where)), None)
        for name in read_pins(requirements)
    }
    return [
        name + "==" + version
        for name, version in read_pins(requirements).items()
        if getattr(found[name], "version", None) != version
    ]


def interpreter(folder: Path) -> Path:
    """Return where the environment in ``folder`` keeps its Python."""
    if os.name == "nt":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def is_running_in(folder: Path) -> bool:
    """Tell whether the running interpreter belongs to the environment in ``folder``."""
    return os.path.realpath(sys.prefix) == os.path.realpath(str(folder))


def is_ready(folder: Path, requirements: Path) -> bool:
    """Tell, without starting it, whether an environment holds what a command needs.

    Ready means: its Python is there and is the one it was made with, its
    stamp bears the fingerprint of ``requirements``, and the packages' own
    records show the pinned versions.
    """
    stamp = _read_stamp(folder)
    return (
        interpreter(folder).exists()
        and stamp.get("python") == _python_of(folder)
        and stamp.get(requirements.name) == fingerprint(requirements)
        and not unmet(requirements, folders=_package_folders(folder))
    )


def prepare(folder: Path, requirements: Path) -> None:
    """Make the environment in ``folder`` ready, whatever state it is in.

    A missing or broken environment is made anew, one left half-filled too; a
    working one only receives what it lacks. A second caller waits for the
    first and finds the work done.

    Parameters
    ----------
    folder : Path
        The environment's folder.
    requirements : Path
        What it has to hold.

    Raises
    ------
    CrmError
        If this Python cannot make environments, or pip could not fetch or
        install the packages.
    """
    with _locked(folder.with_name(folder.name + ".lock")) as lock:
        if is_ready(folder, requirements):
            return
        say(f"Setting up Regulars in {folder.name}. This happens once.")
        interrupted = "installing" in _read_stamp(folder)
        if not is_running_in(folder) and (interrupted or not _has_pip(folder)):
            _create(folder)
        _fill(folder, requirements, lock=lock, afresh=interrupted and is_running_in(folder))
        say("The environment is ready.")


def _package_folders(folder: Path) -> list[str]:
    return [str(path) for path in folder.glob("[Ll]ib*/**/site-packages") if path.is_dir()]


def _python_of(folder: Path) -> str:
    return os.path.realpath(str(interpreter(folder)))


def _read_stamp(folder: Path) -> dict[str, str]:
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(folder: Path, stamp: dict[str, str]) -> None:
    aside = folder / (STAMP + ".new")
    aside.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    aside.replace(folder / STAMP)


def _has_pip(folder: Path) -> bool:
    """Tell whether the environment starts and has pip, lending it pip if it can take one."""
    python = str(interpreter(folder))
    for check in (["-c", "import pip"], ["-m", "ensurepip"], ["-c", "import pip"]):
        try:
            done = subprocess.run([python, "-I", *check], capture_output=True, check=False)
        except OSError:
            return False
        if done.returncode == 0 and check[0] == "-c":
            return True
    return False


def _create(folder: Path) -> None:
    from importlib.util import find_spec  # noqa: PLC0415  (only the first start needs it)

    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise CrmError(
            f"Wanted to set up an environment, but this Python ({sys.executable}) lacks venv or "
            f"ensurepip; install them ({DEBIAN_HINT}) and run the same command again."
        )
    say("  making the environment")
    command = [sys.executable, "-I", "-m", "venv", "--clear", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = _last_lines(done.stdout + done.stderr)
        raise CrmError(
            f"Wanted to set up an environment in {folder}, but Python's venv stopped:\n{last}\n"
            f"Check that the folder may be written to and that venv is there ({DEBIAN_HINT}), "
            "then run the same command again."
        )


def _fill(folder: Path, requirements: Path, *, lock: IO[str], afresh: bool) -> None:
    command = [str(interpreter(folder)), "-I", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "-r", str(requirements)]
    # Packages cut off half-way have no list of their files to remove them by.
    command += ["--ignore-installed"] if afresh else []
    lines = []
    with (folder / LOG).open("w", encoding="utf-8") as log, _start_pip(command, lock) as pip:
        for raw in pip.stdout or ():
            line = raw.decode("utf-8", "replace").rstrip()
            log.write(line + "\n")
            lines.append(line)
            if line.startswith(_CHANGING):
                _write_stamp(folder, {"installing": requirements.name})
            _report_progress(line)
    if pip.returncode != 0:
        last = _last_lines("\n".join(lines))
        raise CrmError(
            f"Wanted to install the packages of {requirements.name}, but pip stopped:\n{last}\n"
            "Check the internet connection, close other windows of Regulars, and run the same "
            f"command again; the whole log is {folder / LOG}."
        )
    _write_stamp(folder, _finished_stamp(folder, requirements))


def _start_pip(command: list[str], lock: IO[str]) -> subprocess.Popen[bytes]:
    # Settings that would send the packages elsewhere than into the environment.
    astray = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_QUIET", "PYTHONHOME")
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name not in astray},
        # Pip keeps the lock as well: if this process dies, a next start waits for that pip.
        pass_fds=[] if os.name == "nt" else [lock.fileno()],
    )


def _finished_stamp(folder: Path, requirements: Path) -> dict[str, str]:
    """Return the stamp of every requirements file the environment now satisfies."""
    here = _package_folders(folder)
    files = sorted(requirements.parent.glob("requirements*.txt"))
    stamp = {path.name: fingerprint(path) for path in files if not unmet(path, folders=here)}
    return {**stamp, "python": _python_of(folder)}


def _report_progress(line: str) -> None:
    fetching = _FETCHING.match(line)
    if fetching:
        say("  fetching {} ({})".format(*fetching.groups()))
    elif line.startswith(_CHANGING):
        say("  installing {} packages".format(line.count(",") + 1))


def _last_lines(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join("  | " + line for line in lines[-6:])


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[IO[str]]:
    """Hold a lock that the system releases by itself when the process dies."""
    try:
        stream = path.open("a", encoding="utf-8")
    except OSError as error:
        raise CrmError(
            f"Wanted to set up an environment in {path.parent}, found that it may not be written "
            f"to ({error}); move Regulars to a folder of your own."
        ) from error
    with stream:
        waiting = False
        while not _try_lock(stream):
            if not waiting:
                say("Another start is setting up the environment; waiting for it.")
            waiting = True
            time.sleep(0.3)
        yield stream


def _try_lock(stream: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  (there is none elsewhere)

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  (there is none on Windows)

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
