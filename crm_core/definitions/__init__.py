"""One meaning for every number: what it says, how it is computed, what it leaves out.

The words are those of ``docs/methods.md``; pages, reports and the command line
show them from here, so a number means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crm_core.definitions.clients import CLIENT
from crm_core.definitions.definition import Definition
from crm_core.definitions.goodbyes import GOODBYES
from crm_core.definitions.imports import IMPORTS, TOTALS
from crm_core.definitions.key_accounts import KEY_ACCOUNTS
from crm_core.definitions.loyalty import RETURNING
from crm_core.definitions.merging import MERGING
from crm_core.definitions.money import PARETO, SALES
from crm_core.definitions.paper import PAPER
from crm_core.definitions.places import PLACES
from crm_core.definitions.privacy import PRIVACY
from crm_core.definitions.relations import CHURN, STAGES
from crm_core.definitions.segments import SEGMENTS
from crm_core.definitions.self_check import SELF_CHECK
from crm_core.definitions.settings import SETTINGS
from crm_core.definitions.worth import WORTH
from crm_core.errors import ParameterError

__all__ = ["DEFINITIONS", "Definition", "define"]

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        one.id: one
        for subject in (
            *(SALES, PARETO, STAGES, CHURN, RETURNING, CLIENT),
            *(IMPORTS, TOTALS, SETTINGS, PAPER),
            *(KEY_ACCOUNTS, SEGMENTS, WORTH),
            *(SELF_CHECK, GOODBYES),
            *(PLACES, MERGING, PRIVACY),
        )
        for one in subject
    }
)
"""Every definition by its key."""


def define(key: str) -> Definition:
    """Return the definition of a number.

    Raises
    ------
    ParameterError
        If no number has that key.

    Examples
    --------
    >>> define("pareto.gini").title
    'Gini coefficient'
    """
    if key not in DEFINITIONS:
        raise ParameterError(
            f"Wanted a number of the registry, found {key!r}; it knows {', '.join(DEFINITIONS)}."
        )
    return DEFINITIONS[key]
