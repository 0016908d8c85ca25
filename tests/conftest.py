"""What every test may ask for, and what no test may touch."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
IN_CI = bool(os.environ.get("REGULARS_CI"))

hypothesis.settings.register_profile(
    "regulars",
    deadline=None,
    derandomize=IN_CI,
    print_blob=not IN_CI,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("regulars")


@pytest.fixture(scope="session", autouse=True)
def _keep_off_the_owners_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point whatever asks for the default database at an empty folder of this run."""
    folder = tmp_path_factory.mktemp("database")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{folder.as_posix()}/regulars.db")
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets beside the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data sets beside the project (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the address of a PostgreSQL server for this run only."""
    from tests.postgres import find_server_programs, running_server

    given = os.environ.get("REGULARS_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = find_server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine")
    with running_server(programs) as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, so that ``-m`` can leave them out."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "shared_data" in fixtures:
            item.add_marker(pytest.mark.shared)
        if "postgres_url" in fixtures:
            item.add_marker(pytest.mark.postgres)
        if item.path.is_relative_to(ROOT / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, pytest.TestReport]:
    """Fail a skipped browser test where a browser was promised."""
    report: pytest.TestReport = yield
    wanted = IN_CI and item.get_closest_marker("browser") is not None
    if wanted and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but REGULARS_CI promises a browser"
    return report
