"""The settings in an owner's words."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.definitions import define
from crm_core.metrics.parameters import LEGAL_RANGES, Parameters


@dataclass(frozen=True)
class SettingWord:
    """A setting as the screen says it.

    Attributes
    ----------
    name : str
        Field of :class:`~crm_core.metrics.parameters.Parameters`.
    unit : str
        What it counts in.
    whole : bool
        Only whole numbers make sense.
    """

    name: str
    unit: str
    whole: bool = True

    @property
    def key(self) -> str:
        """Key of its definition."""
        return f"setting.{self.name}"

    @property
    def title(self) -> str:
        """What it is called."""
        return define(self.key).title

    @property
    def sentence(self) -> str:
        """What it does."""
        return define(self.key).sentence


WORDS = (
    SettingWord("m0", "days"),
    SettingWord("k_late", "times", whole=False),
    SettingWord("k_gone", "times", whole=False),
    SettingWord("window", "days"),
    SettingWord("floor", "days"),
    SettingWord("cap", "days"),
    SettingWord("own_max_factor", "times", whole=False),
    SettingWord("kappa", "gaps", whole=False),
    SettingWord("n_expand", "purchases"),
    SettingWord("n_commit", "purchases"),
    SettingWord("t_commit", "days"),
    SettingWord("on_time_streak", "gaps"),
    SettingWord("late_streak", "gaps"),
    SettingWord("reentry_credit", "purchases"),
    SettingWord("lead_ttl", "days"),
    SettingWord("contract_grace", "days"),
)
"""Every setting that is a number, the most telling first."""

BY_NAME = {word.name: word for word in WORDS}

OTHER_WORDS = tuple(
    SettingWord(name, "") for name in ("same_weeks", "m0_groups", "model", "closed_months")
)
"""Every setting that is no number; the backtest sets most of them."""

TITLES = {word.name: word.title for word in (*WORDS, *OTHER_WORDS)}
"""What every setting is called."""

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def value_in_force(values: Parameters, name: str) -> float | None:
    """Return the value a setting has, those that follow ``m0`` worked out."""
    resolved = {"cap": values.resolved_cap, "n_commit": values.resolved_n_commit}
    value: float | None = resolved.get(name, getattr(values, name))
    return value


def say_setting(values: Parameters, word: SettingWord) -> str:
    """Return the value of any setting as the screen says it.

    Examples
    --------
    >>> say_setting(Parameters(m0=44), BY_NAME["m0"])
    '44 days'
    >>> [say_setting(Parameters(m0_groups=(("trade", "", 14),)), word) for word in OTHER_WORDS]
    ['on', 'trade: 14 days', 'off', 'none']
    """
    if word.name in BY_NAME:
        return say_value(value_in_force(values, word.name), word.unit)
    if word.name == "same_weeks":
        return "on" if values.same_weeks else "off"
    if word.name == "m0_groups":
        groups = (f"{_say_group(k, c)}: {days:g} days" for k, c, days in values.m0_groups)
        return ", ".join(groups) or "one for all"
    if word.name == "closed_months":
        return ", ".join(MONTH_NAMES[month - 1] for month in values.closed_months) or "none"
    if values.model is None:
        return "off"
    r, alpha, a, b, weeks = values.model
    return f"within {weeks:g} weeks (r {r:.3g}, α {alpha:.3g}, a {a:.3g}, b {b:.3g})"


def _say_group(kind: str, channel: str) -> str:
    return " by ".join(filter(None, (kind, channel))) or "no kind or channel"


def legal_range(name: str) -> tuple[float, float]:
    """Return the smallest and largest legal value."""
    return LEGAL_RANGES.get(name, (1, 3650))


def say_value(value: float | None, unit: str) -> str:
    """Return a value with its unit; none where the setting is off.

    Examples
    --------
    >>> say_value(30.0, "days"), say_value(1.25, "times"), say_value(None, "days")
    ('30 days', '1.25 times', 'off')
    >>> say_value(1.0, "purchases")
    '1 purchase'
    """
    if value is None:
        return "off"
    return f"{value:g} {unit.removesuffix('s') if value == 1 else unit}".strip()
