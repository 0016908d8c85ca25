"""Which definition stands behind each key of ``report --json``.

A key is written with dots; ``[]`` is any entry of a list. A key without an entry
of its own is covered by the nearest one above it (``parameters.m0`` covers
``parameters.m0.since``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from crm_core.definitions import define
from crm_core.definitions.definition import NOTHING
from crm_core.definitions.settings import SETTINGS

_STAGES = ("awareness", "exploration", "expansion", "commitment", "termination")
_MONTH_TERMS = ("start", "new", "back", "lost", "end", "rate")
_SETTINGS = [one.id for one in SETTINGS if one.id not in ("setting.in_force", "setting.effect")]

JSON_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "as_of": "report.as_of",
        "first_day": "report.span",
        "last_day": "report.span",
        "currency": "report.currency",
        "clients.known": "clients.known",
        "clients.buyers": "clients.buyers",
        "clients.with_sales": "clients.with_sales",
        "orders": "sales.orders",
        "purchase_days": "sales.purchase_days",
        "sales.gross": "sales.gross",
        "sales.refunds": "sales.refunds",
        "sales.net": "sales.net",
        "sales.without_client": "sales.without_client",
        "pareto.period": "pareto.clients",
        "pareto.clients": "pareto.clients",
        "pareto.top20": "pareto.top20",
        "pareto.for80": "pareto.for80",
        "pareto.gini": "pareto.gini",
        "pareto.hhi": "pareto.hhi",
        "pareto.effective_clients": "pareto.effective",
        "pareto.classes": "pareto.classes",
        **{f"stages.{name}": f"stages.{name}" for name in _STAGES},
        "stages.never_bought": "stages.never_bought",
        "stages.late": "stages.late",
        "stages.reentry": "stages.reentry",
        "returning.repeat_rate": "returning.repeat_rate",
        "returning.median_gap_days": "returning.gap",
        "returning.second_purchase": "returning.second_purchase",
        "returning.months[]": "returning.months",
        "returning.months[].buyers": "returning.buyers",
        "returning.months[].new": "returning.new",
        "returning.months[].returning_rate": "returning.rate",
        "returning.months[].existing_share": "returning.existing_share",
        "returning.months[].net_sales": "returning.net_sales",
        "returning.cohorts": "returning.cohorts",
        "churn.rule": "churn.gone",
        "churn.months[]": "churn.months",
        **{f"churn.months[].{term}": f"churn.{term}" for term in _MONTH_TERMS},
        "churn.false_goodbyes": "churn.false_goodbyes",
        **{f"parameters.{key.split('.')[1]}": key for key in _SETTINGS},
        "notes": "report.notes",
    }
)
"""Key of the definition by key of the report."""


def definition_of(key: str) -> str | None:
    """Return the key of the definition that covers a key of the report, None without one.

    Examples
    --------
    >>> definition_of("parameters.m0.since"), definition_of("returning.months[].partial")
    ('setting.m0', 'returning.months')
    >>> definition_of("weather") is None
    True
    """
    while key not in JSON_KEYS and "." in key:
        key = key.rpartition(".")[0]
    return JSON_KEYS.get(key)


def leaf_keys(report: Any, prefix: str = "") -> Iterator[str]:
    """Yield the key of every single value of a report, ``[]`` for entries of lists.

    Examples
    --------
    >>> list(leaf_keys({"months": [{"lost": 1}, {"lost": 2}], "as_of": "2024-01-01"}))
    ['months[].lost', 'as_of']
    """
    if isinstance(report, Mapping):
        for name, value in report.items():
            yield from leaf_keys(value, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(report, list) and report and isinstance(report[0], Mapping):
        yield from leaf_keys(report[0], f"{prefix}[]")
    else:
        yield prefix


def report_definitions() -> dict[str, dict[str, str]]:
    """Return the definitions of a report by its keys, ready for ``json.dumps``."""
    return {key: _as_json(definition) for key, definition in JSON_KEYS.items()}


def _as_json(key: str) -> dict[str, str]:
    meaning = define(key)
    names = ("title", "sentence", "formula", "window", "exclusions", "source")
    held = {name: str(getattr(meaning, name)) for name in names}
    return held | {"exclusions": held["exclusions"] or NOTHING}


def keys_of(definition: str) -> list[str]:
    """Return the keys of the report that a definition stands behind.

    Examples
    --------
    >>> keys_of("report.span")
    ['first_day', 'last_day']
    """
    return [key for key, named in JSON_KEYS.items() if named == definition]
