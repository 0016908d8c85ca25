"""The settings in an owner's words."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.metrics.parameters import LEGAL_RANGES, Parameters


@dataclass(frozen=True)
class SettingWord:
    """A setting as the screen says it.

    Attributes
    ----------
    name : str
        Field of :class:`~crm_core.metrics.parameters.Parameters`.
    title, sentence, unit : str
        What it is called, what it does, what it counts in.
    whole : bool
        Only whole numbers make sense.
    """

    name: str
    title: str
    sentence: str
    unit: str = ""
    whole: bool = True


WORDS = (
    SettingWord(
        "m0",
        "Typical gap to the second purchase",
        "Stands in for a client's own rhythm until he has one; estimated once from your sales.",
        "days",
    ),
    SettingWord(
        "k_late",
        "Late after so many rhythms",
        "A client is late once silent for longer than this many times his rhythm.",
        "times",
        whole=False,
    ),
    SettingWord(
        "k_gone",
        "Gone after so many rhythms",
        "A client is probably gone once silent for longer than this many times his rhythm.",
        "times",
        whole=False,
    ),
    SettingWord(
        "window",
        "Gone after a fixed silence",
        "Instead of each client's own rhythm: gone after so many days for everybody.",
        "days",
    ),
    SettingWord("floor", "Never gone before", "The shortest limit anybody has.", "days"),
    SettingWord("cap", "Always gone after", "The longest limit anybody has.", "days"),
    SettingWord(
        "own_max_factor",
        "Times the longest of his own gaps",
        "Nobody is gone before this many times the longest of his last eight gaps.",
        "times",
        whole=False,
    ),
    SettingWord(
        "kappa",
        "Weight of the typical gap",
        "How many of a client's own gaps the typical gap weighs as much as.",
        "gaps",
        whole=False,
    ),
    SettingWord("n_expand", "Buying again from", "Purchases that make a habit.", "purchases"),
    SettingWord("n_commit", "Regular from", "Purchases that make a regular.", "purchases"),
    SettingWord(
        "t_commit", "Regular after at least", "Days from first to latest purchase.", "days"
    ),
    SettingWord(
        "on_time_streak",
        "On time in a row to become a regular",
        "So many of the latest gaps must have been on time.",
        "gaps",
    ),
    SettingWord(
        "late_streak",
        "Late in a row to fall back",
        "After so many late gaps a regular is buying again only.",
        "gaps",
    ),
    SettingWord(
        "reentry_credit",
        "Credit for coming back",
        "Purchases credited to a client who had gone and came back.",
        "purchases",
    ),
    SettingWord("lead_ttl", "Leads are given up after", "Days without a sign of life.", "days"),
    SettingWord("contract_grace", "Grace after a contract", "Days it may be over.", "days"),
)
"""Every setting that is a number, the most telling first."""

BY_NAME = {word.name: word for word in WORDS}


def value_in_force(values: Parameters, name: str) -> float | None:
    """Return the value a setting has, those that follow ``m0`` worked out."""
    resolved = {"cap": values.resolved_cap, "n_commit": values.resolved_n_commit}
    value: float | None = resolved.get(name, getattr(values, name))
    return value


def legal_range(name: str) -> tuple[float, float]:
    """Return the smallest and largest legal value."""
    return LEGAL_RANGES.get(name, (1, 3650))


def say_value(value: float | None, unit: str) -> str:
    """Return a value with its unit; none where the setting is off.

    Examples
    --------
    >>> say_value(30.0, "days"), say_value(1.25, "times"), say_value(None, "days")
    ('30 days', '1.25 times', 'off')
    """
    return "off" if value is None else f"{value:g} {unit}".strip()
