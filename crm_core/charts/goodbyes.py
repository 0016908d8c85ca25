"""False alarms against misses: one point a rule, so that the trade between them is seen."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.charts.figure import Figure
from crm_core.charts.template import BLUE, FAINT, GREEN, INK, ORANGE, VIOLET, new_figure
from crm_core.formatting import format_count, format_share, plural
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import RuleScore
from crm_core.sentences.goodbyes import name_rule

KINDS = {
    "personal": ("Own rhythm", BLUE, "circle", 8),
    "fixed": ("Fixed silence", ORANGE, "square", 11),
    "bgnbd": ("Chance to buy again", VIOLET, "diamond", 13),
}
"""Kinds of rules with their words, colours, marks and sizes."""


LABELS = {60: "bottom left", 90: "top right", 180: "bottom right"}
"""Where the label of a fixed silence stands: neighbours must not lie on each other."""


def errors_of(score: RuleScore, *, money: bool) -> tuple[float, float] | None:
    """Return false alarms and misses from 0 to 1, None where one is not known."""
    alarms, misses = (
        (score.money_type_1, score.money_type_2) if money else (score.type_1, score.type_2)
    )
    return None if alarms is None or misses is None else (alarms, misses)


def error_points(
    scores: Sequence[RuleScore],
    *,
    current: Candidate,
    chosen: Candidate | None,
    money: bool = False,
) -> Figure:
    """Return every rule as a point: false alarms to the right, misses upwards.

    Parameters
    ----------
    scores : sequence of RuleScore
        Rules on the same day or days.
    current : Candidate
        The rule in force: ringed.
    chosen : Candidate or None
        The rule recommended: ringed.
    money : bool, default False
        Weigh clients by their sales.

    Returns
    -------
    Figure
        ``customdata`` of a point begins with the rule's key.
    """
    known = [(s, found) for s in scores if (found := errors_of(s, money=money)) is not None]
    figure = new_figure(height=440, legend=True)
    for kind in KINDS:
        _add_rules(figure, kind, [one for one in known if one[0].rule.kind == kind])
    rings = ((current, "In force", INK, 20), (chosen, "Best of the days before", GREEN, 28))
    for rule, word, colour, size in rings:
        _add_ring(figure, [one for one in known if one[0].rule == rule], word, colour, size)
    largest = [max((found[axis] for _, found in known), default=0.5) for axis in (0, 1)]
    _name_axes(figure, *(min(max(112 * size, 10), 112) for size in largest))
    return figure


def _add_rules(
    figure: Figure, kind: str, points: list[tuple[RuleScore, tuple[float, float]]]
) -> None:
    if not points:
        return
    word, colour, symbol, size = KINDS[kind]
    figure.add_scatter(
        name=word,
        x=[100 * found[0] for _, found in points],
        y=[100 * found[1] for _, found in points],
        mode="markers+text" if kind == "fixed" else "markers",
        text=[f"{score.rule.window} d" if kind == "fixed" else "" for score, _ in points],
        textposition=[LABELS.get(score.rule.window or 0, "top right") for score, _ in points],
        cliponaxis=False,
        marker={
            "color": colour,
            "symbol": symbol,
            "size": size,
            "opacity": 0.45 if kind == "personal" else 1,
        },
        customdata=[[score.rule.key] for score, _ in points],
        hovertext=[_hover(score, found) for score, found in points],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(score: RuleScore, found: tuple[float, float]) -> str:
    return (
        f"<b>{name_rule(score.rule)}</b><br>false alarms {format_share(found[0])}, "
        f"misses {format_share(found[1])}<br>{plural(score.n_flagged, 'client')} given up, "
        f"{format_count(score.n_flagged_bought)} came back"
    )


def _add_ring(
    figure: Figure,
    points: list[tuple[RuleScore, tuple[float, float]]],
    word: str,
    colour: str,
    size: int,
) -> None:
    figure.add_scatter(
        name=word,
        x=[100 * found[0] for _, found in points],
        y=[100 * found[1] for _, found in points],
        mode="markers",
        cliponaxis=False,
        marker={
            "symbol": "circle-open",
            "size": size,
            "color": colour,
            "line": {"width": 2.5, "color": colour},
        },
        hoverinfo="skip",
    )


def _name_axes(figure: Figure, right: float, top: float) -> None:
    if right + top > 100:
        _draw_coin(figure, right, top)
    figure.update_xaxes(
        range=[-0.02 * right, right],
        tickformat=".0f",
        ticksuffix=" %",
        title={"text": "false alarms: gave up, but bought →"},
        showgrid=True,
        zeroline=False,
    )
    figure.update_yaxes(
        range=[-0.02 * top, top],
        tickformat=".0f",
        ticksuffix=" %",
        title={"text": "misses: counted on, but stayed away →"},
        zeroline=False,
    )


def _draw_coin(figure: Figure, right: float, top: float) -> None:
    """Draw where false alarms and misses add up to a hundred, and say so where it is in sight."""
    figure.add_shape(
        type="line", x0=0, y0=100, x1=100, y1=0, layer="below", line={"color": FAINT, "dash": "dot"}
    )
    # In the middle of what is seen of it.
    x = (max(0.0, 100 - top) + min(100.0, right)) / 2
    figure.add_annotation(
        x=x,
        y=100 - x,
        text="a coin does as well",
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        font={"size": 11, "color": INK},
    )


def describe_errors(scores: Sequence[RuleScore], *, money: bool = False) -> str:
    """Return what the points show, for those who cannot see them."""
    known = [(s, found) for s in scores if (found := errors_of(s, money=money)) is not None]
    best = sorted(known, key=lambda one: sum(one[1]))[:3]
    words = "; ".join(
        f"{name_rule(s.rule)}: {format_share(alarms)} and {format_share(misses)}"
        for s, (alarms, misses) in best
    )
    return f"False alarms and misses of {plural(len(known), 'rule')}; least in all: {words}"
