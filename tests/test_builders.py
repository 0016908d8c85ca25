from __future__ import annotations

from crm_core.tables import END_REASONS, NEVER, STAGES
from tests.builders import as_day, make_ledger


def test_a_written_down_history_becomes_a_ledger():
    ledger = make_ledger(
        {
            "b": [("2024-01-05", "10.50", "A1"), ("2024-01-06", -10.5, None, "A1")],
            "a": [("2024-01-01", 3)],
            "": [("2024-01-02", 7)],
        },
        created={"c": "2023-12-31"},
        inbound={"c": ["2024-02-01"]},
        closed={"a": [("2024-03-15", "better offer")]},
        contracts={"a": [("2024-01-01", "2024-12-31", "trial", None)]},
        overrides={"a": [("Commitment", "deal", "2024-02-15", "2024-08-15")]},
    )
    assert ledger.clients.external_id.to_pylist() == ["a", "b", "c"]
    assert ledger.sales.amount.tolist() == [30_000, 105_000, -105_000]
    assert ledger.purchases.void_on.tolist() == [NEVER, as_day("2024-01-06")]
    assert ledger.unnamed_amount.tolist() == [70_000]
    assert ledger.clients.known_on[2] == as_day("2023-12-31")
    assert ledger.contacts.inbound.tolist() == [True]
    assert END_REASONS[ledger.endings.reason[0]] == "better offer"
    assert ledger.contracts.notice.tolist() == [NEVER]
    assert STAGES[ledger.overrides.stage[0]] == "commitment"


def test_a_ledger_without_anything_is_legal():
    ledger = make_ledger({})
    assert ledger.n_clients == 0
    assert len(ledger.sales) == 0
