from __future__ import annotations

import sqlalchemy as sa


def test_server_of_this_run_answers_and_is_empty(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
