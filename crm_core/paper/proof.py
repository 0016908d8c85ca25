"""The end of the report: how far the figures can be trusted, and what each of them means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_core import __version__
from crm_core.definitions import DEFINITIONS, Definition, define
from crm_core.formatting import format_day, format_money, plural
from crm_core.paper import few
from crm_core.paper.markup import NOTHING, Html, from_markdown, join, say, tag
from crm_core.paper.material import Material
from crm_core.paper.sections import section
from crm_core.sentences.relations import doubt_sentence, goodbye_sentence, rule_sentence

NOTE_TITLES = {
    "pareto": "Who carries us",
    "stages": "Stages",
    "returning.median_gap_days": "Usual gap",
    "churn.months": "Share lost in a month",
    "returning.months": "Rates by month",
}
"""Titles of reasons whose key is no definition, or a wider one."""

ALWAYS = ("sales.net", "clients.known", "stages.late", "churn.false_goodbyes")
"""Words the whole report uses."""


def notes_section(m: Material) -> Html:
    """Return what limits the figures: the rule and its errors, gaps in the data, thin figures."""
    lines = (tag("li", note) for note in _notes(m))
    return section("How far these figures can be trusted", tag("ul", join(lines), class_="notes"))


def _notes(m: Material) -> Iterator[Html]:
    goodbyes = m.churn.goodbyes
    rule = [rule_sentence(m.parameters.values)]
    if not few.few_goodbyes(m):
        rule += [goodbye_sentence(goodbyes), doubt_sentence(goodbyes)]
    yield from_markdown(" ".join(rule).rstrip())
    totals = m.report.totals
    if totals.without_client:
        money = format_money(totals.without_client, m.currency)
        yield say(
            f"Up to this day sales of {money} name no client: walk-in trade, tills and the like. "
            "They are in no share and in no list."
        )
    if totals.refunds:
        money = format_money(totals.refunds, m.currency)
        yield say(f"Refunds of {money} are taken off the sales of clients, in their own month.")
    if m.currency is None:
        yield say("No currency is named: amounts bear no sign.")
    if m.filters:
        chosen = "; ".join(f"{title}: {', '.join(labels)}" for title, labels in m.filters)
        yield say(f"Only some clients are counted, chosen by {chosen}. Attributes are today’s.")
    if m.n_snoozed and not few.few_late(m):
        yield say(
            f"{plural(m.n_snoozed, 'late client')} put off by hand: not in the list of calls."
        )
    for key, reason in m.report.notes().items():
        title = NOTE_TITLES.get(key) or DEFINITIONS[key].title
        yield tag("span", tag("strong", say(f"{title}: ")), say(f"{reason}."))


def meanings_section(m: Material, keys: Iterable[str]) -> Html:
    """Return the definition of every number used, each once, in the order of first use."""
    each = (_meaning(define(key)) for key in dict.fromkeys([*keys, *ALWAYS]))
    settings = ", ".join(
        f"{name} = {one['value']:g}" + ("" if one["source"] == "default" else f" ({one['source']})")
        for name, one in m.parameters.report().items()
    )
    note = f"The settings that formulas name, as in force: {settings}."
    meanings = tag("dl", join(each), class_="meanings")
    return section("What the numbers mean", meanings, tag("p", say(note), class_="quiet"))


def _meaning(one: Definition) -> Html:
    facts = "; ".join(f"{label.lower()}: {text.rstrip('.')}" for label, text in one.facts().items())
    return tag(
        "div",
        tag("dt", say(one.title)),
        tag("dd", say(one.sentence)),
        tag("dd", say(f"{facts[:1].upper()}{facts[1:]}."), class_="fact") if facts else NOTHING,
    )


def footer(m: Material) -> Html:
    """Return what made the report, and from how many sales."""
    rows = f"{plural(m.n_sales, 'sale')} of {plural(m.report.totals.known, 'known client')}"
    if m.report.span is not None:
        first, last = (format_day(day) for day in m.report.span)
        rows += f", {first} to {last}"
    text = (
        f"Made with Regulars {__version__} from {rows}. This file stands alone: it fetches "
        "nothing and runs nothing. To keep it as PDF, print it from the browser."
    )
    return tag("footer", tag("p", say(text)))
