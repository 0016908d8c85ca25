"""What a check found: one sentence each, kept in groups, summed up in one line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm_core.errors import CrmError
from crm_core.formatting import format_count, plural

Outcome = Literal["ok", "differs", "not checked"]
"""Both sides agree, they do not, or the comparison could not be made."""

Progress = Callable[[float, str], object]
"""Told the part that is done (0 to 1) and what is being checked."""

REPORT_IT = (
    "The installed program computes this wrongly: install it anew; if it still differs, report it "
    "with this line. Until then do not rely on the figures it names."
)
"""What to do where a known answer does not come out."""


BROKEN = (
    "What is stored cannot be read as it should be: restore a backup. If the other checks pass, "
    "report this line."
)
"""What to do where the checks of a group could not even begin."""


@dataclass(frozen=True)
class Finding:
    """What one comparison found.

    Attributes
    ----------
    name : str
        What was checked, in a few words.
    compared : str
        What was held against what.
    outcome : {"ok", "differs", "not checked"}
        How it ended.
    sentence : str
        What was found, in one plain sentence.
    advice : str
        What to do; empty where there is nothing to do.
    """

    name: str
    compared: str
    outcome: Outcome
    sentence: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the finding as plain values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Group:
    """The findings of one part of the check.

    Attributes
    ----------
    key : {"answers", "files", "ledger", "database"}
        Its short name.
    title : str
        What it is about, in a few words.
    findings : tuple of Finding
        In the order they were made.
    """

    key: str
    title: str
    findings: tuple[Finding, ...]

    def with_outcome(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Return the findings that ended so."""
        return tuple(f for f in self.findings if f.outcome == outcome)

    @property
    def outcome(self) -> Outcome:
        """The worst of its findings; "not checked" without any."""
        found = {finding.outcome for finding in self.findings}
        if "differs" in found:
            return "differs"
        return "ok" if found == {"ok"} else "not checked"

    @property
    def summary(self) -> str:
        """How many of its checks passed.

        Examples
        --------
        >>> Group("files", "Files", (Finding("a", "b", "ok", "c"),)).summary
        '1 of 1 passed'
        """
        passed = len(self.with_outcome("ok"))
        return f"{format_count(passed)} of {format_count(len(self.findings))} passed"


