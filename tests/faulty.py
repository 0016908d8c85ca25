"""Faults made on purpose: full disks, read-only folders, cut lines, servers that stop."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

NOBODY = 65534


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a file system of a few megabytes in memory; skip where one may not mount."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-small-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        done = None
    if done is None or done.returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk; the limit on file sizes is tried instead")
    try:
        yield folder
    finally:
        # Lazily: a ledger may still be mapped from there.
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def fill_up(folder: Path) -> Iterator[None]:
    """Write until nothing more fits; remove that afterwards."""
    file = folder / "everything-else"
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(4096))
    try:
        yield
    finally:
        file.unlink()


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder outside pytest's own, whose parents any user may pass."""
    with tempfile.TemporaryDirectory(prefix="regulars-read-only-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextmanager
def without_writing(place: Path) -> Iterator[None]:
    """Take the right to write away from a file, or a folder and all in it; root works as nobody."""
    places = [place, *place.rglob("*")]
    for each in places:
        each.chmod(0o555 if each.is_dir() else 0o444)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        if root:
            os.seteuid(NOBODY)
        yield
    finally:
        if root:
            os.seteuid(0)
        for each in places:
            if each.exists():
                each.chmod(0o777 if each.is_dir() else 0o666)


class Line:
    """A line between a program and a server that can be cut: a proxy on loopback.

    Attributes
    ----------
    port : int
        Where it listens.
    cut_after : int or None
        Cut every connection once so many bytes of it have gone to the server.
    """

    def __init__(self, server_port: int) -> None:
        self.server_port, self.cut_after = server_port, None
        self.open = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut all connections there are."""
        for held in self._sockets:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()

    def close(self) -> None:
        """Cut everything and stop listening."""
        self.open = False
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while self.open:
            try:
                near = self._listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                continue
            self._sockets += [near, far]
            threading.Thread(target=self._pass_on, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(far, near, False), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, to_server: bool) -> None:
        passed = 0
        with suppress(OSError):
            while data := one.recv(1 << 16):
                passed += len(data)
                if to_server and self.cut_after is not None and passed > self.cut_after:
                    self.cut()
                    return
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.close()


@contextmanager
def line_to(server_port: int) -> Iterator[Line]:
    """Open a line that can be cut."""
    with ExitStack() as stack:
        line = Line(server_port)
        stack.callback(line.close)
        yield line
