"""What hangs on single clients and groups, and who of the large ones moved or is no regular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.pareto import ParetoResult, Period, pareto
from crm_core.tables import IntArray

MARKS = (10, 20, 30, 40, 50)
"""Shares of sales, in percent, at which a single client or group is named."""

REGULAR = 4
"""Stage code of commitment."""

Level = Literal["key", "watch", "act", "urgent", "critical", "single client"]


@dataclass(frozen=True)
class Dependency:
    """A client or group that brings at least 10 % of the sales of the base.

    Attributes
    ----------
    position : int
        Position in the client table of the (largest) client.
    group : str or None
        Name of the group, None for a single client.
    n_clients : int
        Clients of the base it stands for.
    net : int
        Net sales, ten-thousandths.
    share : float
        Share of the base.
    mark : {10, 20, 30, 40, 50}
        Highest mark reached, in percent (50: more than half).
    level : str
        ``key`` from 10 %, ``watch`` from 20, ``act`` from 30, ``urgent`` from 40,
        ``critical`` above 50; ``single client`` where nobody else buys.
    """

    position: int
    group: str | None
    n_clients: int
    net: int
    share: float
    mark: int
    level: Level


def find_dependencies(result: ParetoResult) -> list[Dependency]:
    """Return the single clients at or above a mark, largest first.

    Parameters
    ----------
    result : ParetoResult
        The base.

    Returns
    -------
    list of Dependency
        At most ten; empty without sales.
    """
    return [
        _judge(result, int(position), None, 1, int(net))
        for position, net in zip(result.order[:10], result.net[:10], strict=True)
        if int(net) * 100 >= result.total * MARKS[0]
    ]


def find_group_dependencies(
    ledger: Ledger, result: ParetoResult, *, attribute: str = "group"
) -> list[Dependency]:
    """Return the groups of clients at or above a mark, largest first.

    Parameters
    ----------
    ledger : Ledger
        The ledger ``result`` was made from.
    result : ParetoResult
        The base: clients with net sales above zero.
    attribute : str, default "group"
        Client attribute that names the group; clients without one are no group.

    Returns
    -------
    list of Dependency
        At most ten; empty where no client has the attribute.
    """
    coded = ledger.clients.attributes.get(attribute)
    if coded is None or not result.n:
        return []
    codes = coded.codes[result.order]
    grouped = np.flatnonzero(codes >= 0)
    net = np.zeros(len(coded.labels), dtype=np.int64)
    np.add.at(net, codes[grouped], result.net[grouped])
    # ``order`` is largest first, so a code's first place is the group's largest client.
    named, first, counts = np.unique(codes[grouped], return_index=True, return_counts=True)
    found = [
        _judge(result, int(position), coded.labels[code], int(count), int(net[code]))
        for code, position, count in zip(named, result.order[grouped[first]], counts, strict=True)
        if int(net[code]) * 100 >= result.total * MARKS[0]
    ]
    return sorted(found, key=lambda group: -group.net)


def _judge(
    result: ParetoResult, position: int, group: str | None, n_clients: int, net: int
) -> Dependency:
    mark = max(m for m in MARKS if _reached(net, result.total, m))
    levels: dict[int, Level] = {10: "key", 20: "watch", 30: "act", 40: "urgent", 50: "critical"}
    level: Level = "single client" if result.n == 1 else levels[mark]
    return Dependency(position, group, n_clients, net, net / result.total, mark, level)


def _reached(net: int, total: int, mark: int) -> bool:
    # Half the sales is still "urgent"; only more than half is "critical".
    return net * 100 > total * mark if mark == MARKS[-1] else net * 100 >= total * mark


@dataclass(frozen=True)
class ClassMoves:
    """Who entered and who left class A between two days, largest first.

    Attributes
    ----------
    since, as_of : int
        The two days, each with its own base.
    entered, left : ndarray of int64
        Positions in the client table; ``entered`` by sales now, ``left`` by sales then.
    n_before, n_now : int
        Clients in class A on the two days.
    before, now : ParetoResult
        The two results, for sales and classes of everybody.
    """

    since: int
    as_of: int
    entered: IntArray
    left: IntArray
    n_before: int
    n_now: int
    before: ParetoResult
    now: ParetoResult


def class_a_moves(ledger: Ledger, since: int, as_of: int, *, period: Period = "12m") -> ClassMoves:
    """Return who entered and left class A between two days.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    since, as_of : int
        The earlier and the later day; class A is taken as of each.
    period : {"12m", "all"} or tuple of int, default "12m"
        The base on each of the days.
    """
    before = pareto(ledger, since, period=period)
    now = pareto(ledger, as_of, period=period)
    was, is_now = before.order[: before.classes[0]], now.order[: now.classes[0]]
    return ClassMoves(
        since=since,
        as_of=as_of,
        entered=is_now[~np.isin(is_now, was)],
        left=was[~np.isin(was, is_now)],
        n_before=len(was),
        n_now=len(is_now),
        before=before,
        now=now,
    )


def large_not_regular(result: ParetoResult, stages: NDArray[np.int8]) -> IntArray:
    """Return the clients of the top 20 % that are not regulars, largest first.

    Parameters
    ----------
    result : ParetoResult
        The base.
    stages : ndarray of int8, shape (n_clients,)
        Stage code of every client of the ledger (4 is commitment).

    Returns
    -------
    ndarray of int64
        Positions in the client table.
    """
    top = result.order[: result.top20_clients]
    others: IntArray = top[stages[top] != REGULAR]
    return others
