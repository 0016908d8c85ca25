"""All headline results as of a day, as one object with fixed keys.

The keys of :meth:`Report.as_json` are a contract: keys are added freely and
never renamed. Money is text in units with two decimals, rates are numbers from
0 to 1 or None where they are withheld; ``notes`` says why, by key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_core.definitions.json_keys import report_definitions
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import NONE, TERMINATION, History, purchase_history
from crm_core.metrics.churn_months import ChurnMonths, churn_months
from crm_core.metrics.goodbyes import FalseGoodbyes, false_goodbyes
from crm_core.metrics.parameters import ParameterSet
from crm_core.metrics.pareto import ParetoResult, Period, pareto
from crm_core.metrics.rates import Rate
from crm_core.metrics.returning import Returning, returning
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.metrics.totals import Totals, totals
from crm_core.money import to_decimal_text
from crm_core.tables import to_date


@dataclass(frozen=True)
class Report:
    """Every headline result of a ledger as of one day.

    Attributes
    ----------
    as_of : int
        The day.
    span : tuple of int or None
        First and last day of all stored rows up to the day.
    currency : str or None
        The reporting currency.
    totals, pareto, stages, returning, churn, false_goodbyes
        Results of the metric modules.
    parameters : ParameterSet
        The parameters in force.
    """

    as_of: int
    span: tuple[int, int] | None
    currency: str | None
    totals: Totals
    pareto: ParetoResult
    stages: StageResult
    returning: Returning
    churn: ChurnMonths
    false_goodbyes: FalseGoodbyes | None
    parameters: ParameterSet

    def as_json(self) -> dict[str, Any]:
        """Return the report under the contract's keys, ready for ``json.dumps``."""
        first, last = self.span or (None, None)
        return {
            "as_of": iso(self.as_of),
            "first_day": iso(first),
            "last_day": iso(last),
            "currency": self.currency,
            "clients": {
                "known": self.totals.known,
                "buyers": self.totals.buyers,
                "with_sales": self.totals.with_sales,
            },
            "orders": self.totals.orders,
            "purchase_days": self.totals.purchase_days,
            "sales": {
                "gross": to_decimal_text(self.totals.gross),
                "refunds": to_decimal_text(self.totals.refunds),
                "net": to_decimal_text(self.totals.net),
                "without_client": to_decimal_text(self.totals.without_client),
            },
            "pareto": _pareto_json(self.pareto),
            "stages": _stages_json(self.stages),
            "returning": _returning_json(self.returning),
            "churn": _churn_json(self.churn, self.false_goodbyes),
            "parameters": self.parameters.report(),
            "notes": self.notes(),
            "definitions": report_definitions(),
        }

    def notes(self) -> dict[str, str]:
        """Return why figures are withheld, by their key."""
        return dict(self._notes())

    def _notes(self) -> Iterator[tuple[str, str]]:
        """Yield the reason of every withheld figure, by key."""
        if self.pareto.n == 0 and self.pareto.reason:
            yield "pareto", self.pareto.reason
        yield from _rate_note("returning.repeat_rate", self.returning.repeat)
        if self.returning.gaps.n == 0:
            yield "returning.median_gap_days", "nobody has bought twice yet"
        second = self.returning.second
        unknown = [
            str(d) for d, p in zip(second.days, second.probability, strict=True) if p is None
        ]
        if unknown:
            yield (
                "returning.second_purchase",
                f"too few first-time buyers are watched for {', '.join(unknown)} days",
            )
        yield from self._notes_on_months()
        if self.totals.undated_clients:
            yield (
                "stages",
                f"{self.totals.undated_clients} clients come from a file without days: their "
                "money counts in Pareto, their purchases nowhere",
            )
        if self.false_goodbyes is None:
            yield "churn.false_goodbyes", "history is shorter than the horizon of a goodbye"

    def _notes_on_months(self) -> Iterator[tuple[str, str]]:
        """Yield why the rates of some or all months are withheld."""
        months = self.returning.months
        shares = [months.returning_rate(i) for i in range(len(months.calendar.labels))]
        few = [rate for rate in shares if rate.value is None]
        if few:
            yield (
                "returning.months",
                f"in {len(few)} of {len(shares)} months fewer than {few[0].least} clients buy: "
                "their rates say nothing",
            )
        churned = self.churn.rates()
        missing = churned.count(None)
        if missing == len(churned):
            yield "churn.months", "history is too short: nobody can have been lost yet"
        elif missing:
            yield (
                "churn.months",
                f"in {missing} of {len(churned)} months nobody was active at the start, or the "
                "sales begin too short before: nobody can have been lost yet",
            )


