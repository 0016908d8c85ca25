"""Whatever order of imports, undos, merges by hand and by rule: the way back is exact."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from crm_core.errors import RecordError, RefusedError
from crm_core.merging import plan, propose
from crm_core.money import to_ten_thousandths
from crm_core.records.clients import merge, unmerge
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.importing import write_import
from crm_core.records.merge_runs import undo_run, write_run
from crm_core.records.merges import read_merges
from crm_core.records.models import Client
from crm_core.records.undoing import redo, undo
from crm_core.snapshot import build_ledger
from tests.builders import make_staged
from tests.ledgers import columns_of

NOW = datetime(2024, 6, 1, tzinfo=UTC)
CLIENTS = [f"c{number}" for number in range(8)]
ABOUT = {
    name: {"name": f"Ann Leeberg{number // 2}", "email": f"ann{number // 2}@leeberg.se"}
    for number, name in enumerate(CLIENTS)
}
FILES = {
    number: [(CLIENTS[(number * 3 + k) % 8], f"{number + 1}.{k}0") for k in range(4)]
    for number in range(5)
}


class Merging(RuleBasedStateMachine):
    """Remembers who was merged into whom by whom, and which files count."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = open_database("sqlite://")
        self.imports: dict[int, int] = {}
        self.live: set[int] = set()
        self.held: dict[int, int] = {}
        self.runs: dict[int, dict[int, int]] = {}

    def teardown(self) -> None:
        self.engine.dispose()

    def ids(self) -> list[int]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(Client.id).order_by(Client.id)).scalars())

    @rule(number=st.sampled_from(sorted(FILES)))
    def bring_a_file(self, number: int) -> None:
        if number in self.imports:
            batch = self.imports[number]
            with writing(self.engine) as connection:
                if number in self.live:
                    undo(connection, batch, at=NOW)
                else:
                    redo(connection, batch)
            self.live ^= {number}
            return
        rows = [{"client": c, "day": 19_000 + number, "amount": a} for c, a in FILES[number]]
        about = {client: ABOUT[client] for client, _ in FILES[number]}
        staged = make_staged(rows, clients=about, mapping={"n": number}, file_name=f"f{number}")
        with writing(self.engine) as connection:
            self.imports[number] = write_import(connection, staged, imported_at=NOW).batch_id
        self.live.add(number)

    @precondition(lambda self: self.imports)
    @rule(data=st.data())
    def merge_by_hand(self, data: st.DataObject) -> None:
        one, other = (data.draw(st.sampled_from(self.ids())) for _ in range(2))
        try:
            with writing(self.engine) as connection:
                merge(connection, one, other, merged_at=NOW, by="", evidence="")
        except (RecordError, RefusedError):
            assert one == other or one in self.held or self.root(other) == one
        else:
            self.held[one] = other

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def take_one_apart(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.held)))
        with writing(self.engine) as connection:
            unmerge(connection, one, undone_at=NOW)
        del self.held[one]
        self.runs = {n: {m: i for m, i in run.items() if m != one} for n, run in self.runs.items()}

    @rule()
    def merge_by_rule(self) -> None:
        merges = plan([one for one in propose(self.engine) if one.sure])
        if merges:
            with writing(self.engine) as connection:
                run = write_run(connection, merges, at=NOW, by="", rules=["email"], effect={})
            self.runs[run] = {one.merged_id: one.into_id for one in merges}
            assert not self.runs[run].keys() & self.held.keys()
            self.held |= self.runs[run]

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def take_a_run_back(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        with writing(self.engine) as connection:
            assert undo_run(connection, run, at=NOW) == len(self.runs[run])
        for merged in self.runs.pop(run):
            del self.held[merged]

    def root(self, client: int) -> int:
        while client in self.held:
            client = self.held[client]
        return client

    @invariant()
    def merges_are_those_made_and_not_taken_back(self) -> None:
        with reading(self.engine) as connection:
            assert read_merges(connection) == self.held

    @invariant()
    def sums_are_those_of_the_files_that_count(self) -> None:
        with reading(self.engine) as connection:
            ledger = build_ledger(connection)
            numbers = dict(connection.execute(select(Client.external_id, Client.id)).all())
        wanted: Counter[int] = Counter()
        for number in self.live:
            for client, amount in FILES[number]:
                wanted[self.root(numbers[client])] += to_ten_thousandths(amount)
        found: defaultdict[int, int] = defaultdict(int)
        names = columns_of(ledger)["external_id"]
        owner = np.repeat(np.arange(ledger.n_clients), np.diff(ledger.sales.offsets))
        for at, amount in zip(owner.tolist(), ledger.sales.amount.tolist(), strict=True):
            found[numbers[names[at]]] += amount
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in wanted.items() if v}


TestMerging = Merging.TestCase
TestMerging.settings = settings(
    max_examples=6,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
