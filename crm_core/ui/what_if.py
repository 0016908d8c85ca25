"""The lose-a-client simulator: who is chosen, what goes with them, and how to need them less."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil, log

import numpy as np
import streamlit as st

from crm_core.access import Right
from crm_core.explanations import WORDS, guess_words
from crm_core.formatting import (
    DASH,
    format_count,
    format_money,
    format_share,
    one_line,
    plural,
)
from crm_core.metrics.dependency import MARKS
from crm_core.metrics.rates import Rate
from crm_core.metrics.what_if import (
    Loss,
    chances_of_leaving,
    expected_loss,
    lose,
    margin_on,
    needed_from_others,
    result_without,
)
from crm_core.records.business_figures import (
    BusinessFigures,
)
from crm_core.sentences.key_accounts import say_chance, say_months
from crm_core.tables import STAGES
from crm_core.ui.actions import MOST_OFFERED
from crm_core.ui.business_form import draw_figures
from crm_core.ui.definitions import Shown
from crm_core.ui.key_accounts import KeyBook
from crm_core.ui.lists import Column, client_list
from crm_core.ui.numbers import few_in, number_row
from crm_core.ui.shared_columns import money_column, stage_column
from crm_core.ui.small_groups import HIDDEN, is_small

GONE = STAGES.index("termination")
"""Figures the owner enters, with their labels and what they mean."""

MARGIN_STEP = 500
"""By how much the margin is moved in the drawer, hundredths of a percent."""


@dataclass(frozen=True)
class Case:
    """What is simulated.

    Attributes
    ----------
    book : KeyBook
        The key clients and what the owner entered.
    chosen : tuple of int
        Places of the clients lost.
    loss : Loss
        The year without them.
    chances : tuple of Rate
        Chance of leaving by stage.
    """

    book: KeyBook
    chosen: tuple[int, ...]
    loss: Loss
    chances: tuple[Rate, ...]

    @property
    def figures(self) -> BusinessFigures:
        """Margin, fixed costs and supplier discount."""
        return self.book.figures

    @property
    def is_whole(self) -> bool:
        """Whether the page looks at the whole business: no filters, nobody's own clients."""
        return not self.book.view.filters and self.book.view.who.sees_all

    def money(self, amount: int, *, signed: bool = False) -> str:
        """Return an amount for reading."""
        return format_money(amount, self.book.view.currency, signed=signed)

    def stage(self, position: int) -> int:
        """Return the stage code of a client."""
        return int(self.book.view.stages.stage[position])

    @property
    def gone_already(self) -> str:
        """How to call who is gone by silence alone."""
        return f"{guess_words(doubt=self.book.view.doubt)} already"

    def chance(self, position: int) -> Rate | None:
        """Return the chance of leaving of a client, None for who is gone already."""
        stage = self.stage(position)
        return None if stage == GONE else self.chances[stage]

    def at_stake(self, position: int) -> int:
        """Return the margin on a client's sales; the sales while no margin is entered."""
        sales = max(0, int(self.book.years.recent[position]))
        return sales if self.figures.margin is None else margin_on(sales, self.figures.margin)

    def expected(self, position: int) -> int | None:
        """Return what is at stake times the chance, None where no chance can be said."""
        chance = self.chance(position)
        return None if chance is None else expected_loss(self.at_stake(position), chance)


def loss_of_largest(book: KeyBook) -> Loss | None:
    """Return the year without the largest client, None without sales."""
    if not book.result.n:
        return None
    return lose(book.years, [int(book.result.order[0])])


def draw_simulator(book: KeyBook) -> None:
    """Draw the choice of clients, what their loss would mean, and how to need them less."""
    st.subheader("If they left")
    st.caption(
        "Of one year: the twelve months up to the as-of day, whatever the period in the sidebar."
    )
    chosen = _choose(book)
    if book.view.may(Right.SETTINGS):
        draw_figures(book)
    if not chosen:
        st.caption("Choose one client or several to see what would go with them.")
        return
    if is_small(book.view, len(chosen)):
        st.caption(HIDDEN)
        return
    case = Case(book, chosen, lose(book.years, chosen), _chances(book))
    number_row(shown_loss(case), key="what_if")
    if book.figures.fixed_costs is not None and not case.is_whole:
        who = "for a part of the clients" if not book.view.filters else "while filters are set"
        st.caption(f"Fixed costs are those of the whole business: no result {who}.")
    if len(chosen) > 1:
        _draw_chosen(case)
    _draw_goal(case)


