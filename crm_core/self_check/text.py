"""A check report as plain text, for the command line and for keeping."""

from __future__ import annotations

from collections.abc import Iterator

from crm_core.self_check.findings import CheckReport, Finding


def check_text(report: CheckReport) -> str:
    """Return the report as text: the answer, each group in a line, what differs in full.

    Examples
    --------
    >>> from crm_core.self_check.findings import Group
    >>> fault = Finding("Storage", "the file", "differs", "Page 7 is damaged.", "Restore a backup.")
    >>> print(check_text(CheckReport((Group("database", "The database", (fault,)),))))
    1 of 1 check differs: Storage.
    <BLANKLINE>
    The database: 0 of 1 passed
      Storage: Page 7 is damaged.
        compared: the file
        what to do: Restore a backup.
    """
    lines = [report.sentence(), ""]
    for group in report.groups:
        lines.append(f"{group.title}: {group.summary}")
        for finding in group.findings:
            lines.extend(_finding_lines(finding))
    return "\n".join(lines)


def _finding_lines(finding: Finding) -> Iterator[str]:
    if finding.outcome == "ok":
        return
    aside = " (not checked)" if finding.outcome == "not checked" else ""
    yield f"  {finding.name}{aside}: {finding.sentence}"
    yield f"    compared: {finding.compared}"
    if finding.advice:
        yield f"    what to do: {finding.advice}"
