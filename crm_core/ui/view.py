"""What a page looks at: the ledger after filters, as of a day, with everything cached.

The ledger is loaded once a sales version and the history computed once a
version and set of parameters; another day, filter or period only looks up.
Nobody changes what is cached, so all sessions share it. What somebody may not see
is taken out first (:mod:`crm_core.sight`), and what they see is part of every key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st
from sqlalchemy import Engine

from crm_core.access import ALONE, Actor, Right, require
from crm_core.demo import holds_demo
from crm_core.explanations import owner_words
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, purchase_history
from crm_core.metrics.client_sales import part_of
from crm_core.metrics.goodbyes import FalseGoodbyes, false_goodbyes
from crm_core.metrics.parameters import Parameters, ParameterSet
from crm_core.metrics.pareto import ParetoResult, pareto
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.metrics.trailing import trailing_sales
from crm_core.policy import read_parameters
from crm_core.records.engine import database_url, open_database, reading
from crm_core.records.secret_keys import PSEUDONYMS, secret_key
from crm_core.records.versions import Versions, read_versions
from crm_core.sight import seen_by, sees_everything
from crm_core.snapshot import load_ledger_of_now
from crm_core.tables import IntArray, to_date, to_day
from crm_core.ui.filters import Chosen, chosen_filters, filter_mask, reads_sales
from crm_core.ui.kept import shared_parts, shared_results
from crm_core.ui.moment import read_once

T = TypeVar("T")
Seen = tuple[Ledger, IntArray]

MOST_LEDGERS = 2


@dataclass(frozen=True)
class View:
    """Everything a page may read; made by :func:`current_view`.

    Attributes
    ----------
    engine : Engine
        For the pages that write.
    versions : Versions
        Of the records the view was made from.
    full_ledger, full_history : Ledger and History
        All clients that who is at the page may see, whatever the filters.
    ledger, history : Ledger and History
        The clients the filters leave; positions on a page count in this ledger.
    parameters : ParameterSet
        Those in force.
    as_of, today : int
        The as-of day, and the day on the wall.
    period : {"12m", "all"}
        The base of shares.
    who : Actor
        Who is at the page: rights decide what is drawn.
    latest : int, optional
        The last sale day of all clients, those not seen too; of those seen without.
    demo : bool
        What is stored is the made-up business.
    filters : tuple
        What the filters hold, by name.
    aside : dict, optional
        Where a view of other settings keeps its results, apart from the cache of all.
    said_in_doubt : bool, optional
        Whether silence says little, where the view it was made from knows: settings
        that are only tried change no words.
    """

    engine: Engine
    versions: Versions
    full_ledger: Ledger
    full_history: History
    ledger: Ledger
    history: History
    parameters: ParameterSet
    as_of: int
    today: int
    period: str
    who: Actor = ALONE
    latest: int | None = None
    demo: bool = False
    filters: Chosen = ()
    aside: dict[tuple[str, ...], Any] | None = field(default=None, repr=False, compare=False)
    said_in_doubt: bool | None = field(default=None, repr=False, compare=False)

    @property
    def currency(self) -> str | None:
        """The reporting currency."""
        return self.ledger.currency

    @property
    def values(self) -> Parameters:
        """The values of the parameters in force."""
        return self.parameters.values

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What the view depends on, for caches."""
        return (
            self.versions.database_id,
            self.versions.sales_key,
            repr(self.values),
            f"{self.as_of} on {self.today}",
            repr(self.filters),
            *self.who.view_key,
        )

    @cached_property
    def whole(self) -> View:
        """The same day and period without filters: what a client's card looks at."""
        if not self.filters:
            return self
        return replace(self, ledger=self.full_ledger, history=self.full_history, filters=())

    @property
    def latest_day(self) -> int:
        """The as-of day where nobody chose one: the last sale day that is not after today."""
        return self.full_ledger.default_as_of(self.today) if self.latest is None else self.latest

    def may(self, right: Right) -> bool:
        """Return whether whoever is at the page is allowed something."""
        return self.who.may(right)

    @property
    def pareto(self) -> ParetoResult:
        """Who carries the business in the chosen period."""
        return self.pareto_of(self.period)

    @property
    def stages(self) -> StageResult:
        """The stage of every client on the as-of day."""
        return self.stages_on(self.as_of)

    @property
    def trailing(self) -> IntArray:
        """Every client's net sales of the twelve months up to the as-of day."""
        return self.trailing_on(self.as_of)

    @property
    def goodbyes(self) -> FalseGoodbyes | None:
        """Of all clients given up by the rule in force, filters aside, those who came back."""
        whole = self.whole
        return whole.remember(
            "goodbyes",
            lambda: false_goodbyes(whole.ledger, whole.history, whole.values, whole.as_of),
        )

    @property
    def doubt(self) -> bool:
        """Whether so many goodbyes were wrong that silence says little."""
        if self.said_in_doubt is not None:
            return self.said_in_doubt
        found = self.goodbyes
        return found is not None and found.in_doubt

    @property
    def stage_names(self) -> Mapping[str, str]:
        """The owner's word of each stage; where silence says little nobody is called gone."""
        return owner_words(doubt=self.doubt)

    def trailing_on(self, day: int) -> IntArray:
        """Return every client's net sales of the twelve months up to another day."""
        return self.remember("trailing", lambda: trailing_sales(self.ledger, day), str(day))

    def pareto_of(self, period: str) -> ParetoResult:
        """Return who carries the business in another period."""
        return self.remember(
            "pareto", lambda: pareto(self.ledger, self.as_of, period=period), period
        )

    def stages_on(self, day: int) -> StageResult:
        """Return the stages on another day."""
        return self.remember(
            "stages",
            lambda: assign_stages(self.ledger, self.values, day, history=self.history),
            str(day),
        )

    def remember(self, name: str, make: Callable[[], T], *more: str) -> T:
        """Return what ``make`` gives, computed once for this view.

        Parameters
        ----------
        name : str
            Name of the result.
        make : callable
            Computes it from this view; nobody may change what it returns.
        more : str
            What it depends on besides database, parameters, as-of day and filters
            (the period, for example).
        """
        if self.aside is None:
            return cast(T, shared_results().get((name, *self.key, *more), make))
        if (name, *more) not in self.aside:
            self.aside[name, *more] = make()
        return cast(T, self.aside[name, *more])

    def tried(self, values: Parameters) -> View:
        """Return the same clients, day and filters under other settings.

        Its results go when it goes: trying ten settings must not push what the
        pages need out of the cache. ``full_history`` stays that of the settings in
        force.
        """
        return replace(
            self,
            parameters=ParameterSet(values),
            history=purchase_history(self.ledger, values),
            aside={},
            said_in_doubt=self.doubt,
        )

    def alone(self, position: int) -> View:
        """Return the view of one client alone: trying settings on it costs nothing."""
        ledger = part_of(self.ledger, position)
        return replace(
            self,
            ledger=ledger,
            history=self.history.take(np.array([position])),
            aside={},
            said_in_doubt=self.doubt,
        )

    def name(self, position: int) -> str:
        """Return the name of a client, as it was typed."""
        return str(self.ledger.clients.name[int(position)].as_py())

    def names(self, positions: IntArray) -> list[str]:
        """Return the names of clients, as they were typed."""
        return cast(list[str], self.ledger.clients.name.take(np.asarray(positions)).to_pylist())