def _choose(book: KeyBook) -> tuple[int, ...]:
    """Ask which clients are lost: the largest one at first."""
    view = book.view
    recent = view.pareto_of("12m").order[:MOST_OFFERED]
    offered = list(dict.fromkeys([*recent.tolist(), *book.positions.tolist()]))
    names = dict(zip(offered, view.names(np.array(offered, dtype=np.int64)), strict=True))
    records = view.ledger.clients.record_id
    by_record = {int(records[position]): position for position in offered}
    key = "what_if_clients"
    # Places change with the filters, records do not: a choice outlives a filter.
    if key in st.session_state:
        st.session_state[key] = [r for r in st.session_state[key] if r in by_record]
    first = [int(records[offered[0]])] if offered and key not in st.session_state else None
    picked = st.multiselect(
        "Clients that would leave",
        list(by_record),
        default=first,
        format_func=lambda record: one_line(names[by_record[record]]),
        key=key,
        placeholder="Choose clients",
    )
    return tuple(by_record[record] for record in picked)


def _chances(book: KeyBook) -> tuple[Rate, ...]:
    view = book.view
    return view.remember(
        "chances_of_leaving",
        lambda: chances_of_leaving(view.stages_on(book.year_ago).stage, view.stages.stage),
    )


def shown_loss(case: Case) -> list[Shown]:
    """Return what would go with the chosen clients and how long the rest would need."""
    loss, margin = case.loss, case.figures.margin
    total = loss.rest + loss.lost
    share = format_share(loss.lost / total) if total > 0 else DASH
    rows = f"{share} of all {case.money(total)}; {case.money(loss.rest)} would be left"
    found = [Shown("key.lost_sales", case.money(loss.lost), rows, _of_named(case))]
    if margin is not None:
        found += _shown_result(case, margin)
    return [*found, _shown_months(case), *_shown_chance(case)]


def _of_named(case: Case) -> list[tuple[str, str]]:
    named = case.book.view.pareto_of("12m").total
    if named <= 0:
        return []
    return [("of named sales alone", format_share(case.loss.lost / named))]


def _shown_result(case: Case, margin: int) -> list[Shown]:
    """Return the margin that would go and the result of the year without it."""
    loss, figures = case.loss, case.figures
    beside = [m for m in (margin - MARGIN_STEP, margin + MARGIN_STEP) if 0 <= m <= 10_000]
    gone = Shown(
        "key.lost_margin",
        case.money(margin_on(loss.lost, margin)),
        f"{_percent(margin)} of {case.money(loss.lost)}",
        [
            (f"margin of {_percent(other)}", case.money(margin_on(loss.lost, other)))
            for other in beside
        ],
    )
    if figures.fixed_costs is None or not case.is_whole:
        return [gone]
    total, costs = loss.rest + loss.lost, figures.fixed_costs
    discount = figures.supplier_discount or 0

    def result(at: int) -> str:
        without = result_without(
            total, loss.lost, margin=at, fixed_costs=costs, lost_discount=discount
        )
        return case.money(without)

    now = result_without(total, 0, margin=margin, fixed_costs=costs)
    more = f" and {case.money(discount)} of supplier discount" if discount else ""
    others = [(f"margin of {_percent(other)}", result(other)) for other in beside]
    rows = f"now {case.money(now)}; after {case.money(costs)} of fixed costs{more}"
    return [gone, Shown("key.result", result(margin), rows, others)]


def _percent(margin: int) -> str:
    return f"{margin / 100:g} %"


def _shown_months(case: Case) -> Shown:
    loss = case.loss
    if loss.months is None or loss.growth is None:
        return Shown("key.months", DASH, loss.reason or "")
    rows = f"the rest grew by {case.money(loss.growth)} to {case.money(loss.rest)} in a year"
    others = []
    if loss.rest_before > 0:
        # The same growth as a rate that compounds.
        rate = loss.rest / loss.rest_before
        compound = ceil(12 * log((loss.rest + loss.lost) / loss.rest) / log(rate))
        others = [("growing by the same percentage every year", say_months(compound))]
    return Shown("key.months", say_months(loss.months), rows, others)


