from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from crm_core.errors import RecordError
from crm_core.records.clients import add_client, merge, unmerge
from crm_core.records.consents import (
    consent_overview,
    latest_consents,
    record_consent,
    refused_channels,
    take_back_consent,
)
from crm_core.records.engine import reading, writing
from tests.records.conftest import NOW

DAY = date(2024, 6, 1)
GIVEN: dict[str, Any] = {
    "channel": "email", "state": "given", "day": DAY, "source": "form", "created_at": NOW,
}  # fmt: skip


def add(database: Engine, name: str) -> int:
    with writing(database) as connection:
        return add_client(connection, name=name, known_on=DAY)


def test_latest_record_of_a_channel_counts(database: Engine) -> None:
    ann = add(database, "Ann")
    with writing(database) as connection:
        record_consent(connection, ann, **GIVEN)
        record_consent(connection, ann, **GIVEN | {"state": "withdrawn"})
        record_consent(connection, ann, **GIVEN | {"day": DAY - timedelta(days=9)})
        record_consent(connection, ann, **GIVEN | {"channel": "phone", "source": " call "})
        held = latest_consents(connection)[ann]
        assert consent_overview(connection) == {("email", "withdrawn"): 1, ("phone", "given"): 1}
    assert (held["email"].state, held["phone"].source) == ("withdrawn", "call")
    assert refused_channels(held) == ("email",)


def test_merged_client_brings_its_consents_and_takes_them_back(database: Engine) -> None:
    ann, anna = add(database, "Ann"), add(database, "Anna")
    with writing(database) as connection:
        record_consent(connection, anna, **GIVEN | {"state": "refused"})
        merge(connection, anna, ann, merged_at=NOW, by="", evidence="")
        assert refused_channels(latest_consents(connection)[ann]) == ("email",)
        unmerge(connection, anna, undone_at=NOW)
        assert ann not in latest_consents(connection)


def test_record_made_by_mistake_is_taken_back(database: Engine) -> None:
    ann = add(database, "Ann")
    with writing(database) as connection:
        number = record_consent(connection, ann, **GIVEN)
        take_back_consent(connection, number)
        with pytest.raises(RecordError, match="found none of that number"):
            take_back_consent(connection, number)
    with reading(database) as connection:
        assert latest_consents(connection) == {}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"channel": "fax"}, "channel"),
        ({"state": "maybe"}, "state"),
        ({"basis": "habit"}, "lawful basis"),
        ({"source": " "}, "how we know"),
        ({"day": DAY + timedelta(days=1)}, "up to today"),
        ({"state": "not needed"}, "consent itself"),
    ],
)
def test_what_proves_nothing_is_refused(
    database: Engine, wrong: dict[str, Any], words: str
) -> None:
    ann = add(database, "Ann")
    with pytest.raises(RecordError, match=words), writing(database) as connection:
        record_consent(connection, ann, **GIVEN | wrong)
