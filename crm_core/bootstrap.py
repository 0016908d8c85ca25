"""The first step of every command: an environment that holds the packages.

A command runs in the Python that started it when that one has every pinned
package, and otherwise in ``.venv`` beside the program, which is made, filled
or repaired first. Standard library only; syntax an older Python can read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crm_core import __version__, launch
from crm_core.environment import ROOT, interpreter, is_ready, is_running_in, prepare, say, unmet
from crm_core.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDEST_PYTHON = (3, 11)

HANDED_OVER = "REGULARS_HANDED_OVER"
"""Set while a command passes to another interpreter, so that it passes only once."""

USAGE = """\
Usage: python -m crm_core COMMAND [OPTIONS]

  start     set everything up and open the dashboard in the browser
  test      set everything up and run the tests
  import, imports, undo, report, export, demo, serve
            what the pages do, without the pages

The first command sets up an environment in the folder .venv and nothing else;
after that, "python -m crm_core --help" tells all, COMMAND --help one command.
"""


def run(arguments: Sequence[str]) -> int:
    """Carry out one command of ``python -m crm_core``.

    Parameters
    ----------
    arguments : sequence of str
        The words after ``python -m crm_core``.

    Returns
    -------
    int
        0 done, 1 refused with the reason on stderr, 2 wrong usage, 130
        stopped by Ctrl+C; ``test`` returns what pytest returns.

    Examples
    --------
    >>> run(["--version"])
    Regulars 0.1.0
    0
    """
    try:
        check_python(tuple(sys.version_info[:2]))
        return _run(list(arguments))
    except CrmError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python older than the packages can live with.

    Raises
    ------
    CrmError
        If ``version`` (major, minor) is below 3.11.

    Examples
    --------
    >>> check_python((3, 11))
    >>> check_python((3, 9))
    Traceback (most recent call last):
    ...
    crm_core.errors.CrmError: Wanted Python 3.11 or newer, ...
    """
    if version < OLDEST_PYTHON:
        raise CrmError(
            "Wanted Python 3.11 or newer, found {} ({}); install a newer Python and start "
            "Regulars with it, e.g. python3.11 -m crm_core start.".format(
                ".".join(str(part) for part in version), sys.executable
            )
        )


def settle(requirements: Path, folder: Path) -> Path | None:
    """Find or make an interpreter that has the packages.

    Parameters
    ----------
    requirements : Path
        The packages the command needs.
    folder : Path
        The environment to use when the running interpreter lacks some.

    Returns
    -------
    Path or None
        The interpreter to hand the command to; ``None`` if the running one
        is right.

    Raises
    ------
    CrmError
        If the environment cannot be made.
    """
    handed_over = os.environ.pop(HANDED_OVER, None)
    inside = is_running_in(folder)
    if not inside and not unmet(requirements):
        return None
    if not is_ready(folder, requirements):
        prepare(folder, requirements)
    if inside:
        return None
    if handed_over:
        raise CrmError(
            f"Wanted to run in {folder}, but its Python does not know it belongs there; "
            f"delete the folder {folder} and run the same command again."
        )
    return interpreter(folder)


def hand_over(python: Path, arguments: Sequence[str]) -> int:
    """Run the same command again with another interpreter, keeping its exit code.

    Parameters
    ----------
    python : Path
        The interpreter.
    arguments : sequence of str
        The words after ``python -m crm_core``.

    Returns
    -------
    int
        The command's exit code; only Windows comes back here at all.
    """
    # On macOS the launcher's mark would make the environment's Python take itself for its maker.
    leave = ("PYTHONHOME", "__PYVENV_LAUNCHER__")
    variables = {name: value for name, value in os.environ.items() if name not in leave}
    variables[HANDED_OVER] = "1"
    if Path.cwd() != ROOT:
        found = [str(ROOT), variables.get("PYTHONPATH", "")]
        variables["PYTHONPATH"] = os.pathsep.join(part for part in found if part)
    return launch.become([str(python), "-m", "crm_core", *arguments], variables)


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else ""
    requirements = ROOT / ("requirements-dev.txt" if command == "test" else "requirements.txt")
    folder = ROOT / ".venv"
    if command == "--version":
        print("Regulars " + __version__)
        return 0
    if (
        command in ("", "-h", "--help")
        and unmet(requirements)
        and not is_ready(folder, requirements)
    ):
        print(USAGE, end="", file=sys.stdout if command else sys.stderr)
        return 0 if command else 2
    # Wrong usage is said before anything is installed for it.
    options = launch.parse_start(arguments[1:]) if command == "start" else None
    python = settle(requirements, folder)
    if python is not None:
        return hand_over(python, arguments)
    if options is not None:
        return launch.open_dashboard(ROOT, options)
    if command == "test":
        return launch.run_tests(ROOT, arguments[1:])
    from crm_core.cli import main  # noqa: PLC0415  (its packages stand only from here on)

    return int(main() or 0)
