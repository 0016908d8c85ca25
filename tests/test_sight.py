from __future__ import annotations

import numpy as np
import pytest

from crm_core.access import LEAST_GROUP, NOBODY, Actor, Role
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import assign_stages
from crm_core.records.engine import open_database, writing
from crm_core.records.importing import write_import
from crm_core.records.people import set_manager
from crm_core.sight import make_pseudonyms, seen_by, sees_everything
from crm_core.snapshot import load_ledger
from crm_core.tables import to_date, to_day
from tests.builders import make_staged
from tests.databases import Databases
from tests.records.conftest import NOW

DAY = to_day(NOW.date())
KEY = b"k" * 32
ANALYST = Actor("member 1", Role.ANALYST)


@pytest.fixture(scope="module")
def ledger(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Return 12 clients: six of the garden, four of the office, two of none; Ben sells to two."""
    rows = [
        {
            "client": f"client-{number:02}",
            "day": f"2024-{month:02}-1{number % 9}",
            "amount": 10 + number,
            "manager": "Ben" if number in (2, 7) else "Ada",
        }
        for number in range(12)
        for month in (1, 2, 4)
    ]
    rows.append({"client": None, "day": "2024-03-01", "amount": 5})
    departments = ["Garden"] * 6 + ["Office"] * 4 + [None] * 2
    clients = {
        f"client-{number:02}": {"department": name, "group_name": "Family of one"}
        for number, name in enumerate(departments)
    }
    engine = open_database(shared_databases.new(tmp_path_factory.mktemp("sight")))
    with writing(engine) as connection:
        write_import(connection, make_staged(rows, clients=clients), imported_at=NOW)
        set_manager(connection, 5, "Cleo", from_day=to_date(DAY - 10))
    found = load_ledger(engine)
    engine.dispose()
    return found


def names(ledger: Ledger) -> list[str]:
    return ledger.clients.name.to_pylist()


def manager(department: str | None = None, name: str | None = None) -> Actor:
    return Actor("member 2", Role.MANAGER, department=department, manager=name)


def seen(ledger: Ledger, who: Actor, *, key: bytes = KEY) -> Ledger:
    return seen_by(ledger, who, day=DAY, key=lambda: key)[0]


def test_owners_and_viewers_need_no_ledger_of_their_own() -> None:
    assert sees_everything(Actor("member 1", Role.OWNER))
    assert sees_everything(Actor("member 1", Role.VIEWER))
    assert not sees_everything(ANALYST)
    assert not sees_everything(manager("Office"))
    assert not sees_everything(NOBODY)


def test_a_manager_sees_department_and_own_clients_and_no_sales_of_nobody(ledger: Ledger) -> None:
    office = seen(ledger, manager("Office"))
    assert names(office) == [f"client-0{n}" for n in (6, 7, 8, 9)]
    assert names(seen(ledger, manager(name="Ben"))) == ["client-02", "client-07"]
    assert names(seen(ledger, manager("Office", "Ben")))[0] == "client-02"
    assert len(ledger.unnamed_day) == 1
    assert len(office.unnamed_day) == 0
    assert office.clients.attributes["department"].labels == ("Office",)


def test_who_looks_after_a_client_now_sees_it_and_who_did_before_does_not(ledger: Ledger) -> None:
    assert names(seen(ledger, manager(name="Cleo"))) == ["client-04"]
    assert "client-04" not in names(seen(ledger, manager(name="Ada")))


def test_a_manager_of_nothing_and_nobody_see_nobody(ledger: Ledger) -> None:
    for who in (manager(), manager("", ""), manager("Kitchen", "Dora"), NOBODY):
        nothing = seen(ledger, who)
        assert nothing.n_clients == 0
        assert len(nothing.sales.day) == len(nothing.unnamed_day) == 0


def test_a_manager_who_has_everybody_still_sees_no_sales_of_nobody(ledger: Ledger) -> None:
    both = ledger.select(np.array([n < 6 for n in range(12)]))
    every = seen_by(both, manager("Garden"), day=DAY, key=lambda: KEY)[0]
    assert every.n_clients == 6
    assert len(every.unnamed_day) == 0


def test_an_analyst_sees_all_clients_under_names_that_say_nothing(ledger: Ledger) -> None:
    hidden = seen(ledger, ANALYST)
    assert hidden.n_clients == ledger.n_clients
    assert not set(names(hidden)) & set(names(ledger))
    assert hidden.clients.external_id.to_pylist() == names(hidden) == sorted(names(hidden))
    assert int(hidden.sales.amount.sum()) == int(ledger.sales.amount.sum())
    assert len(hidden.unnamed_day) == 1


def test_a_name_stays_with_its_client_and_differs_between_databases(ledger: Ledger) -> None:
    at = dict(zip(ledger.clients.record_id.tolist(), names(ledger), strict=True))
    hidden, other = seen(ledger, ANALYST), seen(ledger, ANALYST, key=b"other")
    part = seen(ledger.select(np.arange(12) < 5), ANALYST)
    under = dict(zip(hidden.clients.record_id.tolist(), names(hidden), strict=True))
    assert all(
        under[n] == name for n, name in zip(part.clients.record_id, names(part), strict=True)
    )
    assert not set(names(hidden)) & set(names(other))
    assert set(under) == set(at)


def test_attributes_that_name_somebody_or_a_few_are_gone(ledger: Ledger) -> None:
    attributes = seen(ledger, ANALYST).clients.attributes
    assert "group" not in attributes
    assert attributes["department"].labels == ("Garden",), "the office has four"
    codes = attributes["department"].codes
    assert (codes == 0).sum() == 6 > LEAST_GROUP
    assert (codes == -1).sum() == 6


def test_history_and_stages_of_those_seen_are_those_they_have_among_all(ledger: Ledger) -> None:
    values = Parameters()
    whole = purchase_history(ledger, values)
    every = assign_stages(ledger, values, DAY, history=whole)
    for who in (ANALYST, manager("Office", "Ben")):
        part, chosen = seen_by(ledger, who, day=DAY, key=lambda: KEY)
        own = assign_stages(part, values, DAY, history=whole.take(chosen))
        assert own.stage.tolist() == every.stage[chosen].tolist()
        assert np.array_equal(part.clients.record_id, ledger.clients.record_id[chosen])


def test_pseudonyms_are_readable_and_told_apart() -> None:
    found = make_pseudonyms(np.arange(5_000, dtype=np.int64), KEY)
    assert len(set(found.tolist())) == 5_000
    assert all(len(name) == len("Client 7KQ2-M9XD") for name in found[:50])
    assert not any(sign in "".join(found[:500].tolist())[7:] for sign in "01OI")
    assert make_pseudonyms(np.array([], dtype=np.int64), KEY).tolist() == []
