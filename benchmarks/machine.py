"""The machine and the versions a result belongs to."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "pandas", "polars", "duckdb", "pyarrow", "SQLAlchemy", "streamlit")


def describe_machine() -> str:
    """Return processor, cores, memory and system in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{processor_name()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def processor_name() -> str:
    """Return the processor's name as the system gives it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def describe_versions() -> str:
    """Return the versions of everything that takes part, in a line."""
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES)
