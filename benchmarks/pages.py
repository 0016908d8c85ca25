"""Server time of the pages: a start from nothing, a rerun, and another as-of day.

Each page is run by Streamlit's own test harness in a process of its own, so a
time holds the script, its results and the messages it would send; the browser's
part is not in it. Nothing but ``DATABASE_URL`` is set.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("import",)

VISIT = """
import json, statistics, sys, time
from datetime import timedelta
from pathlib import Path
from streamlit.testing.v1 import AppTest

root, page, repeats = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
app = AppTest.from_file(str(root / "app.py"), default_timeout=300)
if page != "overview":
    app.switch_page(f"pages/{page}.py")
app.run()
first = time.time()

def timed():
    start = time.perf_counter()
    app.run()
    assert not app.exception, app.exception[0].value
    return time.perf_counter() - start

assert not app.exception, app.exception[0].value
timed()
again = statistics.median(timed() for _ in range(repeats))
days = []
for step in range(1, repeats + 1):
    day = app.session_state["as_of"] if "as_of" in app.session_state else None
    app.session_state["as_of"] = (day or LAST) - timedelta(days=7 * step)
    days.append(timed())
print(json.dumps({"first": first, "again": again, "new_day": statistics.median(days)}))
"""


@dataclass(frozen=True)
class PageTimes:
    """Seconds of one page.

    Attributes
    ----------
    first : float
        From starting a new process to the end of the page's first run.
    again : float
        A rerun with warm caches.
    new_day : float
        The first run after another as-of day.
    """

    first: float
    again: float
    new_day: float


def time_pages(database: Path, *, repeats: int = 5) -> dict[str, PageTimes]:
    """Return the times of every page that shows results, on one database.

    Parameters
    ----------
    database : Path
        An SQLite file with its ledger cached beside it.
    repeats : int, default 5
        Reruns and days of which the median is taken.
    """
    names = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))
    return {name: _time_page(name, database, repeats) for name in names if name not in LEFT_OUT}


def _time_page(name: str, database: Path, repeats: int) -> PageTimes:
    last = "from benchmarks.generated import LAST_DAY\nfrom crm_core.tables import to_date\n"
    script = last + "LAST = to_date(LAST_DAY)\n" + VISIT
    started = time.time()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(ROOT), name, str(repeats)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}"},
    )
    if done.returncode:
        raise SystemExit(f"page {name} failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return PageTimes(found["first"] - started, found["again"], found["new_day"])
