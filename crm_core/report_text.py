"""The report as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from crm_core.formatting import format_count, format_day, format_money, format_rate, format_share
from crm_core.report import Report


def report_text(report: Report) -> str:
    """Return the headline figures in plain sentences.

    Parameters
    ----------
    report : Report
        From :func:`~crm_core.report.build_report`.
    """
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    currency = report.currency
    if report.span is None:
        yield f"No sales up to {format_day(report.as_of)}."
    else:
        first, last = (format_day(day) for day in report.span)
        yield f"As of {format_day(report.as_of)} (rows from {first} to {last})"
    total = report.totals
    yield (
        f"{format_count(total.known)} known clients, {format_count(total.buyers)} of them have "
        f"bought: {format_count(total.orders)} orders on {format_count(total.purchase_days)} days."
    )
    yield (
        f"Net sales {format_money(total.net, currency)} "
        f"({format_money(total.gross, currency)} less refunds of "
        f"{format_money(total.refunds, currency)}); "
        f"{format_money(total.without_client, currency)} more has no client."
    )
    yield from _pareto(report)
    yield from _stages(report)
    yield from _returning(report)
    yield from _churn(report)
    for key, reason in report.as_json()["notes"].items():
        yield f"Withheld, {key}: {reason}."


def _pareto(report: Report) -> Iterator[str]:
    result = report.pareto
    if not result.n:
        return
    span = "all time" if result.period == "all" else "the last 12 months"
    yield (
        f"{format_count(result.for80_clients)} of {format_count(result.n)} buying clients "
        f"({format_share(result.for80_share_of_clients)}) bring 80 % of named sales of {span}; "
        f"the top 20 % bring {format_share(result.top20_share)}."
    )


def _stages(report: Report) -> Iterator[str]:
    counts = report.stages.counts()
    yield "Stages: " + ", ".join(f"{format_count(n)} {name}" for name, n in counts.items()) + "."
    yield (
        f"{format_count(int(report.stages.late.sum()))} are late; "
        f"{format_count(int(report.stages.never_bought.sum()))} leads never bought."
    )


def _returning(report: Report) -> Iterator[str]:
    repeat = report.returning.repeat
    if repeat.value is not None:
        proof = format_rate(repeat.numerator, repeat.denominator, repeat.interval)
        yield f"{format_share(repeat.value)} of buyers came again ({proof})."
    second = report.returning.second
    known = [
        f"{format_share(p)} within {d} days"
        for d, p in zip(second.days, second.probability, strict=True)
        if p is not None
    ]
    if known:
        yield "Second purchase: " + ", ".join(known) + "."


def _churn(report: Report) -> Iterator[str]:
    churn = report.churn
    if not len(churn):
        return
    yield (
        f"Balance of {churn.calendar.labels[-1]}: {format_count(int(churn.start[-1]))} active "
        f"+ {format_count(int(churn.new[-1]))} new + {format_count(int(churn.back[-1]))} back "
        f"− {format_count(int(churn.lost[-1]))} gone = {format_count(int(churn.end[-1]))}."
    )
    false = report.false_goodbyes
    if false is not None and len(false.gone):
        yield (
            f"Of {format_count(len(false.gone))} clients given up by {format_day(false.cut)}, "
            f"{format_count(len(false.came_back))} came back since."
        )
