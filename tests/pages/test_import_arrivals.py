"""Files that came by themselves on the Import page: approved, refused, explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from crm_core.records.arrivals import reads_approval
from crm_core.records.engine import open_database, reading
from crm_core.snapshot import load_ledger
from crm_core.watched_folder import open_folder
from tests.inbox import FEBRUARY, arrivals, drop, import_first, take
from tests.pages.conftest import Visit, text_of


@pytest.fixture
def engine(database: str, tmp_path: Path) -> Engine:
    """Return a database in which one file waits and one has failed."""
    engine = import_first(open_database(database))
    (tmp_path / "inbox").mkdir()
    folder = open_folder(tmp_path / "inbox")
    drop(folder, FEBRUARY, ":red[february] $a$.csv")
    take(engine, folder, approve=True)
    drop(folder, "Who,When,How much\nAnn,2025-02-01,5\n", "odd.csv")
    take(engine, folder)
    return engine


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_a_waiting_file_shows_its_effect_and_counts_once_approved(
    engine: Engine, visit: Visit
) -> None:
    app = visit("import")
    assert "Nothing of them counts before you approve it" in text_of(app)
    assert ":red[february]" not in text_of(app)
    table = next(d.value for d in app.dataframe if "Before" in d.value.columns)
    change = {row["Number"]: (row["Before"], row["After"]) for _, row in table.iterrows()}
    assert change["Known clients"] == ("2", "3")
    states = next(d.value for d in app.dataframe if "State" in d.value.columns and "No." in d.value)
    assert states["State"].tolist() == ["waits for approval", "counts"]
    assert load_ledger(engine).n_clients == 2
    press(app, "approve_1")
    assert "counts from now on" in app.success[0].value
    assert load_ledger(engine).n_clients == 3
    assert "Nothing of them counts before" not in text_of(app)


def test_a_refused_file_stays_out_and_a_failed_one_says_why(engine: Engine, visit: Visit) -> None:
    app = visit("import")
    said = text_of(app).replace("\\", "")
    assert "**odd.csv**: Wanted a file with the columns of an earlier one" in said
    press(app, "refuse_1")
    assert load_ledger(engine).n_clients == 2
    assert [row.state for row in arrivals(engine)] == ["refused", "refused"]


def test_an_owner_says_that_files_wait(engine: Engine, visit: Visit) -> None:
    app = visit("import")
    app.toggle(key="approve_arrivals").set_value(True).run()
    with reading(engine) as connection:
        assert reads_approval(connection)
    app.toggle(key="approve_arrivals").set_value(False).run()
    with reading(engine) as connection:
        assert not reads_approval(connection)
