"""What the backtest found: the score of every rule at every cut, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.rates import Rate, Status

Verdict = Literal["switch", "keep", "says little", "not computable"]
"""What the backtest advises."""

SAYS_LITTLE = (
    "In this business silence says little: of those any rule gives up, more than one in three "
    "come back. Speak of late clients, not of gone ones."
)
"""The sentence where no rule can be trusted with a goodbye."""

MOST_FALSE_GOODBYES = 1 / 3
"""Above this share of false goodbyes on the outer cut a rule is not to be trusted."""

WORTH_A_SWITCH = 0.01
"""By so much the error sum on the outer cut must fall before another rule is advised."""


@dataclass(frozen=True)
class RuleScore:
    """How one rule did at one cut, or at several cuts added up.

    Attributes
    ----------
    rule : Candidate
        The rule.
    cut : int or None
        The day its flags are drawn on; None where several cuts are added up.
    n, n_bought, n_flagged, n_flagged_bought : int
        Clients at the cut; those among them who bought within the horizon; those the
        rule gives up; and those given up who bought.
    money, money_bought, money_flagged, money_flagged_bought : int
        Their net sales in the twelve months up to the cut (never below zero),
        ten-thousandths.
    auc, money_auc : float or None
        Chance that the rule's score ranks a client who stayed away above one who
        bought, ties one half; None where nobody, or everybody, bought.
    brier, money_brier : float or None
        Mean squared error of the chance to buy, of the model only.
    """

    rule: Candidate
    cut: int | None
    n: int
    n_bought: int
    n_flagged: int
    n_flagged_bought: int
    money: int = 0
    money_bought: int = 0
    money_flagged: int = 0
    money_flagged_bought: int = 0
    auc: float | None = None
    money_auc: float | None = None
    brier: float | None = None
    money_brier: float | None = None

    @property
    def type_1(self) -> float | None:
        """False alarms: of those who bought, the share given up."""
        return _share(self.n_flagged_bought, self.n_bought)

    @property
    def type_2(self) -> float | None:
        """Misses: of those who stayed away, the share not given up."""
        stayed_away = self.n - self.n_bought
        return _share(stayed_away - (self.n_flagged - self.n_flagged_bought), stayed_away)

    @property
    def error_sum(self) -> float | None:
        """False alarms and misses together: 0 is perfect, 1 is what a coin or nobody flagged has.

        None where nobody, or everybody, bought.
        """
        return _sum(self.type_1, self.type_2)

    @property
    def false_goodbyes(self) -> Rate:
        """Of those given up, those who bought within the horizon."""
        return Rate(self.n_flagged_bought, self.n_flagged)

    @property
    def money_type_1(self) -> float | None:
        """False alarms in money: of the sales of those who bought, the share given up."""
        return _share(self.money_flagged_bought, self.money_bought)

    @property
    def money_type_2(self) -> float | None:
        """Misses in money: of the sales of those who stayed away, the share not given up."""
        stayed_away = self.money - self.money_bought
        missed = stayed_away - (self.money_flagged - self.money_flagged_bought)
        return _share(missed, stayed_away)

    @property
    def money_error_sum(self) -> float | None:
        """False alarms and misses together, in money."""
        return _sum(self.money_type_1, self.money_type_2)

    @property
    def money_false_goodbyes(self) -> float | None:
        """Of the sales given up, the share of clients who bought; None where nothing is."""
        return _share(self.money_flagged_bought, self.money_flagged)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True)
class CutFacts:
    """What was known on a cut, and what became of it.

    Attributes
    ----------
    day : int
        The cut; the truth is what was bought after it, within the horizon.
    n, n_bought : int
        Buyers known on it and not ended by anybody's word, and those who bought then.
    n_ended : int
        Buyers left out because somebody had said that it was over.
    m0 : int or None
        Typical gap estimated on it, None below 20 returns (30 days stand in).
    n_groups : int
        Kinds and channels with a typical gap of their own.
    model : tuple of float or None
        BG/NBD r, alpha, a, b and horizon of the rule, in weeks, fitted on it.
    model_reason : str or None
        Why there is no model.
    """

    day: int
    n: int
    n_bought: int
    n_ended: int
    m0: int | None
    n_groups: int = 0
    model: tuple[float, float, float, float, float] | None = None
    model_reason: str | None = None


@dataclass(frozen=True)
class Backtest:
    """Every rule held against what happened.

    Attributes
    ----------
    as_of : int
        The day up to which the truth is known.
    from_day : int or None
        First day of all stored rows; None without rows.
    n_rows : int
        Rows of sales the results rest on, up to ``as_of``.
    horizon_days : int
        How long after a cut a purchase proves a goodbye false.
    cuts : tuple of CutFacts
        Oldest first; the last one is the outer cut, on which everything is reported,
        the others are the inner ones, on which the rule is chosen.
    rows : tuple of RuleScore
        Every rule at every cut.
    pooled : tuple of RuleScore
        Every rule with the inner cuts added up (``cut`` is None): what it is chosen by.
    chosen, current : RuleScore or None
        On the outer cut, the rule with the smallest error sum on the inner ones, and
        the rule in force.
    verdict : {"switch", "keep", "says little", "not computable"}
        What is advised.
    status : {"ok", "thin", "not computable"}
        Whether the result stands.
    reason : str or None
        Why it is thin or missing, as plain sentences.
    silence_says_little : bool
        No rule has false goodbyes of at most one in three on the outer cut.
    settings : mapping of str to value
        What puts the chosen rule in force, by parameter, estimated on ``as_of``; empty
        without one. Goes to :func:`crm_core.policy.write_rule` as it is.
    """

    as_of: int
    from_day: int | None
    n_rows: int
    horizon_days: int
    cuts: tuple[CutFacts, ...] = ()
    rows: tuple[RuleScore, ...] = ()
    pooled: tuple[RuleScore, ...] = ()
    chosen: RuleScore | None = None
    current: RuleScore | None = None
    verdict: Verdict = "not computable"
    status: Status = "not computable"
    reason: str | None = None
    silence_says_little: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outer_cut(self) -> int | None:
        """The day on which everything is reported."""
        return self.cuts[-1].day if self.cuts else None

    @property
    def outer(self) -> tuple[RuleScore, ...]:
        """Every rule at the outer cut, the smallest error sum first."""
        rows = [row for row in self.rows if row.cut == self.outer_cut]
        return tuple(sorted(rows, key=lambda r: 9.0 if r.error_sum is None else r.error_sum))

    def score_of(self, rule: Candidate, cut: int | None = None) -> RuleScore | None:
        """Return a rule's score at a cut, by default the outer one; None if it was not tried."""
        day = self.outer_cut if cut is None else cut
        return next((row for row in self.rows if (row.rule, row.cut) == (rule, day)), None)
