"""The pictures of the report that lie across: bars by cause, by client and by stage.

Plain SVG without a script, so that a mail program, a browser offline and a printer
all show the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from crm_core.explanations import owner_words
from crm_core.formatting import format_count, format_money, format_share, plural
from crm_core.metrics.bridge import SalesBridge
from crm_core.metrics.pareto import ParetoResult
from crm_core.paper.markup import Html, join
from crm_core.paper.shapes import bar, drawing, label, legend, line, words
from crm_core.sentences.answers import TOGETHER, bridge_bars, cause_words
from crm_core.tables import STAGES, IntArray

NAMED = 10
"""Clients drawn by name."""

ROW = 25
"""Pixels from one bar to the next."""

BAR = 17
GUTTER, WIDE_GUTTER = 29.0, 33.0
"""Percent of the width that names take; the wider one for words that must not be cut."""

STAGE_LOOKS = {
    "awareness": "grey",
    "exploration": "light",
    "expansion": "green",
    "commitment": "blue",
    "termination": "pink",
}


def bridge_picture(
    bridge: SalesBridge,
    currency: str | None,
    *,
    doubt: bool = False,
    together: Sequence[str] = (),
) -> Html:
    """Return the way from the sales of the twelve months before to those of the last twelve.

    Parameters
    ----------
    bridge : SalesBridge
        With two windows to compare.
    currency : str or None
        For the description.
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.
    together : sequence of str
        Causes drawn as one: few clients belong to one of them.

    Notes
    -----
    The scale is cut at the left where both totals are large, so that the changes
    between them show.
    """
    words_of = {**cause_words(doubt=doubt), "": TOGETHER}
    rows = list(_bridge_rows(bridge, words_of, together))
    levels = [edge for _, start, end, _ in rows[1:-1] for edge in (start, end)]
    levels += [bridge.before, bridge.recent]
    low, high = min(levels), max(levels)
    spread = max(high - low, abs(high) // 50, 1)
    left = low - 0.9 * spread if low > spread else min(low, 0)
    high = max(high, 0)
    scale = (82 - WIDE_GUTTER) / (high - left if high > left else 1)

    def place(amount: float) -> float:
        return WIDE_GUTTER + scale * (amount - left)

    parts = []
    for row, (name, start, end, look) in enumerate(rows):
        whole = row in (0, len(rows) - 1)
        low_edge = left if whole and left > 0 else min(start, end)
        y = row * ROW
        parts += [
            label(0, WIDE_GUTTER - 1, y + 14, name, "strong" if whole else ""),
            bar(place(low_edge), y + 2, scale * (max(start, end) - low_edge), BAR, look),
            words(
                100,
                y + 15,
                format_money(end - start, signed=not whole),
                anchor="end",
                look="strong" if whole else "",
            ),
        ]
        if row < len(rows) - 1:
            parts.append(line((place(end), y + 2 + BAR), (place(end), y + ROW + 2), "level"))
    told = f"{format_money(bridge.before)} before, {format_money(bridge.recent, currency)} now"
    changes = ", ".join(
        f"{name} {format_money(e - s, signed=True)}" for name, s, e, _ in rows[1:-1]
    )
    return drawing("bridge", "Why sales changed", f"{told}. {changes}", len(rows) * ROW, *parts)


def _bridge_rows(
    bridge: SalesBridge, causes: Mapping[str, str], together: Sequence[str]
) -> Iterator[tuple[str, int, int, str]]:
    """Yield name, start, end and colour of each bar, ten-thousandths."""
    yield "The year before", 0, bridge.before, "light"
    level = bridge.before
    for cause, amount in bridge_bars(bridge, together).items():
        yield causes[cause], level, level + amount, "green" if amount > 0 else "pink"
        level += amount
    yield "Last 12 months", 0, bridge.recent, "blue"


def pareto_picture(result: ParetoResult, names: Sequence[str]) -> Html:
    """Return the largest clients, each bar where the ones before it end: how few make 80 %.

    Parameters
    ----------
    result : ParetoResult
        With at least one client.
    names : sequence of str
        Names of the first :data:`NAMED` clients of ``result.order``, as typed.
    """
    shown = min(NAMED, result.n, len(names))
    total = result.total
    ends = [100 * int(net) / total for net in result.cumulative[:shown]]
    starts = [0.0, *ends[:-1]]
    rows = [
        (f"{rank}. {name}", start, end, _client_look(result, rank - 1))
        for rank, (name, start, end) in enumerate(zip(names, starts, ends, strict=False), 1)
    ]
    others = result.n - shown
    if others:
        rows.append((plural(others, "other client"), ends[-1], 100.0, "grey"))
    width = 90 - GUTTER
    parts = []
    for row, (name, start, end, look) in enumerate(rows):
        y = row * ROW
        parts += [
            label(0, GUTTER - 1, y + 14, name),
            bar(GUTTER, y + 2, width * start / 100, BAR, "pale"),
            bar(GUTTER + width * start / 100, y + 2, width * (end - start) / 100, BAR, look),
            words(100, y + 15, format_share((end - start) / 100), anchor="end"),
        ]
    bottom = len(rows) * ROW
    at80 = GUTTER + 0.8 * width
    parts.append(line((at80, 0), (at80, bottom), "mark"))
    parts += [
        words(GUTTER + width * mark / 100, bottom + 14, f"{mark} %", anchor="middle", look="small")
        for mark in (0, 20, 40, 60, 80, 100)
    ]
    together = f"the first {shown} of {format_count(result.n)} bring {format_share(ends[-1] / 100)}"
    return join(
        [
            legend(
                ("orange", "10 % of sales or more"),
                ("blue", "among the clients for 80 %"),
                ("light", "beyond them"),
                ("pale", "what the larger ones bring"),
            ),
            drawing("pareto", "Who carries us", together, bottom + 20, *parts),
        ]
    )


def _client_look(result: ParetoResult, rank: int) -> str:
    if int(result.net[rank]) * 10 >= result.total:
        return "orange"
    return "blue" if rank < result.classes[0] else "light"


def stage_picture(
    counts: dict[str, int], sales: IntArray, currency: str | None, *, doubt: bool = False
) -> Html:
    """Return the five stages: their share of clients above their share of sales.

    Parameters
    ----------
    counts : dict of str to int
        Clients by stage.
    sales : ndarray of int64, shape (6,)
        Sales of the last twelve months by stage code, ten-thousandths.
    currency : str or None
        Set behind the money.
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.
    """
    named = owner_words(doubt=doubt)
    known = max(sum(counts.values()), 1)
    money = [max(int(amount), 0) for amount in sales]
    total = max(sum(money), 1)
    largest = max(*(n / known for n in counts.values()), *(m / total for m in money), 0.01)
    scale = (66 - 28) / largest
    parts: list[Html] = []
    told = []
    for row, stage in enumerate(STAGES[1:]):
        n, own, y = counts[stage], money[row + 1], 44 * row
        people = f"{plural(n, 'client')}, {format_share(n / known)}"
        brought = f"{format_money(int(sales[row + 1]), currency)}, {format_share(own / total)}"
        parts += [
            label(0, 27, y + 22, named[stage], "strong"),
            bar(28, y + 3, scale * n / known, 14, "grey"),
            bar(28, y + 19, scale * own / total, 14, STAGE_LOOKS[stage]),
            words(100, y + 14, people, anchor="end"),
            words(100, y + 30, brought, anchor="end"),
        ]
        told.append(f"{named[stage]}: {people}; {brought}")
    height = 44 * int(np.size(STAGES) - 1) - 6
    return join(
        [
            legend(("grey", "clients"), ("blue", "their sales of the last 12 months")),
            drawing("stages", "Where they stand", ". ".join(told), height, *parts),
        ]
    )
