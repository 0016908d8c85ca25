"""What every test may ask for, and what no test may touch."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from sqlalchemy import make_url

from tests.databases import (
    ON_POSTGRES,
    Databases,
    ServerDatabases,
    SqliteFiles,
    close_connections,
    hold_connections,
    make_template,
)
from tests.once import make_tables_from_memory, share_what_apps_have_in_common

if TYPE_CHECKING:
    from tests.postgres import Server

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
make_tables_from_memory()


@pytest.fixture(scope="session", autouse=True)
def _keep_off_the_owners_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point whatever asks for the default database at an empty folder of this run."""
    folder = tmp_path_factory.mktemp("database")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{folder.as_posix()}/regulars.db")
        # Ledgers of a server's databases are kept in the user's cache folder.
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
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


@pytest.fixture(scope="session")
def server_databases(postgres_url: str) -> Iterator[ServerDatabases]:
    """Return what makes databases on a PostgreSQL server, whatever this run is about."""
    hold_connections()
    make_template(postgres_url)
    made = ServerDatabases(postgres_url)
    yield made
    made.drop_all()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """Return a PostgreSQL server that the tests of one file may stop and start."""
    from tests.postgres import find_server_programs, stoppable_server

    programs = find_server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine")
    hold_connections()
    with stoppable_server(programs) as found:
        yield found
        close_connections(str(make_url(found.url).database))


@pytest.fixture(scope="session")
def shared_databases(request: pytest.FixtureRequest) -> Databases:
    """Return what makes databases that live as long as the run: filled once, copied often."""
    if not ON_POSTGRES:
        return SqliteFiles()
    made: ServerDatabases = request.getfixturevalue("server_databases")
    return made


@pytest.fixture
def databases(
    shared_databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Databases]:
    """Return what makes databases that live as long as a test."""
    if not isinstance(shared_databases, ServerDatabases):
        yield shared_databases
        return
    # Copies of one database have its id, and would find each other's ledgers.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own = ServerDatabases(shared_databases.server)
    yield own
    own.drop_all()


def pytest_configure(config: pytest.Config) -> None:
    """Let files begin in the order below, not those with the most tests first."""
    # One file of three long tests, begun last, would keep one process busy and the others idle.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, so that ``-m`` can leave them out."""
    share_what_apps_have_in_common()
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "shared_data" in fixtures:
            item.add_marker(pytest.mark.shared)
        if "postgres_url" in fixtures:
            item.add_marker(pytest.mark.postgres)
        if "shared_databases" in fixtures:
            item.add_marker(pytest.mark.database)
        only = item.get_closest_marker("sqlite_only")
        if only is not None and ON_POSTGRES:
            item.add_marker(pytest.mark.skip(reason=f"about SQLite: {only.args[0]}"))
        if item.path.is_relative_to(ROOT / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)
    long = {
        item.path
        for item in items
        if item.get_closest_marker("slow") or item.get_closest_marker("browser")
    }
    items.sort(key=lambda item: item.path not in long)  # long files first, else as they were


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, pytest.TestReport]:
    """Fail a skipped test where the browser or the server it needs was promised."""
    report: pytest.TestReport = yield
    promised = _promised(item) if IN_CI else None
    if promised and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but REGULARS_CI promises {promised}"
    return report


def _promised(item: pytest.Item) -> str | None:
    if item.get_closest_marker("browser") is not None:
        return "a browser"
    if item.get_closest_marker("postgres") is not None:
        return "PostgreSQL"
    asked = ON_POSTGRES and item.get_closest_marker("database") is not None
    return "PostgreSQL" if asked and item.get_closest_marker("sqlite_only") is None else None
