"""The self-check: known answers, files, ledger and database compared, in plain words."""

from __future__ import annotations

from crm_core.self_check.cache import rebuild_cache
from crm_core.self_check.findings import CheckReport, Finding, Group
from crm_core.self_check.running import check_answers, run_checks

__all__ = ["CheckReport", "Finding", "Group", "check_answers", "rebuild_cache", "run_checks"]
