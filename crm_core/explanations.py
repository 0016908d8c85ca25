"""Stages in words: one sentence a client with the evidence, and what each word means here."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.ledger import Ledger
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import StageResult
from crm_core.tables import IntArray


@dataclass(frozen=True)
class StageWord:
    """A stage as the screen says it.

    Attributes
    ----------
    stage : str
        Textbook name (``tables.STAGES``).
    word : str
        The owner's word, e.g. "Buying again".
    definition : str
        One line with the numbers of the settings in force.
    """

    stage: str
    word: str
    definition: str


WORDS = {
    "none": "Not known yet",
    "awareness": "Knows us",
    "exploration": "Trying us",
    "expansion": "Buying again",
    "commitment": "Regular",
    "termination": "Gone",
}
"""The owner's word of each stage."""


def stage_words(parameters: Parameters) -> tuple[StageWord, ...]:
    """Return the five stages in order with their words and definition lines."""
    raise NotImplementedError


def explain(
    ledger: Ledger,
    stages: StageResult,
    parameters: Parameters,
    *,
    rows: IntArray | None = None,
) -> list[str]:
    """Return one sentence a client: stage, since, evidence, due days.

    Parameters
    ----------
    ledger : Ledger
        The ledger of ``stages``.
    stages : StageResult
        Of a day.
    parameters : Parameters
        Those of ``stages``.
    rows : ndarray of int64, shape (n,), optional
        Positions of the clients wanted, in that order; all when missing.

    Returns
    -------
    list of str
        One text a client; empty for a client not known yet.
    """
    raise NotImplementedError
