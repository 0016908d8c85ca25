"""What runs inside the environment: the dashboard and the tests.

Standard library only, and syntax an older Python can still read, because
``bootstrap`` imports it before the environment stands.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from typing import TYPE_CHECKING

from crm_core.environment import say
from crm_core.errors import CrmError
from crm_core.listening import (
    ANYONE,
    FORWARDED,
    HOST,
    TRUST_NO_FORWARDED,
    door_options,
    is_loopback,
    public_origin,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FIRST_PORT = 8501
PORTS_TRIED = 50
SECONDS_TO_WAKE = 60.0


def parse_start(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the options of ``start``.

    Parameters
    ----------
    arguments : sequence of str
        The words after ``start``.

    Returns
    -------
    argparse.Namespace
        ``port`` (int or None), ``browser`` (bool), ``db`` (str or None), ``address`` (str)
        and ``let_anyone_in`` (bool).

    Raises
    ------
    SystemExit
        With code 2 on wrong usage, with code 0 after ``--help``.

    Examples
    --------
    >>> options = parse_start(["--port", "8600", "--no-browser"])
    >>> options.port, options.browser, options.db
    (8600, False, None)
    """
    parser = argparse.ArgumentParser(
        prog="python -m crm_core start",
        description="Open the dashboard on this computer; Ctrl+C stops it.",
    )
    parser.add_argument(
        "--port", type=_port, help="where to listen (default: 8501, or the next free one)"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="do not open the browser"
    )
    parser.add_argument(
        "--db", metavar="URL", help="the database (default: DATABASE_URL, then the embedded one)"
    )
    parser.add_argument(
        "--address",
        default=HOST,
        help="the address to listen on (default: this computer only); any other needs sign-in",
    )
    parser.add_argument(
        "--let-anyone-in",
        action="store_true",
        help="nobody signs in: whoever reaches the address sees and changes everything",
    )
    return parser.parse_args(list(arguments))


def open_dashboard(root: Path, options: argparse.Namespace) -> int:
    """Open the dashboard and stay until it ends.

    Parameters
    ----------
    root : Path
        The folder that holds ``app.py``.
    options : argparse.Namespace
        From `parse_start`.

    Returns
    -------
    int
        0 when stopped by the person, else the server's exit code.

    Raises
    ------
    CrmError
        If the wanted port is taken, or nobody would have to sign in on an address that
        others reach.
    """
    variables = {**os.environ, FORWARDED: TRUST_NO_FORWARDED}
    if options.let_anyone_in:
        variables[ANYONE] = "yes"
    refused = refusal(options.address, variables)
    if refused:
        raise CrmError(refused)
    port = choose_port(options.port, options.address)
    if options.db:
        variables["DATABASE_URL"] = options.db
    command = dashboard_command(root, port, options.address, variables)
    say(f"Regulars: {_shown_address(options.address, port, variables)}  (Ctrl+C stops it)")
    if not (options.browser and is_loopback(options.address) and _has_screen()):
        return become(command, variables)
    opener = threading.Thread(target=_open_when_awake, args=(port,), daemon=True)
    opener.start()
    return _attend(command, variables)


def run_tests(root: Path, arguments: Sequence[str]) -> int:
    """Run the tests and return pytest's exit code.

    Parameters
    ----------
    root : Path
        The project's folder.
    arguments : sequence of str
        Passed to pytest as they are. Without any, the whole suite runs on as
        many processes as pay off.

    Returns
    -------
    int
        Pytest's exit code.
    """
    os.chdir(str(root))
    # A file's tests stay on one process, so that they share its browser and its server.
    spread = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
    return become([sys.executable, "-m", "pytest", *(arguments or spread)], dict(os.environ))


def dashboard_command(
    root: Path, port: int, address: str = HOST, variables: Mapping[str, str] | None = None
) -> list[str]:
    """Return the command that serves the dashboard on ``port``, by default of this computer.

    The settings that keep it private are repeated here, so that a person's
    own Streamlit settings cannot loosen them.

    Raises
    ------
    CrmError
        If a setting of the sign-in is missing or wrong.
    """
    settings = {
        "server.port": [str(port)],
        "server.headless": ["true"],
        "browser.gatherUsageStats": ["false"],
        "logger.hideWelcomeMessage": ["true"],
        **door_options(address, port, variables or {}),
    }
    options = [f"--{name}={value}" for name, values in settings.items() for value in values]
    return [sys.executable, "-m", "streamlit", "run", str(root / "served.py"), *options]


def choose_port(wanted: int | None = None, address: str = HOST) -> int:
    """Return the port to listen on.

    Parameters
    ----------
    wanted : int, optional
        The port somebody asked for; by default the first free one from 8501.
    address : str
        Where to listen.

    Returns
    -------
    int
        A port that was free a moment ago.

    Raises
    ------
    CrmError
        If the wanted port, or every port tried, is taken.
    """
    ports = range(FIRST_PORT, FIRST_PORT + PORTS_TRIED) if wanted is None else [wanted]
    for port in ports:
        if _is_free(port, address):
            return port
    tried = wanted or f"{ports[0]} to {ports[-1]}"
    raise CrmError(
        f"Wanted to listen on port {tried}, found it taken; choose another one with --port, "
        "or leave --port out to take the next free one."
    )


def become(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Turn into another program; where the system cannot, wait for it.

    Returns
    -------
    int
        The program's exit code, on Windows; elsewhere this never returns.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execve(command[0], list(command), dict(variables))
    return _attend(command, variables)


def _attend(command: Sequence[str], variables: Mapping[str, str]) -> int:
    with subprocess.Popen(list(command), env=dict(variables)) as program:
        # Who stops this process means the program it waits for.
        signal.signal(signal.SIGTERM, lambda *_: program.terminate())
        interrupted = False
        while True:
            try:
                code = program.wait()
            except KeyboardInterrupt:
                interrupted = True  # the program heard Ctrl+C as well and winds up
                continue
            return 0 if interrupted else code


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return port


def _shown_address(address: str, port: int, variables: Mapping[str, str]) -> str:
    return public_origin(variables) or (
        f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
    )


def _is_free(port: int, address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            # Elsewhere than on Windows this only overlooks connections that are already closed.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _has_screen() -> bool:
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_when_awake(port: int) -> None:
    address = f"http://{HOST}:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + SECONDS_TO_WAKE
    while time.monotonic() < end:
        with contextlib.suppress(OSError, urllib.error.URLError):
            direct.open(address + "/_stcore/health", timeout=2).close()
            webbrowser.open(address)
            return
        time.sleep(0.2)
