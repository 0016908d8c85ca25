"""The numbers behind late, gone and the five stages, with where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from math import inf
from typing import Literal

from crm_core.errors import ParameterError

Source = Literal["default", "data", "owner"]

PERSONAL = "personal"
"""The rule by which each client's own rhythm says when they are gone."""

BGNBD = "bgnbd"
"""The rule by which a model's chance to buy again says so."""

Model = tuple[float, float, float, float, float]
"""BG/NBD r, alpha, a, b with the horizon of the chance, all in weeks."""

Groups = tuple[tuple[str, str, float], ...]
"""Kind, channel and typical gap in days of groups of clients."""


@dataclass(frozen=True)
class Parameters:
    """Parameters of cadence and stages (``docs/methods.md``, stages).

    Only ``m0`` ever comes from data; every other value holds until the owner
    changes it. ``cap`` and ``n_commit`` left at None follow ``m0``.

    Attributes
    ----------
    m0 : float, default 30
        Typical first return gap of the business, days.
    kappa : float, default 4
        How many gaps the prior ``m0`` weighs.
    k_late, k_gone : float, default 2 and 4
        Multiples of the cadence after which a client is late, and gone.
    floor : float, default 30
        Smallest limit, days.
    cap : float or None, default max(730, 3 * m0)
        Largest limit before last year's quiet weeks are considered, days.
    own_max_factor : float, default 1.25
        A limit is at least this multiple of the largest of the last 8 gaps.
    n_expand : int, default 3
        Purchases (with credit) from which a client is buying again.
    n_commit : int or None, default 6, or 5 if m0 > 90, 4 if m0 > 180
        Purchases (with credit) a regular has.
    t_commit : float, default 180
        Days from first to latest purchase of the spell a regular has.
    on_time_streak : int, default 3
        Latest gaps that must be on time to become a regular.
    late_streak : int, default 2
        Late gaps in a row after which a regular falls back.
    reentry_credit : int, default 1
        Purchases credited to a client who came back.
    lead_ttl : int, default 180
        Days after which a silent lead is given up.
    contract_grace : int, default 14
        Days a contract may be over before it counts as ended.
    closed_months : tuple of int, default ()
        Calendar months (1-12) in which the business is closed: their days are no silence.
    window : int or None, default None
        Days of the fixed-window rule, which then says for every client when they are
        gone; None is the personal rule.
    same_weeks : bool, default True
        Wait longer for clients who were as quiet in the same weeks last year.
    m0_groups : tuple of (str, str, float), default ()
        A typical gap of their own for some clients: kind (the client's ``segment``,
        "" none), channel of the first sale ("" none; it never changes afterwards) and
        days. ``m0`` holds for everybody else.
    model : tuple of five float or None, default None
        BG/NBD r, alpha, a, b and horizon, in weeks: gone on the first day on which the
        chance of a purchase within the horizon is below one half. Never together with
        ``window``.

    Examples
    --------
    >>> Parameters().resolved_cap, Parameters(m0=300).resolved_n_commit
    (730.0, 4)
    """

    m0: float = 30.0
    kappa: float = 4.0
    k_late: float = 2.0
    k_gone: float = 4.0
    floor: float = 30.0
    cap: float | None = None
    own_max_factor: float = 1.25
    n_expand: int = 3
    n_commit: int | None = None
    t_commit: float = 180.0
    on_time_streak: int = 3
    late_streak: int = 2
    reentry_credit: int = 1
    lead_ttl: int = 180
    contract_grace: int = 14
    closed_months: tuple[int, ...] = ()
    window: int | None = None
    same_weeks: bool = True
    m0_groups: Groups = ()
    model: Model | None = None

    def __post_init__(self) -> None:
        """Refuse values outside their legal range."""
        _check_groups(self.m0_groups)
        _check_model(self.model, self.window)
        if not isinstance(self.same_weeks, bool):
            raise ParameterError(
                f"Wanted same_weeks on or off, found {self.same_weeks!r}; say True or False."
            )
        for name, (low, high) in LEGAL_RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ParameterError(
                    f"Wanted {name} between {low:g} and {high:g}, found {value}; "
                    "enter a value in that range."
                )
        if any(month not in range(1, 13) for month in self.closed_months):
            raise ParameterError(
                f"Wanted closed months from 1 to 12, found {self.closed_months}; name real months."
            )
        if self.window is not None and not 1 <= self.window <= 3650:
            raise ParameterError(
                f"Wanted a fixed window of 1 to 3650 days, found {self.window}; "
                "enter a value in that range, or none for the personal rule."
            )
        if len(set(self.closed_months)) > 10:
            raise ParameterError(
                "Wanted at least two open months a year, found "
                f"{12 - len(set(self.closed_months))}; leave more months open."
            )

    @property
    def resolved_cap(self) -> float:
        """The cap in force: the owner's, else ``max(730, 3 * m0)``."""
        return max(730.0, 3 * self.m0) if self.cap is None else self.cap

    @property
    def resolved_n_commit(self) -> int:
        """The purchases a regular has: the owner's, else 6, 5 or 4 by ``m0``."""
        if self.n_commit is not None:
            return self.n_commit
        return 4 if self.m0 > 180 else 5 if self.m0 > 90 else 6

    @property
    def rule(self) -> str:
        """The churn rule in force: ``"personal"``, ``"bgnbd"`` or, say, ``"fixed:90"``."""
        if self.model is not None:
            return BGNBD
        return PERSONAL if self.window is None else f"fixed:{self.window}"

    @property
    def horizon_days(self) -> int:
        """How long a goodbye is watched: ``4 * m0`` bounded to 30-365 days."""
        return int(min(max(4 * self.m0, 30), 365))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_groups(groups: Groups) -> None:
    """Refuse groups that are no (kind, channel, days), twice the same, or out of range."""
    low, high = LEGAL_RANGES["m0"]
    for group in groups:
        if len(group) != 3 or not isinstance(group[0], str) or not isinstance(group[1], str):
            raise ParameterError(
                f"Wanted m0_groups as kind, channel and days, found {group!r}; name all three."
            )
        if not _is_number(group[2]) or not low <= group[2] <= high:
            raise ParameterError(
                f"Wanted m0 of a group between {low:g} and {high:g}, found {group[2]}; "
                "enter a value in that range."
            )
    if len({group[:2] for group in groups}) < len(groups):
        raise ParameterError("Wanted every kind and channel once in m0_groups, found one twice.")


