from __future__ import annotations

import pytest

from crm_core.metrics.key_care import (
    DOSSIER_FACTS,
    OFFER_DAYS,
    VISIT_DAYS,
    KeyClient,
    KnownPerson,
    audit,
)

DAY = 1_000
EVERYTHING = KnownPerson("owner", phone=True, birthday=True, cuisine=True, hobby=True)


def well_kept(position: int) -> KeyClient:
    people = (EVERYTHING, KnownPerson("accountant"))
    return KeyClient(position, ("fame",), 1, people, head_visit=DAY - 10, offered=DAY - 10)


def test_a_full_dossier_knows_every_fact():
    assert well_kept(0).dossier() == (True,) * len(DOSSIER_FACTS)
    assert KeyClient(0).dossier() == (False,) * len(DOSSIER_FACTS)


def test_people_are_counted_wide_and_deep():
    people = (KnownPerson("staff"), KnownPerson("staff"), KnownPerson("buyer"))
    client = KeyClient(0, people=people)
    assert (client.roles, client.hangs_on_one) == (2, False)
    assert KeyClient(0, people=people[:1]).hangs_on_one
    assert KeyClient(0).hangs_on_one


@pytest.mark.parametrize(("ago", "overdue"), [(VISIT_DAYS, False), (VISIT_DAYS + 1, True)])
def test_visits_and_offers_are_overdue_the_day_after_their_limit(ago: int, overdue: bool):
    client = KeyClient(0, head_visit=DAY - ago, offered=DAY - ago)
    assert client.is_overdue(DAY) is overdue
    assert client.is_unoffered(DAY, days=OFFER_DAYS) is overdue
    assert client.is_overdue(DAY, days=365) is False


def test_what_never_happened_is_overdue():
    assert KeyClient(0).is_overdue(DAY)
    assert KeyClient(0).is_unoffered(DAY)


def test_well_kept_clients_pass_the_audit():
    assert all(check.passed for check in audit([well_kept(3), well_kept(5)], DAY))


def test_each_mistake_fails_its_own_check():
    checks = {check.name: check for check in audit([KeyClient(3)], DAY)}
    assert {name: check.passed for name, check in checks.items()} == {
        "equal": False, "head": False, "manager": False, "information": False,
    }  # fmt: skip
    assert checks["equal"].positions == ()
    assert checks["manager"].positions == (3,)


def test_one_client_named_by_hand_is_enough_to_tell_clients_apart():
    checks = {check.name: check for check in audit([KeyClient(3), well_kept(5)], DAY)}
    assert checks["equal"].passed
    assert checks["head"].positions == (3,)


def test_half_a_dossier_is_four_of_seven():
    three = KeyClient(0, people=(KnownPerson("owner", phone=True),))
    four = KeyClient(1, people=(KnownPerson("owner", phone=True, birthday=True),))
    (found,) = (c for c in audit([three, four], DAY) if c.name == "information")
    assert found.positions == (0,)


def test_without_key_clients_there_is_nothing_to_audit():
    assert audit([], DAY) == ()