@dataclass(frozen=True)
class CheckReport:
    """All that a self-check found.

    Attributes
    ----------
    groups : tuple of Group
        Known answers, files, ledger, database; only those that were made.
    sales, imports : int
        Sales that count now, and the imports in force they came with.
    """

    groups: tuple[Group, ...]
    sales: int = 0
    imports: int = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, group by group."""
        return tuple(finding for group in self.groups for finding in group.findings)

    @property
    def differing(self) -> tuple[Finding, ...]:
        """The findings in which the two sides do not agree."""
        return tuple(f for f in self.findings if f.outcome == "differs")

    @property
    def left_out(self) -> tuple[Finding, ...]:
        """The findings of comparisons that could not be made."""
        return tuple(f for f in self.findings if f.outcome == "not checked")

    @property
    def is_well(self) -> bool:
        """Nothing differs; what could not be compared does not count against it."""
        return not self.differing

    def group(self, key: str) -> Group | None:
        """Return a group by its key, None where it was not made."""
        return next((group for group in self.groups if group.key == key), None)

    def sentence(self) -> str:
        """Return the answer in one plain sentence.

        Examples
        --------
        >>> CheckReport((Group("files", "Files", (Finding("a", "b", "ok", "c"),)),)).sentence()
        'The one check passed; nothing has been imported yet.'
        """
        made = len(self.findings) - len(self.left_out)
        if self.differing:
            verb = "differs" if len(self.differing) == 1 else "differ"
            checks = plural(len(self.findings), "check")
            return f"{format_count(len(self.differing))} of {checks} {verb}: {self._names()}."
        passed = "The one check passed" if made == 1 else f"All {format_count(made)} checks passed"
        if self.left_out:
            passed += f" ({format_count(len(self.left_out))} could not be made)"
        if not self.imports:
            return f"{passed}; nothing has been imported yet."
        agree = "agrees with your file" if self.sales == 1 else "agree with your files"
        held = f"{plural(self.sales, 'sale')} in {plural(self.imports, 'import')}"
        return f"{passed}: {held} {agree} to the cent."

    def _names(self) -> str:
        names = [finding.name for finding in self.differing]
        shown = ", ".join(names[:3])
        return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "ok": self.is_well,
            "sentence": self.sentence(),
            "checks": len(self.findings),
            "passed": len(self.findings) - len(self.differing) - len(self.left_out),
            "differ": len(self.differing),
            "not_checked": len(self.left_out),
            "sales": self.sales,
            "imports": self.imports,
            "groups": [
                {
                    "key": group.key,
                    "title": group.title,
                    "findings": [finding.as_json() for finding in group.findings],
                }
                for group in self.groups
            ],
        }


@dataclass(frozen=True)
class Check:
    """A comparison that has not been made yet.

    Attributes
    ----------
    name, compared : str
        As in :class:`Finding`.
    make : callable
        Makes it: returns what is wrong in one sentence, None where nothing is, or a
        finding of its own.
    advice : str
        What to do where it differs.
    agreed : str
        The sentence where nothing is wrong.
    """

    name: str
    compared: str
    make: Callable[[], str | Finding | None]
    advice: str = REPORT_IT
    agreed: str = "Both are the same."

    def run(self) -> Finding:
        """Make the comparison; a failure of the program is a finding too."""
        try:
            found = self.make()
        except CrmError as error:
            return self._finding("differs", str(error))
        except Exception as error:  # noqa: BLE001  (a self-check that fails must say so, not stop)
            return self._finding("differs", say_failure(error))
        if isinstance(found, Finding):
            return found
        return (
            self._finding("ok", self.agreed) if found is None else self._finding("differs", found)
        )

    def _finding(self, outcome: Outcome, sentence: str) -> Finding:
        advice = self.advice if outcome == "differs" else ""
        return Finding(self.name, self.compared, outcome, sentence, advice)


def expect(
    name: str,
    compared: str,
    wanted: Sequence[Any],
    make: Callable[[], Sequence[Any]],
    *,
    within: float = 0.0,
    advice: str = REPORT_IT,
) -> Check:
    """Return a check that something gives a known answer.

    Parameters
    ----------
    name, compared : str
        As in :class:`Finding`.
    wanted : sequence
        The known answer: numbers, texts or None, one after the other.
    make : callable
        Computes the same with the installed program.
    within : float, default 0
        How far numbers may lie apart.
    advice : str
        What to do where it differs.

    Examples
    --------
    >>> expect("Sum", "1 + 1", [2], lambda: [1 + 2]).run().sentence
    'Wanted 2, found 3.'
    """

    def compare() -> str | None:
        found = list(make())
        if len(found) == len(wanted) and all(map(_same(within), wanted, found)):
            return None
        return f"Wanted {say_values(wanted)}, found {say_values(found)}."

    agreed = f"{say_values(wanted)}, as it should be."
    return Check(name, compared, compare, advice, agreed[0].upper() + agreed[1:])


def _same(within: float) -> Callable[[Any, Any], bool]:
    def same(wanted: Any, found: Any) -> bool:
        if not within or wanted is None or found is None or isinstance(wanted, str):
            return bool(wanted == found)
        return math.isfinite(found) and abs(float(found) - float(wanted)) <= within

    return same


def say_values(values: Iterable[Any]) -> str:
    """Return values as one reads them, floats with up to eight digits.

    Examples
    --------
    >>> say_values([0.25, 3, None, "A"])
    '0.25, 3, none, A'
    """
    return ", ".join(map(_say_value, values)) or "nothing"


def _say_value(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def say_failure(error: Exception) -> str:
    """Return an exception that no check expected, on one line.

    Examples
    --------
    >>> say_failure(KeyError("day"))
    "The program failed while checking: KeyError: 'day'."
    """
    # A database driver's own words say more than the statement wrapped around them.
    inner = getattr(error, "orig", None) or error
    first = (str(inner).strip().splitlines() or [""])[0].rstrip(".")
    return f"The program failed while checking: {type(inner).__name__}: {first}."


def run_group(
    key: str, title: str, checks: Iterable[Check], say: Callable[[str], object] | None = None
) -> Group:
    """Make all checks of a group, one after the other.

    Parameters
    ----------
    key, title : str
        As in :class:`Group`.
    checks : iterable of Check
        Making the next one may fail itself: that is the last finding then.
    say : callable, optional
        Told the name of each.
    """
    findings: list[Finding] = []
    rest = iter(checks)
    while True:
        try:
            check = next(rest, None)
        except Exception as error:  # noqa: BLE001  (as above)
            sentence = str(error) if isinstance(error, CrmError) else say_failure(error)
            findings.append(
                Finding(title, "whatever there is to read", "differs", sentence, BROKEN)
            )
            break
        if check is None:
            break
        if say is not None:
            say(check.name)
        findings.append(check.run())
    return Group(key, title, tuple(findings))
