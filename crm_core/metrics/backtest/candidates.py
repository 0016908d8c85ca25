"""The rules that are tried: fixed windows, own rhythms by every setting, and a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crm_core.errors import ParameterError
from crm_core.metrics.parameters import BGNBD, Parameters

Kind = Literal["fixed", "personal", "bgnbd"]
"""A fixed silence for all, each client's own rhythm, or the chance to buy again."""

WINDOWS = (30, 60, 90, 180, 365)
"""Days of the fixed windows."""

KAPPAS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""How many gaps the typical gap weighs."""

MULTIPLES = (2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""After how many rhythms a client is gone (``k_gone``)."""


@dataclass(frozen=True, order=True)
class Candidate:
    """A rule of goodbye without what it learns from sales: m0 and models are refitted.

    Attributes
    ----------
    kind : {"fixed", "personal", "bgnbd"}
        Which of the three rules.
    window : int or None
        Days of silence, of a fixed rule only.
    kappa, k_gone : float or None
        Weight of the typical gap and multiple of the rhythm, of a personal rule only.
    same_weeks : bool
        A personal rule waits longer for who was as quiet in the same weeks last year.
    per_group : bool
        A personal rule has one typical gap for each kind and channel with enough
        returns instead of one for all.

    Examples
    --------
    >>> Candidate.fixed(90).key, Candidate.personal(4, 2.5).key, Candidate.model().key
    ('fixed:90', 'personal:4:2.5', 'bgnbd')
    >>> print(Candidate.personal(4, 2.5, same_weeks=False).words)
    2.5 times the own rhythm, the typical gap weighing 4 gaps, last year's weeks ignored
    """

    kind: Kind
    window: int | None = None
    kappa: float | None = None
    k_gone: float | None = None
    same_weeks: bool = True
    per_group: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule without its numbers."""
        numbers = {"fixed": (self.window,), "personal": (self.kappa, self.k_gone)}
        if None in numbers.get(self.kind, ()):
            raise ParameterError(
                f"Wanted a {self.kind} rule with its numbers, found none; "
                "use Candidate.fixed(days) or Candidate.personal(kappa, k_gone)."
            )

    @classmethod
    def fixed(cls, window: int) -> Candidate:
        """Return the rule of one silence for everybody."""
        return cls("fixed", window=window)

    @classmethod
    def personal(
        cls, kappa: float, k_gone: float, *, same_weeks: bool = True, per_group: bool = False
    ) -> Candidate:
        """Return the rule of each client's own rhythm."""
        return cls(
            "personal",
            kappa=float(kappa),
            k_gone=float(k_gone),
            same_weeks=same_weeks,
            per_group=per_group,
        )

    @classmethod
    def model(cls) -> Candidate:
        """Return the rule of the chance to buy again (BG/NBD)."""
        return cls("bgnbd")

    @property
    def key(self) -> str:
        """Short text that tells every rule from every other."""
        if self.kind == "fixed":
            return f"fixed:{self.window}"
        if self.kind == "bgnbd":
            return BGNBD
        extras = ("" if self.same_weeks else ":no-same-weeks") + (":groups" * self.per_group)
        return f"personal:{self.kappa:g}:{self.k_gone:g}{extras}"

    @property
    def words(self) -> str:
        """The rule in plain words, without a full stop."""
        if self.kind == "fixed":
            return f"{self.window} days of silence for everybody"
        if self.kind == "bgnbd":
            return "a chance below one half to buy again (BG/NBD)"
        gaps = "gap" if self.kappa == 1 else "gaps"
        return (
            f"{self.k_gone:g} times the own rhythm, "
            + ("the typical gap of the kind and channel" if self.per_group else "the typical gap")
            + f" weighing {self.kappa:g} {gaps}"
            + ("" if self.same_weeks else ", last year's weeks ignored")
        )


def candidate_of(parameters: Parameters) -> Candidate:
    """Return the rule that parameters put in force.

    Examples
    --------
    >>> candidate_of(Parameters()).key, candidate_of(Parameters(window=60)).key
    ('personal:4:4', 'fixed:60')
    """
    if parameters.model is not None:
        return Candidate.model()
    if parameters.window is not None:
        return Candidate.fixed(parameters.window)
    return Candidate.personal(
        parameters.kappa,
        parameters.k_gone,
        same_weeks=parameters.same_weeks,
        per_group=bool(parameters.m0_groups),
    )


def all_candidates(parameters: Parameters, *, grouped: bool = True) -> tuple[Candidate, ...]:
    """Return every rule the backtest tries, that in force among them.

    Parameters
    ----------
    parameters : Parameters
        Those in force.
    grouped : bool
        Try a typical gap for each kind and channel too.

    Returns
    -------
    tuple of Candidate
        Windows, personal rules, the model; 66 rules, or 126 with groups, and the one
        in force where it is none of them.
    """
    personal = [
        Candidate.personal(kappa, k_gone, same_weeks=same_weeks, per_group=per_group)
        for per_group in ((False, True) if grouped else (False,))
        for same_weeks in (True, False)
        for kappa in KAPPAS
        for k_gone in MULTIPLES
    ]
    rules = (*map(Candidate.fixed, WINDOWS), *personal, Candidate.model())
    current = candidate_of(parameters)
    return rules if current in rules else (*rules, current)
