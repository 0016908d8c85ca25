"""The sections of the report, each as a page of the dashboard has it: answer, picture, table."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_month,
    format_range,
    format_share,
    say_name,
)
from crm_core.metrics.churn_months import ChurnMonths, Term
from crm_core.metrics.stage_moves import stage_sales
from crm_core.paper import few
from crm_core.paper.drawings import NAMED, bridge_picture, pareto_picture, stage_picture
from crm_core.paper.markup import NOTHING, Html, from_markdown, join, say, tag
from crm_core.paper.material import Material
from crm_core.paper.tables import Column, table
from crm_core.paper.time_drawings import (
    balance_picture,
    last_months,
    returns_picture,
    sales_picture,
)
from crm_core.sentences.answers import (
    bridge_sentence,
    pareto_sentence,
    regulars_sentence,
    stages_sentence,
)
from crm_core.sentences.relations import late_sentence, returning_sentence
from crm_core.tables import STAGES, BoolArray

DRAWN = (
    *("bridge.change", "bridge.gone", "bridge.shrinking", "bridge.growing", "bridge.back"),
    *("bridge.new", "returning.months", "pareto.for80", "pareto.classes"),
    *("stages.awareness", "stages.exploration", "stages.expansion", "stages.commitment"),
    *("stages.termination", "stages.moves", "churn.months", "churn.rate", "churn.revenue_rate"),
    "returning.second_purchase",
)
"""Definitions behind the pictures, their tables and the headlines."""


def headlines(m: Material) -> list[tuple[str, str]]:
    """Return the answer of each page as a title and a sentence of Markdown."""
    overview = [
        bridge_sentence(m.churn.bridge, m.currency, doubt=m.doubt, together=few.causes_together(m)),
        "" if few.few_regulars(m) else regulars_sentence(m.stages, m.churn.sales),
    ]
    if len(m.late) >= max(m.least, 1):
        overview.append(f"Call {say_name(m.name(int(m.late.client[0])))} first.")
    result = m.pareto
    largest = m.name(int(result.order[0])) if result.n else ""
    large = 0 if m.moves is None else int((m.moves.down & m.moves.large).sum())
    return [
        ("Overview", " ".join(filter(None, overview))),
        ("Who carries us", pareto_sentence(result, largest, unnamed=result.without_client != 0)),
        ("Stages", stages_sentence(m.stages, m.moves, large, since=m.since)),
        ("Late and gone", _late(m)),
        ("Coming back", returning_sentence(m.returning)),
    ]


def _late(m: Material) -> str:
    return late_sentence(m.late, m.churn.months, currency=m.currency, doubt=m.doubt)


def headline_list(m: Material) -> Html:
    """Return the headlines as a list."""
    hidden = few.few_headlines(m)
    told = [(t, few.say_few(m) if t in hidden else sentence) for t, sentence in headlines(m)]
    lines = (tag("li", tag("b", say(title)), from_markdown(sentence)) for title, sentence in told)
    return tag("ul", join(lines), class_="short")


def bridge_section(m: Material) -> Html:
    """Return why sales changed, and the sales of the last months."""
    bridge, months = m.churn.bridge, m.returning.months
    if bridge.status == "not computable":
        why = reason(f"No comparison with last year: {bridge.reason}.")
    elif few.few_in_bridge(m):
        why = reason(few.say_few(m))
    else:
        thin = "Thin: the twelve months before are not complete. " if bridge.reason else ""
        windows = (
            f"{format_day(bridge.start + 1)} to {format_day(bridge.middle)} beside "
            f"{format_day(bridge.middle + 1)} to {format_day(bridge.as_of)}; the scale is cut at "
            "the left where the totals are large."
        )
        together = few.causes_together(m)
        drawn = bridge_picture(bridge, m.currency, doubt=m.doubt, together=together)
        why = figure(drawn, f"{thin}{windows}")
    if few.few_in_months(m, last_months(len(months.calendar))):
        picture = reason(few.say_few(m))
    elif len(months.calendar):
        note = "Net sales of clients, refunds taken off in their own month."
        picture = figure(sales_picture(months), note + running_note(m))
    else:
        picture = reason("There are no sales up to this day.")
    return section("Why sales changed", why, tag("h3", say("Sales by month")), picture)


def pareto_section(m: Material) -> Html:
    """Return who carries the business."""
    result = m.pareto
    if not result.n:
        return section("Who carries us", reason(f"No shares: {result.reason}."))
    if few.few_in_shares(m):
        return section("Who carries us", reason(few.say_few(m)))
    names = [m.name(position) for position in result.order[:NAMED].tolist()]
    notes = ["Named sales of all time." if result.period == "all" else ""]
    if result.period == "12m":
        notes = ["Named sales of the last 12 months."]
    notes.append("The dashed line marks 80 %.")
    if result.reason:
        notes.append(f"Thin: {result.reason}.")
    if result.without_client:
        money = format_money(result.without_client, m.currency)
        notes.append(f"Sales of {money} name no client; they are in no share.")
    return section(
        "Who carries us", figure(pareto_picture(result, names), " ".join(filter(None, notes)))
    )


def stages_section(m: Material) -> Html:
    """Return how many clients and sales stand in each stage."""
    counts = m.stages.counts()
    if not sum(counts.values()):
        return section("Where they stand", reason("Nobody is known on this day yet."))
    sales = stage_sales(m.stages, m.churn.sales)
    for name in few.hidden_stages(m):
        counts[name] = sales[STAGES.index(name)] = 0
    moved = ""
    if few.few_moved(m):
        moved = few.say_few(m)
    elif m.moves is not None:
        up, down, new = (
            format_count(int(mask.sum())) for mask in (m.moves.up, m.moves.down, m.moves.appeared)
        )
        moved = f"Since {format_day(m.since)}: {up} moved up, {down} down, {new} newly known."
    return section(
        "Where they stand",
        figure(
            stage_picture(counts, sales, m.currency, doubt=m.doubt),
            moved or "No earlier day to compare with.",
        ),
    )


def balance_section(m: Material) -> Html:
    """Return the bucket that balances: the picture, and every term of the last months."""
    months = m.churn.months
    if not len(months):
        return section("The balance of clients", reason("There are no sales up to this day."))
    drawn = figure(
        balance_picture(months), "Start + new + came back − gone = end." + running_note(m)
    )
    hidden = few.few_terms(m, months)
    if any(bool(column[list(last_months(len(months)))].any()) for column in hidden.values()):
        drawn = reason(few.say_few(m))
    return section(
        "The balance of clients",
        drawn,
        table(_balance_columns(months, hidden), open_last=bool(months.calendar.partial[-1])),
    )


def _balance_columns(months: ChurnMonths, hidden: Mapping[Term, BoolArray]) -> list[Column]:
    shown, labels = last_months(len(months)), months.calendar.labels
    names = [format_month(labels[month]) for month in shown]
    if months.calendar.partial[-1]:
        names[-1] += " (so far)"
    rates = [months.rate(month) for month in shown]
    told = [
        rate.value is not None and not hidden["lost"][at]
        for at, rate in zip(shown, rates, strict=True)
    ]
    lost = [format_share(r.value) if t else DASH for r, t in zip(rates, told, strict=True)]
    ranges = [format_range(r.interval if t else None) for r, t in zip(rates, told, strict=True)]
    money = [
        format_share(months.sales_rate(at) if t else None)
        for at, t in zip(shown, told, strict=True)
    ]
    terms: tuple[tuple[str, Term], ...] = (
        ("Start", "start"),
        ("+ New", "new"),
        ("+ Came back", "back"),
        ("− Gone", "lost"),
        ("= End", "end"),
    )

    def said(term: Term, month: int) -> str:
        return DASH if hidden[term][month] else format_count(int(getattr(months, term)[month]))

    return [
        Column("Month", "day", names),
        *(Column(t, "side", [said(term, month) for month in shown]) for t, term in terms),
        Column("Share lost", "side", lost),
        Column("95 % range", "side", ranges),
        Column("Of sales", "side", money),
    ]


def returning_section(m: Material) -> Html:
    """Return how many first-time buyers come again, and by when."""
    second = m.returning.second
    if second.curve.horizon < 0:
        why = second.curve.reason or "nobody has bought yet"
        return section("Coming back", reason(f"No curve of second purchases: {why}."))
    if few.few_again(m):
        return section("Coming back", reason(few.say_few(m)))
    thin = f" Thin: {second.curve.reason}." if second.curve.reason else ""
    note = "Days since the first purchase; those still waiting are counted fairly."
    return section("Coming back", figure(returns_picture(second), note + thin))


def running_note(m: Material) -> str:
    """Return what is paler in a picture of months; nothing where the last month is whole."""
    if m.month.whole:
        return ""
    days = m.month.as_of - m.month.first + 1
    return f" Paler: the running month, {days} of {m.month.end - m.month.first + 1} days."


def section(title: str, *inside: Html) -> Html:
    """Return a section with its heading."""
    return tag("section", tag("h2", say(title)), *inside)


def figure(picture: Html, caption: str) -> Html:
    """Return a picture with a line of text below it."""
    below = tag("figcaption", say(caption)) if caption else NOTHING
    return tag("figure", picture, below)


def reason(text: str) -> Html:
    """Say why a picture or list is missing, in place of it."""
    return tag("p", say(text), class_="reason")