def _shown_chance(case: Case) -> list[Shown]:
    """Return the chance of leaving (of a single client) and the expected loss."""
    expected = [case.expected(position) for position in case.chosen]
    said = [amount for amount in expected if amount is not None]
    kind = "sales" if case.figures.margin is None else "margin"
    total = Shown(
        "key.expected_loss",
        case.money(sum(said)) if said else DASH,
        f"{kind} at stake × chance, for {format_count(len(said))} of "
        f"{plural(len(expected), 'client')}",
    )
    if len(case.chosen) > 1:
        return [total]
    position = case.chosen[0]
    chance, stage = case.chance(position), WORDS[STAGES[case.stage(position)]]
    if chance is None:
        return [Shown("key.chance", DASH, case.gone_already), total]
    value = DASH if chance.value is None else format_share(chance.value)
    others = partial(_chances_elsewhere, case, position)
    return [
        Shown("key.chance", value, say_chance(stage, chance), others, few_in(chance)),
        total,
    ]


def _chances_elsewhere(case: Case, position: int) -> list[tuple[str, str]]:
    """Return the chance of other stages, and the model's chance of no purchase in a year."""
    # Fitting takes seconds and brings SciPy along: only an opened drawer asks for it.
    from crm_core.ui.worth import chance_of_silence  # noqa: PLC0415

    others = [
        (WORDS[name], say_chance(WORDS[name], rate))
        for name, rate in zip(STAGES[1:-1], case.chances[1:-1], strict=True)
        if rate.denominator
    ]
    silent = chance_of_silence(case.book.view, position)
    words = "by BG/NBD: no purchase within twelve months"
    return others if silent is None else [*others, (words, format_share(silent))]


def _draw_chosen(case: Case) -> None:
    """List the chosen clients, each with its own chance of leaving."""
    at = np.array(case.chosen, dtype=np.int64)
    chances = [case.chance(position) for position in case.chosen]
    values = [np.nan if c is None or c.value is None else c.value for c in chances]
    words = [
        case.gone_already if c is None else say_chance(WORDS[STAGES[case.stage(p)]], c)
        for p, c in zip(case.chosen, chances, strict=True)
    ]
    view = case.book.view
    stake = np.array([case.at_stake(position) for position in case.chosen], dtype=np.int64)
    columns = [
        money_column("Sales of the year", case.book.years.recent[at], "client.trailing"),
        stage_column(view, at),
        Column("Chance of leaving", np.array(values), "share", definition="key.chance"),
        money_column("At stake", stake, "key.expected_loss"),
        Column("Where the chance comes from", words),
    ]
    client_list(view, at, columns, key="what_if_list", file_name="if-they-left")


def _draw_goal(case: Case) -> None:
    """Ask for a share to come down to, and say what others must bring for it."""
    base = case.book.view.pareto_of("12m")
    sales = int(np.maximum(base.by_client[list(case.chosen)], 0).sum())
    if not base.total or not sales:
        return
    share = 100 * sales / base.total
    lower = max((mark for mark in MARKS if mark < share), default=0)
    if not lower:
        st.caption(
            f"They bring {format_share(share / 100)} of named sales: below the first mark of "
            f"{MARKS[0]} %, so there is no share to bring down."
        )
        return
    goal = st.number_input(
        "Bring their share down to, %",
        min_value=1,
        max_value=99,
        value=lower,
        key=f"goal_{lower}",
        width=220,
    )
    number_row([_shown_needed(case, sales, base.total, int(goal))], key="goal_numbers")


def _shown_needed(case: Case, sales: int, total: int, goal: int) -> Shown:
    others = total - sales

    def needed(at: int) -> str:
        more = needed_from_others(sales, total, at)
        if not more:
            return "nothing: it is there already"
        grown = f", {format_share(more / others)} more than now" if others > 0 else ""
        return f"{case.money(more)}{grown}"

    value = case.money(needed_from_others(sales, total, goal))
    rows = f"from {format_share(sales / total)} of {case.money(total)} to {goal} %: {needed(goal)}"
    return Shown(
        "key.needed",
        value,
        rows,
        [(f"to {mark} %", needed(mark)) for mark in MARKS if mark != goal],
    )