def _check_model(model: Model | None, window: int | None) -> None:
    """Refuse a model that is not five positive numbers, or that stands beside a window."""
    if model is None:
        return
    if len(model) != 5 or not all(_is_number(value) and 0 < value < inf for value in model):
        raise ParameterError(
            f"Wanted a model of five positive numbers (r, alpha, a, b, horizon in weeks), "
            f"found {model}; fit one to the sales."
        )
    if window is not None:
        raise ParameterError(
            f"Wanted one rule, found a window of {window} days and a model; take one of them away."
        )


LEGAL_RANGES: Mapping[str, tuple[float, float]] = {
    "m0": (1, 3650),
    "kappa": (0, 1000),
    "k_late": (0.5, 100),
    "k_gone": (0.5, 100),
    "floor": (1, 3650),
    "cap": (1, 36500),
    "own_max_factor": (0, 10),
    "n_expand": (2, 100),
    "n_commit": (2, 1000),
    "t_commit": (1, 3650),
    "on_time_streak": (1, 100),
    "late_streak": (1, 100),
    "reentry_credit": (0, 100),
    "lead_ttl": (1, 3650),
    "contract_grace": (0, 365),
}

REPORTED = tuple(LEGAL_RANGES)
"""The parameters every report names, in this order."""


@dataclass(frozen=True)
class Origin:
    """Where a parameter's value came from, and since when."""

    source: Source = "default"
    since: date | None = None


@dataclass(frozen=True)
class ParameterSet:
    """Parameters in force together with the origin of every one that is no default.

    Attributes
    ----------
    values : Parameters
        The values.
    origins : mapping of str to Origin
        By parameter name; names that are missing are defaults.
    """

    values: Parameters = field(default_factory=Parameters)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def with_value(
        self, name: str, value: object, *, source: Source, since: date | None
    ) -> ParameterSet:
        """Return the set with one value changed.

        Raises
        ------
        ParameterError
            If there is no such parameter or the value is not legal.
        """
        known = {f.name for f in fields(Parameters)}
        if name not in known:
            raise ParameterError(
                f"Wanted one of {', '.join(sorted(known))}, found {name!r}; name a parameter."
            )
        values = replace(self.values, **{name: value})  # type: ignore[arg-type]
        return ParameterSet(values, {**self.origins, name: Origin(source, since)})

    def report(self) -> dict[str, dict[str, object]]:
        """Return every reported parameter with ``value, source, since`` (ISO day or None)."""
        resolved = {"cap": self.values.resolved_cap, "n_commit": self.values.resolved_n_commit}
        entries: dict[str, dict[str, object]] = {}
        for name in REPORTED:
            origin = self.origins.get(name, Origin())
            value = resolved.get(name, getattr(self.values, name))
            entries[name] = {
                "value": int(value) if float(value).is_integer() else value,
                "source": origin.source,
                "since": origin.since.isoformat() if origin.since else None,
            }
        return entries
