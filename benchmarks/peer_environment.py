"""An environment of its own for a peer whose packages must not stand beside ours.

``python -m benchmarks.peer_environment`` sets it up.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".bench-lifetimes"
STAMP = FOLDER / "pins.txt"
PINS = ROOT / "requirements-bench-lifetimes.txt"
WORKER = Path(__file__).with_name("lifetimes_worker.py")


def is_ready() -> bool:
    """Return whether the environment stands, with the pins of today."""
    return STAMP.is_file() and STAMP.read_text("utf-8") == PINS.read_text("utf-8")


def lifetimes_python() -> Path:
    """Return the Python that has ``lifetimes``, set up the first time (about a minute)."""
    inside = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not is_ready():
        print(f"setting up {FOLDER.name} …", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*map(str, install), "-r", str(PINS)], check=True)
        STAMP.write_text(PINS.read_text("utf-8"), "utf-8")
    return inside


class Worker:
    """A process of the peer that keeps its data between questions and times itself.

    Parameters
    ----------
    python : Path
        The interpreter that has the peer's packages.
    folder : Path
        Where arrays are handed over.
    """

    def __init__(self, python: Path, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [str(python), str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()

    def give(self, name: str, **arrays: Any) -> None:
        """Hand over arrays under a name."""
        np.savez(self._folder / f"{name}.npz", **arrays)
        self.ask("load", name)

    def ask(self, question: str, *words: Any) -> Any:
        """Ask one question and return the answer; ``seconds`` in it leave the hand-over out.

        Raises
        ------
        SystemExit
            If the peer fails.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"question": question, "words": words, "folder": str(self._folder)})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"the peer's process ended at the question {question!r}")
        return json.loads(answer)

    def arrays(self, name: str) -> dict[str, Any]:
        """Return arrays the peer left under a name."""
        with np.load(self._folder / f"{name}.npz") as held:
            return dict(held)


if __name__ == "__main__":
    print(lifetimes_python())