def build_report(
    ledger: Ledger,
    parameters: ParameterSet,
    as_of: int,
    *,
    period: Period = "12m",
    history: History | None = None,
) -> Report:
    """Compute every headline result of a ledger as of a day.

    Parameters
    ----------
    ledger : Ledger
        The ledger; filtered or whole.
    parameters : ParameterSet
        The parameters in force.
    as_of : int
        Day, inclusive; later rows are not seen.
    period : {"12m", "all"} or tuple of int, default "12m"
        The base of the Pareto figures.
    history : History, optional
        From :func:`~crm_core.metrics.cadence.purchase_history`, where it is known already.

    Returns
    -------
    Report
        Zeros and withheld figures on an empty ledger, each with its reason.
    """
    values = parameters.values
    if history is None:
        history = purchase_history(ledger, values)
    return Report(
        as_of=as_of,
        span=ledger.span(as_of),
        currency=ledger.currency,
        totals=totals(ledger, as_of),
        pareto=pareto(ledger, as_of, period=period),
        stages=assign_stages(ledger, values, as_of, history=history),
        returning=returning(ledger, as_of),
        churn=churn_months(ledger, history, values, as_of),
        false_goodbyes=false_goodbyes(ledger, history, values, as_of),
        parameters=parameters,
    )


def iso(day: int | None) -> str | None:
    """Return a day as ISO text, None for none."""
    return None if day is None else to_date(day).isoformat()


def _rate_note(key: str, rate: Rate) -> Iterator[tuple[str, str]]:
    if rate.value is None and rate.reason:
        yield key, rate.reason


def _pareto_json(result: ParetoResult) -> dict[str, Any]:
    first, second, third = result.classes
    period = result.period if isinstance(result.period, str) else "chosen"
    return {
        "period": period,
        "clients": result.n,
        "top20": {"clients": result.top20_clients, "share": result.top20_share},
        "for80": {
            "clients": result.for80_clients,
            "share_of_clients": result.for80_share_of_clients,
        },
        "gini": result.gini,
        "hhi": result.hhi,
        "effective_clients": result.effective_clients,
        "classes": {"A": first, "B": second, "C": third},
    }


def _stages_json(result: StageResult) -> dict[str, int]:
    gone = result.stage == TERMINATION
    return {
        **result.counts(),
        "never_bought": int(result.never_bought.sum()),
        "late": int(result.late.sum()),
        "reentry": int((result.reentry & ~gone & (result.stage != NONE)).sum()),
    }


def _returning_json(result: Returning) -> dict[str, Any]:
    months = result.months
    rows = [
        {
            "month": label,
            "buyers": int(months.buyers[i]),
            "new": int(months.new[i]),
            "returning_rate": months.returning_rate(i).value,
            "existing_share": months.existing_share(i).value,
            "net_sales": to_decimal_text(int(months.net[i])),
            "partial": bool(months.calendar.partial[i]),
        }
        for i, label in enumerate(months.calendar.labels)
    ]
    return {
        "repeat_rate": result.repeat.value,
        "median_gap_days": result.gaps.median,
        "second_purchase": {
            "days": list(result.second.days),
            "probability": list(result.second.probability),
        },
        "months": rows,
        "cohorts": {
            "months": list(result.cohorts.calendar.labels),
            "size": result.cohorts.size.tolist(),
            "retained": result.cohorts.rows(),
        },
    }


def _churn_json(result: ChurnMonths, false: FalseGoodbyes | None) -> dict[str, Any]:
    rows = [
        {
            "month": label,
            "start": int(result.start[i]),
            "new": int(result.new[i]),
            "back": int(result.back[i]),
            "lost": int(result.lost[i]),
            "end": int(result.end[i]),
            "rate": result.rate(i).value,
        }
        for i, label in enumerate(result.calendar.labels)
    ]
    return {
        "rule": result.rule,
        "months": rows,
        "false_goodbyes": {
            "gone": 0 if false is None else len(false.gone),
            "came_back": 0 if false is None else len(false.came_back),
        },
    }


def flatten(report: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the single figures of a report by dotted key, tables and definitions left out.

    Examples
    --------
    >>> flatten({"sales": {"net": "1.00"}, "months": [1]})
    {'sales.net': '1.00'}
    """
    flat: dict[str, Any] = {}
    for key, value in report.items():
        if key == "definitions":
            continue
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        elif not isinstance(value, list):
            flat[f"{prefix}{key}"] = value
    return flat
