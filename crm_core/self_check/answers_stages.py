"""Known answers of the stages: every worked example, computed with the installed program."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.self_check.findings import Check, expect
from crm_core.self_check.lives import Life, day_of, make_ledger, read_life
from crm_core.self_check.stage_examples import EXAMPLES
from crm_core.tables import STAGES, to_date


def read_examples() -> tuple[list[Life], list[tuple[int, str, str, str]]]:
    """Return the lives, and of each example its life, its name, the day and what must be so."""
    lives: list[Life] = []
    cases: list[tuple[int, str, str, str]] = []
    for line in EXAMPLES.strip().splitlines():
        if line.startswith(" "):
            name, day, stands = (part.strip() for part in line.split("|"))
            cases.append((len(lives) - 1, name, day, stands))
        else:
            lives.append(read_life(line))
    return lives, cases


def stands(stages: StageResult, client: int) -> str:
    """Return where a client stands, as the examples write it."""
    stage = STAGES[stages.stage[client]]
    if stage == "none":
        return stage
    flags = [flag for flag in ("reentry", "late") if getattr(stages, flag)[client]]
    days = [to_date(day[client]).isoformat() for day in (stages.since, stages.gone_on)]
    return " ".join([stage, *days, str(stages.purchases[client]), *flags])


def stage_checks() -> Iterator[Check]:
    """Yield one check a worked example, all with the default settings."""
    lives, cases = read_examples()
    parameters = Parameters()

    @cache
    def made() -> tuple[Ledger, History]:
        ledger = make_ledger(lives)
        return ledger, purchase_history(ledger, parameters)

    def found(life: int, day: str) -> str:
        ledger, history = made()
        return stands(assign_stages(ledger, parameters, day_of(day), history=history), life)

    for number, (life, name, day, wanted) in zip(count(1), cases, strict=False):
        yield expect(
            f"Stage {number}: {name}",
            f"stage, since, gone on and purchases on {day}, with the worked example",
            [wanted],
            lambda life=life, day=day: [found(life, day)],  # type: ignore[misc]
        )
