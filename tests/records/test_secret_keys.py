from __future__ import annotations

from sqlalchemy import Engine

from crm_core.records.engine import open_database, reading, writing
from crm_core.records.secret_keys import FINGERPRINTS, KEY_BYTES, PSEUDONYMS, secret_key
from crm_core.records.versions import read_versions


def test_a_key_is_made_once_and_stays(database: Engine) -> None:
    first = secret_key(database, PSEUDONYMS)
    assert len(first) == KEY_BYTES
    assert secret_key(database, PSEUDONYMS) == first
    with writing(database) as connection:
        assert secret_key(connection, PSEUDONYMS) == first


def test_each_purpose_and_each_database_has_its_own_key(database: Engine) -> None:
    other = open_database("sqlite://")
    keys = {
        secret_key(database, PSEUDONYMS),
        secret_key(database, FINGERPRINTS),
        secret_key(other, PSEUDONYMS),
    }
    assert len(keys) == 3
    other.dispose()


def test_a_key_made_inside_a_deed_goes_with_it_and_moves_no_number(database: Engine) -> None:
    with reading(database) as connection:
        before = read_versions(connection)
    made = secret_key(database, PSEUDONYMS)
    with reading(database) as connection:
        assert read_versions(connection) == before
        assert secret_key(connection, PSEUDONYMS) == made