def today() -> date:
    """Return the day on the wall: only the interface knows it."""
    return date.today()


def database() -> Engine:
    """Return the engine of the database in use, opened once a server.

    Raises
    ------
    DatabaseError
        If it cannot be opened.
    """
    return _open(database_url().render_as_string(hide_password=False))


def current_view() -> View | None:
    """Return what the sidebar asks for, None while there is nobody and nothing stored.

    Pages call :func:`crm_core.ui.start.view_or_welcome` instead, which greets then.
    """
    base = whole_view()
    if base is None:
        return None
    chosen = chosen_filters()
    as_of = to_day(st.session_state.get("as_of") or to_date(base.latest_day))
    period = st.session_state.get("period") or "12m"
    base = replace(base, as_of=as_of, period=period)
    if not chosen:
        return base
    day = f"{as_of if reads_sales(chosen) else ''} on {base.today}"
    key = (*base.key[:3], repr(chosen), day, *base.who.view_key)
    ledger, history = _select(key, base, chosen)
    return replace(base, ledger=ledger, history=history, filters=chosen)


def whole_view() -> View | None:
    """Return all clients whoever is at the page may see; None while nothing is stored.

    Raises
    ------
    AccessError
        If nobody is at the page who may see it.
    """
    who = require(Right.SEE)
    return read_once((who, database_url()), lambda: _view_of(who))


