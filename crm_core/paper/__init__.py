"""The month on paper: a report to keep, as one HTML file that stands alone and prints well."""

from __future__ import annotations

from crm_core.paper.month import month_report, month_title

__all__ = ["month_report", "month_title"]
