from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from crm_core.errors import RecordError
from crm_core.records.engine import writing
from crm_core.records.mappings import header_hash, recall_mapping, remember_mapping
from crm_core.records.settings import (
    SettingValue,
    list_setting_changes,
    read_currency,
    read_settings,
    reset_setting,
    write_setting,
)

DAY = date(2024, 6, 1)


def test_a_setting_comes_back_with_where_it_came_from(database: Engine):
    with writing(database, sales=False) as connection:
        assert read_settings(connection) == {}
        write_setting(connection, "m0", 41.0, source="data", since=DAY, set_by="first import")
        assert read_settings(connection) == {"m0": SettingValue(41.0, "data", DAY, "first import")}


def test_changes_are_remembered_and_no_change_is_none(database: Engine):
    with writing(database, sales=False) as connection:
        write_setting(connection, "m0", 41, source="data", since=DAY)
        write_setting(connection, "m0", 41, source="data", since=DAY)
        write_setting(connection, "m0", 30, source="owner", since=DAY, set_by="Mo")
        write_setting(connection, "closed_months", [7, 8], source="owner", since=None)
        reset_setting(connection, "m0", since=DAY, set_by="Mo")
        reset_setting(connection, "m0", since=DAY)
        assert set(read_settings(connection)) == {"closed_months"}
        changes = list_setting_changes(connection, "m0")
        assert len(list_setting_changes(connection)) == 4
    assert [(c.old_value, c.new_value, c.source, c.set_by) for c in changes] == [
        (None, 41, "data", ""),
        (41, 30, "owner", "Mo"),
        (30, None, "default", "Mo"),
    ]


def test_an_unknown_source_is_refused(database: Engine):
    with (
        pytest.raises(RecordError, match="default, data, owner; found 'guess'"),
        writing(database) as connection,
    ):
        write_setting(connection, "m0", 1, source="guess", since=None)


def test_the_currency_is_unnamed_until_somebody_names_it(database: Engine):
    with writing(database) as connection:
        assert read_currency(connection) is None
        write_setting(connection, "currency", "EUR", source="owner", since=None)
        assert read_currency(connection) == "EUR"


def test_a_mapping_is_remembered_by_the_header(database: Engine):
    with writing(database) as connection:
        assert recall_mapping(connection, ["a", "b"]) is None
        remember_mapping(connection, ["Day", "Total amount"], {"day": "Day"})
        remember_mapping(connection, ["total  AMOUNT", "day"], {"day": "Day", "amount": "x"})
        assert recall_mapping(connection, ["Day", "Total amount"]) == {"day": "Day", "amount": "x"}
    assert header_hash(["a"]) != header_hash(["a", "b"])
