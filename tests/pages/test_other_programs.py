"""What another program writes is on the page at its next run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.pages.conftest import Visit, as_csv, text_of


def test_import_of_another_program_is_there_at_the_next_click(
    one_client_database: str, visit: Visit, tmp_path: Path
) -> None:
    app = visit("pareto")
    assert "Zoë" not in shown(app)
    file = tmp_path / "more.csv"
    file.write_text(as_csv([("Zoë", "2025-05-21", "900.00")]), encoding="utf-8")
    words = ["import", str(file), "--source", "shop", "--db", one_client_database]
    program = f"from crm_core.cli import main; raise SystemExit(main({words!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    app.run()
    assert not app.exception
    assert "Zoë" in shown(app)


def shown(app: AppTest) -> str:
    """Return the texts and tables of a page."""
    tables = [frame.value.to_string() for frame in app.dataframe]
    return "\n".join([text_of(app), *tables])