def _view_of(who: Actor) -> View | None:
    engine = database()
    for _ in range(5):  # a reading begins anew where an import came in between
        with reading(engine) as connection:
            versions = read_versions(connection)
            parameters = read_parameters(connection)
            demo = holds_demo(connection)
        ledger, found = _ledger((versions.database_id, versions.sales_key, str(today())), engine)
        if found.sales_key == versions.sales_key:
            break
    if ledger.n_clients == 0 and len(ledger.unnamed_day) == 0:
        return None
    # Whose clients they are, and what is noted by now, changes with the day on the wall.
    key = (versions.database_id, versions.sales_key, f"{parameters.values!r} on {today()}")
    history = _history(key, ledger, parameters.values)
    latest = ledger.default_as_of(to_day(today()))
    if not sees_everything(who):
        seen_key = (*key[:2], str(today()), *who.view_key)
        ledger, chosen = _seen(seen_key, ledger, who, engine)
        history = _part((*key, *who.view_key), history, chosen)
    return View(
        engine=engine,
        versions=versions,
        full_ledger=ledger,
        full_history=history,
        ledger=ledger,
        history=history,
        parameters=parameters,
        as_of=latest,
        today=to_day(today()),
        period="12m",
        latest=latest,
        who=who,
        demo=demo,
    )


def narrowed(view: View, name: str, label: str) -> View:
    """Return the view of those clients that one more filter leaves.

    Parameters
    ----------
    view : View
        What the page looks at.
    name, label : str
        Of :data:`crm_core.ui.filters.TITLES`, and one of its labels.
    """
    chosen = (*view.filters, (name, (label,)))
    key = (*view.key[:3], repr(chosen), view.key[3], *view.who.view_key)
    ledger, history = _select(key, view, chosen)
    return replace(view, ledger=ledger, history=history, filters=chosen)


@st.cache_resource(max_entries=MOST_LEDGERS, show_spinner=False)
def _open(url: str) -> Engine:
    return open_database(url)


# What a cached result depends on is its key; arguments with an underscore only serve to make it.


@st.cache_resource(max_entries=MOST_LEDGERS, show_spinner="Sorting the sales …")
def _ledger(key: tuple[str, ...], _engine: Engine) -> tuple[Ledger, Versions]:  # noqa: ARG001
    day, (ledger, versions) = to_day(today()), load_ledger_of_now(_engine)
    # Who was called or left after the last sale counts at once, not after the next import.
    return ledger.with_records_until(ledger.default_as_of(day), day), versions


@st.cache_resource(max_entries=MOST_LEDGERS, show_spinner="Learning everybody's rhythm …")
def _history(key: tuple[str, ...], _ledger: Ledger, _parameters: Parameters) -> History:  # noqa: ARG001
    return purchase_history(_ledger, _parameters)


def _seen(key: tuple[str, ...], ledger: Ledger, who: Actor, engine: Engine) -> Seen:
    def make() -> Seen:
        day = to_day(today())
        return seen_by(ledger, who, day=day, key=lambda: secret_key(engine, PSEUDONYMS))

    return cast(Seen, shared_parts().get(("seen", *key), make))


def _part(key: tuple[str, ...], history: History, chosen: IntArray) -> History:
    return cast(History, shared_parts().get(("part", *key), lambda: history.take(chosen)))


def _select(key: tuple[str, ...], base: View, chosen: Chosen) -> tuple[Ledger, History]:
    def make() -> tuple[Ledger, History]:
        mask = filter_mask(base.full_ledger, chosen, base.as_of)
        # A client's state depends on himself only: the history of some is a part of that of all.
        return base.full_ledger.select(mask), base.full_history.take(np.flatnonzero(mask))

    return cast(tuple[Ledger, History], shared_parts().get(("select", *key), make))
